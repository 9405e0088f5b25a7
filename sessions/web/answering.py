"""The page behind the answer links of an invitation: will they come, and how it stands with seats.

Reading it answers nothing: mail scanners follow links.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from integrations.runtime import clock
from integrations.runtime.viewer import Viewer
from sessions import seat_letters
from sessions.flows import joining, replying
from sessions.models import seating, visits
from sessions.models.participation import ANSWERS, HOLDING, Registration
from sessions.models.session import Session
from sessions.rules import lifecycle, seats, wording
from sessions.web import look, once, reader, whose_time
from sessions.web.headers import request_id

pages = Blueprint("answering", __name__, url_prefix="/a")

LONGEST_COMMENT = 1000


@dataclass(frozen=True)
class Way:
    """A way to take part. left: free seats, None for as many as come; waiting: who waits there."""

    mode: str
    left: int | None
    waiting: int

    @property
    def words(self) -> str:
        """How many seats are free, and how many wait where none is; empty where all find one."""
        if self.left is None:
            return ""
        if self.left:
            return str(ngettext("%(num)s seat is free.", "%(num)s seats are free.", self.left))
        if not self.waiting:
            return str(gettext("No seat is free now: you would be first on the waiting list."))
        return str(
            ngettext(
                "No seat is free now: %(num)s person waits.",
                "No seat is free now: %(num)s people wait.",
                self.waiting,
            )
        )


@pages.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """The session, what was answered, and the three answers; `answer` chooses one beforehand."""
    registration = joining.by_token(token)
    if registration is None:
        return _unknown()
    return _page(token, registration, chosen=_known(request.args.get("answer", "")))


@pages.post("/<token>")
def answer(token: str) -> ResponseReturnValue:
    """Take the answer; lead to the page, which says what became of it."""
    registration = joining.by_token(token)
    if registration is None:
        return _unknown()
    said = _known(request.form.get("answer", ""))
    comment = wording.lines(request.form.get("comment", ""))[:LONGEST_COMMENT]
    if not said:
        trouble = gettext("Press one of the three answers.")
        return _page(token, registration, 400, trouble=trouble, comment=comment)
    seen, url = _seen(), url_for("answering.show", token=token)
    if seen is not None and seen not in _hours_told(registration):
        trouble = _why_not("before_move")
        return _page(token, registration, 409, trouble=trouble, chosen=said, comment=comment)
    invitation_id, by = registration.invitation.id, registration.person_id
    mode, only_this_day = request.form.get("mode", ""), request.form.get("days", "") == "one"

    def change() -> str:
        done = replying.answer(
            invitation_id, said, source="page", sequence=None, answered_at=clock.now(),
            comment=comment, mode=mode, by=by, seen_starts_at=seen, only_this_day=only_this_day,
        )  # fmt: skip
        # The same form sent again is told the same: thanks only where the answer counts.
        return f"{url} {done.why}".strip()

    _, _, why = once.only(request.form.get(once.FIELD, ""), change).partition(" ")
    if why:
        registration = joining.by_token(token)
        if registration is None:
            return _unknown()
        trouble = _why_not(why)
        return _page(token, registration, 409, trouble=trouble, chosen=said, comment=comment)
    flash(gettext("Thank you. The hosts see your answer."), "ok")
    return redirect(url, 303)


def _known(text: str) -> str:
    return text if text in ANSWERS else ""


def _seen() -> datetime | None:
    """The start of the session as the form's page had it."""
    try:
        seen = datetime.fromisoformat(request.form.get("starts_at", ""))
    except ValueError:
        return None
    return seen if seen.tzinfo else None


def _hours_told(registration: Registration) -> set[datetime | None]:
    """Every hour of the session that a page or a letter can have shown to this person."""
    told = (letter.starts_at for letter in registration.invitation.messages)
    return {registration.session.starts_at, *told}


def _why_not(why: str) -> str:
    if why == "before_move":
        return gettext(
            "The session was moved while this page was open. Here is its new hour: please answer "
            "once more."
        )
    if why == "older":
        return gettext("There is a later answer of yours already. It stands below.")
    return gettext("This session is over or cancelled: there is nothing to answer.")


def stage_of(registration: Registration) -> str:
    """What the page is about: withdrawn, draft, cancelled, postponed, over or open."""
    session = registration.session
    if registration.state not in (*HOLDING, "withdrawn"):
        return "withdrawn"
    if session.state in ("draft", "cancelled", "postponed"):
        return session.state
    if session.state == "held" or session.ends_at + lifecycle.GRACE <= clock.now():
        return "over"
    return "open"


def _days(registration: Registration) -> list[tuple[Session, str]]:
    """The days to come of the visit for which the person answers, and their state on each.

    None where it is one day alone.
    """
    days = [one for one in visits.to_come(registration.session) if one.state in lifecycle.JOINABLE]
    rows = visits.registrations(registration.person_id, days)
    mine = [(day, rows[day.id].state) for day in days if day.id in rows]
    mine = [(day, state) for day, state in mine if state in (*HOLDING, "withdrawn")]
    return mine if len(mine) > 1 else []


def _page(token: str, registration: Registration, status: int = 200, **facts: Any) -> Response:
    session, person = registration.session, registration.person
    viewer: Viewer = g.viewer
    given = registration.invitation.current_answer
    hall, now = seating.hall_of(session), clock.now()
    standings = seats.settle(seating.standings_of(session, registration.id), hall, now)
    ways = [
        Way(mode, seats.free(standings, hall, mode), len(seats.queue(standings, hall, mode)))
        for mode in hall.seats
    ]
    # As it will stand once somebody looks: an offer that ran out is gone, job or no job.
    mine = next(one for one in standings if one.id == registration.id)
    place = seats.place_in_queue(standings, hall, registration.id)
    said = reader.locale()
    shown = {
        "session": session,
        "state": mine.state,
        "until": mine.offered_until,
        "token": token,
        "stage": stage_of(registration),
        "given": given,
        "moved_since": given is not None and not given.is_of(session),
        "ways": ways,
        "days": _days(registration),
        "mode": hall.mode(mine.mode),
        "place_words": seat_letters.place_words(place) if place else "",
        "chosen": "",
        "comment": given.comment if given and given.source == "page" else "",
        "zone": person.zone or viewer.tz or current_app.config["TIMEZONE"],
        "words": whose_time.words_of(person, said),
        "home": current_app.config["TIMEZONE"],
        "may_open_page": viewer.may_open(session.access_keys),
        "may_join": session.mode != "in_person" and session.state in lifecycle.JOINABLE,
    }
    return _private(render_template("pages/answer.html", **{**shown, **facts}), status)


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
