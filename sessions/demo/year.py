"""The dates of a season, by rule: its opening, its conferences, its weeks. No clock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from dateutil.relativedelta import TH, relativedelta

STARTS, ENDS = (9, 1), (8, 31)
CONFERENCE_MONTHS = (10, 11, 12, 1, 2, 3, 4, 5)
LAST_WEEK = (5, 31)


def season_year(today: date) -> int:
    """The year in which the season of this day began."""
    return today.year if today.month >= STARTS[0] else today.year - 1


def bounds(year: int) -> tuple[date, date]:
    """The first and the last day of the season that begins in this year."""
    return date(year, *STARTS), date(year + 1, *ENDS)


def opening_on(year: int) -> date:
    """22 September, or the Monday after where that is a weekend."""
    day = date(year, 9, 22)
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def conferences_on(year: int) -> dict[int, date]:
    """The day of each conference by month: the opening, then third Thursdays October to May."""
    days = {9: opening_on(year)}
    for month in CONFERENCE_MONTHS:
        first = date(year if month >= STARTS[0] else year + 1, month, 1)
        days[month] = first + relativedelta(weekday=TH(3))
    return days


def mondays(year: int) -> list[date]:
    """The Monday of every week of the season: from the first in it to the last."""
    first, last = bounds(year)
    day = first + timedelta(days=-first.weekday() % 7)
    return [day + timedelta(weeks=n) for n in range((last - day).days // 7 + 1)]


def is_study_week(monday: date, year: int) -> bool:
    """Whether internships, seminars and project sessions take place: all but the summer."""
    return monday <= date(year + 1, *LAST_WEEK)


def working_day(day: date, off: Collection[date]) -> date | None:
    """The day, or the next working one of its week; None where the rest of the week is off."""
    while day in off or day.weekday() > 4:
        if day.weekday() >= 4:
            return None
        day += timedelta(days=1)
    return day
