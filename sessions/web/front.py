"""The front page: what is next, what was, and the search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import case, select
from sqlalchemy.orm import joinedload, selectinload

from archive import shelf
from archive.models import Talk
from integrations.runtime import clock
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.participation import HOLDING, Invitation, Registration
from sessions.models.poll import Topic
from sessions.models.session import Session
from sessions.rules import lifecycle, permissions
from sessions.web import front_figures, guard, hours, reader, visible, whose_time
from sessions.web.hours import Hour, Place

pages = Blueprint("front", __name__)

SOON = 4
RECENT = 3
# No session is longer: what began before cannot be on.
LONGEST = timedelta(days=2)
ABOUT_TO_BEGIN = timedelta(hours=1)


@pages.get("/")
def index() -> ResponseReturnValue:
    """What is next, what comes after it, what was held lately, the search and the figures."""
    viewer: Viewer = g.viewer
    mine_id, token = _mine(viewer)
    coming = _coming(viewer, mine_id)
    joinable = [one for one in coming if one.state in lifecycle.JOINABLE]
    mine = next((one for one in joinable if one.id == mine_id), None)
    leading = _leading(joinable, viewer)
    following = leading or mine or next(iter(joinable), None)
    places = hours.member_places()
    recent = _recent(viewer)
    return render_template(
        "pages/front.html",
        following=following,
        join_url=f"{request.script_root}/j/{token}" if mine and following is mine else "",
        leads=leading is not None,
        on_now=following is not None and following.starts_at <= clock.now(),
        pressing=_pressing(following) if following else "",
        members=len(places),
        places=_hours(following, places) if following else [],
        soon=[one for one in coming if one is not following][:SOON],
        recent=recent,
        pictured=shelf.pictures([talk.id for talk in recent]),
        figures=front_figures.of_the_season(viewer),
        words=whose_time.words_of(guard.person(), reader.locale()),
        home=current_app.config["TIMEZONE"],
    )


def _leading(joinable: Sequence[Session], viewer: Viewer) -> Session | None:
    """The session that the reader runs and that is on, or about to begin."""
    led = permissions.hosted(viewer.keys)
    soon = clock.now() + ABOUT_TO_BEGIN
    return next((one for one in joinable if one.id in led and one.starts_at <= soon), None)


def _mine(viewer: Viewer) -> tuple[int, str]:
    """The next session in which the reader takes part, and the secret of their link; or (0, "")."""
    if viewer.person_id is None:
        return 0, ""
    now = clock.now()
    rows = db.session.execute(
        select(Session.id, Session.starts_at, Session.duration_min, Invitation.token)
        .join(Registration, Registration.session_id == Session.id)
        .join(Invitation, Invitation.registration_id == Registration.id)
        .where(
            Registration.person_id == viewer.person_id,
            Registration.state.in_(HOLDING),
            Session.state.in_(lifecycle.JOINABLE),
            Session.starts_at > now - LONGEST,
        )
        .order_by(Session.starts_at, Session.id)
        .limit(20)
    )
    for id_, starts_at, minutes, token in rows:
        if starts_at + timedelta(minutes=minutes) > now:
            return id_, token
    return 0, ""


def _coming(viewer: Viewer, mine_id: int) -> list[Session]:
    """The sessions to come and those that are on, soonest first; drafts stay on the planner."""
    now = clock.now()
    sessions = db.session.scalars(
        select(Session)
        .where(
            Session.state.in_(lifecycle.TO_COME),
            Session.starts_at > now - LONGEST,
            visible.may_open(viewer),
        )
        .options(selectinload(Session.cities), joinedload(Session.topic).lazyload(Topic.season))
        # The reader's own is among them, however many others come before it.
        .order_by(case((Session.id == mine_id, 0), else_=1), Session.starts_at, Session.id)
        .limit(50)
    ).all()
    ahead = [one for one in sessions if one.ends_at > now]
    return sorted(ahead, key=lambda one: (one.starts_at, one.id))


def _hours(session: Session, places: Sequence[Place]) -> list[Hour]:
    return hours.of_session(session.starts_at, timedelta(minutes=session.duration_min), places)


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
