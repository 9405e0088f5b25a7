"""The session of a demonstration that one can join at once: an hour of questions, open now."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sessions.flows.planning import SeriesPlan
from sessions.rules.recurrence import MonthlyRule
from sessions.rules.timetable import WallTime

TZ = "Europe/Moscow"
TITLE = "Открытая комната: вопросы ведущим программы"
TITLE_EN = "Open room: ask the hosts of the programme"
SUMMARY = (
    "Час без повестки: можно проверить звук и камеру, спросить о сезоне и познакомиться с "
    "соседями. Заходите в любую минуту."
)
LENGTH_MIN = 60
# One date is planned, no series: the rule is never asked.
NO_RULE = MonthlyRule(1, 0, date(2000, 1, 1), date(2000, 1, 1))
_QUARTER = timedelta(minutes=15)


def plan() -> SeriesPlan:
    """What the host says of the room; its date comes apart."""
    return SeriesPlan(
        title=TITLE, summary=SUMMARY, rule=NO_RULE, tz=TZ, wall_start=time(0), mode="online",
        duration_min=LENGTH_MIN, format="consultation",
    )  # fmt: skip


def start_near(now: datetime) -> datetime:
    """The next full quarter of an hour: its join link is open already."""
    past = timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    return now - past + (_QUARTER if past else timedelta())


def wall(start: datetime) -> WallTime:
    """The instant as a clock of the programme shows it."""
    return WallTime(start.astimezone(ZoneInfo(TZ)).replace(tzinfo=None), TZ)
