"""Speakers hear when their session becomes another, and are asked again where its time does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.runtime.database import db, transaction
from sessions.flows import announcing, describing, inviting, scheduling, speaking
from sessions.flows.describing import Description, Item
from sessions.models.session import AgendaItem, Session, Speaker
from tests.builders import FRIDAY_10_MOSCOW, THURSDAY_10_MOSCOW, a_person, a_session

ANNA = "anna@example.org"
SENDER = ("sessions@vzaimo.test", "vzaimo.test")


@pytest.fixture
def settings(settings):
    """Five minutes of quiet."""
    return replace(settings, quiet_minutes="5")


@pytest.fixture
def session(app, work_off, outbox):
    """A session in which Anna, who reads English, agreed to speak."""
    return agreed(a_session(), work_off)


def agreed(session: Session, work_off) -> Session:
    person = a_person(ANNA, locale="en")
    with transaction():
        session.agenda = [
            AgendaItem(
                offset_min=0, duration_min=10, title="Показ",
                speakers=[Speaker(person_id=person.id)],
            )
        ]  # fmt: skip
    speaking.ask(session.id, None, *SENDER)
    work_off()
    speaking.answer(link(session), will=True)
    return session


def now(session: Session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def speaker(session: Session) -> Speaker:
    db.session.expire_all()
    return now(session).agenda[0].speakers[0]


def link(session: Session) -> str:
    return str(speaker(session).token)


def step(flow, session: Session, *args) -> None:
    flow(session.id, *args, now(session).revision, None)


def drop_speakers(session: Session) -> None:
    names = ("title", "title_en", "summary", "summary_en", "language", "format", "mode",
             "visibility", "place", "duration_min")  # fmt: skip
    at = now(session)
    facts = {name: getattr(at, name) for name in names}
    items = [Item(0, 10, "Показ", id=at.agenda[0].id)]
    describing.describe(session.id, Description(**facts, agenda=items), at.revision, None)


def subjects(outbox) -> list[str]:
    """The letters to Anna after the one that asked her."""
    return [str(letter["Subject"]).split(":")[0] for letter in outbox.to(ANNA)][1:]


def be_quiet(clock, work_off) -> None:
    clock.pass_by(minutes=6)
    work_off()
    clock.pass_by(minutes=6)
    work_off()


def test_confirmed_speaker_is_asked_again_by_the_same_link_where_the_time_is_another(
    session, clock, outbox, work_off
):
    before = link(session)

    step(scheduling.move, session, FRIDAY_10_MOSCOW)
    be_quiet(clock, work_off)

    letter = outbox.to(ANNA)[-1]
    text = " ".join(letter.get_body(("plain",)).get_content().split())
    assert letter["Subject"].startswith("New time, will you speak? Первые три года учителя, Friday")
    assert "It was: Thursday, 15 October 2026, 10:00–11:30 Moscow time" in text
    assert f"/speaking/{before}" in text
    assert (speaker(session).state, link(session)) == ("asked", before)


def test_moved_there_and_back_within_the_quiet_nobody_hears_of_it(session, clock, outbox, work_off):
    step(scheduling.move, session, FRIDAY_10_MOSCOW)
    step(scheduling.move, session, THURSDAY_10_MOSCOW)
    be_quiet(clock, work_off)

    assert (subjects(outbox), speaker(session).state) == ([], "confirmed")


def test_nothing_leaves_before_it_is_quiet_unless_a_host_says_so(session, outbox, work_off):
    step(scheduling.move, session, FRIDAY_10_MOSCOW)
    work_off()
    before = subjects(outbox)

    announcing.announce(session.id, None)
    work_off()

    assert (before, len(subjects(outbox))) == ([], 1)


@pytest.mark.parametrize(
    ("flow", "subject"), [(scheduling.cancel, "Cancelled"), (scheduling.postpone, "Postponed")]
)
def test_speaker_hears_that_the_session_is_off(flow, subject, session, clock, outbox, work_off):
    step(flow, session)
    be_quiet(clock, work_off)

    assert (subjects(outbox), speaker(session).state) == ([subject], "confirmed")


def test_cancellation_names_the_hour_the_speaker_knows(session, clock, outbox, work_off):
    step(scheduling.move, session, FRIDAY_10_MOSCOW)
    step(scheduling.cancel, session)
    be_quiet(clock, work_off)

    assert [str(letter["Subject"]) for letter in outbox.to(ANNA)][1:] == [
        "Cancelled: Первые три года учителя, Thursday, 15 October 2026, 10:00–11:30 Moscow time"
    ]


def test_speaker_is_asked_again_when_the_session_takes_place_after_all(
    session, clock, outbox, work_off
):
    step(scheduling.cancel, session)
    be_quiet(clock, work_off)
    step(scheduling.reinstate, session)
    be_quiet(clock, work_off)

    assert [subject.split("?")[0] for subject in subjects(outbox)] == [
        "Cancelled", "New time, will you speak",
    ]  # fmt: skip
    assert speaker(session).state == "asked"


def test_one_taken_off_the_agenda_hears_of_it_once(session, clock, outbox, work_off):
    drop_speakers(session)
    be_quiet(clock, work_off)
    step(scheduling.move, session, FRIDAY_10_MOSCOW)
    be_quiet(clock, work_off)

    assert subjects(outbox) == ["You are not to speak"]


def test_one_who_declined_hears_nothing_more(session, clock, outbox, work_off):
    speaking.answer(link(session), will=False)

    step(scheduling.move, session, FRIDAY_10_MOSCOW)
    be_quiet(clock, work_off)
    drop_speakers(session)
    be_quiet(clock, work_off)

    assert subjects(outbox) == []


def test_one_who_is_invited_too_gets_one_letter_of_the_end_and_two_where_asked_again(
    session, clock, outbox, work_off
):
    inviting.invite(session.id, [("", ANNA)], None)
    work_off()

    step(scheduling.move, session, FRIDAY_10_MOSCOW)
    be_quiet(clock, work_off)
    step(scheduling.cancel, session)
    be_quiet(clock, work_off)

    assert [subject.split(" ")[0] for subject in sorted(subjects(outbox))] == [
        "Cancelled", "Invitation", "New", "New",
    ]  # fmt: skip


def test_speaker_of_a_draft_hears_of_its_move_and_its_end(app, clock, outbox, work_off):
    session = agreed(a_session(draft=True), work_off)

    step(scheduling.move, session, FRIDAY_10_MOSCOW)
    be_quiet(clock, work_off)
    step(scheduling.cancel, session)
    be_quiet(clock, work_off)

    assert [subject.split("?")[0] for subject in subjects(outbox)] == [
        "New time, will you speak", "Cancelled",
    ]  # fmt: skip


def test_one_who_was_named_but_never_asked_hears_nothing(app, clock, outbox, work_off):
    session = a_session()
    person = a_person(ANNA)
    with transaction():
        item = AgendaItem(offset_min=0, duration_min=10, title="Показ")
        item.speakers = [Speaker(person_id=person.id)]
        session.agenda = [item]

    step(scheduling.cancel, session)
    be_quiet(clock, work_off)

    assert outbox.to(ANNA) == []


def test_a_question_still_to_leave_when_the_session_is_cancelled_never_does(
    app, clock, outbox, work_off
):
    session, person = a_session(), a_person(ANNA)
    with transaction():
        item = AgendaItem(offset_min=0, duration_min=10, title="Показ")
        item.speakers = [Speaker(person_id=person.id)]
        session.agenda = [item]
    speaking.ask(session.id, None, *SENDER)

    step(scheduling.cancel, session)
    announcing.announce(session.id, None)
    be_quiet(clock, work_off)

    assert outbox.to(ANNA) == []
