"""What a VTIMEZONE says a clock shows: the offset at one wall time, without expanding its rules.

Knows the rules that calendars write, those of a day in a year; of others only the first onset.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from integrations.calendaring.content_lines import Component

MAX_OBSERVANCES = 100
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UTC_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?")
_TIME = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})?(Z)?)?", re.I)


@dataclass(frozen=True)
class Observance:
    """A STANDARD or DAYLIGHT: since when, in wall time, clocks differ from UTC by how much."""

    starts: tuple[datetime, ...]
    before: timedelta
    offset: timedelta
    rule: dict[str, str]


def time_of(text: str) -> tuple[datetime, bool, bool] | None:
    """A DATE or DATE-TIME as (wall time, is in UTC, is a whole day); None for anything else."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[n] or 0) for n in range(1, 7))
    try:  # a leap second is the minute's last one
        wall = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001
    except ValueError:
        return None
    return wall, found[7] is not None, found[4] is None


def observances_of(zone: Component) -> tuple[Observance, ...]:
    """The observances of a VTIMEZONE that can be understood."""
    found = (_observance(one) for one in zone.children[:MAX_OBSERVANCES])
    return tuple(one for one in found if one is not None)


def offset_at(rules: tuple[Observance, ...], wall: datetime) -> timedelta:
    """How far clocks differ from UTC at a wall time: by the observance that began last.

    Before all of them it is what the first one changed.
    """
    begun = [(onset, n) for n, rule in enumerate(rules) for onset in [_last_onset(rule, wall)]
             if onset is not None]  # fmt: skip
    if begun:
        return rules[max(begun)[1]].offset
    return min(rules, key=lambda rule: rule.starts[0]).before


def _observance(component: Component) -> Observance | None:
    if component.name not in ("STANDARD", "DAYLIGHT"):
        return None
    first = time_of(component.value("DTSTART"))
    offset = _offset(component.value("TZOFFSETTO"))
    if first is None or offset is None:
        return None
    more = [
        time_of(text)
        for told in component.all("RDATE")
        for text in told.value.split(",", 200)[:200]
    ]
    before = _offset(component.value("TZOFFSETFROM"))
    return Observance(
        (first[0], *(one[0] for one in more if one is not None)),
        offset if before is None else before,
        offset,
        _rule(component.value("RRULE")),
    )


def _rule(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.upper().split(";")[:20])
    return {name.strip(): value.strip() for name, _, value in pairs if value}


def _offset(text: str) -> timedelta | None:
    found = _UTC_OFFSET.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = int(found[2]), int(found[3]), int(found[4] or 0)
    away = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if away >= timedelta(hours=24):
        return None
    return away if found[1] == "+" else -away


def _last_onset(one: Observance, wall: datetime) -> datetime | None:
    onsets = [start for start in one.starts if start <= wall]
    onsets += [
        onset
        for year in (wall.year, wall.year - 1)
        for onset in [_onset_in(one, year)]
        if onset is not None and one.starts[0] <= onset <= wall
    ]
    return max(onsets, default=None)


def _onset_in(one: Observance, year: int) -> datetime | None:
    """When a yearly rule begins in a year; None where it does not, or is of another kind."""
    rule, first = one.rule, one.starts[0]
    if rule.get("FREQ") != "YEARLY" or year < 1:
        return None
    month = _number(rule.get("BYMONTH", str(first.month)))
    if month is None or not 1 <= month <= 12:
        return None
    days = _month_days(rule, first, year, month)
    if not days:
        return None
    onset = datetime.combine(date(year, month, days[0]), first.time())
    until = time_of(rule.get("UNTIL", ""))
    if until is not None:
        ends, is_utc, _ = until
        if onset - (one.before if is_utc and year > 1 else timedelta()) > ends:
            return None
    return onset


def _month_days(rule: dict[str, str], first: datetime, year: int, month: int) -> list[int]:
    """The days of a month a rule means: "-1SU", "SU" among days, or the day it began with."""
    length = calendar.monthrange(year, month)[1]
    told = rule.get("BYDAY", "")
    listed = rule.get("BYMONTHDAY") or ("" if told else str(first.day))
    days = [
        day
        for day in range(1, length + 1)
        if not listed or str(day) in listed.split(",") or str(day - length - 1) in listed.split(",")
    ]
    if not told:
        return days
    if told[-2:] not in _WEEKDAYS:
        return []
    weekday = _WEEKDAYS.index(told[-2:])
    days = [day for day in days if date(year, month, day).weekday() == weekday]
    nth = _number(told[:-2]) if told[:-2] else 1
    if nth is None or nth == 0 or abs(nth) > len(days):
        return []
    return [days[nth - 1 if nth > 0 else nth]]


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,3}", text) else None
