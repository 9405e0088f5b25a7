"""Calendars are told what became of a session: who is owed a letter, and which never leaves."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select, update

from integrations.mail import outbox
from integrations.mail.outbox import Letter
from integrations.runtime.database import db
from sessions.models.participation import HOLDING, Invitation, InviteMessage, Registration
from sessions.models.session import Session
from sessions.rules import lifecycle

INVITE = "invite"
_CHUNK = 1000
# What calendars are told of a session in each state; in the others they keep what they have.
_METHODS = {
    "scheduled": "REQUEST", "live": "REQUEST", "postponed": "CANCEL", "cancelled": "CANCEL",
}  # fmt: skip


def batches_of(session_id: int) -> str:
    """What the names of all mailings about a session begin with; pausing this pauses them all."""
    return f"session:{session_id}:"


def batch_of(session_id: int, revision: int) -> str:
    """The mailing about a revision of a session."""
    return f"{batches_of(session_id)}{revision}"


def owe_first_letter(invitation_id: int, sender: str, domain: str) -> None:
    """Owe the letter to someone newly invited, if the session is public already."""
    invitation = db.session.get_one(Invitation, invitation_id)
    owe_first_letters(invitation.registration.session_id, (invitation_id,), sender, domain)


def owe_first_letters(
    session_id: int, invitation_ids: Sequence[int], sender: str, domain: str
) -> None:
    """The same for several people invited to one session."""
    session = db.session.get_one(Session, session_id)
    if session.state not in lifecycle.JOINABLE:
        return
    chosen = set(invitation_ids)
    to = [one for one in _addressed(session_id) if one[0] in chosen]
    _owe(to, session, "REQUEST", sender, domain)


def owe_letters(session_id: int, sender: str, domain: str) -> None:
    """Owe everyone invited the letter for the session as it is; older ones never leave."""
    _owe_news(db.session.get_one(Session, session_id), sender, domain)


def _owe_news(
    session: Session, sender: str, domain: str, *, to_those_behind_alone: bool = False
) -> None:
    session.announced_revision, session.quiet_until = session.revision, None
    session.announced = _state_of(session)
    method = _METHODS.get(session.state)
    if method is None:
        return
    told = _supersede(session.id, but=method)
    # Whoever was invited since the last change has this very letter.
    has = set(
        db.session.scalars(
            select(InviteMessage.invitation_id).where(
                InviteMessage.revision == session.revision, InviteMessage.method == method
            )
        )
    )
    if to_those_behind_alone:
        has |= _up_to_date(session, method)
    to = [
        one
        for one in _addressed(session.id)
        if (method == "REQUEST" or one[0] in told) and one[0] not in has
    ]
    _owe(to, session, method, sender, domain)


def _up_to_date(session: Session, method: str) -> set[int]:
    """The invitations whose last letter, left or still to leave, says what is so of the session."""
    rows = db.session.execute(
        _letters_about(session.id, InviteMessage.invitation_id)
        .add_columns(InviteMessage.method, InviteMessage.starts_at, Letter.state)
        .where(Letter.state != "refused")
        .order_by(InviteMessage.id)
    )
    last = {row[0]: row for row in rows}
    return {
        invitation_id
        for invitation_id, said, starts_at, state in last.values()
        if state != "superseded"
        and said == method
        and (method == "CANCEL" or starts_at in (None, session.starts_at))
    }


def hold_back(session_id: int, sender: str, domain: str, until: datetime, *, words: bool) -> None:
    """What was owed for the session as it was never leaves; its change is told at `until`.

    Whoever has heard nothing yet is owed the first letter at once, with the session as it is.
    words: whether more changed than when it takes place, so that undoing this leaves news.
    """
    session = db.session.get_one(Session, session_id)
    session.quiet_until = until
    told = _supersede(session_id)
    if words:
        session.announced = {}
    if session.state not in lifecycle.JOINABLE:
        return
    to = [one for one in _addressed(session_id) if one[0] not in told]
    _owe(to, session, "REQUEST", sender, domain)


def tell(session_id: int, sender: str, domain: str) -> None:
    """Owe the letters about what changed.

    Where the session is again as they last said, only those hear of it who heard otherwise in
    between, as when they were invited, or whose letter was taken back.
    """
    session = db.session.get_one(Session, session_id)
    is_undone = session.announced == _state_of(session)
    _owe_news(session, sender, domain, to_those_behind_alone=is_undone)


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
    to = [(invitation.id, invitation.attendee_email, invitation.ahead)]
    _owe(to, session, "CANCEL", sender, domain, "withdrawn")


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


def _addressed(session_id: int) -> list[tuple[int, str, int]]:
    """(invitation, address, how far ahead) of all who are to hear of it; rows, they may be many."""
    rows = db.session.execute(
        select(Invitation.id, Invitation.attendee_email, Invitation.ahead)
        .join(Registration)
        .where(Registration.session_id == session_id, Registration.state.in_(HOLDING))
        .order_by(Invitation.id)
    )
    return [(invitation_id, address, ahead) for invitation_id, address, ahead in rows]


def _state_of(session: Session) -> dict[str, Any]:
    is_on = session.state in lifecycle.JOINABLE
    return {
        "state": "on" if is_on else session.state,
        "starts_at": session.starts_at.isoformat() if is_on else "",
    }


def _supersede(session_id: int, but: str = "") -> set[int]:
    """Take back what was not sent yet; the invitations whose calendars may know of the session.

    but: letters of this method for the session's present revision stay owed.

    A letter with its bytes written may be on the wire at this moment, or was before a crash: it is
    not tried again, but counts as heard of.
    """
    session = db.session.get_one(Session, session_id)
    older = _letters_about(session_id, Letter.id).where(
        (InviteMessage.revision != session.revision) | (InviteMessage.method != but)
    )
    # In one statement, which waits for a letter whose bytes are being written.
    db.session.execute(
        update(Letter)
        .where(Letter.id.in_(older), Letter.state == "owed")
        .values(state="superseded")
        .execution_options(synchronize_session=False)
    )
    for row in list(db.session.identity_map.values()):
        if isinstance(row, Letter):
            db.session.expire(row)
    told = _letters_about(session_id, InviteMessage.invitation_id).where(
        Letter.raw.is_not(None), Letter.state != "refused"
    )
    return set(db.session.scalars(told))


def _letters_about(session_id: int, column: Any) -> Select[int]:
    """This column of all letters about a session to those who are to hear of it."""
    found: Select[int] = (
        select(column)
        .select_from(InviteMessage)
        .join(Letter, Letter.id == InviteMessage.letter_id)
        .join(Invitation, Invitation.id == InviteMessage.invitation_id)
        .join(Registration, Registration.id == Invitation.registration_id)
        .where(Registration.session_id == session_id, Registration.state.in_(HOLDING))
    )
    return found


def _owe(
    to: Sequence[tuple[int, str, int]],
    session: Session,
    method: str,
    sender: str,
    domain: str,
    because: str = "",
) -> None:
    """Owe these (invitation, address, how far ahead) their letter; to many it is one mailing."""
    if not to:
        return
    letter_ids = outbox.post_many(
        INVITE,
        sender,
        [(address, f"{uuid.uuid4()}@{domain}") for _, address, _ in to],
        batch_of(session.id, session.revision),
    )
    fixed = {
        "revision": session.revision,
        "method": method,
        "because": because or (session.state if method == "CANCEL" else ""),
        "starts_at": session.starts_at,
    }
    rows = [
        {
            **fixed,
            "invitation_id": invitation_id,
            "letter_id": letter_id,
            "sequence": session.sequence + ahead,
        }
        for (invitation_id, _, ahead), letter_id in zip(to, letter_ids, strict=True)
    ]
    for start in range(0, len(rows), _CHUNK):
        db.session.execute(insert(InviteMessage), rows[start : start + _CHUNK])
