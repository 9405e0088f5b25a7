"""The front page: what is next, what was, and the search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from archive import shelf
from archive.models import Talk
from integrations.runtime import clock
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.web import guard, hours, reader, visible, whose_time

pages = Blueprint("front", __name__)

SOON = 4
RECENT = 3
# No session is longer: what began before cannot be on.
LONGEST = timedelta(days=2)


@pages.get("/")
def index() -> ResponseReturnValue:
    """What is next, what comes after it, what was held lately, and the search."""
    viewer: Viewer = g.viewer
    coming = _coming(viewer)
    following = next((one for one in coming if one.state in lifecycle.JOINABLE), None)
    facts = {}
    if following is not None:
        facts = {
            "places": hours.of_session(
                following.starts_at,
                timedelta(minutes=following.duration_min),
                hours.member_places(),
            ),
            "pressing": _pressing(following),
        }
    recent = _recent(viewer)
    return render_template(
        "pages/front.html",
        following=following,
        soon=[one for one in coming if one is not following][:SOON],
        recent=recent,
        pictured=shelf.pictures([talk.id for talk in recent]),
        words=whose_time.words_of(guard.person(), reader.locale()),
        home=current_app.config["TIMEZONE"],
        **facts,
    )


def _coming(viewer: Viewer) -> list[Session]:
    """The sessions to come and those that are on, soonest first; drafts stay on the planner."""
    now = clock.now()
    sessions = db.session.scalars(
        select(Session)
        .where(
            Session.state.in_(("scheduled", "postponed", "live")),
            Session.starts_at > now - LONGEST,
            visible.may_open(viewer),
        )
        .options(selectinload(Session.cities))
        .order_by(Session.starts_at, Session.id)
        .limit(50)
    ).all()
    return [one for one in sessions if one.ends_at > now]


def _recent(viewer: Viewer) -> Sequence[Talk]:
    """The latest published talks that this reader may open."""
    return db.session.scalars(
        select(Talk)
        .where(Talk.state == "published", shelf.open_to(viewer))
        .order_by(Talk.held_on.desc().nulls_last(), Talk.id.desc())
        .limit(RECENT)
    ).all()


def _pressing(session: Session) -> str:
    """How near it is on the reader's clock: on now, today, tomorrow; empty where it is farther."""
    now = clock.now()
    if session.starts_at <= now:
        return str(gettext("On now"))
    days = (_day(session.starts_at) - _day(now)).days
    if days == 0:
        return str(gettext("Today"))
    return str(gettext("Tomorrow")) if days == 1 else ""


def _day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(reader.reader_zone())).date()
