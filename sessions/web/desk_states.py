"""What a host does with a session that has no date for now, and with letters that wait."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sessions.flows import announcing, scheduling
from sessions.web.desk import changed, pages, take_step
from sessions.web.desk_access import managed
from sessions.web.desk_page import shown


@pages.get("/sessions/<int:session_id>/desk/postpone")
def ask_postpone(session_id: int) -> ResponseReturnValue:
    """Ask once more before everyone is told."""
    return render_template("pages/desk_postpone.html", **shown(managed(session_id)))


@pages.post("/sessions/<int:session_id>/desk/postpone")
def postpone(session_id: int) -> ResponseReturnValue:
    """Take a session off its date."""
    return take_step(session_id, scheduling.postpone, gettext("The session is postponed."))


@pages.get("/sessions/<int:session_id>/desk/announce")
def back_from_announcing(session_id: int) -> ResponseReturnValue:
    """Whoever reloads the address of the press sees the desk."""
    return redirect(url_for("desk.show", session_id=session_id))


@pages.post("/sessions/<int:session_id>/desk/announce")
def announce(session_id: int) -> ResponseReturnValue:
    """Have the letters that wait for quiet leave now."""
    session = managed(session_id)
    url = url_for("desk.show", session_id=session_id)

    def change() -> str:
        if announcing.announce(session_id, g.viewer.person_id):
            flash(gettext("The letters leave now."), "ok")
        else:
            flash(gettext("No letter waits any more."), "info")
        return url

    return changed(session, change)
