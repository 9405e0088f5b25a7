"""Who comes to a session, who waits and who answered what: read for its hosts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.orm import aliased, selectinload

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models import seating
from sessions.models.participation import HOLDING, Answer, Invitation, Registration
from sessions.models.people import Person
from sessions.models.session import Session
from sessions.rules import lifecycle, seats

PER_PAGE = 50
MOST_WAITING = 10
# How someone stands, as a host counts them, in the order of the page.
GROUPS = ("confirmed", "offered", "waiting", "expired", "perhaps", "silent", "declined")


@dataclass(frozen=True)
class Room:
    """The seats of one way to take part, in heads. number: None for as many as come."""

    mode: str
    number: int | None
    confirmed: int
    offered: int
    kept: int
    waiting: int

    @property
    def free(self) -> int | None:
        held = self.confirmed + self.offered + self.kept
        return None if self.number is None else max(0, self.number - held)


@dataclass(frozen=True)
class Line:
    """One who was invited. place: in the waiting list. given: the answer that counts."""

    registration: Registration
    group: str
    mode: str
    place: int | None
    given: Answer | None
    is_of_now: bool
    may: frozenset[str]


@dataclass(frozen=True)
class Seats:
    """What the desk shows of a session's seats. first: those who wait or have an offer."""

    rooms: Sequence[Room]
    groups: dict[str, int]
    first: Sequence[Line]

    @property
    def is_limited(self) -> bool:
        return any(room.number is not None for room in self.rooms)

    @property
    def in_line(self) -> int:
        return self.groups["waiting"] + self.groups["offered"]

    @property
    def answered(self) -> int:
        return sum(self.groups.values()) - self.groups["silent"]


def of(session: Session) -> Seats:
    """The seats of a session in numbers, and the head of its waiting list."""
    hall = seating.hall_of(session)
    latest = aliased(Answer, _latest(session.id).subquery())
    group = _group(latest)
    rows = db.session.execute(
        _everyone(session.id, latest)
        .with_only_columns(
            group, Registration.mode, Registration.has_seat, func.count(),
            func.sum(Registration.head_count),
        )
        .group_by(group, Registration.mode, Registration.has_seat)
    ).all()  # fmt: skip
    groups = dict.fromkeys(GROUPS, 0)
    heads: dict[tuple[str, str], int] = {}
    for name, mode, is_kept, number, sum_of_heads in rows:
        groups[name] += number
        kind = "kept" if is_kept and name in ("perhaps", "silent") else name
        key = hall.mode(mode), kind
        heads[key] = heads.get(key, 0) + sum_of_heads
    rooms = [
        Room(
            mode, number,
            *(heads.get((mode, kind), 0) for kind in ("confirmed", "offered", "kept", "waiting")),
        )
        for mode, number in hall.seats.items()
    ]  # fmt: skip
    query = _everyone(session.id, latest).where(group.in_(("waiting", "offered")))
    ordered = query.order_by(group, Registration.asked_at, Registration.id).limit(MOST_WAITING)
    first = db.session.scalars(ordered).all() if groups["waiting"] or groups["offered"] else []
    return Seats(rooms, groups, _lines(session, first))


def _latest(session_id: int) -> Select[Any]:
    """The answer that counts of everyone invited."""
    newest = Answer.sequence.desc(), Answer.answered_at.desc(), Answer.id.desc()
    order = func.row_number().over(partition_by=Answer.invitation_id, order_by=newest)
    ranked = (
        select(Answer.id, order.label("place"))
        .join(Invitation, Invitation.id == Answer.invitation_id)
        .join(Registration, Registration.id == Invitation.registration_id)
        .where(Registration.session_id == session_id)
        .subquery()
    )
    return select(Answer).join(ranked, and_(ranked.c.id == Answer.id, ranked.c.place == 1))


def _group(latest: type[Answer]) -> ColumnElement[str]:
    """The group of a registration, in SQL."""
    seated = ("confirmed", "offered", "waiting", "expired")
    return case(
        (Registration.state.in_(seated), Registration.state),
        (Registration.state == "withdrawn", literal("declined")),
        (latest.answer == "tentative", literal("perhaps")),
        else_=literal("silent"),
    )


def _everyone(session_id: int, latest: type[Answer]) -> Select[Registration]:
    return (
        select(Registration)
        .join(Invitation, Invitation.registration_id == Registration.id)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(latest, latest.invitation_id == Invitation.id)
        .where(
            Registration.session_id == session_id, Registration.state.in_((*HOLDING, "withdrawn"))
        )
    )


def _lines(session: Session, registrations: Sequence[Registration]) -> list[Line]:
    if not registrations:
        return []
    ids = [one.id for one in registrations]
    db.session.scalars(  # in one query what each line shows
        select(Registration)
        .where(Registration.id.in_(ids))
        .options(selectinload(Registration.invitation).selectinload(Invitation.answers))
    ).all()
    hall = seating.hall_of(session)
    standings = seating.standings_of(session)
    places = {
        one.id: place
        for mode in hall.seats
        for place, one in enumerate(seats.queue(standings, hall, mode), 1)
    }
    left = {mode: seats.free(standings, hall, mode) for mode in hall.seats}
    return [_line(session, one, places.get(one.id), hall, left) for one in registrations]


def _line(
    session: Session,
    one: Registration,
    place: int | None,
    hall: seats.Hall,
    left: dict[str, int | None],
) -> Line:
    given, mode = one.invitation.current_answer, hall.mode(one.mode)
    group = {"withdrawn": "declined", "registered": "silent", "invited": "silent"}.get(
        one.state, one.state
    )
    if group == "silent" and given is not None and given.answer == "tentative":
        group = "perhaps"
    number = left[mode]
    fits = number is None or one.head_count <= number
    may = _may(group, one.has_seat, fits=fits) if is_open(session) else frozenset()
    is_limited = hall.seats[mode] is not None
    return Line(
        one, group, mode, place, given, given is not None and given.is_of(session),
        may if is_limited else frozenset(),
    )  # fmt: skip


def _may(group: str, is_kept: bool, *, fits: bool) -> frozenset[str]:
    """What a host can do about the seat of someone who stands so."""
    if group in ("perhaps", "silent"):
        return frozenset({"let_go"} if is_kept else {"keep"} if fits else ())
    if group == "expired":
        return frozenset({"offer", "give"} if fits else ())
    if group == "waiting":
        return frozenset({"offer", "give"} if fits else ())
    return {"offered": frozenset({"give", "queue"}), "confirmed": frozenset({"queue"})}.get(
        group, frozenset()
    )


def is_open(session: Session) -> bool:
    """Whether it still matters who comes."""
    return session.state in lifecycle.JOINABLE | {"draft"} and clock.now() < session.ends_at


def page_of(session: Session, only: str) -> tuple[Pagination, list[Line]]:
    """A page of those invited, whoever comes first; `only` keeps one group."""
    latest = aliased(Answer, _latest(session.id).subquery())
    query, group = _everyone(session.id, latest), _group(latest)
    if only in GROUPS:
        query = query.where(group == only)
    rank = case({name: place for place, name in enumerate(GROUPS)}, value=group)
    in_line = case((group.in_(("offered", "waiting")), Registration.asked_at))
    page: Pagination = db.paginate(
        query.order_by(rank, in_line, Person.family, Person.given, Registration.id),
        per_page=PER_PAGE,
        max_per_page=PER_PAGE,
        error_out=False,
    )
    return page, _lines(session, page.items)
