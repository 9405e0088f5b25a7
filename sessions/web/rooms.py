"""The room that is chosen while publishing."""

from __future__ import annotations

from flask import request

from integrations.conferencing.port import Services
from integrations.runtime import ports
from integrations.runtime.database import db
from sessions.flows import meetings, scheduling
from sessions.models.session import Session

FIELD = "new_room"


def lacks_room(session: Session) -> bool:
    """Whether people need a room to meet in and nobody has chosen one."""
    return session.mode != "in_person" and meetings.meeting_of(session.id) is None


def on_offer() -> list[str]:
    """The services that can make a room, the usual one first."""
    return ports.get(Services).names()


def publish(session_id: int, seen_revision: int, by: int | None) -> None:
    """Publish a draft; where it lacks a room, the service that the form names makes one.

    In the caller's transaction. Raises Refused or Stale.
    """
    scheduling.schedule(session_id, seen_revision, by)
    service = request.form.get(FIELD, "")
    if service and lacks_room(db.session.get_one(Session, session_id)):
        meetings.use_service(session_id, service, by)
