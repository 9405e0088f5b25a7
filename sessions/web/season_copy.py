"""Carrying a season over to the next year: every date first, then drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select

from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.runtime.errors import Refused
from integrations.runtime.settings import Settings
from sessions.flows import copying
from sessions.flows.copying import Proposal
from sessions.models.programme import Season
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from sessions.web import guard, once, reader, words

pages = Blueprint("season_copy", __name__, url_prefix="/plan/seasons")

MOVE = "move"


@dataclass(frozen=True)
class Row:
    """A proposal as the page shows it: ticked or not, moved off its day off or not."""

    proposal: Proposal
    is_ticked: bool
    is_moved: bool

    @property
    def may_be_made(self) -> bool:
        return self.proposal.later is not None and self.proposal.made_id is None

    @property
    def on(self) -> date | None:
        """The date that a draft would have."""
        later = self.proposal.later
        if later is None:
            return None
        return later.free if self.is_moved and later.free else later.on

    @property
    def starts_at(self) -> datetime | None:
        """The instant of that date, at the hour of the session."""
        source = self.proposal.source
        if self.on is None:
            return None
        at = datetime.combine(self.on, source.wall_start.time())
        return WallTime(at, source.tz).instant()

    @property
    def ends_at(self) -> datetime | None:
        at = self.starts_at
        return at + timedelta(minutes=self.proposal.source.duration_min) if at else None


def meetings(rows: Sequence[Row]) -> dict[int, list[Session]]:
    """Which sessions of these rows would meet at the same hour, by the id of each."""
    found: dict[int, list[Session]] = {}
    running: list[tuple[datetime, Session]] = []
    coming = [
        (row.starts_at, row.ends_at, row.proposal.source)
        for row in rows
        if row.is_ticked and row.may_be_made and row.starts_at and row.ends_at
    ]
    for starts_at, ends_at, source in sorted(coming, key=lambda one: (one[0], one[2].id)):
        running = [(end, other) for end, other in running if end > starts_at]
        for _, other in running:
            found.setdefault(source.id, []).append(other)
            found.setdefault(other.id, []).append(source)
        running.append((ends_at, source))
    return found


@pages.get("")
@guard.team_only
def index() -> ResponseReturnValue:
    """The seasons there are."""
    seasons = db.session.scalars(select(Season).order_by(Season.starts_on.desc())).all()
    return render_template("pages/season_copies.html", seasons=seasons, section="planner.index")


@pages.get("/<int:season_id>/next-year")
@guard.team_only
def show(season_id: int) -> ResponseReturnValue:
    """Every date of the next year; nothing is made."""
    season = _season(season_id)
    rows = [
        Row(one, is_ticked=one.is_wanted, is_moved=one.moves)
        for one in copying.proposals(season_id, reader.locale())
    ]
    return _page(season, rows)


@pages.post("/<int:season_id>/next-year")
@guard.team_only
def carry_over(season_id: int) -> ResponseReturnValue:
    """Make drafts of the sessions that are ticked."""
    _season(season_id)
    rows = _sent(season_id)
    chosen = {
        row.proposal.source.id: row.on
        for row in rows
        if row.is_ticked and row.may_be_made and row.on is not None
    }

    def make() -> str:
        domain = ports.get(Settings).domain
        made = copying.carry_over(season_id, chosen, g.viewer.person_id, domain)
        flash(
            ngettext(
                "%(num)s draft is ready. Only the team sees it until you publish it.",
                "%(num)s drafts are ready. Only the team sees them until you publish them.",
                made.sessions,
            ),
            "ok",
        )
        return url_for("schedule.season", season_id=made.season_id)

    try:
        return redirect(once.only(request.form.get(once.FIELD, ""), make))
    except Refused as refused:
        return _page(_season(season_id), _sent(season_id), words.refusal(refused.reason)), 400


def _sent(season_id: int) -> list[Row]:
    """The rows as the form that was sent had them."""
    ticked = set(request.form.getlist("on"))
    return [
        Row(
            one,
            is_ticked=str(one.source.id) in ticked,
            is_moved=request.form.get(f"to-{one.source.id}") == MOVE,
        )
        for one in copying.proposals(season_id, reader.locale())
    ]


def _season(season_id: int) -> Season:
    season = db.session.get(Season, season_id)
    if season is None:
        abort(404)
    return season


def _page(season: Season, rows: Sequence[Row], trouble: str = "") -> str:
    return render_template(
        "pages/season_copy.html",
        season=season,
        rows=rows,
        meetings=meetings(rows),
        ticked=sum(row.is_ticked and row.may_be_made for row in rows),
        made=sum(row.proposal.made_id is not None for row in rows),
        off=sum(bool(row.proposal.later and row.proposal.later.holiday) for row in rows),
        trouble=trouble or ("" if rows else gettext("This season has no sessions.")),
        section="planner.index",
    )
