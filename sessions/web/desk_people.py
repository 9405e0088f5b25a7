"""One of those invited: taken off the list, or sent the letter once more."""

from __future__ import annotations

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from integrations.runtime.database import db
from sessions.flows import telling, withdrawing
from sessions.models import visits
from sessions.models.participation import HOLDING, Registration
from sessions.web import once
from sessions.web.desk import changed, pages
from sessions.web.desk_access import managed


def _invited(session_id: int, registration_id: int) -> Registration:
    registration = db.session.get(Registration, registration_id)
    if registration is None or registration.session_id != session_id:
        abort(404)
    return registration


@pages.get("/sessions/<int:session_id>/desk/people/<int:registration_id>/withdraw")
def ask_withdraw(session_id: int, registration_id: int) -> ResponseReturnValue:
    """Ask once before somebody is taken off the list."""
    session = managed(session_id)
    registration = _invited(session_id, registration_id)
    if registration.state not in HOLDING:
        return redirect(url_for("desk.show", session_id=session_id, _anchor="people"))
    return render_template(
        "pages/desk_withdraw.html",
        session=session,
        registration=registration,
        hears=telling.is_told(registration.invitation),
        visit_days=len(visits.to_come(session)),
        section="desk.index",
    )


@pages.post("/sessions/<int:session_id>/desk/people/<int:registration_id>/withdraw")
def withdraw(session_id: int, registration_id: int) -> ResponseReturnValue:
    """Take somebody off the list."""
    managed(session_id)
    name = _invited(session_id, registration_id).person.name
    url = url_for("desk.show", session_id=session_id, _anchor="people")

    def change() -> str:
        withdrawing.withdraw(registration_id, g.viewer.person_id)
        flash(gettext("No longer invited: %(name)s.", name=name), "ok")
        return url

    return redirect(once.only(request.form.get(once.FIELD, ""), change))


@pages.get("/sessions/<int:session_id>/desk/people/<int:registration_id>/again")
def look_again(session_id: int, registration_id: int) -> ResponseReturnValue:
    """Whoever reloads the address of the press sees the people."""
    return redirect(url_for("desk.show", session_id=session_id, _anchor="people"))


@pages.post("/sessions/<int:session_id>/desk/people/<int:registration_id>/again")
def send_again(session_id: int, registration_id: int) -> ResponseReturnValue:
    """Send somebody the same letter once more."""
    session = managed(session_id)
    address = _invited(session_id, registration_id).invitation.attendee_email
    url = url_for("desk.show", session_id=session_id, _anchor="people")

    def change() -> str:
        withdrawing.send_again(registration_id, g.viewer.person_id)
        flash(gettext("The letter to %(address)s leaves once more.", address=address), "ok")
        return url

    return changed(session, change)


@pages.get("/sessions/<int:session_id>/desk/people/<int:registration_id>/let-through")
def look_at_stopped(session_id: int, registration_id: int) -> ResponseReturnValue:
    """Whoever reloads the address of the press sees the people."""
    return redirect(url_for("desk.show", session_id=session_id, _anchor="people"))


@pages.post("/sessions/<int:session_id>/desk/people/<int:registration_id>/let-through")
def let_through(session_id: int, registration_id: int) -> ResponseReturnValue:
    """Write again to an address that took no letters, beginning with the last one."""
    session = managed(session_id)
    address = _invited(session_id, registration_id).invitation.attendee_email
    url = url_for("desk.show", session_id=session_id, _anchor="people")

    def change() -> str:
        withdrawing.let_through(registration_id, g.viewer.person_id)
        flash(gettext("Letters to %(address)s leave again.", address=address), "ok")
        return url

    return changed(session, change)
