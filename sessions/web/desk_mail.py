"""What came by mail for a session's host to decide: other times, answers of people uninvited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.correspondence import Counter, Forwarded
from sessions.models.participation import Invitation, Registration
from sessions.models.session import Session
from sessions.rules import lifecycle

MOST = 50


def proposals(session_id: int) -> Sequence[Counter]:
    """The times that people proposed and nobody decided on, the earliest proposal first."""
    query = _of_session(select(Counter).join(Counter.invitation), session_id)
    return db.session.scalars(
        query.where(Counter.state == "open")
        .options(contains_eager(Counter.invitation).joinedload(Invitation.registration))
        .order_by(Counter.proposed_at, Counter.id)
        .limit(MOST)
    ).all()


def strangers(session_id: int) -> Sequence[Forwarded]:
    """The answers from addresses that were not invited, undecided, the oldest first."""
    query = _of_session(select(Forwarded).join(Forwarded.invitation), session_id)
    return db.session.scalars(
        query.where(Forwarded.state == "open")
        .options(contains_eager(Forwarded.invitation).joinedload(Invitation.registration))
        .order_by(Forwarded.received_at, Forwarded.id)
        .limit(MOST)
    ).all()


def _of_session(query: Select[Any], session_id: int) -> Select[Any]:
    return query.join(Registration, Registration.id == Invitation.registration_id).where(
        Registration.session_id == session_id
    )


def shown(session: Session) -> dict[str, Any]:
    """What the desk's template asks for."""
    return {
        "proposals": proposals(session.id),
        "strangers": strangers(session.id),
        "may_take_time": session.state in lifecycle.MOVABLE and session.starts_at > clock.now(),
    }
