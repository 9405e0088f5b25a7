"""A season a year later: the same rules, the same weekdays of the same months."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count

from sessions.rules import days_off
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

    free: where its series would move it; None where nothing is free before the series meets again.
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


def dates_later(rule: Rule | None, originals: Iterable[date]) -> dict[date, date | None]:
    """For each date of a series, the one it has a year later; None where its rule gives none.

    A date that is not of the rule goes where it would alone; no two go to the same day.
    """
    pairs = _pairs(rule) if rule is not None else {}
    days = sorted(set(originals))
    found = {day: pairs[day] for day in days if day in pairs}
    taken = set(found.values())
    for day in days:
        if day not in pairs:
            alone = day + _WEEKS_OF_A_YEAR if isinstance(rule, WeeklyRule) else year_later(day)
            found[day] = _free_from(alone, taken)
            taken.add(found[day])
    return found


def _pairs(rule: Rule) -> dict[date, date | None]:
    """Every date of a rule with the one it gives a year later."""
    later = candidates(rule_later(rule))
    if isinstance(rule, MonthlyRule | DayOfMonthRule):
        by_month = {(day.year, day.month): day for day in later}
        return {day: by_month.get((day.year + 1, day.month)) for day in candidates(rule)}
    return dict(zip(candidates(rule), later, strict=False))


def looked_at(
    dates: Iterable[date],
    off: Mapping[date, str],
    rule: Rule | None = None,
    taken: Collection[date] = (),
) -> dict[date, Later]:
    """The dates of one series, or of a single session, with what is known of them.

    rule: the one that gives them: off their days off they go as its dates do, others a week on.
    taken: days onto which none is to be moved.
    """
    days = sorted(set(dates))
    free = _ways(rule, off, {*taken, *days}) if rule is not None else {}
    barred: set[date | None] = {*off, *taken, *days, *free.values()}
    given = set(candidates(rule)) if rule is not None else set()
    for day in days:
        if day in off and day not in given:
            free[day] = _free_from(day, barred)
            barred.add(free[day])
    return {day: Later(day, off.get(day, ""), free.get(day)) for day in days}


def _ways(rule: Rule, off: Mapping[date, str], taken: Collection[date]) -> dict[date, date]:
    """Where the dates of a rule go that fall on days off."""
    endless = rule if isinstance(rule, DatesRule) else replace(rule, count=None)
    kept = days_off.planned(endless, off, "shift", taken)
    return {day.shifted_from: day.on for day in kept if day.shifted_from is not None}


def _free_from(day: date, barred: Collection[date | None]) -> date:
    """The day, or the first of the same weekday after it that is not barred."""
    return next(on for weeks in count() if (on := day + timedelta(weeks=weeks)) not in barred)


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
