"""People are invited, and their calendars are told what became of the session."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field

from sqlalchemy import select

from integrations.mail import outbox
from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import PersonInvited
from sessions.models.audit import record
from sessions.models.participation import InviteMessage, Invitation, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.rules.addresses import split_name

INVITE = "invite"


@dataclass(frozen=True)
class Invited:
    """How pasted addresses were taken."""

    new: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)


def invite(session_id: int, people: list[tuple[str, str]], by: int | None) -> Invited:
    """Invite people by (name, address); each gets a letter once the session is public.

    Someone invited before is left as they are. Raises Refused("session.over") for a held session.
    """
    outcome = Invited()
    with transaction():
        session = Session.locked(session_id)
        if session.state not in lifecycle.MOVABLE | lifecycle.JOINABLE:
            raise Refused("session.over", state=session.state)
        for name, address in people:
            person = person_at(address, name)
            known = db.session.scalar(
                select(Registration.id).where(
                    Registration.session_id == session.id, Registration.person_id == person.id
                )
            )
            if known is not None:
                outcome.already.append(address)
                continue
            _register(session, person, address, by)
            outcome.new.append(address)
        record(by, "session.invited", f"session:{session.id}", people=len(outcome.new))
    return outcome


def person_at(address: str, name: str = "") -> Person:
    """The person at an address, made where there is none; in the caller's transaction."""
    known = db.session.scalars(select(PersonEmail).where(PersonEmail.address == address)).first()
    if known is not None:
        if name and not (known.person.family or known.person.given):
            _name(known.person, name)
        return known.person
    person = Person(emails=[PersonEmail(address=address)])
    _name(person, name)
    db.session.add(person)
    db.session.flush()
    return person


def _name(person: Person, name: str) -> None:
    person.family, person.given, person.patronymic = split_name(name)


def _register(session: Session, person: Person, address: str, by: int | None) -> None:
    registration = Registration(
        session_id=session.id, person_id=person.id, state="invited", made_at=clock.now()
    )
    db.session.add(registration)
    db.session.flush()
    invitation = Invitation(
        registration_id=registration.id, token=secrets.token_urlsafe(16), attendee_email=address
    )
    db.session.add(invitation)
    db.session.flush()
    publish(PersonInvited(invitation.id, by))


def owe_first_letter(invitation_id: int, sender: str, domain: str) -> None:
    """Owe the letter to someone newly invited, if the session is public already."""
    invitation = db.session.get_one(Invitation, invitation_id)
    session = invitation.registration.session
    if session.state in lifecycle.JOINABLE:
        _owe(invitation, session, "REQUEST", sender, domain)


def owe_letters(session_id: int, method: str, sender: str, domain: str) -> None:
    """Owe everyone invited the letter for the session as it is now; older ones not sent yet never are."""
    session = db.session.get_one(Session, session_id)
    session.announced_revision = session.revision
    invitations = db.session.scalars(
        select(Invitation).join(Registration).where(Registration.session_id == session_id)
    ).all()
    for invitation in invitations:
        told = _supersede(invitation)
        if method == "CANCEL" and not told:
            continue  # this calendar never heard of the session
        _owe(invitation, session, method, sender, domain)


def _supersede(invitation: Invitation) -> bool:
    """Take back what was not sent yet; whether the calendar may have heard of the session."""
    told = False
    for message in invitation.messages:
        if message.letter.state == "owed" and message.letter.raw is None:
            message.letter.state = "superseded"
        else:
            told = True
    return told


def _owe(invitation: Invitation, session: Session, method: str, sender: str, domain: str) -> None:
    letter = outbox.post(INVITE, sender, invitation.attendee_email, f"{uuid.uuid4()}@{domain}")
    db.session.add(
        InviteMessage(
            invitation_id=invitation.id, revision=session.revision, sequence=session.sequence,
            method=method, letter_id=letter.id,
        )  # fmt: skip
    )
