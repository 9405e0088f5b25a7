"""A season a year later: the same rules, the same weekdays of the same months."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count

from sessions.rules.recurrence import (
    LAST,
    DatesRule,
    DayOfMonthRule,
    MonthlyRule,
    Rule,
    WeeklyRule,
    candidates,
    nth_weekday,
)

_WEEKS_OF_A_YEAR = timedelta(weeks=52)


@dataclass(frozen=True)
class Later:
    """A date a year later; `holiday` is its name where it is a day off, `free` the way out.

    free: the same weekday a week or more on, the first that is no day off.
    """

    on: date
    holiday: str = ""
    free: date | None = None


def year_later(day: date) -> date:
    """The same weekday of the same month a year later, by its number; a fifth becomes the last."""
    number = (day.day - 1) // 7 + 1
    n = LAST if number == 5 else number
    return nth_weekday(day.year + 1, day.month, n, day.weekday())


def rule_later(rule: Rule) -> Rule:
    """The rule for the year after: its ends a year on, a visit of several days kept together."""
    if isinstance(rule, DatesRule):
        first = year_later(rule.first_on)
        return DatesRule(tuple(first + (day - rule.first_on) for day in rule.dates))
    if isinstance(rule, WeeklyRule):
        # 52 weeks: the weekdays stay, and of every second week the right one.
        first_on, last_on = rule.first_on + _WEEKS_OF_A_YEAR, rule.last_on + _WEEKS_OF_A_YEAR
        return replace(rule, first_on=first_on, last_on=last_on)
    return replace(rule, first_on=next_year(rule.first_on), last_on=next_year(rule.last_on))


def dates_later(rule: Rule, originals: Iterable[date]) -> dict[date, date | None]:
    """For each date that the rule gave, the one it gives a year later; None where there is none.

    A date that is not of the rule goes where it would alone.
    """
    later = rule_later(rule)
    if isinstance(rule, MonthlyRule | DayOfMonthRule):
        by_month = {(day.year, day.month): day for day in candidates(later)}
        known = set(candidates(rule))
        return {
            day: by_month.get((day.year + 1, day.month)) if day in known else year_later(day)
            for day in originals
        }
    pairs: Mapping[date, date] = dict(zip(candidates(rule), candidates(later), strict=False))
    return {day: pairs.get(day) or year_later(day) for day in originals}


def looked_at(on: date, days_off: Mapping[date, str]) -> Later:
    """The date with what is known of it."""
    if on not in days_off:
        return Later(on)
    weeks = (on + timedelta(weeks=number) for number in count(1))
    return Later(on, days_off[on], next(day for day in weeks if day not in days_off))


def name_later(name: str, starts_on: date) -> str:
    """The name of a season for the year after: «Сезон 2026/27» becomes «Сезон 2027/28»."""
    later = re.sub(
        r"(?<!\d)(20\d\d)(?:(\s?[/–-]\s?)(20)?(\d\d))?(?!\d)",
        lambda found: _years(found.group(1), found.group(2), found.group(3), found.group(4)),
        name,
    )
    return later if later != name else f"{name} {starts_on.year + 1}"


def _years(year: str, dash: str | None, century: str | None, short: str | None) -> str:
    first = str(int(year) + 1)
    if dash is None or short is None:
        return first
    return f"{first}{dash}{century or ''}{(int(short) + 1) % 100:02}"


def next_year(day: date) -> date:
    """The same day of the next year; the last of a month stays the last."""
    length, longer = (monthrange(year, day.month)[1] for year in (day.year, day.year + 1))
    last = day.day == length or day.day > longer
    return date(day.year + 1, day.month, longer if last else day.day)
