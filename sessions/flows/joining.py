"""Someone presses the join link."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.models import seating
from sessions.models.meeting import Meeting, SessionMeeting
from sessions.models.participation import HOLDING, Invitation, JoinClick, Registration
from sessions.models.session import Session
from sessions.rules import lifecycle, seats

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def by_token(token: str) -> Registration | None:
    """The registration a join link belongs to, or None for an unknown link."""
    if not _TOKEN.fullmatch(token):
        return None
    return db.session.scalars(
        select(Registration).join(Invitation).where(Invitation.token == token)
    ).first()


def is_open(session: Session, opens_min: int) -> bool:
    """Whether one may enter now: so many minutes before the start until an hour after the end."""
    now = clock.now()
    opens = session.starts_at - timedelta(minutes=opens_min)
    return session.state in lifecycle.JOINABLE and opens <= now <= session.ends_at + timedelta(
        hours=1
    )


def lacks_seat(registration: Registration) -> bool:
    """Whether they wait for a seat online, or let one go: then the room has none for them."""
    hall = seating.hall_of(registration.session)
    online = hall.seats.get(seats.ONLINE)
    waits = registration.state in ("waiting", "expired")
    return waits and online is not None and hall.mode(registration.mode) == seats.ONLINE


def room_of(session_id: int) -> Meeting | None:
    """The room one would enter now, ready or not; None where the host has chosen none."""
    return db.session.scalars(
        select(Meeting)
        .join(SessionMeeting)
        .where(SessionMeeting.session_id == session_id, SessionMeeting.role == "primary")
    ).first()


def enter(
    session_id: int, registration_id: int | None, opens_min: int, heads: int | None = None
) -> str:
    """Where to send the one who pressed; the click is kept.

    heads: how many sit before this camera, None where it was not said.
    Raises Refused: "join.withdrawn" for one who is no longer invited or said that they do not come,
    "join.no_seat" for one who waits for a seat online, "join.closed" outside the
    hours or for a session that is off, "join.no_room" while no room is ready.
    """
    with transaction():
        session = db.session.get_one(Session, session_id)
        if registration_id is not None:
            registration = db.session.get_one(Registration, registration_id)
            if registration.state not in HOLDING:
                raise Refused("join.withdrawn")
            if lacks_seat(registration):
                raise Refused("join.no_seat")
        if not is_open(session, opens_min):
            raise Refused("join.closed", state=session.state)
        meeting = room_of(session_id)
        if meeting is None or meeting.state != "ready":
            raise Refused("join.no_room")
        if heads is not None and registration_id is not None:
            db.session.get_one(Registration, registration_id).head_count = heads
        db.session.add(
            JoinClick(session_id=session_id, registration_id=registration_id, at=clock.now())
        )
        return meeting.join_url
