"""The days of a visit: a series of several days that people are registered for as a whole."""

from __future__ import annotations

from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.participation import HOLDING, Registration
from sessions.models.programme import Series
from sessions.models.session import Session
from sessions.rules import lifecycle


def locked(session_id: int) -> Session:
    """The session, locked; of a visit all its days are, in the order of their ids.

    Two who act on different days of one visit then never wait for each other. Raises NoResultFound.
    """
    series_id = _visit_of(session_id)
    if series_id is not None:
        db.session.scalars(
            select(Session)
            .where(Session.series_id == series_id)
            .order_by(Session.id)
            .with_for_update(of=Session)
            .execution_options(populate_existing=True)
        ).all()
    return Session.locked(session_id)


def is_day(session: Session) -> bool:
    """Whether the session is a day of a visit."""
    return session.series is not None and session.series.is_visit


def is_to_come(session: Session) -> bool:
    """Whether people can still be invited to the session, public or a draft."""
    # One that is postponed has no date yet: its old one may be past.
    is_over = session.state != "postponed" and session.ends_at <= clock.now()
    return session.state in lifecycle.MOVABLE and not is_over


def days(session: Session) -> list[Session]:
    """All days of the session's visit, by date; none where it belongs to no visit."""
    if not is_day(session):
        return []
    return list(
        db.session.scalars(
            select(Session)
            .where(Session.series_id == session.series_id)
            .order_by(Session.starts_at, Session.id)
        )
    )


def to_come(session: Session) -> list[Session]:
    """The days of the visit to which people can still be invited, drafts among them."""
    return [one for one in days(session) if is_to_come(one)]


def registrations(person_id: int, among: list[Session]) -> dict[int, Registration]:
    """The person's registrations for these sessions, by session."""
    rows = db.session.scalars(
        select(Registration)
        .where(
            Registration.person_id == person_id,
            Registration.session_id.in_([one.id for one in among]),
        )
        .order_by(Registration.session_id)
        .execution_options(populate_existing=True)
    )
    return {row.session_id: row for row in rows}


def registered(session: Session) -> list[Registration]:
    """One registration, with the address, of everybody who is registered for the session's visit.

    They are on the list of another day to come; where none is to come, of the last they had.
    """
    others = [one for one in days(session) if one.id != session.id]
    position = {one.id: number for number, one in enumerate(others)}
    open_days = {one.id for one in others if is_to_come(one)}
    rows: dict[int, list[Registration]] = {}
    for row in db.session.scalars(
        select(Registration).where(Registration.session_id.in_(position)).order_by(Registration.id)
    ):
        rows.setdefault(row.person_id, []).append(row)
    found = []
    for mine in rows.values():
        mine.sort(key=lambda row: position[row.session_id])
        decisive = [row for row in mine if row.session_id in open_days] or mine[-1:]
        found += [row for row in decisive if row.state in HOLDING][:1]
    return found


def _visit_of(session_id: int) -> int | None:
    return db.session.scalars(
        select(Series.id)
        .join(Session, Session.series_id == Series.id)
        .where(Session.id == session_id, Series.is_visit)
    ).first()
