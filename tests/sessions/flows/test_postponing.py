"""A session loses its date and gets another: its calendars, its people, its page, its recording."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive import hits
from integrations.runtime.database import db
from integrations.runtime.errors import Refused, Stale
from integrations.runtime.viewer import ANONYMOUS
from sessions.flows import inviting, joining, scheduling, withdrawing
from sessions.models.participation import Registration
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, THURSDAY_10_MOSCOW, a_person, a_session
from tests.conftest import START
from tests.sessions.web.reading import words

ANNA = "anna@example.org"


@pytest.fixture(autouse=True)
def anna(app):
    """She reads English."""
    return a_person(ANNA, locale="en")


def now(session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def postpone(session) -> None:
    scheduling.postpone(session.id, now(session).revision, None)


def subjects(outbox) -> list[str]:
    return [str(letter["Subject"]).split(":")[0] for letter in outbox.to(ANNA)]


def test_postponed_session_leaves_calendars_with_the_next_sequence(outbox, work_off):
    session = a_session(invited=[ANNA])
    work_off()

    postpone(session)
    work_off()

    first, second = outbox.calendars_to(ANNA)
    letter = outbox.to(ANNA)[-1]
    assert "METHOD:CANCEL" in list(letter.iter_parts())[-1].get_content()
    assert (second["UID"], second["STATUS"], second["SEQUENCE"]) == (first["UID"], "CANCELLED", 1)
    assert str(second["SUMMARY"]) == f"POSTPONED: {session.title}"


def test_letter_says_that_the_new_date_will_follow_and_has_no_way_in(outbox, work_off):
    session = a_session(invited=[ANNA])
    work_off()

    postpone(session)
    work_off()

    letter = outbox.to(ANNA)[-1]
    text = letter.get_body(("plain",)).get_content().replace("\u00a0", " ")
    assert str(letter["Subject"]) == (
        f"Postponed: {session.title}, was Thursday, 15 October 2026, 10:00–11:30 Moscow time"
    )
    assert "The session is postponed, we will tell you the new date." in text
    assert "/j/" not in text


def test_new_date_brings_it_back_under_the_same_uid(outbox, work_off):
    session = a_session(invited=[ANNA])
    work_off()
    postpone(session)
    work_off()

    scheduling.reschedule(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
    work_off()

    events = outbox.calendars_to(ANNA)
    assert len({event["UID"] for event in events}) == 1
    assert [(event["SEQUENCE"], event["STATUS"]) for event in events] == [
        (0, "CONFIRMED"), (1, "CANCELLED"), (2, "CONFIRMED"),
    ]  # fmt: skip
    assert events[-1].decoded("DTSTART") == datetime(2026, 10, 16, 7, 0, tzinfo=UTC)
    assert subjects(outbox) == ["Invitation", "Postponed", "New date"]
    assert (now(session).state, now(session).is_moved) == ("scheduled", True)


def test_moving_a_postponed_session_is_giving_it_its_date(app):
    session = a_session()
    postpone(session)

    scheduling.move(session.id, THURSDAY_10_MOSCOW, now(session).revision, None)

    assert (now(session).state, now(session).wall) == ("scheduled", THURSDAY_10_MOSCOW)


def test_postponed_session_may_be_cancelled_and_everyone_hears(outbox, work_off):
    session = a_session(invited=[ANNA])
    work_off()
    postpone(session)
    work_off()

    scheduling.cancel(session.id, now(session).revision, None)
    work_off()

    assert subjects(outbox) == ["Invitation", "Postponed", "Cancelled"]
    assert outbox.calendars_to(ANNA)[-1]["SEQUENCE"] == 2


def test_nobody_hears_who_was_never_told_of_it(outbox, work_off):
    session = a_session(invited=[ANNA])

    postpone(session)
    work_off()

    assert outbox.letters() == []


def test_whoever_is_invited_meanwhile_gets_the_letter_with_the_new_date(outbox, work_off):
    session = a_session()
    postpone(session)
    inviting.invite(session.id, [("", ANNA)], None)
    work_off()
    before = outbox.letters()

    scheduling.reschedule(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
    work_off()

    assert before == []
    assert subjects(outbox) == ["Invitation"]


def test_edit_of_a_postponed_session_does_not_bring_it_back_into_calendars(outbox, work_off):
    session = a_session(invited=[ANNA])
    work_off()
    postpone(session)
    work_off()

    names = ("title", "title_en", "summary", "format", "mode", "visibility", "place")
    details = scheduling.Details(
        **{name: getattr(now(session), name) for name in names}, duration_min=45
    )
    scheduling.edit(session.id, details, now(session).revision, None)
    work_off()

    assert subjects(outbox) == ["Invitation", "Postponed"]


def test_registrations_stay_and_the_join_link_lets_nobody_in(clock, work_off):
    session = a_session(invited=[ANNA])
    work_off()
    postpone(session)
    clock.move_to(datetime(2026, 10, 15, 7, 0, tzinfo=UTC))

    registration = db.session.scalars(db.select(Registration)).one()

    assert (registration.state, joining.is_open(now(session), 30)) == ("invited", False)


def test_hour_that_was_given_up_starts_nothing(clock, work_off):
    session = a_session()
    postpone(session)
    clock.move_to(datetime(2026, 10, 15, 12, 0, tzinfo=UTC))

    work_off()

    assert now(session).state == "postponed"


def test_person_taken_off_after_the_letter_hears_nothing_more(outbox, work_off):
    session = a_session(invited=[ANNA])
    work_off()
    postpone(session)
    work_off()

    withdrawing.withdraw(db.session.scalars(db.select(Registration.id)).one(), None)
    work_off()

    assert subjects(outbox) == ["Invitation", "Postponed"]


@pytest.mark.parametrize("step", ["postpone", "cancel", "end"])
def test_only_what_is_scheduled_can_be_postponed(step, app):
    session = a_session()
    getattr(scheduling, step)(session.id, session.revision, None)

    with pytest.raises(Refused) as refusal:
        postpone(session)

    assert refusal.value.reason == "session.cannot_postpone"


def test_only_what_is_postponed_can_be_rescheduled(app):
    session = a_session()

    with pytest.raises(Refused) as refusal:
        scheduling.reschedule(session.id, FRIDAY_10_MOSCOW, session.revision, None)

    assert refusal.value.reason == "session.cannot_reschedule"


def test_stale_postponing_is_refused(app):
    session = a_session()

    with pytest.raises(Stale):
        scheduling.postpone(session.id, session.revision - 1, None)


def test_search_finds_it_as_one_without_a_date_until_it_has_one(work_off):
    session = a_session(title="Наставники")
    found = []
    for step in (postpone, lambda one: scheduling.move(one.id, FRIDAY_10_MOSCOW, 3, None)):
        work_off()
        found += hits.upcoming("наставниками", ANONYMOUS, START)
        step(session)
    work_off()
    found += hits.upcoming("наставниками", ANONYMOUS, START)

    assert [(one.url, one.starts_at and one.starts_at.day) for one in found] == [
        ("/sessions/1", 15), ("/sessions/1", None), ("/sessions/1", 16),
    ]  # fmt: skip


def test_page_of_what_was_found_says_that_the_date_is_not_known(client, work_off):
    postpone(a_session(title="Mentors"))
    work_off()

    page = words(client.get("/search?q=mentors", headers={"Accept-Language": "en"}))

    assert "Mentors Postponed: the new date is not known yet." in page
