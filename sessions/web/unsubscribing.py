"""The page behind «fewer letters»: stops reminders, and says which letters still come.

Mail programs post here by themselves when their own button is pressed (RFC 8058): without a cookie
and without a token of a form. The token in the address is the key.
"""

from __future__ import annotations

from flask import (
    Blueprint,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wrappers import Response

from integrations.runtime import clock
from integrations.runtime.viewer import Viewer
from sessions.flows import joining, unsubscribing
from sessions.models.participation import HOLDING, Registration
from sessions.rules import lifecycle
from sessions.web import look, reader, whose_time
from sessions.web.headers import request_id

pages = Blueprint("unsubscribing", __name__, url_prefix="/u")

ONE_CLICK = "List-Unsubscribe"


@pages.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """What can be stopped, and what still comes; reading it changes nothing."""
    registration = joining.by_token(token)
    return _unknown() if registration is None else _page(token, registration)


@pages.post("/<token>")
def change(token: str) -> ResponseReturnValue:
    """Stop reminders, or take that back; a mail program gets its answer at once, not a redirect."""
    registration = joining.by_token(token)
    if registration is None:
        return _unknown()
    person_id = registration.person_id
    if request.form.get("do") == "resume":
        unsubscribing.resume_reminders(person_id, request.form.get("before", ""))
        return redirect(url_for("unsubscribing.show", token=token), 303)
    before = unsubscribing.stop_reminders(person_id)
    if request.form.get(ONE_CLICK) == "One-Click":
        return _private("", 200)
    return redirect(url_for("unsubscribing.show", token=token, before=before), 303)


def _page(token: str, registration: Registration) -> Response:
    session, person = registration.session, registration.person
    viewer: Viewer = g.viewer
    said = reader.locale()
    is_to_come = session.state in lifecycle.JOINABLE and session.ends_at > clock.now()
    page = render_template(
        "pages/unsubscribe.html",
        session=session,
        token=token,
        address=registration.invitation.attendee_email,
        is_stopped=person.reminders == unsubscribing.NONE,
        before=request.args.get("before", ""),
        may_decline=is_to_come and registration.state in HOLDING,
        zone=person.zone or viewer.tz or current_app.config["TIMEZONE"],
        words=whose_time.words_of(person, said),
    )
    return _private(page)


def _unknown() -> ResponseReturnValue:
    reason = gettext(
        "This link leads to no invitation. Perhaps a part of it was lost: open it from the letter, "
        "or copy it whole."
    )
    page, status = look.error_page(404, reason=reason, request_id=request_id())
    return _private(page, status)


def _private(page: str, status: int = 200) -> Response:
    """The answer with nothing of its address told onward and nothing of it kept."""
    response = make_response(page, status)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "private, no-store"
    return response
