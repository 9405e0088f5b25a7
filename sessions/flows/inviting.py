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
from sessions.models import visits
from sessions.models.audit import record
from sessions.models.participation import HOLDING, Invitation, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.rules.addresses import split_name

_CHUNK = 500


@dataclass(frozen=True)
class Invited:
    """How pasted addresses were taken. days: of the visit to which they are invited, else 1."""

    new: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    days: int = 1


def invite(session_id: int, people: list[tuple[str, str]], by: int | None) -> Invited:
    """Invite people by (name, address); each gets a letter once the session is public.

    Of a visit they are invited to all days to come; whoever lacks one of them is new.
    Someone invited before is left as they are; someone withdrawn is invited anew.
    Raises Refused("session.over") for a held session.
    """
    with transaction():
        session = visits.locked(session_id)
        if session.state not in lifecycle.MOVABLE | lifecycle.JOINABLE:
            raise Refused("session.over", state=session.state)
        known = people_at(people)
        days = [session, *(one for one in visits.to_come(session) if one.id != session.id)]
        added = {address for day in days for address in _invite_to(day, people, known, by)}
        addresses = [address for _, address in people]
        record(by, "session.invited", f"session:{session.id}", people=len(added))
        # Of two addresses of one person, the second was there already.
        return Invited(
            new=[one for one in addresses if one in added],
            already=[one for one in addresses if one not in added],
            days=len(days),
        )


def invite_registered(session_id: int, by: int | None) -> None:
    """Invite to a day of a visit whoever is registered for the visit; caller's transaction.

    Whoever was on the list of this day, or was taken off it, is left as they are.
    """
    session = db.session.get_one(Session, session_id)
    if not visits.is_day(session):
        return
    there = _registrations(session)
    invitations = [
        _invitation(session, row.person, row.invitation.attendee_email)
        for row in visits.registered(session)
        if row.person_id not in there
    ]
    _add(session, invitations, by)


def _invite_to(
    session: Session, people: list[tuple[str, str]], known: dict[str, Person], by: int | None
) -> list[str]:
    """Invite people to one session; the addresses that were not invited before."""
    there = _registrations(session)
    invitations, new = [], []
    for _, address in people:
        person = known[_plain(address)]
        registration = there.get(person.id)
        if registration and registration.state in HOLDING:
            continue
        if registration:
            invitations.append(_anew(registration, address))
        else:
            invitations.append(_invitation(session, person, address))
            there[person.id] = invitations[-1].registration
        new.append(address)
    _add(session, invitations, by)
    return new


def _registrations(session: Session) -> dict[int, Registration]:
    rows = db.session.scalars(select(Registration).where(Registration.session_id == session.id))
    return {row.person_id: row for row in rows}


def _add(session: Session, invitations: list[Invitation], by: int | None) -> None:
    if not invitations:
        return
    db.session.add_all(invitations)
    db.session.flush()
    publish(PeopleInvited(session.id, tuple(one.id for one in invitations), by))


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
