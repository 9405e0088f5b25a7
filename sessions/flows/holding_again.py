"""A session is held once more, at another time."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from integrations.runtime.database import db, transaction
from sessions.models import days_off, drafting
from sessions.models.audit import record
from sessions.models.people import RoleGrant
from sessions.models.programme import Season
from sessions.models.session import Session
from sessions.rules.timetable import WallTime


def repeat(session_id: int, at: WallTime, by: int | None, domain: str) -> int:
    """A draft of the same session at another time, outside any series; its id.

    It has everything but registrations, recordings, the room, and what speakers answered.
    """
    with transaction():
        source = db.session.get_one(Session, session_id)
        copy = drafting.copy_of(source, at, source.season_id, domain)
        copy.season_id = _season_at(at.local.date(), source.season_id)
        copy.topic_id = source.topic_id if copy.season_id == source.season_id else None
        copy.holiday = days_off.between(at.local.date(), at.local.date()).get(at.local.date(), "")
        db.session.add(copy)
        db.session.flush()
        _let_run(source, copy, by)
        record(by, "session.copied", f"session:{copy.id}", source=source.id, title=source.title)
        return copy.id


def _let_run(source: Session, copy: Session, by: int | None) -> None:
    """Whoever makes the copy by running the source runs the copy, too."""
    scopes = {f"session:{id_}" for id_ in (source.id, copy.id)}
    held = set(
        db.session.scalars(
            select(RoleGrant.scope).where(
                RoleGrant.person_id == by, RoleGrant.role == "session_host",
                RoleGrant.scope.in_(scopes),
            )
        )
    )  # fmt: skip
    if held == {f"session:{source.id}"}:
        db.session.add(RoleGrant(person_id=by, role="session_host", scope=f"session:{copy.id}"))


def _season_at(on: date, otherwise: int) -> int:
    """The season that contains a date; where there is none, the one the session is from."""
    found = db.session.scalars(
        select(Season.id).where(Season.starts_on <= on, Season.ends_on >= on).order_by(Season.id)
    ).first()
    return found or otherwise
