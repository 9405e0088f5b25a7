"""People are invited, and their calendars are told what became of the session."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from integrations.mail import outbox
from integrations.mail.outbox import Letter
from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import PersonInvited
from sessions.models.audit import record
from sessions.models.participation import HOLDING, Invitation, InviteMessage, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.rules.addresses import split_name

INVITE = "invite"
_CHUNK = 500


@dataclass(frozen=True)
class Invited:
    """How pasted addresses were taken."""

    new: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)


def invite(session_id: int, people: list[tuple[str, str]], by: int | None) -> Invited:
    """Invite people by (name, address); each gets a letter once the session is public.

    Someone invited before is left as they are; someone withdrawn is invited anew.
    Raises Refused("session.over") for a held session.
    """
    outcome = Invited()
    with transaction():
        session = Session.locked(session_id)
        if session.state not in lifecycle.MOVABLE | lifecycle.JOINABLE:
            raise Refused("session.over", state=session.state)
        known = people_at(people)
        there = {
            registration.person_id: registration
            for registration in db.session.scalars(
                select(Registration).where(Registration.session_id == session.id)
            )
        }
        invitations = []
        for _, address in people:
            person = known[_plain(address)]
            registration = there.get(person.id)
            if registration and registration.state in HOLDING:
                outcome.already.append(address)
                continue
            if registration:
                invitations.append(_anew(registration, session, address))
            else:
                invitations.append(_invitation(session, person, address))
                there[person.id] = invitations[-1].registration
            outcome.new.append(address)
        db.session.add_all(invitations)
        db.session.flush()
        for invitation in invitations:
            publish(PersonInvited(invitation.id, by))
        record(by, "session.invited", f"session:{session.id}", people=len(outcome.new))
    return outcome


def people_at(people: list[tuple[str, str]]) -> dict[str, Person]:
    """The people at these (name, address) pairs by plain address; caller's transaction."""
    names: dict[str, str] = {}
    for name, address in people:
        names[_plain(address)] = names.get(_plain(address)) or name
    addresses = list(names)
    known = {
        address: person
        for start in range(0, len(addresses), _CHUNK)
        for address, person in db.session.execute(
            select(PersonEmail.address, Person)
            .join(Person, Person.id == PersonEmail.person_id)
            .where(PersonEmail.address.in_(addresses[start : start + _CHUNK]))
        )
    }
    fresh = {
        address: _someone(address, names[address]) for address in names if address not in known
    }
    try:
        with db.session.begin_nested():
            db.session.add_all(fresh.values())
    except IntegrityError:
        # Another transaction wrote one of the addresses since we looked; one by one it is found.
        fresh = {address: person_at(address, names[address]) for address in fresh}
    for address, person in known.items():
        _name_if_nameless(person, names[address])
    return known | fresh


def person_at(address: str, name: str = "") -> Person:
    """The person at an address, made where there is none; in the caller's transaction."""
    address = _plain(address)
    known = _known_at(address)
    if known is None:
        person = _someone(address, name)
        try:
            with db.session.begin_nested():
                db.session.add(person)
        except IntegrityError:
            # Another transaction wrote the same address since we looked; theirs is the person.
            known = _known_at(address)
        else:
            return person
    if known is None:
        raise LookupError(f"neither found nor made: the person at {address}")
    _name_if_nameless(known, name)
    return known


def _plain(address: str) -> str:
    return address.strip().lower()


def _known_at(address: str) -> Person | None:
    return db.session.scalars(
        select(Person).join(PersonEmail).where(PersonEmail.address == address)
    ).first()


def _someone(address: str, name: str) -> Person:
    family, given, patronymic = split_name(name)
    return Person(
        family=family,
        given=given,
        patronymic=patronymic,
        emails=[PersonEmail(address=address)],
    )


def _name_if_nameless(person: Person, name: str) -> None:
    if name and not (person.family or person.given):
        person.family, person.given, person.patronymic = split_name(name)


def _invitation(session: Session, person: Person, address: str) -> Invitation:
    return Invitation(
        registration=Registration(
            session=session, person=person, state="invited", made_at=clock.now()
        ),
        token=secrets.token_urlsafe(16),
        attendee_email=address,
    )


def _anew(registration: Registration, session: Session, address: str) -> Invitation:
    registration.state = "invited"
    invitation = registration.invitation
    invitation.attendee_email = address
    _stamp(session, invitation, "REQUEST")
    return invitation


def _stamp(session: Session, invitation: Invitation, method: str) -> None:
    """Make the next letter to one person newer than those before, for the calendar and for us."""
    if any((m.revision, m.method) == (session.revision, method) for m in invitation.messages):
        session.revision += 1
    if invitation.messages:
        earliest = session.revised_at + timedelta(seconds=1)
        session.revised_at = max(clock.now().replace(microsecond=0), earliest)


def owe_first_letter(invitation_id: int, sender: str, domain: str) -> None:
    """Owe the letter to someone newly invited, if the session is public already."""
    invitation = db.session.get_one(Invitation, invitation_id)
    session = invitation.registration.session
    if session.state in lifecycle.JOINABLE:
        _owe(invitation, session, "REQUEST", sender, domain)


def owe_letters(session_id: int, method: str, sender: str, domain: str) -> None:
    """Owe everyone invited the letter for the session as it is; older ones never leave."""
    session = db.session.get_one(Session, session_id)
    session.announced_revision = session.revision
    invitations = db.session.scalars(
        select(Invitation)
        .join(Registration)
        .where(Registration.session_id == session_id, Registration.state.in_(HOLDING))
    ).all()
    told = _supersede(session_id)
    for invitation in invitations:
        if method == "CANCEL" and invitation.id not in told:
            continue  # this calendar never heard of the session
        _owe(invitation, session, method, sender, domain)


def owe_farewell(invitation_id: int, sender: str, domain: str) -> None:
    """Owe the letter to someone withdrawn, where their calendar has the session to come."""
    invitation = db.session.get_one(Invitation, invitation_id)
    session = invitation.registration.session
    for message in invitation.messages:
        letter = db.session.get_one(
            Letter, message.letter_id, with_for_update=True, populate_existing=True
        )
        if letter.state == "owed":
            letter.state = "superseded"
    if not is_told(invitation):
        return
    _stamp(session, invitation, "CANCEL")
    # No higher than what the calendar has: only the session itself moves the number on.
    _owe(invitation, session, "CANCEL", sender, domain, _told(invitation)[-1].sequence)


def is_told(invitation: Invitation) -> bool:
    """Whether a calendar has the session to come because of this invitation."""
    told = _told(invitation)
    is_to_come = invitation.registration.session.state in lifecycle.TO_COME
    return bool(is_to_come and told and told[-1].method != "CANCEL")


def _told(invitation: Invitation) -> list[InviteMessage]:
    return [
        m for m in invitation.messages if m.letter.raw is not None and m.letter.state != "refused"
    ]


def _supersede(session_id: int) -> set[int]:
    """Take back what was not sent yet; the invitations whose calendars may know of the session.

    A letter with its bytes written may be on the wire at this moment, or was before a crash: it is
    not tried again, but counts as heard of.
    """
    told = set()
    rows = db.session.execute(
        select(InviteMessage.invitation_id, Letter)
        .join(Letter, Letter.id == InviteMessage.letter_id)
        .join(Invitation, Invitation.id == InviteMessage.invitation_id)
        .join(Registration, Registration.id == Invitation.registration_id)
        .where(Registration.session_id == session_id, Registration.state.in_(HOLDING))
        .with_for_update(of=Letter)
        .execution_options(populate_existing=True)
    ).all()
    for invitation_id, letter in rows:
        if letter.state == "owed":
            letter.state = "superseded"
        if letter.raw is not None and letter.state != "refused":
            told.add(invitation_id)
    return told


def _owe(
    invitation: Invitation,
    session: Session,
    method: str,
    sender: str,
    domain: str,
    sequence: int | None = None,
) -> None:
    letter = outbox.post(INVITE, sender, invitation.attendee_email, f"{uuid.uuid4()}@{domain}")
    db.session.add(
        InviteMessage(
            invitation_id=invitation.id,
            revision=session.revision,
            sequence=session.sequence if sequence is None else sequence,
            method=method,
            letter_id=letter.id,
        )
    )
