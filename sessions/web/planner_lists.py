"""The member cities, and the sessions of a series."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.programme import City
from sessions.models.session import Session
from sessions.rules import lifecycle


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
