"""Dates and hours, as one would work them out on a wall calendar."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Policy = Literal["skip", "shift", "ask"]
LAST = -1


@dataclass(frozen=True)
class WallTime:
    """What a clock on the wall of a zone shows: `local` is naive, `tz` an IANA name."""

    local: datetime
    tz: str

    def instant(self) -> datetime:
        """The same moment in UTC, by the zone's rules as known today.

        A wall time that occurs twice means the first of the two; one that is skipped when clocks go
        forward means as long after the gap's start as it was written (PEP 495, fold=0).
        """
        return self.local.replace(tzinfo=ZoneInfo(self.tz)).astimezone(UTC)


@dataclass(frozen=True)
class MonthlyRule:
    """The n-th weekday of each month. n: 1 to 5, or LAST; weekday: 0 is Monday."""

    n: int
    weekday: int
    first_on: date
    last_on: date


@dataclass(frozen=True)
class PlannedDate:
    """A date the rule gives, the day off it falls on by name, and the date it was moved from."""

    on: date
    holiday: str | None = None
    shifted_from: date | None = None


def nth_weekday(year: int, month: int, n: int, weekday: int) -> date:
    """The n-th weekday of a month: n=3, weekday=3 is the third Thursday, n=LAST the last.

    weekday: 0 is Monday. Raises ValueError where the month has no such day.
    """
    days = [
        day
        for day in calendar.Calendar().itermonthdates(year, month)
        if day.month == month and day.weekday() == weekday
    ]
    if n == LAST:
        return days[-1]
    if not 1 <= n <= len(days):
        raise ValueError(f"{year}-{month:02} has no such weekday number {n}")
    return days[n - 1]


def dates_of(rule: MonthlyRule) -> list[date]:
    """The rule's dates, both ends included; a month without a fifth weekday gives none."""
    found = []
    for year, month in _months(rule.first_on, rule.last_on):
        try:
            day = nth_weekday(year, month, rule.n, rule.weekday)
        except ValueError:
            continue
        if rule.first_on <= day <= rule.last_on:
            found.append(day)
    return found


def planned(
    rule: MonthlyRule, days_off: dict[date, str], policy: Policy, taken: Collection[date] = ()
) -> list[PlannedDate]:
    """The rule's dates after days off were looked at.

    days_off: date to the holiday's name, in the rule's zone. skip leaves such a date out; shift
    moves it a week on, and again, until it is free; ask keeps it and names the holiday.
    """
    kept: list[PlannedDate] = []
    used = set(taken)
    for on in dates_of(rule):
        holiday = days_off.get(on)
        if holiday is None or policy == "ask":
            kept.append(PlannedDate(on, holiday))
        elif policy == "shift":
            free = on
            while free in days_off or free in used:
                free += timedelta(days=7)
            kept.append(PlannedDate(free, holiday, shifted_from=on))
        used.update(day.on for day in kept[-1:])
    return kept


def at(day: date, wall_start: time, tz: str) -> WallTime:
    """The wall time of a day."""
    return WallTime(datetime.combine(day, wall_start), tz)


def _months(first: date, last: date) -> Iterator[tuple[int, int]]:
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield year, month
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
