"""The dates of a rule as the planner lists them: what hinders each, what may be done about it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import request

from integrations.runtime import clock
from sessions.flows import planning
from sessions.flows.planning import SeriesPlan
from sessions.rules import days_off, timetable
from sessions.rules.days_off import PlannedDate, Policy
from sessions.rules.recurrence import DayOfMonthRule, Rule
from sessions.web import conflict_words, overlaps, reader
from sessions.web.conflict_words import Said
from sessions.web.planner_hours import Member

KEEP, MOVE, SKIP = "keep", "move", "skip"
POLICIES: Sequence[Policy] = ("ask", "skip", "shift")


@dataclass(frozen=True)
class Local:
    """The hour of one city. on: the date there where it is another than the programme's."""

    city: str
    at: datetime
    on: date | None


@dataclass(frozen=True)
class Row:
    """A date on offer.

    holiday: the day off it falls on, or fell on before it moved from `left`; free: where it may
    move to; decision: what the host said of it; said: what else speaks against it, where it would
    be then; hours: of the cities that present, and of those farthest apart.
    """

    on: date
    starts_at: datetime
    holiday: str | None = None
    left: date | None = None
    free: date | None = None
    decision: str = KEEP
    past: bool = False
    said: Sequence[Said] = ()
    hours: Sequence[Local] = ()
    ticked: bool = True

    @property
    def hinders(self) -> bool:
        return bool(self.holiday or self.past or self.said)

    @property
    def asks(self) -> bool:
        """Whether the host is to decide something: of a date that is past, nothing."""
        return bool(self.holiday or self.said) and not self.past

    @property
    def moved(self) -> bool:
        return self.decision == MOVE and self.free is not None

    @property
    def original(self) -> date:
        """The rule's own date."""
        return self.left or self.on

    @property
    def chosen(self) -> PlannedDate:
        """The date to make a draft for, as the host decided."""
        if self.decision == MOVE and self.free:
            return PlannedDate(self.free, self.holiday, shifted_from=self.original)
        return PlannedDate(self.on, self.holiday, self.left)


@dataclass(frozen=True)
class Choice:
    """What a policy would come to. dates: those that it leaves out or moves to."""

    policy: Policy
    sessions: int
    dates: Sequence[date]


@dataclass(frozen=True)
class Preview:
    """The dates of a plan. left_out: days off that the rule leaves out; shortened: months that lack
    the rule's day; choices: the three policies side by side, none where no date is a day off."""

    rows: Sequence[Row]
    left_out: Sequence[PlannedDate] = field(default=())
    shortened: Sequence[date] = field(default=())
    choices: Sequence[Choice] = field(default=())

    @property
    def shown(self) -> str:
        """What the form says it showed, so that a rule changed since is noticed."""
        return ",".join(row.on.isoformat() for row in self.rows)

    @property
    def lines(self) -> list[tuple[date, Row | None, str | None]]:
        """(date, row, holiday) in order: a row, or a date left out for that holiday.

        Neither of a month that lacks the rule's day; its date is the first of it.
        """
        found: list[tuple[date, Row | None, str | None]] = [
            (row.on, row, None) for row in self.rows
        ]
        found += [(day.on, None, day.holiday) for day in self.left_out]
        found += [(month, None, None) for month in self.shortened]
        return sorted(found, key=lambda line: line[0])

    @property
    def ticked(self) -> list[Row]:
        return [row for row in self.rows if row.ticked]

    @property
    def undecided(self) -> int:
        """How many ticked dates wait for a decision."""
        return sum(row.asks and not row.moved for row in self.ticked)

    @property
    def free(self) -> int:
        """How many dates nothing speaks against."""
        return sum(not row.hinders for row in self.rows)

    def dates(self) -> list[PlannedDate]:
        """The dates to make drafts for, each once, in order."""
        chosen = {row.chosen.on: row.chosen for row in self.ticked}
        return [chosen[on] for on in sorted(chosen)]

    def unwanted(self) -> list[date]:
        """The rule's dates that the host left unticked."""
        return [row.original for row in self.rows if not row.ticked and not row.past]


def preview(plan: SeriesPlan, known: Sequence[Member] = ()) -> Preview:
    """The plan's dates, ticked as the page that was sent had them ticked.

    A date that was not on that page is ticked unless it is past. known: the member cities.
    """
    off = planning.off_for(plan.rule, reader.locale())
    asked, skipped, shifted = (
        planning.preview(replace(plan, policy=policy), off=off) for policy in POLICIES
    )
    dates = {"ask": asked, "skip": skipped, "shift": shifted}[plan.policy]
    rows = _with_conflicts(plan, [_row(plan, day, off) for day in dates], known)
    return Preview(
        rows,
        left_out=days_off.left_out(plan.rule, off, dates),
        shortened=_shortened(plan.rule),
        choices=_choices(asked, skipped, shifted),
    )


def _choices(
    asked: Sequence[PlannedDate], skipped: Sequence[PlannedDate], shifted: Sequence[PlannedDate]
) -> list[Choice]:
    hit = [day.on for day in asked if day.holiday]
    if not hit and len(asked) == len(skipped):
        return []
    moved = [day.on for day in shifted if day.shifted_from]
    return [
        Choice("ask", len(asked), hit),
        Choice("skip", len(skipped), hit),
        Choice("shift", len(shifted), moved),
    ]


def _row(plan: SeriesPlan, day: PlannedDate, off: Mapping[date, str]) -> Row:
    iso = day.on.isoformat()
    starts_at = timetable.at(day.on, plan.wall_start, plan.tz).instant()
    known = iso in request.values.get("shown", "").split(",")
    past = starts_at < clock.now()
    decision = request.values.get(f"to-{iso}", KEEP)
    ticked = iso in request.values.getlist("on") if known else not past
    return Row(
        on=day.on,
        starts_at=starts_at,
        holiday=day.holiday,
        left=day.shifted_from,
        free=None if past else _free(plan.rule, day, off),
        decision=decision if decision in (MOVE, SKIP) else KEEP,
        past=past,
        ticked=ticked and decision != SKIP,
    )


def _free(rule: Rule, day: PlannedDate, off: Mapping[date, str]) -> date | None:
    """Where a date would go if it were a day off."""
    barred = {**off, day.on: "", day.original: ""}
    moved = days_off.planned(rule, barred, "shift")
    return next((one.on for one in moved if one.original == day.original), None)


def _with_conflicts(plan: SeriesPlan, rows: Sequence[Row], known: Sequence[Member]) -> list[Row]:
    """The rows with what speaks against each where it would be, and its hour elsewhere."""
    if not rows:
        return []
    cities = {member.city.id: member.city for member in known}
    length = timedelta(minutes=plan.duration_min)
    spots = {row.on: _start(plan, row) for row in rows}
    around = overlaps.near([(at, at + length) for at in spots.values()], planned=True)
    first, last = min(row.chosen.on for row in rows), max(row.chosen.on for row in rows)
    closed = overlaps.closed_for(first, last, plan.presenting)
    found = {
        row.on: around.conflicts(
            overlaps.of_plan(plan, spots[row.on], row.chosen.on, cities), closed
        )
        for row in rows
    }
    every = [one for several in found.values() for one in several]
    city_names = {id_: city.name_in(reader.locale()) for id_, city in cities.items()}
    names = conflict_words.names_of(every, around.named, city_names)
    shown = _shown_cities(plan, rows[0].starts_at, known)
    return [
        replace(row, said=conflict_words.said(found[row.on], names),
                hours=_locals(plan, spots[row.on], shown))
        for row in rows
    ]  # fmt: skip


def _start(plan: SeriesPlan, row: Row) -> datetime:
    return timetable.at(row.chosen.on, plan.wall_start, plan.tz).instant()


def _shown_cities(plan: SeriesPlan, at: datetime, known: Sequence[Member]) -> list[tuple[str, str]]:
    """(name, zone) of those who present, and of the cities farthest west and east; once a zone."""
    said = reader.locale()
    ends = [far(known, key=lambda one: _offset(at, one.city.tz)) for far in (min, max) if known]
    presenting = [one for one in known if one.city.id in plan.presenting]
    found: dict[timedelta, tuple[str, str]] = {}
    for member in (*presenting, *ends):
        place = (member.city.name_in(said), member.city.tz)
        found.setdefault(_offset(at, member.city.tz), place)
    return [found[offset] for offset in sorted(found)]


def _offset(at: datetime, tz: str) -> timedelta:
    return at.astimezone(ZoneInfo(tz)).utcoffset() or timedelta()


def _locals(plan: SeriesPlan, at: datetime, cities: Sequence[tuple[str, str]]) -> list[Local]:
    home = at.astimezone(ZoneInfo(plan.tz)).date()
    found = []
    for name, tz in cities:
        local = at.astimezone(ZoneInfo(tz))
        found.append(Local(name, local, local.date() if local.date() != home else None))
    return found


def _shortened(rule: Rule) -> list[date]:
    """The first days of the months that the rule leaves out, since they lack its day."""
    if not isinstance(rule, DayOfMonthRule) or rule.short != "skip":
        return []
    months, month = [], rule.first_on.replace(day=1)
    while month <= rule.last_on:
        if monthrange(month.year, month.month)[1] < rule.day:
            months.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return months
