"""Moving a session to another hour."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sessions.flows import scheduling
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.rules.timetable import WallTime
from sessions.web import desk_conflicts, desk_history, words
from sessions.web.conflict_words import Said
from sessions.web.desk import pages
from sessions.web.desk_access import managed
from sessions.web.desk_forms import MoveForm, seen_revision
from sessions.web.desk_saving import differences, save
from sessions.web.planner_lists import member_cities


@pages.get("/sessions/<int:session_id>/desk/move")
def move(session_id: int) -> ResponseReturnValue:
    """Date, hour and zone in a form."""
    session = managed(session_id)
    form = MoveForm(None, session, member_cities(), current_app.config["TIMEZONE"])
    trouble = "" if session.state in lifecycle.MOVABLE else words.refusal("session.not_movable")
    return _move_page(session, form, trouble=trouble)


@pages.post("/sessions/<int:session_id>/desk/move")
def keep_move(session_id: int) -> ResponseReturnValue:
    """Move the session; 409 with both times where someone else moved it meanwhile."""
    session = managed(session_id)
    form = MoveForm(request.form, session, member_cities(), current_app.config["TIMEZONE"])
    is_readable = form.validate()
    if is_readable and request.form.get("do") == "show":
        return _move_page(session, form, seen=seen_revision())
    if not is_readable or not form.is_meant():
        return _move_page(session, form, seen=seen_revision()), 400
    wall = form.wall()
    return save(
        session,
        lambda: scheduling.move(session_id, wall, seen_revision(), g.viewer.person_id),
        lambda now, trouble, differ: _move_page(now, form, trouble=trouble, changes=differ),
        lambda now: differences(_when(wall), _when(now.wall)),
        gettext("Moved to %(when)s.", when=desk_history.wall_words(wall)),
    )


def _move_page(session: Session, form: MoveForm, seen: int | None = None, **facts: Any) -> str:
    return render_template(
        "pages/desk_move.html",
        session=session,
        form=form,
        seen=session.revision if seen is None else seen,
        was=desk_history.wall_words(session.wall),
        hinders=_hinders(session, form),
        section="desk.index",
        **facts,
    )


def _hinders(session: Session, form: MoveForm) -> list[Said]:
    """What speaks against the hour that the form names."""
    known = form.day.data and form.at.data and form.tz.data in dict(form.tz.choices)
    if not known or not 2000 <= form.day.data.year <= 2100:
        return []
    return desk_conflicts.said(session, form.wall())


def _when(wall: WallTime) -> dict[str, str]:
    return {"wall_start": desk_history.wall_words(wall)}
