"""The host's desk: what needs doing, and everything that is done with one session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from integrations.runtime import clock
from integrations.runtime.errors import Refused, Stale
from sessions.flows import inviting, meetings, scheduling
from sessions.models.session import Session
from sessions.web import desk_history, desk_lists, guard, kept, once, pasting, rooms, words
from sessions.web.desk_access import managed, my_sessions
from sessions.web.desk_forms import seen_revision
from sessions.web.desk_page import shown

pages = Blueprint("desk", __name__)
kept.keep_forms(pages)

Step = Callable[[int, int, int | None], None]


@pages.get("/desk")
def index() -> ResponseReturnValue:
    """The sessions that need something."""
    mine = my_sessions(g.viewer)
    if mine is not None and not mine:
        if g.viewer.person_id is None:
            abort(guard.to_sign_in())
        abort(403)
    home = current_app.config["TIMEZONE"]
    return render_template(
        "pages/desk.html", desk=desk_lists.of(mine, clock.now(), home), home=home
    )


@pages.get("/sessions/<int:session_id>/desk")
def show(session_id: int) -> ResponseReturnValue:
    """Everything about one session, and what can be done with it now."""
    facts = {**shown(managed(session_id)), **pasting.shown(pasting.kept())}
    return render_template("pages/desk_session.html", **facts)


@pages.get("/sessions/<int:session_id>/desk/<any(publish, reinstate, end, invite, room):_what>")
def back(session_id: int, _what: str) -> ResponseReturnValue:
    """Whoever reloads the address of a press, or pages on from its answer, sees the desk."""
    kept: Any = request.args.to_dict()
    return redirect(url_for("desk.show", **{**kept, "session_id": session_id}))


@pages.post("/sessions/<int:session_id>/desk/publish")
def publish(session_id: int) -> ResponseReturnValue:
    """Make a draft public."""
    return take_step(session_id, rooms.publish, gettext("The session is published."))


@pages.get("/sessions/<int:session_id>/desk/cancel")
def ask_cancel(session_id: int) -> ResponseReturnValue:
    """Ask once more before everyone is told."""
    session = managed(session_id)
    return render_template("pages/desk_cancel.html", **shown(session))


@pages.post("/sessions/<int:session_id>/desk/cancel")
def cancel(session_id: int) -> ResponseReturnValue:
    """Call a session off."""
    return take_step(session_id, scheduling.cancel, gettext("The session is cancelled."))


@pages.post("/sessions/<int:session_id>/desk/reinstate")
def reinstate(session_id: int) -> ResponseReturnValue:
    """Bring a cancelled session back."""
    return take_step(session_id, scheduling.reinstate, gettext("The session is on again."))


@pages.post("/sessions/<int:session_id>/desk/end")
def end(session_id: int) -> ResponseReturnValue:
    """Say that a session took place."""
    return take_step(session_id, scheduling.say_held, gettext("The session is marked as held."))


def take_step(session_id: int, step: Step, done: str) -> ResponseReturnValue:
    """Move the session on and lead to the desk; the desk with the reason if it was refused."""
    session = managed(session_id)
    url = url_for("desk.show", session_id=session_id)

    def change() -> str:
        step(session_id, seen_revision(), g.viewer.person_id)
        flash(done, "ok")
        return url

    return changed(session, change)


def changed(session: Session, change: Callable[[], str], **kept: Any) -> ResponseReturnValue:
    """Where the change leads; the desk with the reason, and the words kept, if it was refused."""
    session_id = session.id
    try:
        return redirect(once.only(request.form.get(once.FIELD, ""), change))
    except Stale:
        who = desk_history.last_changed_by(session_id)
        trouble = (
            gettext("%(name)s changed this session meanwhile. Look at it as it is now.", name=who)
            if who
            else gettext("This session was changed meanwhile. Look at it as it is now.")
        )
        status = 409
    except Refused as refused:
        trouble, status = words.refusal(refused.reason, **refused.details), 400
    facts = {**shown(managed(session_id)), **kept, "trouble": trouble}
    return render_template("pages/desk_session.html", **facts), status


@pages.post("/sessions/<int:session_id>/desk/invite")
def invite(session_id: int) -> ResponseReturnValue:
    """Invite everyone whose address is clear; what is not clear stays in the box."""
    session = managed(session_id)
    pasted, read = pasting.sent()
    if not read.people:
        facts = {**shown(session), "pasted": pasted, "paste_error": pasting.nobody(pasted, read)}
        return render_template("pages/desk_session.html", **facts), 400
    waits = pasting.keep(read.unclear)
    url = url_for("desk.show", session_id=session_id, **pasting.place(waits, "people"))

    def change() -> str:
        outcome = inviting.invite(session_id, read.people, g.viewer.person_id)
        flash(pasting.said(outcome), "ok")
        return url

    answer = changed(session, change, pasted=pasted)
    if isinstance(answer, tuple) or waits or not read.unclear:
        return answer
    facts = {**shown(managed(session_id)), **pasting.shown(read.unclear)}
    return render_template("pages/desk_session.html", **facts)


@pages.post("/sessions/<int:session_id>/desk/room")
def room(session_id: int) -> ResponseReturnValue:
    """Meet at a link that was pasted, or have a service make the room."""
    session = managed(session_id)
    link = request.form.get("link", "").strip()
    service = request.form.get("service", "")
    url = url_for("desk.show", session_id=session_id, _anchor="room")

    def change() -> str:
        by = g.viewer.person_id
        if service:
            meetings.use_service(session_id, service, by)
            flash(gettext("The room is being made. The links in calendars stay the same."), "ok")
        else:
            meetings.use_link(session_id, link, by)
            flash(gettext("The room is set. The links in calendars stay the same."), "ok")
        return url

    return changed(session, change, link=link)
