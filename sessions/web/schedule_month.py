"""A month of the schedule as a calendar hangs on the wall: weeks from Monday to Sunday."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from babel.dates import format_date

from sessions.models.session import Session

SATURDAY = 5


@dataclass(frozen=True)
class Day:
    """A cell of the grid.

    holiday: its name, empty on any other day; is_named: the name is new here, it did not stand in
    the cell on the left.
    """

    on: date
    is_inside: bool
    is_today: bool
    holiday: str
    is_named: bool
    sessions: tuple[Session, ...] = ()

    @property
    def is_off(self) -> bool:
        return bool(self.holiday) or self.on.weekday() >= SATURDAY

    @property
    def label(self) -> str:
        """The holiday's name without what stands in brackets: from which day it was moved."""
        return self.holiday.partition(" (")[0]


@dataclass(frozen=True)
class Holiday:
    """Days off of one name that follow one another."""

    first: date
    last: date
    name: str


@dataclass(frozen=True)
class Month:
    """A month's grid. chosen: the day whose sessions stand under it where cells are small."""

    first: date
    weeks: list[list[Day]]
    chosen: date | None

    @property
    def days(self) -> list[Day]:
        """The days on which something takes place."""
        return [day for week in self.weeks for day in week if day.sessions]

    @property
    def holidays(self) -> list[Holiday]:
        inside = [day for week in self.weeks for day in week if day.is_inside and day.holiday]
        runs = groupby(
            enumerate(inside), lambda pair: (pair[1].holiday, pair[1].on.toordinal() - pair[0])
        )
        found = []
        for (name, _), pairs in runs:
            days = [day.on for _, day in pairs]
            found.append(Holiday(days[0], days[-1], name))
        return found


def grid(
    first: date, by_day: Mapping[date, Sequence[Session]], off: Mapping[date, str], today: date
) -> Month:
    """The weeks of the month that begins with `first`.

    by_day: the sessions on the reader's clock; off: days off by name; today: the reader's.
    """
    weeks = [
        [
            Day(
                on=on,
                is_inside=on.month == first.month,
                is_today=on == today,
                holiday=off.get(on, ""),
                is_named=on.weekday() == 0 or off.get(on) != off.get(on - timedelta(days=1)),
                sessions=tuple(by_day.get(on, ())) if on.month == first.month else (),
            )
            for on in week
        ]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]
    busy = [day.on for week in weeks for day in week if day.sessions]
    coming = next((on for on in busy if on >= today), busy[-1] if busy else None)
    return Month(first, weeks, coming)


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from one date to another, both included."""
    found = [first.replace(day=1)]
    while (following := after(found[-1])) <= last:
        found.append(following)
    return found


def after(month: date) -> date:
    """The first day of the next month. month: a first day."""
    return (month + timedelta(days=31)).replace(day=1)


def named(text: str) -> date | None:
    """The first day of a month written as 2026-11, None where it is not a month."""
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None


def nearest(month: date, busy: Iterable[date]) -> date | None:
    """The month with sessions that is next to an empty one, the later of two as near."""
    others = sorted(busy, key=lambda one: (abs((one - month).days), one < month))
    return others[0] if others else None


def name_of(month: date, locale: str) -> str:
    """The name of the month without its year: ноябрь; November."""
    return format_date(month, "LLLL", locale)
