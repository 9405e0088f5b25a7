"""The schedule: the sessions of a season that this reader may open, as a list or as a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.flows import planning
from sessions.models.programme import Season
from sessions.models.session import Session
from sessions.rules import permissions
from sessions.web import (
    guard,
    reader,
    schedule_found,
    schedule_month,
    subscribing,
    visible,
    whose_time,
)
from sessions.web.schedule_found import Known
from sessions.web.schedule_month import Month

pages = Blueprint("schedule", __name__, url_prefix="/schedule")

PER_PAGE = 100


@dataclass(frozen=True)
class Page:
    """A part of a long list, as the links under it want to know it."""

    page: int
    pages: int

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    def iter_pages(self, **_edges: int) -> list[int | None]:
        near = {1, self.page - 1, self.page, self.page + 1, self.pages}
        shown: list[int | None] = []
        for number in sorted(n for n in near if 1 <= n <= self.pages):
            if shown and shown[-1] is not None and number > shown[-1] + 1:
                shown.append(None)
            shown.append(number)
        return shown


@dataclass(frozen=True)
class MonthLink:
    """A month of the season among which one chooses."""

    first: date
    name: str
    count: int

    @property
    def value(self) -> str:
        return f"{self.first:%Y-%m}"


@pages.get("", defaults={"season_id": None})
@pages.get("/<int:season_id>")
def season(season_id: int | None) -> ResponseReturnValue:
    """The sessions of a season, by default the one that is on."""
    seasons = db.session.scalars(
        select(Season).where(visible.seasons(g.viewer)).order_by(Season.starts_on.desc())
    ).all()
    chosen = current(seasons)
    if season_id is not None:
        chosen = visible.season_or_404(season_id, g.viewer)
    drafts = permissions.TEAM in g.viewer.keys
    if chosen is None:
        return render_template("pages/schedule.html", season=None, drafts=drafts)
    now, filters = clock.now(), schedule_found.asked()
    every = schedule_found.known_of(chosen.id, g.viewer, filters.city)
    cities = schedule_found.cities_of(chosen.id, g.viewer)
    known = schedule_found.narrowed(every, filters)
    over = {one.id: one.is_over(now) for one in every}
    view = _view(known, now)
    shown = _month(chosen, known, now) if view == "month" else _list(known, view, over)
    scope = _scope(every, view, over, shown.get("month"))
    return render_template(
        "pages/schedule.html",
        season=chosen,
        seasons=seasons,
        view=view,
        filters=filters,
        formats=schedule_found.formats_of(scope, filters),
        counts=Counter(
            "past" if over[one.id] else "soon" for one in known if one.state != "cancelled"
        ),
        cities=cities,
        topics=schedule_found.topics_of(chosen.id, every),
        figures=schedule_found.figures(chosen.id, g.viewer, every, cities, now),
        drafts=drafts,
        way=subscribing.of_season(chosen),
        words=whose_time.words_of(guard.person(), reader.locale()),
        home=current_app.config["TIMEZONE"],
        **shown,
    )


def current(seasons: Sequence[Season]) -> Season | None:
    """The season that is on, else the next one, else the last; None where there is none.

    seasons: the latest first.
    """
    today = clock.now().astimezone(ZoneInfo(current_app.config["TIMEZONE"])).date()
    coming = [one for one in seasons if one.ends_on >= today]
    return coming[-1] if coming else seasons[0] if seasons else None


def _view(known: Sequence[Known], now: datetime) -> str:
    """ "month", "soon" or "past": what is asked for, else this month where it has sessions."""
    asked = request.args.get("view", "")
    if asked == "month" or (not asked and "month" in request.args):
        return "month"
    if asked or "past" in request.args or "page" in request.args:
        return "past" if "past" in request.args else "soon"
    zone = ZoneInfo(reader.reader_zone())
    this = now.astimezone(zone).date().replace(day=1)
    return "month" if any(one.on(zone).replace(day=1) == this for one in known) else "soon"


def _scope(
    every: Sequence[Known], view: str, over: dict[int, bool], month: Month | None
) -> list[Known]:
    """The sessions among which the chips of formats count: of the month, or of the list."""
    if month is None:
        return [one for one in every if over[one.id] == (view == "past")]
    zone = ZoneInfo(reader.reader_zone())
    return [one for one in every if one.on(zone).replace(day=1) == month.first]


def _list(known: Sequence[Known], view: str, over: dict[int, bool]) -> dict[str, Any]:
    """One page of the season's sessions: soon in the order of time, past the latest first."""
    ids = [one.id for one in known if over[one.id] == (view == "past")]
    if view == "past":
        ids.reverse()
    pages_ = max(1, -(-len(ids) // PER_PAGE))
    asked = request.args.get("page", 1, type=int)
    page = Page(min(max(asked, 1), pages_), pages_)
    shown = schedule_found.loaded(ids[(page.page - 1) * PER_PAGE : page.page * PER_PAGE])
    return {"months": _by_month(shown), "page": page}


def _by_month(sessions: Sequence[Session]) -> list[tuple[date, list[Session]]]:
    """The sessions under the first day of their month, on the reader's clock."""
    zone = ZoneInfo(reader.reader_zone())
    return [
        (month, list(group))
        for month, group in groupby(
            sessions, lambda one: one.starts_at.astimezone(zone).date().replace(day=1)
        )
    ]


def _month(chosen: Season, known: Sequence[Known], now: datetime) -> dict[str, Any]:
    """The month that is asked for, within the season, with the months around it."""
    zone, locale = ZoneInfo(reader.reader_zone()), reader.locale()
    today = now.astimezone(zone).date()
    by_month = Counter(one.on(zone).replace(day=1) for one in known)
    # On a clock far from the programme's, its last evening may be of the month after.
    edges = [chosen.starts_on, chosen.ends_on, *by_month]
    months = schedule_month.months_between(min(edges), max(edges))
    asked = schedule_month.named(request.args.get("month", "")) or today.replace(day=1)
    first = min(max(asked, months[0]), months[-1])
    by_day: dict[date, list[Session]] = {}
    for session in schedule_found.loaded(
        [one.id for one in known if one.on(zone).replace(day=1) == first]
    ):
        by_day.setdefault(session.starts_at.astimezone(zone).date(), []).append(session)
    off = planning.days_off(first - timedelta(days=7), first + timedelta(days=38), locale)
    links = [MonthLink(one, schedule_month.name_of(one, locale), by_month[one]) for one in months]
    place = months.index(first)
    near = schedule_month.nearest(first, by_month)
    return {
        "month": schedule_month.grid(first, by_day, off, today),
        "months": links,
        "here": links[place],
        "before": links[place - 1] if place else None,
        "after": links[place + 1] if place + 1 < len(links) else None,
        "this": next((one for one in links if one.first == today.replace(day=1)), None),
        "near": links[months.index(near)] if near else None,
        "weekdays": [months[0] - timedelta(days=months[0].weekday() - day) for day in range(7)],
    }
