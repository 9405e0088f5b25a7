"""The sessions of a series, and publishing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.models.programme import City
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.web import rooms


def member_cities() -> Sequence[City]:
    """The member cities by name."""
    return db.session.scalars(select(City).order_by(City.name)).all()


def sessions_of(series_id: int) -> Sequence[Session]:
    """The sessions of a series in order of time."""
    return db.session.scalars(
        select(Session)
        .where(Session.series_id == series_id)
        .options(selectinload(Session.cities))
        .order_by(Session.starts_at, Session.id)
    ).all()


def still_to_come(sessions: Sequence[Session]) -> list[Session]:
    """Those of the sessions to which people can still be invited, drafts among them."""
    now = clock.now()
    open_states = lifecycle.MOVABLE | lifecycle.JOINABLE
    return [one for one in sessions if one.state in open_states and one.ends_at > now]


def publish_drafts(
    series_id: int, seen: Mapping[str, str], by: int | None
) -> tuple[int, list[tuple[str, datetime]]]:
    """Publish a series' drafts: how many were, and (title, wall start) of those changed meanwhile.

    seen: the form, with `revision-<id>` for each draft it showed, one made since waits; and who
    makes the rooms of those that lack one.
    """
    done, left = 0, []
    for session_id in [one.id for one in sessions_of(series_id) if one.state == "draft"]:
        revision = seen.get(f"revision-{session_id}", "")
        if not revision.isdigit():
            continue
        try:
            with transaction():
                rooms.publish(session_id, int(revision), by)
            done += 1
        except Refused:
            session = db.session.get_one(Session, session_id, populate_existing=True)
            if session.state == "draft":  # else somebody published it at the same moment
                left.append((session.title, session.wall_start))
    return done, left
