"""A session's files go to the library, and the talk follows the session."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from archive import hits, indexing
from archive.models import Talk
from integrations.runtime import events, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.viewer import ANONYMOUS, Viewer
from integrations.storage.port import Storage
from sessions.events import MaterialHandedOver
from sessions.flows import handing_over, scheduling
from sessions.flows.handing_over import HandedOver
from sessions.flows.scheduling import Details
from sessions.models.audit import AuditLog
from sessions.models.session import AgendaItem, Session, Speaker
from sessions.rules.timetable import WallTime
from tests.archive.talks import AN_EXE, a_pdf, a_vtt
from tests.builders import a_city, a_person, a_session
from tests.conftest import Clock

WorkOff = Callable[[], int]
MEMBER = Viewer(keys=frozenset({"public", "member"}), person_id=9)


@pytest.fixture(autouse=True)
def a_day_on_which_sessions_have_begun(clock: Clock) -> None:
    clock.move_to(datetime(2026, 10, 15, 7, 30, tzinfo=UTC))


def hand_over(session: Session, *files: tuple[str, bytes]) -> HandedOver:
    return handing_over.hand_over(
        session.id, [(io.BytesIO(content), name) for name, content in files], None
    )


def talk_of(session: Session) -> Talk:
    db.session.expire_all()
    talk = handing_over.talk_of(session.id)
    assert talk is not None
    return talk


def fresh(session: Session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def details(session: Session, **changes: object) -> Details:
    now = Details(
        title=session.title, title_en=session.title_en, summary=session.summary,
        format=session.format, mode=session.mode, visibility=session.visibility,
        place=session.place, duration_min=session.duration_min,
    )  # fmt: skip
    return replace(now, **changes)  # type: ignore[arg-type]


def edit(session: Session, **changes: object) -> None:
    row = fresh(session)
    scheduling.edit(row.id, details(row, **changes), row.revision, None)


def test_talk_bears_what_the_session_is(app: Flask) -> None:
    perm = a_city()
    kamchatka = WallTime(datetime(2026, 10, 15, 8, 0), "Asia/Kamchatka")
    session = a_session(
        kamchatka, presenting=[perm.id], visibility="members", summary="О наставниках"
    )
    speaker = a_person("petr@example.org", given="Пётр", family="Ёлкин")
    with transaction():
        item = AgendaItem(session_id=session.id, offset_min=0, duration_min=30, title="Показ")
        item.speakers = [Speaker(person_id=speaker.id)]
        db.session.add(item)
    db.session.expire_all()

    hand_over(session, ("talk.vtt", a_vtt()))

    talk = talk_of(session)
    assert (talk.source, talk.title, talk.summary) == (
        f"session:{session.id}", "Первые три года учителя", "О наставниках",
    )  # fmt: skip
    # In Moscow it was still the evening of the 14th.
    assert (talk.held_on, talk.cities, talk.speakers) == (
        date(2026, 10, 15), ["Пермь"], ["Пётр Ёлкин"],
    )  # fmt: skip
    assert talk.access_keys == sorted(
        [
            "member",
            "team",
            "editor",
            f"session:{session.id}:participant",
            f"session:{session.id}:host",
        ]
    )


def test_a_refused_file_hinders_no_other(app: Flask) -> None:
    session = a_session()

    done = hand_over(session, ("film.mp4", AN_EXE), ("talk.vtt", a_vtt()), ("nothing.pdf", b""))

    assert done.taken == ["talk.vtt"]
    assert [(one.reason, one.details["name"]) for one in done.refused] == [
        ("file.not_what_it_says", "film.mp4"), ("file.empty", "nothing.pdf"),
    ]  # fmt: skip
    assert [file.original_name for file in talk_of(session).files] == ["talk.vtt"]


def test_where_nothing_was_taken_nothing_is_left(app: Flask) -> None:
    session = a_session()

    hand_over(session, ("film.mp4", AN_EXE))

    assert db.session.scalars(select(Talk)).all() == []
    assert ports.get(Storage).keys() == set()


def test_the_same_files_twice_are_told_and_not_doubled(app: Flask) -> None:
    session = a_session()
    hand_over(session, ("talk.vtt", a_vtt()))

    again = hand_over(session, ("copy.vtt", a_vtt()))

    assert (again.taken, again.known) == ([], ["talk.vtt"])
    assert len(talk_of(session).files) == 1


def test_whoever_wants_to_know_hears_of_new_files_once(app: Flask) -> None:
    heard: list[MaterialHandedOver] = []
    events.react(MaterialHandedOver, heard.append)
    session = a_session()

    hand_over(session, ("talk.vtt", a_vtt()), ("deck.pdf", a_pdf("One")))
    hand_over(session, ("talk.vtt", a_vtt()))

    assert heard == [MaterialHandedOver(session.id, talk_of(session).id, None)]


@pytest.mark.parametrize(
    ("passed", "state"), [(timedelta(hours=2), "held"), (timedelta(), "scheduled")]
)
def test_a_session_that_is_over_counts_as_held(
    app: Flask, clock: Clock, passed: timedelta, state: str
) -> None:
    session = a_session()
    revision = session.revision
    clock.move_to(session.starts_at + passed)

    hand_over(session, ("talk.vtt", a_vtt()))

    assert (fresh(session).state, fresh(session).revision) == (state, revision)


def test_a_drafts_talk_is_the_teams_until_the_session_is_published(app: Flask) -> None:
    session = a_session(draft=True)
    hand_over(session, ("talk.vtt", a_vtt()))
    before = talk_of(session).access_keys

    scheduling.schedule(session.id, session.revision, None)

    assert before == ["editor", "team"]
    assert "public" in talk_of(session).access_keys


def test_title_and_visibility_follow_the_session_into_the_search(
    app: Flask, work_off: WorkOff
) -> None:
    session = a_session()
    hand_over(session, ("talk.vtt", a_vtt()))
    work_off()
    edit(session, title="Робототехника в Перми")
    work_off()
    renamed = [one.moment.title for one in hits.hits("робототехника", ANONYMOUS).hits]

    edit(session, visibility="members")

    assert renamed == ["Робототехника в Перми"]
    assert indexing.owed() > 0
    assert hits.hits("ёлка", ANONYMOUS).moments == 0
    work_off()
    assert [hits.hits("ёлка", viewer).moments for viewer in (ANONYMOUS, MEMBER)] == [0, 1]


def test_an_edit_that_concerns_the_talk_in_nothing_leaves_the_index_alone(
    app: Flask, work_off: WorkOff
) -> None:
    session = a_session()
    hand_over(session, ("talk.vtt", a_vtt()))
    work_off()
    with transaction():
        handing_over.follow(session.id)

    assert indexing.owed() == 0


def test_a_withheld_talk_is_gone_at_once_and_comes_back(app: Flask, work_off: WorkOff) -> None:
    session = a_session()
    hand_over(session, ("talk.vtt", a_vtt()))
    work_off()
    before = hits.hits("ёлка", ANONYMOUS).moments

    handing_over.withhold(session.id, None)
    withheld = (hits.hits("ёлка", ANONYMOUS).moments, talk_of(session).state)
    work_off()
    handing_over.put_out(session.id, None)
    work_off()

    assert (before, withheld) == (1, (0, "withheld"))
    assert (hits.hits("ёлка", ANONYMOUS).moments, talk_of(session).state) == (1, "published")


def test_a_withheld_talk_stays_withheld_when_the_session_changes(
    app: Flask, work_off: WorkOff
) -> None:
    session = a_session()
    hand_over(session, ("talk.vtt", a_vtt()))
    handing_over.withhold(session.id, None)

    edit(session, title="Другое", visibility="members")
    work_off()

    assert (talk_of(session).access_keys, talk_of(session).state) == (
        ["editor", "team"],
        "withheld",
    )


def test_what_was_removed_is_found_no_more_and_the_last_file_takes_the_talk_along(
    app: Flask, work_off: WorkOff
) -> None:
    session = a_session()
    hand_over(session, ("talk.vtt", a_vtt()), ("deck.pdf", a_pdf("One")))
    work_off()
    transcript, deck = talk_of(session).files

    name = handing_over.remove(session.id, transcript.id, None)
    after_first = hits.hits("ёлка", ANONYMOUS).moments
    handing_over.remove(session.id, deck.id, None)
    work_off()

    assert (name, after_first) == ("talk.vtt", 0)
    assert handing_over.talk_of(session.id) is None
    assert hits.hits("первые три года", ANONYMOUS, talk_id=None).moments == 0


def test_a_file_of_another_session_cannot_be_removed_from_here(app: Flask) -> None:
    mine, other = a_session(), a_session()
    hand_over(mine, ("deck.pdf", a_pdf("One")))
    hand_over(other, ("talk.vtt", a_vtt()))
    foreign = talk_of(other).files[0].id

    with pytest.raises(Refused) as refused:
        handing_over.remove(mine.id, foreign, None)

    assert refused.value.reason == "file.gone"
    assert [file.id for file in talk_of(other).files] == [foreign]


def test_every_step_stands_in_the_audit_log(app: Flask, clock: Clock) -> None:
    session = a_session()
    clock.move_to(session.ends_at)
    hand_over(session, ("talk.vtt", a_vtt()))
    handing_over.withhold(session.id, None)
    handing_over.put_out(session.id, None)
    handing_over.read_again(session.id, talk_of(session).files[0].id, None)
    handing_over.remove(session.id, talk_of(session).files[0].id, None)

    actions = db.session.scalars(
        select(AuditLog.action)
        .where(AuditLog.subject == f"session:{session.id}", AuditLog.at >= clock())
        .order_by(AuditLog.id)
    ).all()

    assert actions == [
        "material.handed_over", "session.end", "talk.withheld", "talk.fetched",
        "material.read_again", "material.removed",
    ]  # fmt: skip


BEFORE = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
A_DAY_LATER = WallTime(datetime(2026, 10, 16, 10, 0), "Europe/Moscow")


def open_and_found(session: Session) -> tuple[bool, int]:
    return ANONYMOUS.may_open(talk_of(session).keys), hits.hits("ёлка", ANONYMOUS).moments


def test_files_handed_over_before_the_session_are_the_teams_until_it_begins(
    app: Flask, clock: Clock, work_off: WorkOff
) -> None:
    clock.move_to(BEFORE)
    session = a_session()
    hand_over(session, ("talk.vtt", a_vtt()))
    work_off()
    before = (handing_over.waits(talk_of(session)), *open_and_found(session))
    keys, own = talk_of(session).access_keys, f"session:{session.id}:host"

    clock.move_to(session.starts_at)
    work_off()

    assert before == (True, False, 0)
    assert keys == ["editor", own, "team"]
    assert (talk_of(session).state, *open_and_found(session)) == ("published", True, 1)
    assert talk_of(session).facets == {"format": session.format}


def test_a_talk_that_waits_goes_on_waiting_when_the_session_moves(
    app: Flask, clock: Clock, work_off: WorkOff
) -> None:
    clock.move_to(BEFORE)
    session = a_session()
    first_start = session.starts_at
    hand_over(session, ("talk.vtt", a_vtt()))
    scheduling.move(session.id, A_DAY_LATER, fresh(session).revision, None)

    seen = []
    for instant in (first_start, fresh(session).starts_at):
        clock.move_to(instant)
        work_off()
        seen.append(open_and_found(session))

    assert seen == [(False, 0), (True, 1)]


def test_a_talk_is_put_out_before_the_session_where_somebody_asks_for_it(
    app: Flask, clock: Clock, work_off: WorkOff
) -> None:
    clock.move_to(BEFORE)
    session = a_session()
    hand_over(session, ("talk.vtt", a_vtt()))
    handing_over.put_out(session.id, None)
    hand_over(session, ("deck.pdf", a_pdf("One")))
    work_off()
    early = open_and_found(session)

    handing_over.withhold(session.id, None)
    clock.move_to(session.starts_at)
    work_off()

    assert early == (True, 1)
    assert (talk_of(session).state, *open_and_found(session)) == ("withheld", False, 0)


def test_a_talk_of_a_session_that_was_called_off_stays_with_the_team(
    app: Flask, clock: Clock, work_off: WorkOff
) -> None:
    clock.move_to(BEFORE)
    session = a_session()
    hand_over(session, ("talk.vtt", a_vtt()))
    scheduling.cancel(session.id, fresh(session).revision, None)

    clock.move_to(session.starts_at)
    work_off()

    assert open_and_found(session) == (False, 0)


def test_where_nothing_was_taken_before_the_session_nothing_is_left(
    app: Flask, clock: Clock
) -> None:
    clock.move_to(BEFORE)

    hand_over(a_session(), ("film.mp4", AN_EXE))

    assert db.session.scalars(select(Talk)).all() == []
