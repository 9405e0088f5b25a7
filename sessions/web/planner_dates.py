"""The dates of a rule as the planner lists them: what hinders each, what may be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from flask import request
from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.flows import planning
from sessions.flows.planning import SeriesPlan
from sessions.models.session import Session
from sessions.rules import timetable
from sessions.rules.days_off import PlannedDate
from sessions.web import reader

MOVE = "move"


@dataclass(frozen=True)
class Row:
    """A date on offer.

    holiday: the day off it falls on, or fell on before it moved from `left`; free: the next date a
    week on that is no day off, where the host is to decide; clashes: sessions of the same hour.
    """

    on: date
    starts_at: datetime
    holiday: str | None = None
    left: date | None = None
    free: date | None = None
    moved: bool = False
    past: bool = False
    clashes: Sequence[Session] = ()
    ticked: bool = True

    @property
    def hinders(self) -> bool:
        return bool(self.holiday or self.past or self.clashes)

    @property
    def asks(self) -> bool:
        """Whether the host is to decide something: of a date that is past, nothing."""
        return bool(self.holiday or self.clashes) and not self.past

    @property
    def chosen(self) -> PlannedDate:
        """The date to make a draft for, as the host decided."""
        if self.moved and self.free:
            return PlannedDate(self.free, self.holiday, shifted_from=self.on)
        return PlannedDate(self.on, self.holiday, self.left)


@dataclass(frozen=True)
class Preview:
    """The dates of a plan. left_out: days off that the rule leaves out."""

    rows: Sequence[Row]
    left_out: Sequence[PlannedDate] = field(default=())

    @property
    def shown(self) -> str:
        """What the form says it showed, so that a rule changed since is noticed."""
        return ",".join(row.on.isoformat() for row in self.rows)

    @property
    def ticked(self) -> list[Row]:
        return [row for row in self.rows if row.ticked]

    @property
    def undecided(self) -> int:
        """How many ticked dates wait for a decision."""
        return sum(row.asks and not row.moved for row in self.ticked)

    def dates(self) -> list[PlannedDate]:
        """The dates to make drafts for, each once, in order."""
        chosen = {row.chosen.on: row.chosen for row in self.ticked}
        return [chosen[on] for on in sorted(chosen)]


def preview(plan: SeriesPlan) -> Preview:
    """The plan's dates, ticked as the page that was sent had them ticked.

    A date that was not on that page is ticked unless it is past.
    """
    said = reader.locale()
    off = planning.preview(replace(plan, policy="ask"), said)
    dates = off if plan.policy == "ask" else planning.preview(plan, said)
    free = {
        moved.shifted_from: moved.on
        for moved in planning.preview(replace(plan, policy="shift"), said)
        if moved.shifted_from
    }
    walls = [timetable.at(day.on, plan.wall_start, plan.tz).instant() for day in dates]
    clashes = _clashes(walls, plan.duration_min)
    rows = [
        _row(plan, day, starts_at, free.get(day.on), clashes)
        for day, starts_at in zip(dates, walls, strict=True)
    ]
    skipped = [day for day in off if day.holiday] if plan.policy == "skip" else []
    return Preview(rows, skipped)


def _row(
    plan: SeriesPlan,
    day: PlannedDate,
    starts_at: datetime,
    free: date | None,
    clashes: Sequence[Session],
) -> Row:
    known = day.on.isoformat() in request.values.get("shown", "").split(",")
    past = starts_at < clock.now()
    ends_at = starts_at + timedelta(minutes=plan.duration_min)
    asked = plan.policy == "ask" and day.holiday is not None
    return Row(
        on=day.on,
        starts_at=starts_at,
        holiday=day.holiday,
        left=day.shifted_from,
        free=free if asked else None,
        moved=asked and request.values.get(f"to-{day.on.isoformat()}") == MOVE,
        past=past,
        clashes=[one for one in clashes if one.starts_at < ends_at and one.ends_at > starts_at],
        ticked=day.on.isoformat() in request.values.getlist("on") if known else not past,
    )


def _clashes(starts: Sequence[datetime], duration_min: int) -> Sequence[Session]:
    """The sessions that may share an hour with these starts."""
    if not starts:
        return ()
    day = timedelta(days=1)
    return db.session.scalars(
        select(Session)
        .where(
            Session.state.not_in(("cancelled", "held")),
            Session.starts_at > min(starts).astimezone(UTC) - day,
            Session.starts_at < max(starts) + timedelta(minutes=duration_min) + day,
        )
        .order_by(Session.starts_at, Session.id)
    ).all()
