"""The rules of the time zones change: what a host wrote on the wall stays, the instants follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from integrations.calendaring import tz_database
from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.events import publish
from sessions.events import SessionMoved
from sessions.models import speaking
from sessions.models.audit import record
from sessions.models.session import Session
from sessions.rules import lifecycle, quiet, timetable
from sessions.rules.timetable import Kept


@dataclass(frozen=True)
class Shifted:
    """A session whose wall time means another instant now."""

    session_id: int
    title: str
    wall_start: datetime
    tz: str
    was: datetime
    now: datetime


def follow() -> list[Shifted]:
    """Bring the sessions to come to the instants that today's rules give; those that have moved.

    Nothing is looked at twice under one version of the rules. What has begun stays untouched.
    """
    version = tz_database.version()
    with transaction():
        rows = db.session.execute(
            select(Session.id, Session.wall_start, Session.tz, Session.starts_at).where(
                Session.starts_at > clock.now(),
                # An unnamed version may be any: then all are looked at, every time.
                (Session.tzdata_version != version) | (Session.tzdata_version == ""),
            )
        ).all()
        kept = [Kept(id_, timetable.WallTime(wall, tz), at) for id_, wall, tz, at in rows]
        changed = timetable.instants_changed(kept, clock.now())
        moved = [_shift(Session.locked(session_id), version) for session_id in sorted(changed)]
        db.session.execute(
            update(Session)
            .where(Session.starts_at > clock.now(), Session.tzdata_version != version)
            .values(tzdata_version=version)
            .execution_options(synchronize_session=False)
        )
        return moved


def _shift(session: Session, version: str) -> Shifted:
    speaking.remember(session)
    was, before = session.starts_at, session.tzdata_version
    session.place_at(session.wall)
    is_in_calendars = session.state in lifecycle.JOINABLE
    session.revise(sequence=is_in_calendars)
    facts = {"was": was.isoformat(), "now": session.starts_at.isoformat(), "tz": session.tz}
    record(
        None, "session.tzdata", f"session:{session.id}", **facts, rules_were=before, rules=version
    )
    if is_in_calendars:
        urgent = quiet.is_urgent(clock.now(), was, session.starts_at)
        publish(SessionMoved(session.id, None, urgent))
    return Shifted(
        session.id, session.title, session.wall_start, session.tz, was, session.starts_at
    )
