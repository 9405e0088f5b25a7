"""A host plans a series: dates first, then drafts that only the team sees."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import holidays
from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import SeriesPlanned
from sessions.models.audit import record
from sessions.models.programme import Season, Series
from sessions.models.session import Session, SessionCity
from sessions.rules import days_off as dates_off
from sessions.rules import timetable, written_rules
from sessions.rules.days_off import PlannedDate, Policy
from sessions.rules.recurrence import Rule


@dataclass(frozen=True)
class SeriesPlan:
    """What a host says of a series. Times are wall times in `tz`."""

    title: str
    rule: Rule
    tz: str
    wall_start: time
    duration_min: int
    policy: Policy = "ask"
    format: str = "video_conference"
    mode: str = "online"
    visibility: str = "public"
    summary: str = ""
    language: str = "ru"
    presenting: Sequence[int] = field(default=())


def days_off(first: date, last: date, locale: str = "ru") -> dict[date, str]:
    """Russia's days off between two dates, transferred working days among them, by name."""
    years = range(first.year, last.year + 1)
    language = "en_US" if locale == "en" else "ru"
    return {
        on: name
        for on, name in holidays.country_holidays("RU", years=years, language=language).items()
        if first <= on <= last
    }


def preview(plan: SeriesPlan, locale: str = "ru") -> list[PlannedDate]:
    """The dates the plan gives, days off looked at; nothing is made."""
    # A date moved off a day off may pass the rule's end, and there meet another.
    last = plan.rule.last_on + timedelta(days=366)
    off = days_off(plan.rule.first_on, last, locale)
    return dates_off.planned(plan.rule, off, plan.policy)


def season_for(on: date) -> Season:
    """The season that contains a date; made (1 September to 31 August) where there is none."""
    season = db.session.scalars(
        select(Season).where(Season.starts_on <= on, Season.ends_on >= on).order_by(Season.id)
    ).first()
    if season is None:
        year = on.year if on.month >= 9 else on.year - 1
        season = Season(
            name=f"{year}/{(year + 1) % 100:02}",
            starts_on=date(year, 9, 1),
            ends_on=date(year + 1, 8, 31),
            state="planned",
        )
        db.session.add(season)
        db.session.flush()
    return season


def plan_series(plan: SeriesPlan, dates: Sequence[PlannedDate], by: int | None, domain: str) -> int:
    """Make a draft for each date; the id of the series. Raises Refused("series.no_dates")."""
    if not dates:
        raise Refused("series.no_dates")
    with transaction():
        series = Series(
            season_id=season_for(dates[0].on).id,
            title=plan.title,
            rule=written_rules.to_json(plan.rule),
            tz=plan.tz,
            wall_start=plan.wall_start,
            duration_min=plan.duration_min,
            holiday_policy=plan.policy,
        )  # fmt: skip
        db.session.add(series)
        db.session.flush()
        for planned in dates:
            wall = timetable.at(planned.on, plan.wall_start, plan.tz)
            original = datetime.combine(planned.original, plan.wall_start)
            draft(plan, wall, season_for(planned.on).id, by, domain, series.id, original)
        record(by, "series.planned", f"series:{series.id}", dates=len(dates), title=plan.title)
        publish(SeriesPlanned(series.id, by))
        return series.id


def plan_one(plan: SeriesPlan, at: datetime, by: int | None, domain: str) -> int:
    """Make one draft at a wall time of the plan's zone, outside any series; its id."""
    with transaction():
        wall = timetable.WallTime(at, plan.tz)
        session = draft(plan, wall, season_for(at.date()).id, by, domain, None)
        record(by, "session.planned", f"session:{session.id}", title=plan.title)
        return session.id


def draft(
    plan: SeriesPlan,
    wall: timetable.WallTime,
    season_id: int,
    by: int | None,
    domain: str,
    series_id: int | None,
    original: datetime | None = None,
) -> Session:
    """A new draft, in the caller's transaction. domain: what stands after the @ of its UID.

    original: the wall time its rule gave, where a day off moved it from there.
    """
    session = Session(
        series_id=series_id,
        season_id=season_id,
        title=plan.title,
        summary=plan.summary,
        language=plan.language,
        format=plan.format,
        mode=plan.mode,
        visibility=plan.visibility,
        owner_id=by,
        duration_min=plan.duration_min,
        original_wall_start=original or wall.local,
        uid=f"{uuid.uuid4()}@{domain}",
        revised_at=clock.now().replace(microsecond=0),
    )
    session.place_at(wall)
    session.cities = [SessionCity(city_id=city, role="presenting") for city in plan.presenting]
    db.session.add(session)
    db.session.flush()
    return session
