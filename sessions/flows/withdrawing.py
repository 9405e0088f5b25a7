"""One of those invited is taken off the list, or gets the letter once more."""

from __future__ import annotations

from integrations.mail import outbox, suppression
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import PersonWithdrawn
from sessions.models import visits
from sessions.models.audit import record
from sessions.models.participation import HOLDING, Registration
from sessions.models.session import Session


def withdraw(registration_id: int, by: int | None) -> None:
    """Take somebody off the list; a calendar that was told of the session is told of this.

    Of a visit they are taken off all days to come. Nothing happens where it was done before.
    """
    with transaction():
        registration = db.session.get_one(Registration, registration_id)
        session = visits.locked(registration.session_id)
        db.session.refresh(registration)
        if registration.state not in HOLDING:
            return
        _take_off(registration, by)
        # A day that is called off may come back, and then concerns them as little as the others.
        days = [
            one
            for one in visits.days(session)
            if one.id != session.id and (one.state == "cancelled" or visits.is_to_come(one))
        ]
        for row in visits.registrations(registration.person_id, days).values():
            if row.state in HOLDING:
                _take_off(row, by)


def _take_off(registration: Registration, by: int | None) -> None:
    registration.state, registration.has_seat = "declined", False
    registration.asked_at = registration.offered_until = None
    record(
        by, "session.withdrawn", f"session:{registration.session_id}", registration=registration.id
    )
    publish(PersonWithdrawn(registration.invitation.id, by))


def let_through(registration_id: int, by: int | None) -> None:
    """Send to somebody's address again although it took no letters, beginning with their last one.

    Raises Refused("letter.none") where there is none.
    """
    with transaction():
        address = db.session.get_one(Registration, registration_id).invitation.attendee_email
        if suppression.lift(address):
            record(by, "mail.lifted", f"registration:{registration_id}")
        send_again(registration_id, by)


def send_again(registration_id: int, by: int | None) -> None:
    """Send somebody their last letter once more, the same bytes.

    Raises Refused("letter.none") where there is none.
    """
    with transaction():
        registration = db.session.get_one(Registration, registration_id)
        session = Session.locked(registration.session_id)
        messages = [
            message
            for message in registration.invitation.messages
            if message.letter.state != "superseded"
        ]
        if not messages or registration.state not in HOLDING:
            raise Refused("letter.none")
        outbox.send_again(messages[-1].letter_id)
        record(by, "session.sent_again", f"session:{session.id}", registration=registration.id)
