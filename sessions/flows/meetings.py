"""The room a session meets in: a link the host pasted, or one a service makes."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sqlalchemy import select

from integrations.conferencing.port import Services
from integrations.runtime import jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import OutsideError, Refused
from sessions.models.audit import record
from sessions.models.meeting import Meeting, SessionMeeting
from sessions.models.session import Session

LINK = "link"
CREATE = "meeting.create"
_SERVER = re.compile(r"[\w-]+(\.[\w-]+)+")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f\\]")


def use_link(session_id: int, url: str, by: int | None) -> None:
    """Meet at a link the host has. Raises Refused("meeting.bad_link")."""
    url = url.strip()
    host = _host(url)
    with transaction():
        Session.locked(session_id)
        wanted = Meeting(
            service=LINK, key=_key(session_id, LINK), join_url=url, state="ready", error=""
        )
        _use(session_id, wanted)
        record(by, "meeting.link", f"session:{session_id}", host=host)


def _host(url: str) -> str:
    """The server of a web address; a name and a password before it are not taken."""
    try:
        address = urlsplit(url)
        host = address.hostname or ""
        is_plain = address.port is None or address.port > 0
    except ValueError:
        raise Refused("meeting.bad_link", url=url) from None
    whole = is_plain and address.scheme in ("http", "https") and "@" not in address.netloc
    if not whole or not _SERVER.fullmatch(host) or _BLANK.search(url):
        raise Refused("meeting.bad_link", url=url)
    return host


def use_service(session_id: int, service: str, by: int | None) -> None:
    """Meet at a service we drive; a job makes the room. Raises Refused("meeting.no_service")."""
    if service not in ports.get(Services).names():
        raise Refused("meeting.no_service", service=service)
    with transaction():
        Session.locked(session_id)
        meeting = _use(session_id, Meeting(service=service, key=_key(session_id, service)))
        record(by, "meeting.service", f"session:{session_id}", service=service)
        if meeting.state != "ready":
            jobs.enqueue(CREATE, f"{CREATE}:{meeting.id}", {"meeting_id": meeting.id})


def _key(session_id: int, service: str) -> str:
    return f"session:{session_id}:{service}"


def _use(session_id: int, wanted: Meeting) -> Meeting:
    meeting = db.session.scalars(select(Meeting).where(Meeting.key == wanted.key)).first()
    if meeting is None:
        meeting = wanted
        db.session.add(meeting)
    elif wanted.join_url:
        meeting.join_url = wanted.join_url
    elif meeting.state == "failed":
        meeting.state, meeting.error = "pending", ""
    db.session.flush()
    place = db.session.scalars(
        select(SessionMeeting).where(
            SessionMeeting.session_id == session_id, SessionMeeting.role == "primary"
        )
    ).first()
    if place is None:
        db.session.add(SessionMeeting(session_id=session_id, meeting_id=meeting.id))
    else:
        place.meeting_id = meeting.id
    return meeting


def meeting_of(session_id: int) -> Meeting | None:
    """The room in use, or None where the host has chosen none."""
    return db.session.scalars(
        select(Meeting)
        .join(SessionMeeting)
        .where(SessionMeeting.session_id == session_id, SessionMeeting.role == "primary")
    ).first()


@jobs.handles(CREATE)
def create(running: jobs.Running) -> None:
    """Have the service make a room; the session stays as it is while the service is away."""
    meeting = db.session.get(Meeting, running.payload["meeting_id"])
    if meeting is None or meeting.state == "ready":
        return
    meeting_id, key, service = meeting.id, meeting.key, meeting.service
    session = db.session.scalars(
        select(Session).join(SessionMeeting).where(SessionMeeting.meeting_id == meeting_id)
    ).first()
    title = session.title if session else ""
    db.session.rollback()
    try:
        room = ports.get(Services).named(service).create(key, title)
    except OutsideError as error:
        with transaction():
            meeting = db.session.get_one(Meeting, meeting_id, with_for_update=True)
            meeting.error = error.detail
            meeting.state = "pending" if error.temporary else "failed"
        raise
    with transaction():
        meeting = db.session.get_one(Meeting, meeting_id, with_for_update=True)
        meeting.join_url, meeting.external_id = room.join_url, room.external_id
        meeting.state, meeting.error = "ready", ""
