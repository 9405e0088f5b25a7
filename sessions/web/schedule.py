"""The schedule: the sessions of a season that this reader may open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import case, select
from sqlalchemy.orm import selectinload

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.programme import Season
from sessions.models.session import FORMATS, Session
from sessions.rules import permissions
from sessions.web import reader, visible

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
class Listed:
    """How many sessions there are by format, soon and past, and those of one page by month."""

    formats: dict[str, int]
    soon: int
    past: int
    months: list[tuple[date, list[Session]]]
    page: Page


@pages.get("", defaults={"season_id": None})
@pages.get("/<int:season_id>")
def season(season_id: int | None) -> ResponseReturnValue:
    """The sessions of a season, by default the one that is on."""
    seasons = db.session.scalars(select(Season).order_by(Season.starts_on.desc())).all()
    chosen = db.get_or_404(Season, season_id) if season_id is not None else current(seasons)
    format_ = request.args.get("format", "")
    facts = {
        "season": chosen,
        "seasons": seasons,
        "format": format_,
        "past": "past" in request.args,
    }
    if chosen is None:
        return render_template("pages/schedule.html", listed=None, **facts)
    listed = sessions_of(chosen.id, format_ if format_ in FORMATS else "", bool(facts["past"]))
    return render_template(
        "pages/schedule.html",
        listed=listed,
        drafts=permissions.TEAM in g.viewer.keys,
        home=current_app.config["TIMEZONE"],
        **facts,
    )


def current(seasons: Sequence[Season]) -> Season | None:
    """The season that is on, else the next one, else the last; None where there is none.

    seasons: the latest first.
    """
    today = clock.now().astimezone(ZoneInfo(current_app.config["TIMEZONE"])).date()
    coming = [one for one in seasons if one.ends_on >= today]
    return coming[-1] if coming else seasons[0] if seasons else None


def sessions_of(season_id: int, format_: str, past: bool) -> Listed:
    """One page of the season's sessions: soon in the order of time, past the latest first."""
    now = clock.now()
    known = db.session.execute(
        select(Session.id, Session.format, Session.state, Session.starts_at, Session.duration_min)
        .where(Session.season_id == season_id, visible.may_open(g.viewer))
        .order_by(Session.starts_at, Session.id)
    ).all()
    over: dict[bool, list[tuple[int, str]]] = {False: [], True: []}
    for id_, kind, state, starts_at, minutes in known:
        is_over = state == "held" or starts_at + timedelta(minutes=minutes) < now
        over[is_over].append((id_, kind))
    ids = [id_ for id_, kind in over[past] if format_ in ("", kind)]
    if past:
        ids.reverse()
    pages_ = max(1, -(-len(ids) // PER_PAGE))
    asked = request.args.get("page", 1, type=int)
    page = Page(min(max(asked, 1), pages_), pages_)
    shown = _in_order(ids[(page.page - 1) * PER_PAGE : page.page * PER_PAGE])
    formats = Counter(kind for _, kind in over[past])
    by_format = {kind: formats[kind] for kind in FORMATS if formats[kind]}
    return Listed(by_format, len(over[False]), len(over[True]), _by_month(shown), page)


def _in_order(ids: Sequence[int]) -> Sequence[Session]:
    if not ids:
        return ()
    places = {id_: place for place, id_ in enumerate(ids)}
    return db.session.scalars(
        select(Session)
        .where(Session.id.in_(ids))
        .options(selectinload(Session.cities))
        .order_by(case(places, value=Session.id))
    ).all()


def _by_month(sessions: Sequence[Session]) -> list[tuple[date, list[Session]]]:
    """The sessions under the first day of their month, on the reader's clock."""
    zone = ZoneInfo(reader.reader_zone())
    return [
        (month, list(group))
        for month, group in groupby(
            sessions, lambda one: one.starts_at.astimezone(zone).date().replace(day=1)
        )
    ]
