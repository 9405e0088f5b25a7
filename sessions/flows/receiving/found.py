"""Which invitation and which letter of ours a message is about; reads the database only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.parser import BytesHeaderParser
from email.policy import compat32

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from integrations.mail import verp
from integrations.mail.outbox import Letter
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.models.participation import Invitation, InviteMessage, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.session import Session
from sessions.rules.addresses import token_of
from sessions.rules.claims import spellings

_ID = re.compile(r"<([^<>\s]{1,300})>")
_HEAD_BYTES = 64_000
_MOST_IDS = 50


def session_of(uid: str) -> Session | None:
    """The session whose calendar UID this is."""
    return db.session.scalars(select(Session).where(Session.uid == uid)).first()


def starts_told(session: Session) -> frozenset[datetime | None]:
    """Every start of the session that a letter spoke of, and the present one."""
    told = db.session.scalars(
        select(InviteMessage.starts_at)
        .distinct()
        .join(Invitation, Invitation.id == InviteMessage.invitation_id)
        .join(Registration, Registration.id == Invitation.registration_id)
        .where(Registration.session_id == session.id)
    )
    return frozenset({session.starts_at, *told})


def holder(
    session: Session, recipients: Iterable[str], ids: Iterable[str], settings: Settings
) -> Invitation | None:
    """The invitation to the session whose secret the message knows: its token, or a Message-ID."""
    found = (token_of(address, settings.mail_from) for address in recipients)
    tokens = [token.lower() for token in found if token]
    if tokens:
        # Servers on the way make small letters of capitals.
        invitation = db.session.scalars(
            _invitations(session.id).where(func.lower(Invitation.token).in_(tokens))
        ).first()
        if invitation is not None:
            return invitation
    known = list(ids)[:_MOST_IDS]
    if not known:
        return None
    return db.session.scalars(
        _invitations(session.id)
        .join(InviteMessage, InviteMessage.invitation_id == Invitation.id)
        .join(Letter, Letter.id == InviteMessage.letter_id)
        .where(Letter.message_id.in_(known))
    ).first()


def invited_at(session: Session, address: str) -> Invitation | None:
    """The invitation to the session of the person who has this address."""
    return db.session.scalars(
        _invitations(session.id)
        .join(PersonEmail, PersonEmail.person_id == Registration.person_id)
        .where(PersonEmail.address.in_(spellings(address)))
    ).first()


def _invitations(session_id: int) -> Select[Invitation]:
    return (
        select(Invitation)
        .join(Registration, Registration.id == Invitation.registration_id)
        .where(Registration.session_id == session_id)
        .options(joinedload(Invitation.registration))
    )


def addresses_of(invitation: Invitation) -> list[str]:
    """All addresses of the person invited; any of them may answer."""
    person: Person = invitation.registration.person
    return [invitation.attendee_email, *(email.address for email in person.emails)]


def answered_ids(raw: bytes) -> list[str]:
    """The Message-IDs that a message says it answers, without brackets."""
    headers = BytesHeaderParser(policy=compat32).parsebytes(raw[:_HEAD_BYTES])
    told = [
        str(value) for name in ("In-Reply-To", "References") for value in headers.get_all(name, [])
    ]
    return [found for text in told for found in _ID.findall(text)]


def letter_of(recipients: Iterable[str], message_ids: Iterable[str], secret: str) -> Letter | None:
    """The letter that a report is about: by the address that it came to, or by its Message-ID.

    None for a report to an address that somebody made up: a Message-ID stands in every letter.
    """
    addresses = list(recipients)
    for address in addresses:
        letter_id = verp.letter_of(address, secret)
        if letter_id is not None:
            return db.session.get(Letter, letter_id, with_for_update=True)
    if any(verp.is_made_up(address, secret) for address in addresses):
        return None
    ids = [one.strip("<> ") for one in message_ids if one.strip("<> ")]
    if not ids:
        return None
    return db.session.scalars(
        select(Letter).where(Letter.message_id.in_(ids[:_MOST_IDS])).with_for_update()
    ).first()
