"""People are reminded in time, of what is so, once."""

from __future__ import annotations

import io
import threading
import wave
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from integrations.mail import mailing
from integrations.mail.outbox import Letter
from integrations.runtime import clock as clock_source
from integrations.runtime import ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.flows import (
    handing_over,
    inviting,
    planning,
    reminding,
    replying,
    scheduling,
    unsubscribing,
    withdrawing,
)
from sessions.models.correspondence import ReminderRun
from sessions.models.participation import Invitation, Registration
from sessions.models.people import Person
from sessions.models.programme import Series
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.archive.talks import a_pdf
from tests.builders import FRIDAY_10_MOSCOW, THURSDAY_10_MOSCOW, a_person, a_plan, a_session
from tests.conftest import Clock
from tests.outbox import Outbox
from tests.queries import counted
from tests.reminded import pass_until

ANNA = "anna@example.org"
BORIS = "boris@example.org"
THURSDAY = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)
FRIDAY = THURSDAY + timedelta(days=1)
AFTER = THURSDAY + timedelta(days=3)

Until = Callable[[datetime], None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """All that people may be reminded of."""
    return replace(settings, reminders="week,day,hour,recording")


@pytest.fixture
def until(app: Flask, clock: Clock, work_off: Callable[[], int]) -> Until:
    """Lets the time pass."""
    return lambda at: pass_until(at, clock, work_off)


def invited(*addresses: str, at: WallTime = THURSDAY_10_MOSCOW, **facts: object) -> Session:
    """A session to which these are invited, who read English."""
    for address in addresses:
        if not db.session.query(Person).filter(Person.emails.any(address=address)).count():
            a_person(address, given=address.partition("@")[0].title(), locale="en")
    return a_session(at, invited=addresses, **facts)


def now(session: Session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def registration(address: str = ANNA) -> Registration:
    return db.session.scalars(
        select(Registration).join(Invitation).where(Invitation.attendee_email == address),
        execution_options={"populate_existing": True},
    ).one()


def answer(what: str, address: str = ANNA) -> None:
    replying.answer(
        registration(address).invitation.id, what, source="page", sequence=None,
        answered_at=clock_source.now(),
    )  # fmt: skip


def prefers(choice: str, address: str = ANNA) -> None:
    with transaction():
        registration(address).person.reminders = choice


def heads(outbox: Outbox, address: str = ANNA) -> list[str]:
    """The beginnings of the subjects of what somebody got, oldest first."""
    return [str(letter["Subject"]).partition(":")[0] for letter in outbox.to(address)]


def a_recording() -> tuple[io.BytesIO, str]:
    """A second of silence."""
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setparams((1, 2, 8000, 8000, "NONE", ""))
        sound.writeframes(bytes(16000))
    content.seek(0)
    return content, "recording.wav"


def hand_over(session: Session, *files: tuple[io.BytesIO, str]) -> None:
    done = handing_over.hand_over(session.id, files, None)
    assert done.refused == []


def sent_at(kind: str) -> datetime | None:
    return db.session.scalar(
        select(Letter.sent_at)
        .join(ReminderRun, ReminderRun.letter_id == Letter.id)
        .where(ReminderRun.kind == kind)
    )


def test_each_reminder_leaves_at_its_hour_and_says_how_near_it_is(until, outbox):
    invited(ANNA)

    until(AFTER)

    assert heads(outbox) == ["Invitation", "In a week", "Tomorrow", "In an hour"]
    assert [sent_at(kind) for kind in ("week", "day", "hour")] == [
        THURSDAY - timedelta(days=7), THURSDAY - timedelta(days=1), THURSDAY - timedelta(hours=1),
    ]  # fmt: skip


def test_recording_is_told_when_it_is_published(until, outbox):
    session = invited(ANNA)
    until(AFTER)

    hand_over(session, a_recording())
    until(AFTER + timedelta(minutes=1))

    assert heads(outbox)[-1] == "The recording is here"


def test_slides_alone_are_no_recording_and_the_recording_that_follows_is_told(until, outbox):
    session = invited(ANNA)
    until(AFTER)
    hand_over(session, (io.BytesIO(a_pdf("One")), "deck.pdf"))
    until(AFTER + timedelta(minutes=1))
    without = heads(outbox)[-1]

    hand_over(session, a_recording())
    until(AFTER + timedelta(minutes=2))

    assert (without, heads(outbox)[-1]) == ("In an hour", "The recording is here")


def test_recording_that_is_withheld_and_put_out_again_is_told_once(until, outbox):
    session = invited(ANNA)
    until(AFTER)
    hand_over(session, a_recording())
    until(AFTER + timedelta(minutes=1))

    handing_over.withhold(session.id, None)
    until(AFTER + timedelta(minutes=2))
    handing_over.put_out(session.id, None)
    until(AFTER + timedelta(minutes=3))

    assert heads(outbox).count("The recording is here") == 1


def test_recording_handed_over_a_season_later_is_no_news(until, outbox):
    session = invited(ANNA)
    until(AFTER + timedelta(days=40))

    hand_over(session, a_recording())
    until(AFTER + timedelta(days=41))

    assert heads(outbox)[-1] == "In an hour"


def test_moved_session_is_reminded_of_before_its_new_hour_alone(until, outbox):
    session = invited(ANNA)
    until(THURSDAY - timedelta(days=3))

    scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
    until(AFTER)

    assert heads(outbox) == [
        "Invitation", "In a week", "New time or place", "Tomorrow", "In an hour",
    ]  # fmt: skip
    assert sent_at("day") == FRIDAY - timedelta(days=1)


def test_session_moved_and_moved_back_is_reminded_of_once(until, outbox):
    session = invited(ANNA)
    until(THURSDAY - timedelta(hours=22))

    scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
    until(THURSDAY - timedelta(hours=21))
    scheduling.move(session.id, THURSDAY_10_MOSCOW, now(session).revision, None)
    until(AFTER)

    assert heads(outbox) == [
        "Invitation", "In a week", "Tomorrow", "New time or place", "New time or place",
        "In an hour",
    ]  # fmt: skip


def test_session_moved_into_tomorrow_needs_no_reminder_beside_the_news(until, outbox):
    session = invited(ANNA, at=FRIDAY_10_MOSCOW)
    until(THURSDAY - timedelta(hours=20))

    scheduling.move(session.id, THURSDAY_10_MOSCOW, now(session).revision, None)
    until(THURSDAY - timedelta(hours=2))

    assert heads(outbox) == ["Invitation", "In a week", "New time or place"]


@pytest.mark.parametrize("step", [scheduling.cancel, scheduling.postpone])
def test_session_that_is_off_is_not_reminded_of(step, until, outbox):
    session = invited(ANNA)
    until(THURSDAY - timedelta(days=3))

    step(session.id, now(session).revision, None)
    until(AFTER)

    assert heads(outbox)[:2] == ["Invitation", "In a week"]
    assert [head for head in heads(outbox)[2:] if head not in ("Cancelled", "Postponed")] == []


def test_session_that_comes_back_is_reminded_of_again(until, outbox):
    session = invited(ANNA)
    until(THURSDAY - timedelta(days=3))

    scheduling.cancel(session.id, now(session).revision, None)
    until(THURSDAY - timedelta(days=2))
    scheduling.reinstate(session.id, now(session).revision, None)
    until(AFTER)

    assert heads(outbox)[-2:] == ["Tomorrow", "In an hour"]


def test_who_declined_or_was_taken_off_the_list_is_left_in_peace(until, outbox):
    invited(ANNA, BORIS)
    until(THURSDAY - timedelta(days=3))

    answer("declined", ANNA)
    withdrawing.withdraw(registration(BORIS).id, None)
    until(AFTER)

    assert heads(outbox, ANNA) == ["Invitation", "In a week"]
    assert heads(outbox, BORIS)[:2] == ["Invitation", "In a week"]
    assert len(heads(outbox, BORIS)) == 3


@pytest.mark.parametrize("what", ["accepted", "tentative"])
def test_who_comes_or_perhaps_comes_is_reminded(what, until, outbox):
    invited(ANNA)
    until(THURSDAY - timedelta(days=3))

    answer(what)
    until(AFTER)

    assert heads(outbox)[-2:] == ["Tomorrow", "In an hour"]


def test_who_waits_for_a_seat_is_not_reminded_of_a_session_but_told_of_its_recording(until, outbox):
    session = invited(ANNA, BORIS)
    with transaction():
        now(session).capacity_online = 1
    until(THURSDAY - timedelta(days=3))
    answer("accepted", ANNA)
    answer("accepted", BORIS)

    until(AFTER)
    hand_over(session, a_recording())
    until(AFTER + timedelta(minutes=1))

    assert heads(outbox, BORIS) == [
        "Invitation", "In a week", "Waiting list", "The recording is here",
    ]  # fmt: skip


def test_who_is_invited_three_hours_before_is_reminded_of_the_hour_alone(until, outbox):
    session = invited(ANNA)
    until(THURSDAY - timedelta(hours=3))
    a_person(BORIS, locale="en")

    inviting.invite(session.id, [("", BORIS)], None)
    until(AFTER)

    assert heads(outbox, BORIS) == ["Invitation", "In an hour"]


def test_session_published_on_its_day_is_reminded_of_by_the_hour_alone(until, outbox):
    session = invited(ANNA, draft=True)
    until(THURSDAY - timedelta(hours=3))

    scheduling.schedule(session.id, now(session).revision, None)
    until(AFTER)

    assert heads(outbox) == ["Invitation", "In an hour"]


@pytest.mark.parametrize(
    ("away", "back", "left"),
    [
        # No worker from before the reminder of the day on, until so long before the start.
        (25, 20, ["Tomorrow", "In an hour"]),
        (25, 11, ["In an hour"]),
        (25, 0.5, ["Soon"]),
        (25, -0.1, []),
    ],
)
def test_after_a_stop_of_the_worker_only_what_is_still_of_use_leaves(
    away, back, left, until, outbox, clock
):
    invited(ANNA)
    until(THURSDAY - timedelta(hours=away))

    clock.move_to(THURSDAY - timedelta(hours=back))
    until(AFTER)

    assert heads(outbox)[2:] == left


def test_letters_that_were_stopped_are_not_sent_when_they_are_late(until, outbox):
    invited(ANNA, BORIS)
    until(THURSDAY - timedelta(hours=2))
    mailing.pause()
    until(THURSDAY - timedelta(minutes=30))
    owed = db.session.query(Letter).filter_by(kind="reminder", state="owed").count()

    clock_at = THURSDAY + timedelta(minutes=5)
    until(clock_at)
    mailing.resume()
    until(AFTER)

    assert owed == 2
    assert heads(outbox, BORIS) == ["Invitation", "In a week", "Tomorrow"]


def test_letter_that_waits_while_its_session_moves_never_leaves(until, outbox):
    session = invited(ANNA, BORIS)
    until(THURSDAY - timedelta(hours=25))
    mailing.pause()
    until(THURSDAY - timedelta(hours=23))

    scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
    mailing.resume()
    until(THURSDAY)

    assert heads(outbox) == ["Invitation", "In a week", "New time or place", "Tomorrow"]


def test_reminder_that_was_taken_back_may_be_owed_anew(until, outbox):
    session = invited(ANNA, BORIS)
    until(THURSDAY - timedelta(hours=25))
    mailing.pause()
    until(THURSDAY - timedelta(hours=24))
    prefers("none")
    mailing.resume()
    until(THURSDAY - timedelta(hours=23))
    prefers("each")

    told = reminding.remind(session.id, "day")
    until(THURSDAY - timedelta(hours=22))

    assert told == 1
    assert (heads(outbox, ANNA).count("Tomorrow"), heads(outbox, BORIS).count("Tomorrow")) == (1, 1)


def test_worker_that_does_the_same_again_sends_nothing_twice(until, outbox):
    session = invited(ANNA, BORIS)
    until(THURSDAY - timedelta(hours=23))

    again = reminding.remind(session.id, "day")
    until(THURSDAY - timedelta(hours=22))

    assert again == 0
    assert heads(outbox, BORIS) == ["Invitation", "In a week", "Tomorrow"]


def test_two_workers_at_once_owe_each_person_one_reminder(app, until, clock):
    session = invited(ANNA, BORIS)
    until(THURSDAY - timedelta(hours=25))
    clock.move_to(THURSDAY - timedelta(hours=24))
    session_id, told = session.id, []
    db.session.rollback()

    def work() -> None:
        with app.app_context():
            told.append(reminding.remind(session_id, "day"))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    assert sorted(told) == [0, 0, 0, 2]
    assert db.session.query(ReminderRun).filter_by(kind="day").count() == 2


def test_sweep_owes_what_was_never_owed(until, outbox):
    ports.put(Settings, replace(ports.get(Settings), reminders="none"))
    invited(ANNA)
    until(THURSDAY - timedelta(days=2))

    ports.put(Settings, replace(ports.get(Settings), reminders="day"))
    reminding.owe_sweep()
    until(AFTER)

    assert heads(outbox) == ["Invitation", "Tomorrow"]


def test_series_may_remind_otherwise_than_the_programme(until, outbox):
    a_person(ANNA, locale="en")
    ids = a_series_of_sessions()
    inviting.invite(ids[0], [("", ANNA)], None)

    series_id = db.session.get_one(Session, ids[0]).series_id
    reminding.choose(series_id, ["hour"], None)
    scheduling.schedule(ids[0], 1, None)
    until(AFTER)

    assert heads(outbox) == ["Invitation", "In an hour"]


def test_series_changed_when_its_sessions_are_public_reminds_as_it_says_now(until, outbox):
    a_person(ANNA, locale="en")
    ids = a_series_of_sessions()
    inviting.invite(ids[0], [("", ANNA)], None)
    scheduling.schedule(ids[0], 1, None)
    series_id = db.session.get_one(Session, ids[0]).series_id
    reminding.choose(series_id, [], None)
    until(THURSDAY - timedelta(days=2))

    reminding.choose(series_id, ["day"], None)
    until(AFTER)

    assert heads(outbox) == ["Invitation", "Tomorrow"]


def test_series_goes_back_to_what_the_programme_does(app):
    ids = a_series_of_sessions()
    series = db.session.get_one(Session, ids[0]).series
    reminding.choose(series.id, ["hour"], None)

    reminding.choose(series.id, None, None)

    assert db.session.get_one(Series, series.id, populate_existing=True).reminders is None
    assert reminding.kinds_of(db.session.get_one(Session, ids[0])) == [
        "week", "day", "hour", "recording",
    ]  # fmt: skip


@pytest.mark.parametrize("choice", ["digest", "none"])
def test_who_wants_no_letter_each_time_gets_none(choice, until, outbox):
    invited(ANNA)
    prefers(choice)

    until(THURSDAY - timedelta(days=3, hours=1))

    assert heads(outbox)[:1] == ["Invitation"]
    assert "In a week" not in heads(outbox)


def test_who_stops_reminders_by_the_link_gets_not_even_those_that_wait(until, outbox):
    invited(ANNA, BORIS)
    until(THURSDAY - timedelta(hours=25))
    mailing.pause()
    until(THURSDAY - timedelta(hours=23))

    unsubscribing.stop_reminders(registration(ANNA).person_id)
    mailing.resume()
    until(AFTER)

    assert heads(outbox, ANNA) == ["Invitation", "In a week"]
    assert heads(outbox, BORIS) == ["Invitation", "In a week", "Tomorrow", "In an hour"]


@pytest.mark.parametrize("day", [15, 17])
def test_change_that_is_not_told_yet_is_not_told_by_a_reminder_either(day, app, until, outbox):
    ports.put(Settings, replace(ports.get(Settings), quiet_minutes="180"))
    session = invited(ANNA, at=FRIDAY_10_MOSCOW)
    begins = min(FRIDAY, FRIDAY + timedelta(days=day - 16))
    until(begins - timedelta(hours=25))

    to_wall = WallTime(datetime(2026, 10, day, 10), "Europe/Moscow")
    scheduling.move(session.id, to_wall, now(session).revision, None)
    until(begins - timedelta(hours=23))

    assert heads(outbox) == ["Invitation", "In a week"]


def test_reminding_many_asks_the_database_as_often_as_reminding_two(until):
    few = asked_for(until, invited(ANNA, BORIS), 0)
    many = asked_for(until, invited(*[f"p{one}@example.org" for one in range(40)], title="Many"), 1)

    assert many == few


def asked_for(until: Until, session: Session, minutes: int) -> int:
    until(THURSDAY - timedelta(hours=25) + timedelta(minutes=minutes))
    clock_source.set_source(lambda: THURSDAY - timedelta(hours=23))
    with counted() as asked:
        reminding.remind(session.id, "day")
    return len(asked)


def a_series_of_sessions() -> list[int]:
    plan = a_plan()
    dates: Iterable[planning.PlannedDate] = planning.preview(plan)
    chosen = [one for one in dates if one.on.month in (10, 11)]
    series_id = planning.plan_series(plan, chosen, None, "vzaimo.test")
    found = select(Session.id).where(Session.series_id == series_id).order_by(Session.starts_at)
    return list(db.session.scalars(found))
