"""Publishing drafts together: those of a series, or the whole plan of a season."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select

from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.models.programme import Season, Series
from sessions.models.session import Session
from sessions.web import guard, reader, rooms, typography
from sessions.web.planner_pages import pages


@pages.post("/series/<int:series_id>/publish")
@guard.team_only
def publish(series_id: int) -> ResponseReturnValue:
    """Publish every draft of a series as the page showed it; those changed meanwhile are named."""
    series = db.get_or_404(Series, series_id)
    _publish(_drafts(Session.series_id == series_id))
    if request.form.get("back") == "plan":
        return redirect(url_for("planner.index", season=series.season_id))
    return redirect(url_for("planner.series", series_id=series_id))


@pages.post("/seasons/<int:season_id>/publish")
@guard.team_only
def publish_season(season_id: int) -> ResponseReturnValue:
    """The same for every draft of a season, in a series or not."""
    db.get_or_404(Season, season_id)
    _publish(_drafts(Session.season_id == season_id))
    return redirect(url_for("planner.index", season=season_id))


@pages.get("/seasons/<int:season_id>/publish")
@guard.team_only
def back_to_season(season_id: int) -> ResponseReturnValue:
    """Whoever reloads the address of the press sees the plan."""
    return redirect(url_for("planner.index", season=season_id))


def _drafts(*those: object) -> Sequence[int]:
    """The ids of the drafts among those sessions, in order of time."""
    query = select(Session.id).where(Session.state == "draft", *those)  # type: ignore[arg-type]
    return db.session.scalars(query.order_by(Session.starts_at, Session.id)).all()


def _publish(ids: Sequence[int]) -> None:
    """Publish them, and tell what came of it."""
    done, left = publish_drafts(ids, request.form, g.viewer.person_id)
    if done:
        flash(
            ngettext("%(num)s session is published.", "%(num)s sessions are published.", done), "ok"
        )
    for title, starts_at in left:
        flash(
            gettext(
                "“%(title)s”, %(date)s: someone changed it meanwhile. "
                "Look at it and publish again.",
                title=title,
                date=typography.date_short(starts_at, reader.locale()),
            ),
            "warn",
        )


def publish_drafts(
    ids: Sequence[int], seen: Mapping[str, str], by: int | None
) -> tuple[int, list[tuple[str, datetime]]]:
    """Publish drafts: how many were, and (title, wall start) of those changed meanwhile.

    seen: the form, with `revision-<id>` for each draft it showed, one made since waits; and who
    makes the rooms of those that lack one.
    """
    done, left = 0, []
    for session_id in ids:
        revision = seen.get(f"revision-{session_id}", "")
        if not revision.isdigit():
            continue
        try:
            with transaction():
                rooms.publish(session_id, int(revision), by)
            done += 1
        except Refused:
            session = db.session.get_one(Session, session_id, populate_existing=True)
            if session.state == "draft":  # else somebody published it at the same moment
                left.append((session.title, session.wall_start))
    return done, left
