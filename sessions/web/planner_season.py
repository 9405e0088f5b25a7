"""Where the plan of a season stands: its months, its series, the drafts that wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.programme import Season, Series
from sessions.models.session import Session
from sessions.rules.recurrence import nth_weekday
from sessions.web import guard, rooms
from sessions.web.planner_pages import pages
from sessions.web.planner_words import rule_words
from sessions.web.schedule_month import months_between

CONFERENCE = "video_conference"
LATEST = 50
_OFF = ("cancelled",)


@dataclass(frozen=True)
class Month:
    """A month of the season. offer: a date to plan something on, where nothing is to come."""

    first: date
    conferences: int
    others: int
    drafts: int
    offer: date | None


@dataclass(frozen=True)
class Planned:
    """A series with its sessions in the season. drafts: (id, revision) of those not published."""

    series: Series
    rule: str
    sessions: int
    drafts: Sequence[tuple[int, int]]
    first_at: datetime
    last_at: datetime


@pages.get("")
@guard.team_only
def index() -> ResponseReturnValue:
    """How far the plan of a season is, and the ways to plan more."""
    today = _today()
    seasons = db.session.scalars(select(Season).order_by(Season.starts_on, Season.id)).all()
    season = _chosen(seasons, today)
    rows = _sessions(season) if season else []
    drafts = _single_drafts(season)
    return render_template(
        "pages/planner.html",
        seasons=seasons,
        season=season,
        series=_series(rows),
        drafts=drafts,
        more_drafts=sum(_is_single_draft(row) for row in rows) - len(drafts) if season else 0,
        services=rooms.on_offer(),
        period=period_of(season) if season else {},
        **(_state(season, rows, today) if season else {"months": []}),
    )


def period_of(season: Season) -> dict[str, str]:
    """The fields of a rule for the months of a season to come; none of one that is on or over."""
    if season.starts_on <= _today():
        return {}
    may = date(season.ends_on.year, 5, 31)
    last = may if season.starts_on < may < season.ends_on else season.ends_on
    return {"first": season.starts_on.isoformat(), "last": last.isoformat()}


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(current_app.config["TIMEZONE"])).date()


def _chosen(seasons: Sequence[Season], today: date) -> Season | None:
    """The season asked for, else the one of today, else the next, else the last."""
    asked = request.args.get("season", "")
    for season in seasons:
        if str(season.id) == asked:
            return season
    to_come = [season for season in seasons if season.ends_on >= today]
    return to_come[0] if to_come else (seasons[-1] if seasons else None)


def _sessions(season: Season) -> list[Any]:
    """The sessions of a season that are not off, as columns."""
    query = (
        select(
            Session.id, Session.revision, Session.series_id, Session.state, Session.format,
            Session.wall_start, Session.starts_at,
        )
        .where(Session.season_id == season.id, Session.state.not_in(_OFF))
        .order_by(Session.starts_at, Session.id)
    )  # fmt: skip
    return [*db.session.execute(query)]


def _state(season: Season, rows: Sequence[Any], today: date) -> dict[str, Any]:
    """The figures of the plan and its months."""
    weeks, first = set(), season.starts_on - timedelta(days=season.starts_on.weekday())
    while first <= season.ends_on:
        weeks.add(first)
        first += timedelta(days=7)
    busy = {_monday(row.wall_start.date()) for row in rows}
    span = months_between(season.starts_on, season.ends_on)
    months = [_month(month, rows, today) for month in span]
    return {
        "months": months,
        "conferences": sum(row.format == CONFERENCE for row in rows),
        "others": sum(row.format != CONFERENCE for row in rows),
        "weeks": len(weeks),
        "busy_weeks": len(weeks & busy),
        "waiting": [(row.id, row.revision) for row in rows if row.state == "draft"],
        "bare": [month for month in months if month.offer],
    }


def _month(first: date, rows: Sequence[Any], today: date) -> Month:
    here = [row for row in rows if row.wall_start.date().replace(day=1) == first]
    conferences = sum(row.format == CONFERENCE for row in here)
    offer = nth_weekday(first.year, first.month, 3, 3)
    return Month(
        first=first,
        conferences=conferences,
        others=len(here) - conferences,
        drafts=sum(row.state == "draft" for row in here),
        offer=offer if not here and offer >= today else None,
    )


def _series(rows: Sequence[Any]) -> list[Planned]:
    """The series of these sessions, the latest made first."""
    by_series: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        if row.series_id is not None:
            by_series[row.series_id].append(row)
    found = db.session.scalars(
        select(Series).where(Series.id.in_(by_series)).order_by(Series.id.desc())
    )
    return [
        Planned(
            series=one,
            rule=rule_words(one),
            sessions=len(by_series[one.id]),
            drafts=[(row.id, row.revision) for row in by_series[one.id] if row.state == "draft"],
            first_at=by_series[one.id][0].starts_at,
            last_at=by_series[one.id][-1].starts_at,
        )
        for one in found
    ]


def _single_drafts(season: Season | None) -> Sequence[Session]:
    """The drafts outside any series, in order of time."""
    return db.session.scalars(
        select(Session)
        .where(
            Session.series_id.is_(None),
            Session.state == "draft",
            *([Session.season_id == season.id] if season else []),
        )
        .options(selectinload(Session.cities))
        .order_by(Session.starts_at, Session.id)
        .limit(LATEST)
    ).all()


def _is_single_draft(row: Any) -> bool:
    return row.series_id is None and row.state == "draft"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
