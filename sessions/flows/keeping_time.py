"""Sessions go live at their start and are held after their end, by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from integrations.runtime import clock, jobs
from integrations.runtime.database import db, transaction
from integrations.runtime.events import publish
from sessions.events import SessionEnded, SessionStarted
from sessions.models.audit import record
from sessions.models.session import Session
from sessions.rules import lifecycle

STEP = "session.clock"
SWEEP = "sessions.sweep"
_EVERY = timedelta(hours=12)


def owe_steps(session_id: int) -> None:
    """Owe a look at the clock for a session's start and its end; caller's transaction."""
    session = db.session.get_one(Session, session_id)
    if session.state not in lifecycle.JOINABLE:
        return
    for at in (session.starts_at, session.ends_at + lifecycle.GRACE):
        # The instant is part of the key: what moves is owed looks at its new hours.
        key = f"{STEP}:{session_id}:{at:%Y%m%dT%H%M%S}"
        jobs.enqueue(STEP, key, {"session_id": session_id}, run_at=at)


@jobs.handles(STEP)
def look_at_clock(running: jobs.Running) -> None:
    """Take the step that is due for a session by now, if any."""
    step(running.payload["session_id"])


def step(session_id: int) -> None:
    """Start or end a session where its hour has come. What calendars see stays as it is."""
    with transaction():
        session = db.session.scalars(
            select(Session)
            .where(Session.id == session_id)
            .with_for_update(of=Session)
            .execution_options(populate_existing=True)
        ).first()
        if session is None:
            return
        action = lifecycle.by_clock(session.state, session.starts_at, session.ends_at, clock.now())
        target = action and lifecycle.after(session.state, action)
        if not target:
            return
        record(None, f"session.{action}", f"session:{session.id}", was=session.state, now=target)
        session.state = target
        happened = SessionStarted if action == "start" else SessionEnded
        publish(happened(session.id, None))


def owe_sweep() -> None:
    """Owe a look at all sessions, now and from then on every half day; own transaction."""
    with transaction():
        jobs.enqueue(SWEEP, SWEEP)


@jobs.handles(SWEEP)
def sweep(running: jobs.Running) -> None:
    """Take the steps that nobody took, and owe those of the coming days; then the next sweep."""
    now = clock.now()
    overdue = db.session.scalars(
        select(Session.id).where(_has_begun(now)).order_by(Session.starts_at, Session.id)
    ).all()
    for session_id in overdue:
        step(session_id)
    coming = and_(Session.starts_at > now, Session.starts_at <= now + 2 * _EVERY)
    with transaction():
        for session_id in db.session.scalars(
            select(Session.id).where(or_(coming, Session.state == "live"))
        ).all():
            owe_steps(session_id)
        later = now + _EVERY
        jobs.enqueue(SWEEP, f"{SWEEP}:{later:%Y%m%dT%H}", run_at=later)


def _has_begun(now: datetime) -> ColumnElement[bool]:
    return and_(Session.state.in_(lifecycle.JOINABLE), Session.starts_at <= now)
