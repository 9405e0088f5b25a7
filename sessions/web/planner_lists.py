"""What was planned so far, and publishing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import selectinload

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.models.programme import City, Series
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.web import rooms
from sessions.web.planner_forms import rule_words

LATEST = 50


@dataclass(frozen=True)
class Planned:
    """A series with its first and last start, and how many of its sessions are drafts still."""

    series: Series
    rule: str
    sessions: int
    drafts: int
    first_at: datetime
    last_at: datetime


def member_cities() -> Sequence[City]:
    """The member cities by name."""
    return db.session.scalars(select(City).order_by(City.name)).all()


def our_series() -> list[Planned]:
    """The series with sessions in them, the latest first."""
    drafts = func.sum(case((Session.state == "draft", 1), else_=0))
    rows = db.session.execute(
        select(
            Series,
            func.count(Session.id),
            drafts,
            func.min(Session.starts_at),
            func.max(Session.starts_at),
        )
        .join(Session, Session.series_id == Series.id)
        .group_by(Series.id)
        .order_by(Series.id.desc())
        .limit(LATEST)
    ).all()
    return [Planned(series, rule_words(series), *counted) for series, *counted in rows]


def single_drafts() -> Sequence[Session]:
    """The drafts outside any series, in order of time."""
    return db.session.scalars(
        select(Session)
        .where(Session.series_id.is_(None), Session.state == "draft")
        .options(selectinload(Session.cities))
        .order_by(Session.starts_at, Session.id)
        .limit(LATEST)
    ).all()


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
