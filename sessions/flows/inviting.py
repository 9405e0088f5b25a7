"""People are invited to a session."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import PeopleInvited
from sessions.models.audit import record
from sessions.models.participation import HOLDING, Invitation, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.rules.addresses import split_name

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
                invitations.append(_anew(registration, address))
            else:
                invitations.append(_invitation(session, person, address))
                there[person.id] = invitations[-1].registration
            outcome.new.append(address)
        db.session.add_all(invitations)
        db.session.flush()
        publish(PeopleInvited(session.id, tuple(one.id for one in invitations), by))
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
        token=new_token(),
        attendee_email=address,
    )


def new_token() -> str:
    """The secret of an invitation, 128 bits. In small letters: it also stands in addresses."""
    return secrets.token_hex(16)


def _anew(registration: Registration, address: str) -> Invitation:
    registration.state = "invited"
    invitation = registration.invitation
    invitation.attendee_email = address
    invitation.make_newer("REQUEST")
    return invitation
