"""How sessions repeat: rules of the host's calendar, and the dates they give."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import ClassVar, Literal, get_args

LAST = -1
# A rule typed wrong must not fill the calendar of the next thousand years.
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)
LONGEST = timedelta(days=3660)
MOST_LISTED = 366

ShortMonth = Literal["skip", "last"]


@dataclass(frozen=True)
class MonthlyRule:
    """The n-th weekday of each month. n: 1 to 5, or LAST; weekday: 0 is Monday.

    All rules: first_on and last_on are included; count is how many sessions are kept after days off
    were looked at, last_on then being the end beyond which none begins, such as the season's.
    They raise ValueError("field: what is wrong").
    """

    kind: ClassVar[str] = "monthly"

    n: int
    weekday: int
    first_on: date
    last_on: date
    count: int | None = None

    def __post_init__(self) -> None:
        _check(self.n == LAST or 1 <= self.n <= 5, "n", "neither 1 to 5 nor -1")
        _check(0 <= self.weekday <= 6, "weekday", "not 0 to 6")
        _check_stretch(self.first_on, self.last_on, self.count)


@dataclass(frozen=True)
class DayOfMonthRule:
    """A day of each month, 1 to 31. short: what a month without it does, skip or take its last."""

    kind: ClassVar[str] = "day_of_month"

    day: int
    short: ShortMonth
    first_on: date
    last_on: date
    count: int | None = None

    def __post_init__(self) -> None:
        _check(1 <= self.day <= 31, "day", "not 1 to 31")
        _check(self.short in get_args(ShortMonth), "short", "neither skip nor last")
        _check_stretch(self.first_on, self.last_on, self.count)


@dataclass(frozen=True)
class WeeklyRule:
    """Weekdays of every n-th week, counted from the week (Monday to Sunday) of first_on."""

    kind: ClassVar[str] = "weekly"

    every: int
    weekdays: tuple[int, ...]
    first_on: date
    last_on: date
    count: int | None = None

    def __post_init__(self) -> None:
        _check(1 <= self.every <= 52, "every", "not 1 to 52")
        _check(bool(self.weekdays), "weekdays", "none")
        _check(all(0 <= day <= 6 for day in self.weekdays), "weekdays", "not 0 to 6")
        object.__setattr__(self, "weekdays", tuple(sorted(set(self.weekdays))))
        _check_stretch(self.first_on, self.last_on, self.count)


@dataclass(frozen=True)
class DatesRule:
    """Dates written down one by one, such as the days of a visit."""

    kind: ClassVar[str] = "dates"
    count: ClassVar[None] = None  # the dates say themselves how many they are

    dates: tuple[date, ...]

    def __post_init__(self) -> None:
        _check(bool(self.dates), "dates", "none")
        object.__setattr__(self, "dates", tuple(sorted(set(self.dates))))
        _check(len(self.dates) <= MOST_LISTED, "dates", f"more than {MOST_LISTED}")
        _check(self.dates[0] >= EARLIEST and self.dates[-1] <= LATEST, "dates", "too far away")
        _check(self.dates[-1] - self.dates[0] <= LONGEST, "dates", "more than ten years apart")

    @property
    def first_on(self) -> date:
        return self.dates[0]

    @property
    def last_on(self) -> date:
        return self.dates[-1]


Rule = MonthlyRule | DayOfMonthRule | WeeklyRule | DatesRule


def dates_of(rule: Rule) -> list[date]:
    """The rule's dates, days off among them; at most `count`, where it has one.

    A month without a fifth weekday, or without a 31st that is to be skipped, gives none.
    """
    return list(islice(candidates(rule), rule.count))


def candidates(rule: Rule) -> Iterator[date]:
    """Every date from first_on to last_on that the rule allows, in order, whatever its count."""
    return (day for day in _from(rule) if rule.first_on <= day <= rule.last_on)


def next_after(rule: Rule, day: date) -> date | None:
    """The rule's next date after this one, also beyond its end; None where the dates are listed."""
    if isinstance(rule, DatesRule):
        return None
    return next(found for found in _from(rule, beyond=True) if found > day)


def suggested_rules(day: date, last_on: date) -> list[Rule]:
    """What a date that was picked may mean as a rule until last_on, the likeliest first.

    A fifth weekday is the last one, since few months have a fifth; a fourth stays the fourth even
    where it is the last.
    """
    week, is_month_end = (day.day - 1) // 7 + 1, (day + timedelta(days=1)).month != day.month
    found: list[Rule] = []
    if week <= 4:
        found.append(MonthlyRule(week, day.weekday(), day, last_on))
    if (day + timedelta(days=7)).month != day.month:
        found.append(MonthlyRule(LAST, day.weekday(), day, last_on))
    found.append(DayOfMonthRule(day.day, "last", day, last_on))
    if is_month_end and day.day < 31:
        found.append(DayOfMonthRule(31, "last", day, last_on))
    return [*found, *(WeeklyRule(every, (day.weekday(),), day, last_on) for every in (1, 2))]


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


def _from(rule: Rule, beyond: bool = False) -> Iterator[date]:
    """The dates from about first_on to about last_on; two years more where asked to go beyond."""
    last = rule.last_on + timedelta(days=732 if beyond else 0)
    if isinstance(rule, DatesRule):
        yield from rule.dates
    elif isinstance(rule, WeeklyRule):
        monday = rule.first_on - timedelta(days=rule.first_on.weekday())
        while monday <= last:
            yield from (monday + timedelta(days=weekday) for weekday in rule.weekdays)
            monday += timedelta(weeks=rule.every)
    else:
        for year, month in _months(rule.first_on, last):
            day = _of_month(rule, year, month)
            if day is not None:
                yield day


def _of_month(rule: MonthlyRule | DayOfMonthRule, year: int, month: int) -> date | None:
    length = calendar.monthrange(year, month)[1]
    if isinstance(rule, DayOfMonthRule):
        if rule.day > length and rule.short == "skip":
            return None
        return date(year, month, min(rule.day, length))
    try:
        return nth_weekday(year, month, rule.n, rule.weekday)
    except ValueError:
        return None


def _months(first: date, last: date) -> Iterator[tuple[int, int]]:
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield year, month
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _check_stretch(first_on: date, last_on: date, count: int | None) -> None:
    _check(EARLIEST <= first_on <= LATEST, "first_on", "too far away")
    _check(first_on <= last_on, "last_on", "before first_on")
    _check(last_on <= LATEST, "last_on", "too far away")
    _check(last_on - first_on <= LONGEST, "last_on", "more than ten years after first_on")
    _check(count is None or count >= 1, "count", "below 1")


def _check(right: bool, field: str, trouble: str) -> None:
    if not right:
        raise ValueError(f"{field}: {trouble}")
