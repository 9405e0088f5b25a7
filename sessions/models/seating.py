"""The seats of a session as the rules see them, and what the rules say written back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from integrations.runtime.database import db
from sessions.models.participation import Registration
from sessions.models.session import Session
from sessions.rules import seats
from sessions.rules.seats import Hall, Standing


@dataclass(frozen=True)
class SeatChange:
    """How someone stood and stands. place: in the waiting list, None for who does not wait."""

    registration_id: int
    was: Standing
    now: Standing
    place: int | None


def hall_of(session: Session) -> Hall:
    """The seats of a session."""
    return seats.hall(
        session.mode, session.capacity_online, session.capacity_in_person, session.starts_at
    )


def standings_of(session: Session, *people: int) -> list[Standing]:
    """How everyone stands who holds a seat or waits for one, and these registrations besides.

    In a flow the session is locked before, so that what is counted stays true.
    """
    columns = (
        Registration.id, Registration.state, Registration.mode, Registration.head_count,
        Registration.asked_at, Registration.offered_until, Registration.has_seat,
    )  # fmt: skip
    counted: ColumnElement[bool] = Registration.state.in_(("waiting", "offered"))
    if any(number is not None for number in hall_of(session).seats.values()):
        counted = or_(counted, Registration.state == "confirmed", Registration.has_seat)
    if people:
        counted = or_(counted, Registration.id.in_(people))
    rows = db.session.execute(
        select(*columns)
        .where(Registration.session_id == session.id, counted)
        .order_by(Registration.id)
    )
    return [Standing(*row) for row in rows]


def write(
    session: Session, before: Sequence[Standing], after: Sequence[Standing]
) -> list[SeatChange]:
    """Write down how everyone stands after; who stands differently, in the caller's transaction."""
    earlier = {one.id: one for one in before}
    changed = [one for one in after if one != earlier[one.id]]
    if not changed:
        return []
    rows = {
        row.id: row
        for row in db.session.scalars(
            select(Registration)
            .where(Registration.id.in_([one.id for one in changed]))
            .execution_options(populate_existing=True)
        )
    }
    hall = hall_of(session)
    for one in changed:
        row = rows[one.id]
        row.state, row.mode, row.has_seat = one.state, one.mode, one.is_kept
        row.asked_at, row.offered_until = one.asked_at, one.offered_until
    db.session.flush()
    return [
        SeatChange(one.id, earlier[one.id], one, seats.place_in_queue(after, hall, one.id))
        for one in changed
    ]
