"""A host decides on what came by mail: another time, an answer by somebody who was not invited."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from integrations.mail.outbox import Letter
from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import StrangerAllowed, TimeDeclined, TimeTaken
from sessions.models.audit import record
from sessions.models.correspondence import Counter, Forwarded
from sessions.models.session import Session

# To one address a stranger answers from, whoever writes in its name: no loop, no flood.
LETTERS_A_DAY = 1
# An invitation that was handed on lets in this many a day by itself: the rest a host looks at.
LET_IN_A_DAY = 5


def take_time(counter_id: int, seen_revision: int, by: int | None) -> None:
    """Move the session to the time that somebody proposed. Raises Refused or Stale.

    Other proposals for it stay for the host to decide.
    """
    with transaction():
        counter = _open_counter(counter_id)
        if counter.starts_at <= clock.now():
            raise Refused("counter.past")
        session = Session.locked(counter.invitation.registration.session_id)
        counter.state, counter.decided_at, counter.decided_by_id = "allowed", clock.now(), by
        record(by, "counter.taken", f"session:{session.id}",
               name=counter.invitation.registration.person.name)  # fmt: skip
        publish(TimeTaken(counter.id, seen_revision, by))


def decline_time(counter_id: int, by: int | None) -> None:
    """Keep the session's time; whoever proposed another is told (RFC 5546, section 3.2.8)."""
    with transaction():
        counter = _open_counter(counter_id)
        registration = counter.invitation.registration
        counter.state, counter.decided_at, counter.decided_by_id = "rejected", clock.now(), by
        record(by, "counter.declined", f"session:{registration.session_id}",
               name=registration.person.name)  # fmt: skip
        publish(TimeDeclined(counter.id, by))


def _open_counter(counter_id: int) -> Counter:
    counter = db.session.get_one(Counter, counter_id, with_for_update=True, populate_existing=True)
    if counter.state != "open":
        raise Refused("decision.made")
    return counter


def decide_stranger(forwarded_id: int, *, allowed: bool, by: int | None) -> None:
    """Invite somebody who answered uninvited, with their answer, or do not. Raises Refused."""
    with transaction():
        row = db.session.get_one(
            Forwarded, forwarded_id, with_for_update=True, populate_existing=True
        )
        if row.state != "open":
            raise Refused("decision.made")
        row.state = "allowed" if allowed else "rejected"
        row.decided_at, row.decided_by_id = clock.now(), by
        session_id = row.invitation.registration.session_id
        record(by, f"forwarded.{row.state}", f"session:{session_id}", address=row.address)
        if allowed:
            publish(StrangerAllowed(row.id, by))


def may_let_in(row: Forwarded) -> bool:
    """Whether somebody uninvited may come without a host, by how many did on that invitation."""
    lately = db.session.scalar(
        select(func.count(Forwarded.id)).where(
            Forwarded.invitation_id == row.invitation_id,
            Forwarded.state == "allowed",
            Forwarded.decided_by_id.is_(None),
            Forwarded.decided_at > clock.now() - timedelta(days=1),
        )
    )
    return (lately or 0) < LET_IN_A_DAY


def may_write_to(row: Forwarded, kind: str) -> bool:
    """Whether a letter of this kind may go to a stranger: once, and to an address once a day."""
    if row.asked_at is not None:
        return False
    lately = db.session.scalar(
        select(func.count(Letter.id)).where(
            Letter.kind == kind,
            func.lower(Letter.recipient) == row.address.lower(),
            Letter.owed_at > clock.now() - timedelta(days=1),
        )
    )
    return (lately or 0) < LETTERS_A_DAY
