"""The series of a demo season: its conferences and what takes place every week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from integrations.runtime.database import db
from sessions.demo import year as dates
from sessions.demo.timetabling import CONFERENCE_START, HOME, WEEKLY
from sessions.models.programme import Series
from sessions.rules.recurrence import MonthlyRule, WeeklyRule
from sessions.rules.written_rules import to_json

TITLES = {
    "video_conference": "Видеоконференция месяца",
    "internship": "Стажировки недели",
    "seminar": "Семинары недели",
    "project_session": "Проектные сессии недели",
    "consultation": "Консультации недели",
}
LENGTHS_MIN = {
    "video_conference": 90, "internship": 360, "seminar": 90, "project_session": 180,
    "consultation": 60,
}  # fmt: skip
THURSDAY = 3


def put(year: int, season_id: int) -> int:
    """The five series of the season; its id."""
    first, last = dates.bounds(year)
    monthly = MonthlyRule(3, THURSDAY, date(year, 10, 1), date(year + 1, 5, 31))
    db.session.add(_series("video_conference", season_id, to_json(monthly), CONFERENCE_START))
    for kind, (weekday, start) in WEEKLY.items():
        until = last if kind == "consultation" else date(year + 1, *dates.LAST_WEEK)
        rule = WeeklyRule(1, (weekday,), first, until)
        db.session.add(_series(kind, season_id, to_json(rule), start))
    return season_id


def _series(kind: str, season_id: int, rule: dict[str, object], start: object) -> Series:
    return Series(
        season_id=season_id,
        title=TITLES[kind],
        rule=rule,
        tz=HOME,
        wall_start=start,
        duration_min=LENGTHS_MIN[kind],
        holiday_policy="shift",
        template={"format": kind, "language": "ru"},
    )


def ids(seasons: Mapping[int, int]) -> dict[tuple[int, str], int]:
    """The series' ids by the season's year and the format."""
    years = {season_id: year for year, season_id in seasons.items()}
    formats = {title: kind for kind, title in TITLES.items()}
    rows = db.session.execute(select(Series.season_id, Series.title, Series.id)).all()
    return {(years[season_id], formats[title]): one for season_id, title, one in rows}
