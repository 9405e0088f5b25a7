"""The page behind the link in a speaker's letter: will they, and how are they written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
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

from integrations.runtime.database import db
from integrations.runtime.errors import Refused
from integrations.runtime.viewer import Viewer
from sessions import speaker_letters  # noqa: F401 writes the letters that lead here
from sessions.flows import speaking
from sessions.flows.speaking import Spelling
from sessions.models.session import AgendaItem, Session, Speaker
from sessions.rules import wording
from sessions.web import look, reader, whose_time, words
from sessions.web.headers import request_id
from sessions.web.planner_forms import LONGEST_TITLE

pages = Blueprint("speaking", __name__, url_prefix="/speaking")

SPELT = ("family", "given", "patronymic", "post", "organisation")
LONGEST_NOTE = 1000


@pages.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """What they are to show and when, and the two answers. Reading the page answers nothing."""
    speakers = speaking.by_token(token)
    if not speakers:
        return _unknown()
    return _page(token, speakers)


@pages.post("/<token>")
def answer(token: str) -> ResponseReturnValue:
    """Keep the answer: `answer` is yes or no, `note` what they would like to add."""
    said = request.form.get("answer", "")
    note = wording.lines(request.form.get("note", ""))[:LONGEST_NOTE]
    try:
        if said not in ("yes", "no"):
            raise Refused("speaker.no_answer")
        speaking.answer(token, will=said == "yes", note=note)
    except LookupError:
        return _unknown()
    except Refused as refused:
        trouble = words.refusal(refused.reason, **refused.details)
        return _page(token, speaking.by_token(token), trouble=trouble, note=note, status=409)
    flash(gettext("Thank you. The hosts see your answer."), "ok")
    return redirect(url_for("speaking.show", token=token), 303)


@pages.post("/<token>/name")
def respell(token: str) -> ResponseReturnValue:
    """Write the speaker as they say."""
    typed = {name: wording.one_line(request.form.get(name, "")) for name in SPELT}
    wrong = _wrong(typed)
    speakers = speaking.by_token(token)
    if not speakers:
        return _unknown()
    if wrong:
        return _page(token, speakers, typed=typed, wrong=wrong, status=400)
    try:
        speaking.respell(token, Spelling(**typed))
    except Refused as refused:
        trouble = words.refusal(refused.reason, **refused.details)
        return _page(token, speaking.by_token(token), trouble=trouble, typed=typed, status=409)
    flash(gettext("Thank you. You are written so from now on."), "ok")
    return redirect(url_for("speaking.show", token=token), 303)


@pages.get("/<token>/name")
def back(token: str) -> ResponseReturnValue:
    """Whoever reloads the address of the press sees the page."""
    return redirect(url_for("speaking.show", token=token))


def _wrong(typed: dict[str, str]) -> dict[str, str]:
    """What is wrong with which field."""
    wrong = {
        name: gettext("Make it at most %(max)d characters.", max=LONGEST_TITLE)
        for name, text in typed.items()
        if len(text) > LONGEST_TITLE
    }
    if not (typed["family"] or typed["given"]):
        wrong["family"] = gettext("Write your name.")
    return wrong


def _page(token: str, speakers: list[Speaker], *, status: int = 200, **facts: Any) -> Response:
    session = db.session.get_one(Session, speakers[0].item.session_id)
    person, viewer, said = speakers[0].person, _viewer(), reader.locale()
    shown = {
        "session": session,
        "person": person,
        "items": [_hours(session, one.item) for one in speakers],
        "state": speakers[0].state,
        "answered_at": speakers[0].answered_at,
        "token": token,
        "may_answer": speaking.is_answerable(session),
        "zone": person.zone or viewer.tz or current_app.config["TIMEZONE"],
        "words": whose_time.words_of(person, said),
        "home": current_app.config["TIMEZONE"],
        "note": speakers[0].note,
        "typed": {name: getattr(person, name) for name in SPELT},
        "wrong": {},
    }
    return _private(render_template("pages/speaking.html", **{**shown, **facts}), status)


def _hours(session: Session, item: AgendaItem) -> tuple[AgendaItem, datetime, datetime]:
    starts_at = session.starts_at + timedelta(minutes=item.offset_min)
    return item, starts_at, starts_at + timedelta(minutes=item.duration_min)


def _viewer() -> Viewer:
    viewer: Viewer = g.viewer
    return viewer


def _unknown() -> ResponseReturnValue:
    reason = gettext(
        "This link leads to no agenda any more. Perhaps a part of it was lost: open it from the "
        "letter, or copy it whole. If you were taken off the agenda, there is nothing to answer."
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
