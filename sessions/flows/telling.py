"""Calendars are told what became of a session: who is owed a letter, and which never leaves."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select

from integrations.mail import outbox
from integrations.mail.outbox import Letter
from integrations.runtime.database import db
from sessions.models.participation import HOLDING, Invitation, InviteMessage, Registration
from sessions.models.session import Session
from sessions.rules import lifecycle

INVITE = "invite"
# What calendars are told of a session in each state; in the others they keep what they have.
_METHODS = {
    "scheduled": "REQUEST", "live": "REQUEST", "postponed": "CANCEL", "cancelled": "CANCEL",
}  # fmt: skip


def owe_first_letter(invitation_id: int, sender: str, domain: str) -> None:
    """Owe the letter to someone newly invited, if the session is public already."""
    invitation = db.session.get_one(Invitation, invitation_id)
    session = invitation.registration.session
    if session.state in lifecycle.JOINABLE:
        if session.quiet_until is not None:
            session.announced = {}  # what this one hears may be undone before the others hear
        _owe(invitation, session, "REQUEST", sender, domain)


def owe_letters(session_id: int, sender: str, domain: str) -> None:
    """Owe everyone invited the letter for the session as it is; older ones never leave."""
    session = db.session.get_one(Session, session_id)
    session.announced_revision, session.quiet_until = session.revision, None
    session.announced = _state_of(session)
    method = _METHODS.get(session.state)
    if method is None:
        return
    told, _ = _supersede(session_id)
    # Whoever was invited since the last change has this very letter.
    has = set(
        db.session.scalars(
            select(InviteMessage.invitation_id).where(
                InviteMessage.revision == session.revision, InviteMessage.method == method
            )
        )
    )
    for invitation in _invited(session_id):
        is_concerned = method == "REQUEST" or invitation.id in told
        if is_concerned and invitation.id not in has:
            _owe(invitation, session, method, sender, domain)


def hold_back(session_id: int, sender: str, domain: str, until: datetime, *, words: bool) -> None:
    """What was owed for the session as it was never leaves; its change is told at `until`.

    Whoever has heard nothing yet is owed the first letter at once, with the session as it is.
    words: whether more changed than when it takes place, so that undoing this leaves news.
    """
    session = db.session.get_one(Session, session_id)
    session.quiet_until = until
    told, took_back = _supersede(session_id)
    if words or took_back:
        session.announced = {}
    if session.state not in lifecycle.JOINABLE:
        return
    for invitation in _invited(session_id):
        if invitation.id not in told:
            _owe(invitation, session, "REQUEST", sender, domain)


def tell(session_id: int, sender: str, domain: str) -> None:
    """Owe the letters about what changed; none where the session is again as they last said."""
    session = db.session.get_one(Session, session_id)
    if session.announced == _state_of(session):
        session.announced_revision, session.quiet_until = session.revision, None
    else:
        owe_letters(session_id, sender, domain)


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
    invitation.make_newer("CANCEL")
    # No higher than what the calendar has: only the session itself moves the number on.
    number = _told(invitation)[-1].sequence
    _owe(invitation, session, "CANCEL", sender, domain, number, "withdrawn")


def is_told(invitation: Invitation) -> bool:
    """Whether a calendar has the session to come because of this invitation."""
    told = _told(invitation)
    # A session just called off is in the calendars until its letters have left.
    is_over = invitation.registration.session.state == "held"
    return bool(not is_over and told and told[-1].method != "CANCEL")


def _told(invitation: Invitation) -> list[InviteMessage]:
    return [
        m for m in invitation.messages if m.letter.raw is not None and m.letter.state != "refused"
    ]


def _invited(session_id: int) -> list[Invitation]:
    return list(
        db.session.scalars(
            select(Invitation)
            .join(Registration)
            .where(Registration.session_id == session_id, Registration.state.in_(HOLDING))
            .order_by(Invitation.id)
        )
    )


def _state_of(session: Session) -> dict[str, Any]:
    is_on = session.state in lifecycle.JOINABLE
    return {
        "state": "on" if is_on else session.state,
        "starts_at": session.starts_at.isoformat() if is_on else "",
    }


def _supersede(session_id: int) -> tuple[set[int], bool]:
    """Take back what was not sent yet; the invitations whose calendars may know of the session.

    The second value: whether something was taken back.

    A letter with its bytes written may be on the wire at this moment, or was before a crash: it is
    not tried again, but counts as heard of.
    """
    told, took_back = set(), False
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
            letter.state, took_back = "superseded", True
        if letter.raw is not None and letter.state != "refused":
            told.add(invitation_id)
    return told, took_back


def _owe(
    invitation: Invitation,
    session: Session,
    method: str,
    sender: str,
    domain: str,
    sequence: int | None = None,
    because: str = "",
) -> None:
    letter = outbox.post(INVITE, sender, invitation.attendee_email, f"{uuid.uuid4()}@{domain}")
    db.session.add(
        InviteMessage(
            invitation_id=invitation.id,
            revision=session.revision,
            sequence=session.sequence if sequence is None else sequence,
            method=method,
            because=because or (session.state if method == "CANCEL" else ""),
            starts_at=session.starts_at,
            letter_id=letter.id,
        )
    )
