"""Holding a session once more: a draft with everything but its date and its people."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from integrations.runtime import clock, ports
from integrations.runtime.settings import Settings
from sessions.flows import holding_again
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from sessions.web import desk_history, once
from sessions.web.desk import pages
from sessions.web.desk_access import managed
from sessions.web.desk_forms import MoveForm
from sessions.web.planner_lists import member_cities

_WEEKS = 4


@pages.get("/sessions/<int:session_id>/desk/repeat")
def ask_repeat(session_id: int) -> ResponseReturnValue:
    """When to hold it again: the same weekday four weeks on, unless the host says otherwise."""
    session = managed(session_id)
    form = _form(session, None)
    form.day.data = _suggested(session).date()
    return _page(session, form)


@pages.post("/sessions/<int:session_id>/desk/repeat")
def repeat(session_id: int) -> ResponseReturnValue:
    """Make the draft, and lead to its desk."""
    session = managed(session_id)
    form = _form(session, request.form)
    if not form.validate() or not form.may_be_past():
        return _page(session, form), 400
    wall = form.wall()

    def make() -> str:
        domain = ports.get(Settings).domain
        copy_id = holding_again.repeat(session_id, wall, g.viewer.person_id, domain)
        flash(gettext("The draft is ready. Only the team sees it until you publish it."), "ok")
        return url_for("desk.show", session_id=copy_id)

    return redirect(once.only(request.form.get(once.FIELD, ""), make))


def _form(session: Session, given: object) -> MoveForm:
    return MoveForm(given, session, member_cities(), current_app.config["TIMEZONE"])


def _suggested(session: Session) -> datetime:
    """The weekday and hour of the session, weeks on, never in the past."""
    at = session.wall_start + timedelta(weeks=_WEEKS)
    now = clock.now().astimezone(ZoneInfo(session.tz)).replace(tzinfo=None)
    while at < now:
        at += timedelta(weeks=1)
    return at


def _page(session: Session, form: MoveForm) -> str:
    return render_template(
        "pages/desk_repeat.html",
        session=session,
        form=form,
        was=desk_history.wall_words(WallTime(session.wall_start, session.tz)),
        section="desk.index",
    )
