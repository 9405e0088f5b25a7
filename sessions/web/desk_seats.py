"""The page of a session's seats, and what a host does there about somebody's answer and seat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from integrations.runtime import clock
from integrations.runtime.database import db
from integrations.runtime.errors import Refused
from sessions.flows import replying, seating
from sessions.models.participation import ANSWERS, Registration
from sessions.web import guard, once, reader, seat_lists, whose_time, words
from sessions.web.desk import pages
from sessions.web.desk_access import managed

_ACTIONS = ("offer", "give", "keep", "let_go", "queue")


@pages.get("/sessions/<int:session_id>/desk/seats")
def seats_of(session_id: int) -> ResponseReturnValue:
    """Everyone invited: what they answered and how, whether they have a seat."""
    session = managed(session_id)
    asked = request.args.get("show", "")
    only = asked if asked in seat_lists.GROUPS else ""
    page, lines = seat_lists.page_of(session, only)
    return render_template(
        "pages/desk_seats.html",
        session=session,
        seats=seat_lists.of(session),
        lines=lines,
        pagination=page,
        only=only,
        may_note=seat_lists.is_open(session),
        home=current_app.config["TIMEZONE"],
        words=whose_time.words_of(guard.person(), reader.locale()),
        section="desk.index",
    )


@pages.get("/sessions/<int:session_id>/desk/people/<int:registration_id>/<any(answer, seat):_what>")
def back_to_seats(session_id: int, registration_id: int, _what: str) -> ResponseReturnValue:
    """Whoever reloads the address of a press sees the seats."""
    return redirect(url_for("desk.seats_of", session_id=session_id))


@pages.post("/sessions/<int:session_id>/desk/people/<int:registration_id>/answer")
def note_answer(session_id: int, registration_id: int) -> ResponseReturnValue:
    """Write down what somebody said by telephone."""
    managed(session_id)
    registration = _one_of(session_id, registration_id)
    said, mode = request.form.get("answer", ""), request.form.get("mode", "")
    if said not in ANSWERS:
        abort(400)
    name, invitation_id = registration.person.name, registration.invitation.id

    def change() -> str:
        taken = replying.answer(
            invitation_id, said, source="host", sequence=None, answered_at=clock.now(), mode=mode,
            by=g.viewer.person_id,
        )  # fmt: skip
        if taken.why:
            raise Refused("seats.over" if taken.why in ("over", "cancelled") else "seats.older")
        return _noted(name, taken.state)

    return _done(session_id, change)


@pages.post("/sessions/<int:session_id>/desk/people/<int:registration_id>/seat")
def change_seat(session_id: int, registration_id: int) -> ResponseReturnValue:
    """Offer, give, keep a seat, let go of it, or have somebody wait again."""
    managed(session_id)
    name = _one_of(session_id, registration_id).person.name
    action: Any = request.form.get("action", "")
    if action not in _ACTIONS:
        abort(400)

    def change() -> str:
        state = seating.act(registration_id, action, g.viewer.person_id)
        if action == "keep":
            return gettext("A seat is kept for %(name)s.", name=name)
        if action == "let_go":
            return gettext("No seat is kept for %(name)s any more.", name=name)
        return _noted(name, state)

    return _done(session_id, change)


def _one_of(session_id: int, registration_id: int) -> Registration:
    registration = db.session.get(Registration, registration_id)
    if registration is None or registration.session_id != session_id:
        abort(404)
    return registration


def _noted(name: str, state: str) -> str:
    return {
        "confirmed": gettext("%(name)s comes and has a seat.", name=name),
        "waiting": gettext("%(name)s is on the waiting list.", name=name),
        "offered": gettext("%(name)s was offered a seat and gets a letter.", name=name),
        "withdrawn": gettext("%(name)s does not come.", name=name),
    }.get(state, gettext("It is noted of %(name)s: perhaps.", name=name))


def _done(session_id: int, change: Callable[[], str]) -> ResponseReturnValue:
    """Where the press leads, with a word about what came of it."""
    show = request.form.get("show", "")
    url = url_for(
        "desk.seats_of", session_id=session_id, show=show if show in seat_lists.GROUPS else None
    )

    def told() -> str:
        flash(change(), "ok")
        return url

    try:
        return redirect(once.only(request.form.get(once.FIELD, ""), told), 303)
    except Refused as refused:
        flash(words.refusal(refused.reason, **refused.details), "warn")
        return redirect(url, 303)
