"""Moving a session and changing its words; two hosts at once, and neither loses what they wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from integrations.runtime.errors import Refused, Stale
from sessions.flows import scheduling
from sessions.flows.scheduling import Details
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.rules.timetable import WallTime
from sessions.web import desk_history, once, reader, typography, words
from sessions.web.desk import pages
from sessions.web.desk_access import managed
from sessions.web.desk_forms import MoveForm, WordsForm, seen_revision
from sessions.web.planner_forms import formats, modes, visibilities
from sessions.web.planner_lists import member_cities

Difference = tuple[str, str, str]


@pages.get("/sessions/<int:session_id>/desk/edit")
def edit(session_id: int) -> ResponseReturnValue:
    """The words of a session in a form."""
    session = managed(session_id)
    return _edit_page(session, WordsForm(None, session, member_cities()))


@pages.post("/sessions/<int:session_id>/desk/edit")
def save(session_id: int) -> ResponseReturnValue:
    """Save the words; 409 with both versions where someone else saved meanwhile."""
    session = managed(session_id)
    form = WordsForm(request.form, session, member_cities())
    if not form.validate():
        return _edit_page(session, form, seen=seen_revision()), 400
    details = form.details()
    return _save(
        session,
        lambda: scheduling.edit(
            session_id, details, seen_revision(), g.viewer.person_id, tell=bool(form.tell.data)
        ),
        lambda now, trouble, differ: _edit_page(now, form, trouble=trouble, changes=differ),
        lambda now: differences(words_of_form(form), words_of_session(now)),
    )


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
    if not form.validate() or not form.may_be_past():
        return _move_page(session, form, seen=seen_revision()), 400
    wall = form.wall()
    return _save(
        session,
        lambda: scheduling.move(session_id, wall, seen_revision(), g.viewer.person_id),
        lambda now, trouble, differ: _move_page(now, form, trouble=trouble, changes=differ),
        lambda now: differences(_when(wall), _when(now.wall)),
        gettext("Moved to %(when)s.", when=desk_history.wall_words(wall)),
    )


def _save(
    session: Session,
    flow: Callable[[], None],
    page: Callable[[Session, str, list[Difference]], str],
    differ: Callable[[Session], list[Difference]],
    done: str = "",
) -> ResponseReturnValue:
    """Do it, or show the form again with the reason, its words kept."""
    session_id = session.id
    url = url_for("desk.show", session_id=session_id)

    def change() -> str:
        flow()
        flash(done or gettext("Saved."), "ok")
        return url

    try:
        return redirect(once.only(request.form.get(once.FIELD, ""), change))
    except Stale:
        now = managed(session_id)
        return page(now, _who_changed(session_id), differ(now)), 409
    except Refused as refused:
        now = managed(session_id)
        return page(now, words.refusal(refused.reason, **refused.details), []), 400


def _who_changed(session_id: int) -> str:
    who = desk_history.last_changed_by(session_id)
    if who:
        return gettext(
            "While you were editing, %(name)s saved this session. Your words are kept below.",
            name=who,
        )
    return gettext("While you were editing, this session was saved. Your words are kept below.")


def _edit_page(session: Session, form: WordsForm, seen: int | None = None, **facts: Any) -> str:
    return render_template(
        "pages/desk_edit.html",
        session=session,
        form=form,
        seen=session.revision if seen is None else seen,
        section="desk.index",
        **facts,
    )


def _move_page(session: Session, form: MoveForm, seen: int | None = None, **facts: Any) -> str:
    return render_template(
        "pages/desk_move.html",
        session=session,
        form=form,
        seen=session.revision if seen is None else seen,
        was=desk_history.wall_words(session.wall),
        section="desk.index",
        **facts,
    )


def differences(yours: Mapping[str, str], theirs: Mapping[str, str]) -> list[Difference]:
    """(field in words, yours, theirs) where the two differ."""
    names = desk_history.field_names()
    return [
        (names[name], value or "—", theirs[name] or "—")
        for name, value in yours.items()
        if value != theirs[name]
    ]


def words_of_form(form: WordsForm) -> dict[str, str]:
    """What a host wrote, as it reads on a page."""
    details = form.details()
    cities = [label for value, label in form.cities.choices if value in form.cities.data]
    return _readable(details, cities)


def words_of_session(session: Session) -> dict[str, str]:
    """What the session says now, as it reads on a page."""
    said = reader.locale()
    cities = [
        (said == "en" and part.city.name_en) or part.city.name
        for part in session.cities
        if part.role == "presenting"
    ]
    return _readable(session, cities)


def _readable(source: Details | Session, cities: list[str]) -> dict[str, str]:
    return {
        "title": source.title,
        "title_en": source.title_en,
        "summary": source.summary,
        "duration_min": typography.duration(source.duration_min * 60, reader.locale()),
        "format": formats()[source.format],
        "mode": modes()[source.mode],
        "place": source.place,
        "visibility": visibilities()[source.visibility],
        "presenting": ", ".join(sorted(cities)),
    }


def _when(wall: WallTime) -> dict[str, str]:
    return {"wall_start": desk_history.wall_words(wall)}
