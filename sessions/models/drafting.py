"""How drafts of sessions come to be: what a host says of them, made into rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.programme import Season, Series
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.rules import timetable
from sessions.rules.days_off import PlannedDate, Policy
from sessions.rules.recurrence import Rule
from sessions.rules.timetable import WallTime

# What sessions of a series have in common, besides their cities.
TEMPLATE = ("title", "format", "mode", "visibility", "summary", "language")

_COPIED = (
    "title", "title_en", "summary", "summary_en", "language", "format", "mode", "visibility",
    "place", "capacity_online", "capacity_in_person", "owner_id", "duration_min",
)  # fmt: skip
_ITEM = ("offset_min", "duration_min", "title", "title_en", "place")


@dataclass(frozen=True)
class SeriesPlan:
    """What a host says of a series. Times are wall times in `tz`.

    reminders: of which kinds people are reminded, None for the programme's own.
    """

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
    is_visit: bool = False
    reminders: Sequence[str] | None = None

    def template(self) -> dict[str, Any]:
        """What the sessions of the series have in common, as Series.template keeps it."""
        words = {name: getattr(self, name) for name in TEMPLATE}
        return {**words, "presenting": list(self.presenting)}


def season_holding(on: date) -> Season | None:
    """The season that contains a date, the earliest made of several; None where there is none."""
    return db.session.scalars(
        select(Season).where(Season.starts_on <= on, Season.ends_on >= on).order_by(Season.id)
    ).first()


def season_for(on: date) -> Season:
    """The season that contains a date; made (1 September to 31 August) where there is none.

    One that is made is a draft until something in it is published: a year may be mistyped.
    """
    season = season_holding(on)
    if season is None:
        year = on.year if on.month >= 9 else on.year - 1
        season = Season(
            name=f"{year}/{(year + 1) % 100:02}",
            starts_on=date(year, 9, 1),
            ends_on=date(year + 1, 8, 31),
            state="draft",
        )
        db.session.add(season)
        db.session.flush()
    return season


def draft_of(
    series: Series,
    plan: SeriesPlan,
    planned: PlannedDate,
    off: Mapping[date, str],
    by: int | None,
    domain: str,
) -> Session:
    """A new draft of a series, in the caller's transaction. off: days off in Russian by name."""
    wall = timetable.at(planned.on, plan.wall_start, plan.tz)
    original = datetime.combine(planned.original, plan.wall_start)
    season_id = season_for(planned.on).id
    session = draft(plan, wall, season_id, by, domain, series.id, original)
    session.holiday = off.get(planned.original, "")
    return session


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


def copy_of(source: Session, at: WallTime, season_id: int, domain: str) -> Session:
    """A draft with what the source says of itself; nobody is asked to speak yet."""
    copy = Session(
        **{name: getattr(source, name) for name in _COPIED},
        season_id=season_id,
        copied_from_id=source.id,
        original_wall_start=at.local,
        uid=f"{uuid.uuid4()}@{domain}",
        revised_at=clock.now().replace(microsecond=0),
    )
    copy.place_at(at)
    copy.cities = [SessionCity(city_id=part.city_id, role=part.role) for part in source.cities]
    copy.agenda = [
        AgendaItem(
            **{name: getattr(item, name) for name in _ITEM},
            speakers=[
                Speaker(person_id=one.person_id, role=one.role, position=one.position)
                for one in item.speakers
            ],
        )
        for item in source.agenda
    ]
    return copy
