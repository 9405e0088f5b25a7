"""Taking back what a sheet did, where nobody touched it since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import IntegrityError

from archive.models import Talk
from integrations.runtime.database import db
from sessions.models.audit import AuditLog
from sessions.models.meeting import SessionMeeting
from sessions.models.participation import Registration
from sessions.models.people import Person, PersonEmail, RoleGrant
from sessions.models.session import Session, Speaker
from sessions.sheets.applying import Changing
from sessions.sheets.exporting import values_again


def put_back(
    undo: Mapping[str, Sequence[Any]], by: int | None, domain: str, season_id: int
) -> tuple[list[list[Any]], dict[str, int]]:
    """Take back in the caller's transaction; what was left, and how much was removed and put back.

    What was left: [session id, title, why]; why: "changed", "used" or "gone".
    """
    left: list[list[Any]] = []
    removed = edited = 0
    for session_id, revision in undo["made"]:
        session = _found(session_id, left)
        if session is None:
            continue
        why = _hindrance(session, revision)
        if why or not _removed(session):
            left.append([session_id, session.title, why or "used"])
        else:
            removed += 1
    changing = Changing(season_id, by, domain)
    for session_id, revision, was, state, is_moved in undo["edited"]:
        session = _found(session_id, left)
        if session is None:
            continue
        if session.revision != revision or session.state != state:
            left.append([session_id, session.title, "changed"])
        else:
            changing.change(session_id, values_again(was))
            session.is_moved = is_moved
            edited += 1
    _forget(undo["people"])
    return left, {"removed": removed, "edited": edited}


def _found(session_id: int, left: list[list[Any]]) -> Session | None:
    session = db.session.get(Session, session_id, populate_existing=True)
    if session is None:
        left.append([session_id, "", "gone"])
    return session


def _hindrance(session: Session, revision: int) -> str:
    """Why a session that the sheet made is not removed; empty where nothing is in the way."""
    if session.state != "draft" or session.revision != revision:
        return "changed"
    used = (
        exists().where(Registration.session_id == session.id),
        exists().where(SessionMeeting.session_id == session.id),
        exists().where(Talk.source == f"session:{session.id}"),
    )
    return "used" if any(db.session.scalar(select(one)) for one in used) else ""


def _removed(session: Session) -> bool:
    """Whether the session could be removed: nothing else refers to it."""
    subject = f"session:{session.id}"
    try:
        with db.session.begin_nested():
            db.session.delete(session)
            db.session.flush()
            # SQLite gives the number to the next session, which must not inherit the story.
            db.session.execute(delete(AuditLog).where(AuditLog.subject == subject))
    except IntegrityError:
        return False
    return True


def _forget(people: Sequence[int]) -> None:
    """Remove the people that were made for their names, unless they are anyone by now."""
    for person_id in people:
        known = sum(
            db.session.scalar(select(func.count()).where(column == person_id)) or 0
            for column in (Speaker.person_id, PersonEmail.person_id, RoleGrant.person_id,
                           Registration.person_id)
        )  # fmt: skip
        person = db.session.get(Person, person_id)
        if known or person is None:
            continue
        try:
            with db.session.begin_nested():
                db.session.delete(person)
                db.session.flush()
                subject = f"person:{person_id}"
                db.session.execute(delete(AuditLog).where(AuditLog.subject == subject))
        except IntegrityError:
            continue
