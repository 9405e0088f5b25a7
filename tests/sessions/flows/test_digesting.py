"""One letter a week for those who prefer it, on Monday morning where they live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from integrations.mail.outbox import Letter
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.flows import digesting, handing_over, inviting, replying, scheduling
from sessions.models.correspondence import DigestRun
from sessions.models.participation import Registration
from sessions.models.people import Person
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import FRIDAY_10_MOSCOW, THURSDAY_10_MOSCOW, a_city, a_person, a_session
from tests.conftest import Clock
from tests.outbox import Outbox
from tests.reminded import pass_until
from tests.sessions.flows.test_reminding import a_recording

ANNA = "anna@example.org"
# 12 October 2026 is a Monday.
MONDAY = datetime(2026, 10, 12, 5, 0, tzinfo=UTC)  # 8:00 in Moscow
WEEK = timedelta(days=7)

Until = Callable[[datetime], None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, reminders="day,hour,recording")


@pytest.fixture
def until(app: Flask, clock: Clock, work_off: Callable[[], int]) -> Until:
    """Lets the time pass, a worker there."""
    digesting.owe_sweep()
    return lambda at: pass_until(at, clock, work_off)


def a_reader(address: str = ANNA, tz: str | None = None, **facts: object) -> Person:
    """One who prefers a digest, and reads English."""
    person = a_person(address, locale="en", **facts)
    with transaction():
        person.reminders, person.tz = "digest", tz
    return person


def digests(outbox: Outbox, address: str = ANNA) -> list[str]:
    return [
        letter.get_body(("plain",)).get_content().replace("\u00a0", " ").replace("\r\n", "\n")
        for letter in outbox.to(address)
        if str(letter["Subject"]).startswith("Your week")
    ]


def sent_at(person: Person) -> list[datetime]:
    found = (
        db.select(Letter.sent_at)
        .join(DigestRun, DigestRun.letter_id == Letter.id)
        .where(DigestRun.person_id == person.id, Letter.sent_at.is_not(None))
        .order_by(Letter.sent_at)
    )
    return list(db.session.scalars(found))


def now(session: Session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def test_monday_tells_what_the_week_brings_in_place_of_reminders(until, outbox):
    anna = a_reader()
    a_session(invited=[ANNA])

    until(MONDAY + WEEK)

    assert sent_at(anna) == [MONDAY]
    assert [str(one["Subject"]).partition(":")[0] for one in outbox.to(ANNA)] == [
        "Invitation", "Your week from 12 October",
    ]  # fmt: skip


def test_hours_are_those_of_the_reader_who_lives_elsewhere(until, outbox):
    a_reader(tz="Asia/Kamchatka")
    a_session(invited=[ANNA])

    until(MONDAY + WEEK)

    (text,) = digests(outbox)
    assert "Thursday, 15 October 2026, 19:00–20:30" in text
    assert "10:00" not in text


@pytest.mark.parametrize(
    ("tz", "hour"),
    [
        ("Asia/Kamchatka", datetime(2026, 10, 11, 20, 0, tzinfo=UTC)),
        ("Europe/Moscow", MONDAY),
        ("Europe/Kaliningrad", datetime(2026, 10, 12, 6, 0, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 12, 12, 0, tzinfo=UTC)),
    ],
)
def test_it_is_morning_where_the_digest_arrives(tz, hour, until, outbox):
    anna = a_reader(tz=tz)
    a_session(invited=[ANNA])

    until(MONDAY + WEEK)

    assert sent_at(anna) == [hour]


def test_zone_of_the_city_counts_where_somebody_chose_none(until, outbox):
    anna = a_reader(city=a_city())
    a_session(invited=[ANNA])

    until(MONDAY + WEEK)

    assert sent_at(anna) == [MONDAY - timedelta(hours=2)]


def test_morning_stays_morning_when_summer_time_ends(until, outbox):
    anna = a_reader(tz="Europe/Berlin")
    for day in (15, 22, 29):
        a_session(WallTime(datetime(2026, 10, day, 10), "Europe/Moscow"), invited=[ANNA])

    until(datetime(2026, 11, 2, tzinfo=UTC))

    assert [f"{at:%d %H}" for at in sent_at(anna)] == ["12 06", "19 06", "26 07"]


def test_week_with_nothing_in_it_brings_no_letter(until, outbox):
    anna = a_reader()
    a_session(WallTime(datetime(2026, 10, 29, 10), "Europe/Moscow"), invited=[ANNA])

    until(MONDAY + WEEK)

    assert sent_at(anna) == []


def test_what_is_declined_or_off_is_not_ahead(until, outbox):
    a_reader()
    a_session(invited=[ANNA], title="Declined")
    declined = db.session.query(Registration).one().invitation.id
    replying.answer(
        declined, "declined", source="page", sequence=None,
        answered_at=datetime(2026, 10, 1, 9, tzinfo=UTC),
    )  # fmt: skip
    off = a_session(FRIDAY_10_MOSCOW, invited=[ANNA], title="Called off")
    scheduling.cancel(off.id, now(off).revision, None)
    a_session(FRIDAY_10_MOSCOW, invited=[ANNA], title="Takes place")

    until(MONDAY + WEEK)

    (text,) = digests(outbox)
    shown = [title for title in ("Declined", "Called off", "Takes place") if title in text]
    assert shown == ["Takes place"]


def test_what_is_called_off_before_the_letter_leaves_is_not_in_it(until, outbox, clock, work_off):
    anna = a_reader()
    session = a_session(invited=[ANNA])
    until(MONDAY - timedelta(minutes=1))
    clock.move_to(MONDAY)
    digesting.tell("Europe/Moscow", MONDAY)

    scheduling.cancel(session.id, now(session).revision, None)
    work_off()

    assert sent_at(anna) == []


def test_recordings_of_the_last_week_are_told_once(until, outbox):
    a_reader()
    session = a_session(invited=[ANNA], title="Held")
    until(MONDAY + timedelta(days=4))
    handing_over.hand_over(session.id, [a_recording()], None)

    until(MONDAY + 3 * WEEK)

    letters = [str(one["Subject"]).partition(":")[0] for one in outbox.to(ANNA)]
    assert letters == ["Invitation", "Your week from 12 October", "Your week from 19 October"]
    ahead, behind = digests(outbox)
    assert ("Recordings of last week" in ahead, "Recordings of last week" in behind) == (
        False,
        True,
    )
    assert "/talks/" in behind


def test_who_asks_for_it_on_monday_itself_gets_it_at_once_and_no_second_one(until, outbox):
    anna = a_reader()
    with transaction():
        anna.reminders = "none"
    a_session(invited=[ANNA])
    until(MONDAY + timedelta(hours=3))

    with transaction():
        db.session.get_one(Person, anna.id).reminders = "digest"
        digesting.owe("Europe/Moscow")
    until(MONDAY + timedelta(hours=4))
    with transaction():
        digesting.owe("Europe/Moscow")
    until(MONDAY + WEEK)

    assert sent_at(anna) == [MONDAY + timedelta(hours=3)]


def test_who_moves_west_on_monday_gets_no_second_one(until, outbox):
    anna = a_reader(tz="Asia/Kamchatka")
    a_session(invited=[ANNA])
    until(MONDAY - timedelta(hours=2))

    with transaction():
        db.session.get_one(Person, anna.id).tz = "Europe/Kaliningrad"
        digesting.owe("Europe/Kaliningrad")
    until(MONDAY + timedelta(days=6))

    assert len(sent_at(anna)) == 1


def test_digest_that_waited_for_a_worker_to_tuesday_noon_stays_away(until, outbox, clock):
    anna = a_reader()
    a_session(invited=[ANNA])
    until(MONDAY - timedelta(hours=1))

    clock.move_to(MONDAY + timedelta(hours=31))
    until(MONDAY + timedelta(days=6))

    assert sent_at(anna) == []


def test_each_digest_holds_what_concerns_its_reader_alone(until, outbox):
    a_reader(ANNA)
    a_reader("boris@example.org", given="Boris", family="B")
    a_person("vera@example.org", locale="en")
    a_session(invited=[ANNA, "vera@example.org"], title="Of Anna")
    a_session(THURSDAY_10_MOSCOW, invited=["boris@example.org"], title="Of Boris")
    shared = a_session(FRIDAY_10_MOSCOW, invited=[ANNA], title="Of both")
    inviting.invite(shared.id, [("", "boris@example.org")], None)

    until(MONDAY + WEEK)

    for address, others in ((ANNA, "Of Boris"), ("boris@example.org", "Of Anna")):
        (text,) = digests(outbox, address)
        assert others not in text
        assert "Of both" in text
    whole = {str(one["To"]): one.as_string() for one in outbox.letters()}
    people = [ANNA, "boris@example.org", "vera@example.org"]
    assert [[one for one in people if one in text] for text in whole.values()] == [
        [one for one in people if one in to] for to in whole
    ]
