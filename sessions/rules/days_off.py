"""What becomes of the dates of a rule that fall on days off."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Literal

from sessions.rules.recurrence import MonthlyRule, Rule, candidates, next_after

Policy = Literal["skip", "shift", "ask"]
SATURDAY = 5
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True)
class PlannedDate:
    """A date the rule gives, the day off it falls on by name, and the date it was moved from."""

    on: date
    holiday: str | None = None
    shifted_from: date | None = None

    @property
    def original(self) -> date:
        """The rule's own date: what the occurrence is known by, wherever it was moved."""
        return self.shifted_from or self.on


def all_reasons(*calendars: Mapping[date, str]) -> dict[date, str]:
    """Several calendars of days off as one: a date that is off twice bears both names."""
    names: dict[date, dict[str, None]] = {}
    for days in calendars:
        for on, name in days.items():
            names.setdefault(on, {})[name] = None
    return {on: "; ".join(names[on]) for on in sorted(names)}


def planned(
    rule: Rule, days_off: Mapping[date, str], policy: Policy, taken: Collection[date] = ()
) -> list[PlannedDate]:
    """The rule's dates after days off were looked at, in order of the days they ended up on.

    days_off: date to its name, in the rule's zone (a Saturday that is worked is simply not in it).
    taken: days onto which nothing may be moved. skip leaves a day off out; ask keeps and names it;
    shift moves it: a monthly weekday goes a week on, until it is free; any other date to the next
    free day from Monday to Friday, but neither onto nor past the next date of its rule, and is left
    out where there is none. A rule with a count goes on until so many are kept, or to its last_on.
    """
    kept = islice(_kept(rule, days_off, policy, taken), rule.count)
    return sorted(kept, key=lambda day: (day.on, day.original))


def left_out(
    rule: Rule, days_off: Mapping[date, str], kept: Collection[PlannedDate]
) -> list[PlannedDate]:
    """The days off among the rule's dates for which `planned` kept nothing, with their names."""
    originals = {day.original for day in kept}
    full = rule.count is not None and len(kept) >= rule.count
    end = max(originals) if full else rule.last_on
    return [
        PlannedDate(on, days_off[on])
        for on in candidates(rule)
        if on <= end and on in days_off and on not in originals
    ]


def _kept(
    rule: Rule, days_off: Mapping[date, str], policy: Policy, taken: Collection[date]
) -> Iterator[PlannedDate]:
    # Where nothing is moved onto: days off, days taken, and what the rule itself holds free.
    barred = {*days_off, *taken, *candidates(rule)}
    for on in candidates(rule):
        holiday = days_off.get(on)
        if holiday is None or policy == "ask":
            yield PlannedDate(on, holiday)
        elif policy == "shift":
            free = _free(rule, on, barred)
            if free is not None:
                barred.add(free)
                yield PlannedDate(free, holiday, shifted_from=on)


def _free(rule: Rule, on: date, barred: Collection[date]) -> date | None:
    """Where a date on a day off goes."""
    if isinstance(rule, MonthlyRule):
        free = on + _WEEK
        while free in barred:
            free += _WEEK
        return free
    end, free = next_after(rule, on), on + _DAY
    while end is None or free < end:
        if free not in barred and free.weekday() < SATURDAY:
            return free
        free += _DAY
    return None
