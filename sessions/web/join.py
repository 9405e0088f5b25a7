"""The page behind the link in every invitation: when it begins, and the one button."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from archive.models import Talk
from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.errors import Refused
from integrations.runtime.settings import Settings
from integrations.runtime.viewer import Viewer
from sessions.flows import joining
from sessions.models.participation import HOLDING, Registration
from sessions.models.session import Session
from sessions.rules import permissions
from sessions.web import look, reader, whose_time, words
from sessions.web.headers import request_id

pages = Blueprint("join", __name__, url_prefix="/j")

MOST_HEADS = 500


@pages.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """The hour by the clock of the one invited, and the button when it is time."""
    registration = joining.by_token(token)
    if registration is None:
        return _unknown()
    return _private(render_template("pages/join.html", **_shown(registration, token)))


@pages.post("/<token>")
def enter(token: str) -> ResponseReturnValue:
    """Keep the click and lead to the room.

    The answer is a page that goes there by itself: Chromium holds redirects after a form, those of
    the conferencing service too, against this page's form-action.
    """
    registration = joining.by_token(token)
    if registration is None:
        return _unknown()
    session_id, registration_id = registration.session_id, registration.id
    try:
        url = joining.enter(session_id, registration_id, _opens_min(), _heads())
    except Refused as refused:
        registration = joining.by_token(token)
        if registration is None:
            abort(404)
        facts = _shown(registration, token)
        facts["trouble"] = words.refusal(refused.reason, **refused.details)
        return _private(render_template("pages/join.html", **facts), 409)
    return _private(render_template("pages/join_enter.html", room_url=url, back=request.path))


def _opens_min() -> int:
    return int(ports.get(Settings).join_opens_min)


def _heads() -> int | None:
    """How many sit before the camera; a slip of the pen must keep nobody out."""
    text = request.form.get("heads", "").strip()[:6]
    return min(int(text), MOST_HEADS) if text.isdecimal() and int(text) > 0 else None


def _shown(registration: Registration, token: str) -> dict[str, Any]:
    session, person = registration.session, registration.person
    viewer: Viewer = g.viewer
    said, now = reader.locale(), clock.now()
    opens_at = session.starts_at - timedelta(minutes=_opens_min())
    room = joining.room_of(session.id)
    return {
        "session": session,
        "registration": registration,
        "person": person,
        "city": whose_time.city_of(person, said),
        "token": token,
        "zone": person.zone or viewer.tz or current_app.config["TIMEZONE"],
        "words": whose_time.words_of(person, said),
        "home": current_app.config["TIMEZONE"],
        "stage": _stage(registration, opens_at, now),
        "opens_at": opens_at,
        "now": now,
        "room_ready": room is not None and room.state == "ready",
        "talk": _talk(session, viewer),
        "may_open_page": viewer.may_open(session.access_keys),
        "hosts_name": session.owner.name if session.owner else "",
    }


def _stage(registration: Registration, opens_at: datetime, now: datetime) -> str:
    """What the page is about: withdrawn, withdrew, waits, draft, cancelled, postponed, early, open
    or over.
    """
    session = registration.session
    if registration.state not in (*HOLDING, "withdrawn"):
        return "withdrawn"
    if session.state in ("draft", "cancelled", "postponed"):
        return session.state
    if session.state == "held":
        return "over"
    if registration.state == "withdrawn":
        return "withdrew"
    if joining.lacks_seat(registration):
        return "waits"
    if joining.is_open(session, _opens_min()):
        return "open"
    return "early" if now < opens_at else "over"


def _talk(session: Session, viewer: Viewer) -> Talk | None:
    """The published recording, where the one invited may open it (after signing in, perhaps)."""
    talk = db.session.scalars(select(Talk).where(Talk.source == f"session:{session.id}")).first()
    keys = viewer.keys | {permissions.participant_of(session.id)}
    return talk if talk and talk.state == "published" and talk.keys & keys else None


def _unknown() -> ResponseReturnValue:
    reason = gettext(
        "This link leads to no session. Perhaps a part of it was lost: open it from the letter, "
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
