"""A session that is called off leaves calendars, reminders and the join page; it can come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.flows import meetings, scheduling
from sessions.models.participation import Invitation
from sessions.models.session import Session
from tests.builders import a_person, a_session
from tests.conftest import Clock
from tests.outbox import Outbox
from tests.reminded import pass_until

ANNA = "anna@example.org"


def now(session: Session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def in_the_feed(client: FlaskClient) -> tuple[str, str]:
    """(UID, STATUS) of the one session that the programme's calendar has."""
    (event,) = Calendar.from_ical(client.get("/feeds/programme.ics").data).walk("VEVENT")
    return str(event["UID"]), str(event["STATUS"])


def test_cancelled_session_leaves_calendars_reminders_and_the_join_page_and_comes_back(
    client: FlaskClient, clock: Clock, outbox: Outbox, work_off: Callable[[], int]
) -> None:
    a_person(ANNA, locale="en")
    session = a_session(invited=[ANNA])
    meetings.use_link(session.id, "https://room.example.org/r", None)
    join = f"/j/{db.session.scalars(select(Invitation.token)).one()}"
    start = session.starts_at
    work_off()
    clock.move_to(start - timedelta(days=3))
    scheduling.cancel(session.id, now(session).revision, None)
    pass_until(start - timedelta(minutes=5), clock, work_off)
    heard_while_off = [str(one["Subject"]).partition(":")[0] for one in outbox.to(ANNA)]
    off = client.post(join).status_code, in_the_feed(client)

    scheduling.reinstate(session.id, now(session).revision, None)
    work_off()

    heard = [str(one["Subject"]).partition(":")[0] for one in outbox.to(ANNA)]
    told = [
        (str(one["UID"]), str(one["STATUS"]), one["SEQUENCE"]) for one in outbox.calendars_to(ANNA)
    ]
    assert heard_while_off == ["Invitation", "Cancelled"]
    assert heard == ["Invitation", "Cancelled", "Takes place after all"]
    assert told == [
        (session.uid, "CONFIRMED", 0), (session.uid, "CANCELLED", 1), (session.uid, "CONFIRMED", 2),
    ]  # fmt: skip
    assert off == (409, (session.uid, "CANCELLED"))
    assert 'content="0; url=https://room.example.org/r"' in client.post(join).text
    assert in_the_feed(client) == (session.uid, "CONFIRMED")
