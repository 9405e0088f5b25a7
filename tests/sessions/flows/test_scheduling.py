"""The life of a session: what moves it on, what calendars hear, what a stale edit meets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.runtime.database import db
from integrations.runtime.errors import Refused, Stale
from sessions.flows import scheduling
from sessions.flows.scheduling import Details
from sessions.models.audit import AuditLog
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import FRIDAY_10_MOSCOW, THURSDAY_10_MOSCOW, a_city, a_host, a_session


def now(session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def details_of(session, **changes) -> Details:
    fields = (
        "title", "title_en", "summary", "format", "mode", "visibility", "place", "duration_min",
    )  # fmt: skip
    present = tuple(part.city_id for part in session.cities if part.role == "presenting")
    facts = {name: getattr(session, name) for name in fields} | {"presenting": present}
    return Details(**{**facts, **changes})


def actions(session) -> list[str]:
    return list(
        db.session.scalars(
            db.select(AuditLog.action)
            .where(AuditLog.subject == f"session:{session.id}")
            .order_by(AuditLog.id)
        )
    )


def test_moved_session_sends_the_same_uid_with_a_higher_sequence(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()

    scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
    work_off()

    first, second = outbox.calendars_to("anna@example.org")
    assert second["UID"] == first["UID"]
    assert second["ORGANIZER"] == first["ORGANIZER"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert second.decoded("DTSTART") == datetime(2026, 10, 16, 7, 0, tzinfo=UTC)


def test_cancelled_session_sends_cancel_with_the_next_sequence(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()

    scheduling.cancel(session.id, now(session).revision, None)
    work_off()

    first, second = outbox.calendars_to("anna@example.org")
    _, letter = outbox.letters()
    assert "METHOD:CANCEL" in list(letter.iter_parts())[-1].get_content()
    assert (second["UID"], second["STATUS"], second["SEQUENCE"]) == (first["UID"], "CANCELLED", 1)


def test_reinstated_session_comes_back_under_the_same_uid(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()
    scheduling.cancel(session.id, now(session).revision, None)
    work_off()

    scheduling.reinstate(session.id, now(session).revision, None)
    work_off()

    events = outbox.calendars_to("anna@example.org")
    assert len({event["UID"] for event in events}) == 1
    assert [(event["SEQUENCE"], event["STATUS"]) for event in events] == [
        (0, "CONFIRMED"), (1, "CANCELLED"), (2, "CONFIRMED"),
    ]  # fmt: skip


def test_change_of_words_keeps_the_sequence_and_renews_the_stamp(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()

    scheduling.edit(
        session.id, details_of(now(session), summary="Яснее"), now(session).revision, None
    )
    work_off()

    first, second = outbox.calendars_to("anna@example.org")
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 0)
    assert second.decoded("DTSTAMP") > first.decoded("DTSTAMP")


@pytest.mark.parametrize(
    "change", [{"duration_min": 120}, {"place": "Пермь, ул. Ленина, 51"}, {"mode": "hybrid"}]
)
def test_change_of_length_place_or_mode_raises_the_sequence(change, app):
    session = a_session()

    scheduling.edit(session.id, details_of(session, **change), session.revision, None, tell=False)

    assert now(session).sequence == 1


def test_edit_that_changes_nothing_leaves_everything_as_it_was(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()
    revision = now(session).revision

    scheduling.edit(session.id, details_of(now(session)), revision, None)
    work_off()

    assert now(session).revision == revision
    assert len(outbox.letters()) == 1


def test_move_to_the_very_same_hour_sends_nothing(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()

    scheduling.move(session.id, THURSDAY_10_MOSCOW, now(session).revision, None)
    work_off()

    assert (now(session).sequence, len(outbox.letters())) == (0, 1)


def test_host_may_mend_words_without_a_letter(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()

    changed = details_of(now(session), summary="Без опечатки")
    scheduling.edit(session.id, changed, now(session).revision, None, tell=False)
    work_off()

    assert now(session).summary == "Без опечатки"
    assert len(outbox.letters()) == 1


def test_who_may_see_a_session_is_no_matter_for_a_letter(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()

    changed = details_of(now(session), visibility="members")
    scheduling.edit(session.id, changed, now(session).revision, None)
    work_off()

    assert len(outbox.letters()) == 1


def test_edit_of_a_cancelled_session_sends_no_invitation(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()
    scheduling.cancel(session.id, now(session).revision, None)
    work_off()

    changed = details_of(now(session), title="Другое", duration_min=45)
    scheduling.edit(session.id, changed, now(session).revision, None)
    work_off()

    assert len(outbox.letters()) == 2
    assert now(session).sequence == 1


def test_stale_edit_is_refused_with_the_values_as_they_are(app):
    session = a_session()
    seen = session.revision
    scheduling.edit(session.id, details_of(session, title="Её слова"), seen, None)

    with pytest.raises(Stale) as stale:
        scheduling.edit(session.id, details_of(session, title="Его слова"), seen, None)

    assert stale.value.changed["title"] == "Её слова"
    assert now(session).title == "Её слова"


@pytest.mark.parametrize("action", ["cancel", "end", "schedule", "reinstate"])
def test_stale_step_is_refused(action, app):
    session = a_session()

    with pytest.raises(Stale):
        getattr(scheduling, action)(session.id, session.revision - 1, None)


def test_presenting_cities_change_and_are_named_in_the_history(app):
    perm, kazan = a_city(), a_city("Казань", "Europe/Moscow", "Казани")
    session = a_session(presenting=[perm.id])

    scheduling.edit(session.id, details_of(session, presenting=(kazan.id,)), session.revision, None)

    assert [part.city.name for part in now(session).cities] == ["Казань"]
    last = db.session.scalars(db.select(AuditLog).order_by(AuditLog.id.desc())).first()
    assert last.details == {"was": {"presenting": ["Пермь"]}}


@pytest.mark.parametrize(
    ("before", "action"),
    [
        ("cancel", "schedule"), ("cancel", "end"), ("end", "cancel"), ("end", "reinstate"),
        ("end", "schedule"),
    ],
)  # fmt: skip
def test_step_that_the_state_does_not_allow_is_refused(before, action, app):
    session = a_session()
    getattr(scheduling, before)(session.id, session.revision, None)

    with pytest.raises(Refused) as refusal:
        getattr(scheduling, action)(session.id, now(session).revision, None)

    assert refusal.value.reason == f"session.cannot_{action}"


@pytest.mark.parametrize("step", ["cancel", "end"])
def test_session_that_is_over_cannot_be_moved(step, app):
    session = a_session()
    getattr(scheduling, step)(session.id, session.revision, None)

    with pytest.raises(Refused) as refusal:
        scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)

    assert refusal.value.reason == "session.not_movable"


def test_holding_a_session_moves_nothing_that_calendars_see(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()
    before = (now(session).revision, now(session).sequence, now(session).revised_at)

    scheduling.end(session.id, before[0], None)
    work_off()

    after = now(session)
    assert (after.revision, after.sequence, after.revised_at) == before
    assert (after.state, len(outbox.letters())) == ("held", 1)


def test_moved_draft_stays_the_teams_affair(outbox, work_off):
    session = a_session(draft=True, invited=["anna@example.org"])

    scheduling.move(session.id, FRIDAY_10_MOSCOW, 1, None)
    work_off()

    assert (now(session).sequence, outbox.letters()) == (0, [])


def test_move_keeps_the_wall_hour_in_another_zone(app):
    session = a_session()

    scheduling.move(
        session.id,
        WallTime(datetime(2026, 10, 15, 10, 0), "Asia/Kamchatka"),
        session.revision,
        None,
    )

    moved = now(session)
    assert (moved.wall_start, moved.tz) == (datetime(2026, 10, 15, 10, 0), "Asia/Kamchatka")
    assert moved.starts_at == datetime(2026, 10, 14, 22, 0, tzinfo=UTC)


def test_history_names_every_step_and_who_took_it(app):
    host = a_host()
    session = a_session()
    scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, host.id)
    scheduling.cancel(session.id, now(session).revision, host.id)

    rows = db.session.scalars(db.select(AuditLog).order_by(AuditLog.id)).all()

    assert actions(session) == [
        "session.planned", "session.schedule", "session.moved", "session.cancel",
    ]  # fmt: skip
    assert [row.person_id for row in rows] == [None, None, host.id, host.id]
