"""Asking the speakers of a session, from its desk."""

from __future__ import annotations

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from integrations.runtime import ports
from integrations.runtime.settings import Settings
from sessions.flows import speaking
from sessions.web.desk import changed, pages
from sessions.web.desk_access import managed


@pages.post("/sessions/<int:session_id>/desk/speakers")
def ask_speakers(session_id: int) -> ResponseReturnValue:
    """Ask those who were not asked yet; with `again`, those too who are silent."""
    session = managed(session_id)
    again = bool(request.form.get("again"))
    url = url_for("desk.show", session_id=session_id, _anchor="speakers")

    def change() -> str:
        settings = ports.get(Settings)
        by, sender, domain = g.viewer.person_id, settings.mail_from, settings.domain
        asked = speaking.ask(session_id, by, sender, domain, again=again)
        number = len(asked.people)
        flash(
            ngettext("%(num)s speaker gets a letter.", "%(num)s speakers get a letter.", number),
            "ok",
        )
        if asked.unreachable:
            names = ", ".join(asked.unreachable)
            flash(gettext("Without an address, and not asked: %(names)s.", names=names), "warn")
        return url

    return changed(session, change)


@pages.get("/sessions/<int:session_id>/desk/speakers")
def back_from_speakers(session_id: int) -> ResponseReturnValue:
    """Whoever reloads the address of the press sees the speakers."""
    return redirect(url_for("desk.show", session_id=session_id, _anchor="speakers"))
