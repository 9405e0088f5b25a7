"""Someone presses the join link."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.models.meeting import Meeting, SessionMeeting
from sessions.models.participation import Invitation, JoinClick, Registration
from sessions.models.session import Session
from sessions.rules import lifecycle


def by_token(token: str) -> Registration | None:
    """The registration a join link belongs to, or None for an unknown link."""
    return db.session.scalars(
        select(Registration).join(Invitation).where(Invitation.token == token)
    ).first()


def is_open(session: Session, opens_min: int) -> bool:
    """Whether one may enter now: so many minutes before the start until an hour after the end."""
    now = clock.now()
    opens = session.starts_at - timedelta(minutes=opens_min)
    return session.state in lifecycle.JOINABLE and opens <= now <= session.ends_at + timedelta(hours=1)


def enter(session_id: int, registration_id: int | None, opens_min: int) -> str:
    """Where to send the one who pressed; the click is kept.

    Raises Refused: "join.closed" outside the hours or for a session that is off, "join.no_room"
    while no room is ready.
    """
    with transaction():
        session = db.session.get_one(Session, session_id)
        if not is_open(session, opens_min):
            raise Refused("join.closed", state=session.state)
        meeting = db.session.scalars(
            select(Meeting)
            .join(SessionMeeting)
            .where(SessionMeeting.session_id == session_id, SessionMeeting.role == "primary")
        ).first()
        if meeting is None or meeting.state != "ready":
            raise Refused("join.no_room")
        db.session.add(
            JoinClick(session_id=session_id, registration_id=registration_id, at=clock.now())
        )
        return meeting.join_url
