"""The operator's page of what came by mail: what was made of each message, and why."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy import func, select
from sqlalchemy.orm import defer

from integrations.runtime.database import db, transaction
from sessions import inbox
from sessions.flows import receiving
from sessions.models.correspondence import MAIL_OUTCOMES, IncomingMail
from sessions.web import guard

pages = Blueprint("incoming", __name__, url_prefix="/desk/mail")
PER_PAGE = 50

# What each code in a row's `detail` means.
WHY: Mapping[str, str] = {
    "reply.accepted": lazy_gettext("will come"),
    "reply.tentative": lazy_gettext("will perhaps come"),
    "reply.declined": lazy_gettext("will not come"),
    "reply.older": lazy_gettext("a later answer of the same person counts"),
    "reply.before_move": lazy_gettext("an answer to the time before the session moved"),
    "reply.over": lazy_gettext("the session is over"),
    "reply.cancelled": lazy_gettext("the session is cancelled or postponed"),
    "reply.withdrawn": lazy_gettext("the person is no longer invited"),
    "reply.unknown_uid": lazy_gettext("an answer to no session of ours"),
    "reply.other_instance": lazy_gettext("an answer to a date that the session never had"),
    "reply.no_answer": lazy_gettext("says neither yes nor no"),
    "reply.stranger": lazy_gettext("by somebody who was not invited"),
    "reply.unproven": lazy_gettext("nothing but the sender's name says that this is their answer"),
    "reply.for_another": lazy_gettext("somebody else answers for one who is invited"),
    "forwarded": lazy_gettext("an address that was not invited: the session's host decides"),
    "forwarded.decided": lazy_gettext("an address that the host did not invite"),
    "forwarded.allowed": lazy_gettext("an address that the host allowed"),
    "delegated": lazy_gettext("names somebody to come instead: the session's host decides"),
    "delegated.invited": lazy_gettext("names somebody to come instead who is invited already"),
    "counter": lazy_gettext("proposes another time: the session's host decides"),
    "counter.older": lazy_gettext("a proposal that came before"),
    "counter.no_time": lazy_gettext("proposes another time and does not say which"),
    "refresh": lazy_gettext("asked for the letter anew, and gets it"),
    "refresh.none": lazy_gettext("asked for a letter that has not left yet"),
    "refresh.just_sent": lazy_gettext("asked for a letter that has just left"),
    "calendar.unreadable": lazy_gettext("the calendar part cannot be read"),
    "calendar.no_answer": lazy_gettext("a calendar part that answers nothing"),
    "auto_reply": lazy_gettext("a machine answered in somebody's absence"),
    "own": lazy_gettext("a letter of our own"),
    "words": lazy_gettext("somebody wrote to us"),
    "complaint": lazy_gettext("called our letter unwanted and gets no more"),
    "complaint.unknown_letter": lazy_gettext("a complaint about no letter that we know"),
    "bounce.hard": lazy_gettext("the address takes no mail: a task is there for its coordinator"),
    "bounce.suspended": lazy_gettext("too many letters came back: a task is there"),
    "bounce.soft": lazy_gettext("did not arrive this time, is sent again later"),
    "bounce.delayed": lazy_gettext("is on its way longer than usual"),
    "bounce.delivered": lazy_gettext("has arrived"),
    "bounce.unknown_letter": lazy_gettext("a report on no letter that we know"),
    "bounce.made_up_address": lazy_gettext("a report to an address that we never made"),
    "bounce.unreadable": lazy_gettext("a report that cannot be read"),
    "mail.unreadable": lazy_gettext("the message cannot be read"),
    "mail.tnef": lazy_gettext("an answer inside winmail.dat, which only Outlook can open"),
    "failed": lazy_gettext("we stumbled over it; once mended, read it again"),
}


def why(detail: str) -> list[tuple[str, str]]:
    """(in words, what the other side said) for each line of a row's detail."""
    lines = [line.partition(": ") for line in detail.splitlines()]
    return [(str(WHY.get(code, code)), said) for code, _, said in lines]


@pages.get("")
@guard.team_only
def index() -> ResponseReturnValue:
    """The messages, newest first."""
    only = request.args.get("outcome", "")
    only = only if only in MAIL_OUTCOMES else ""
    by_outcome = select(IncomingMail.outcome, func.count()).group_by(IncomingMail.outcome)
    counts: dict[str, int] = {row[0]: row[1] for row in db.session.execute(by_outcome)}
    query = select(IncomingMail, IncomingMail.raw.is_not(None)).options(defer(IncomingMail.raw))
    if only:
        query = query.where(IncomingMail.outcome == only)
    page = db.paginate(
        select(IncomingMail.id).where(*([IncomingMail.outcome == only] if only else []))
        .order_by(IncomingMail.received_at.desc(), IncomingMail.id.desc()),
        per_page=PER_PAGE, error_out=False,
    )  # fmt: skip
    rows = db.session.execute(
        query.where(IncomingMail.id.in_(page.items)).order_by(
            IncomingMail.received_at.desc(), IncomingMail.id.desc()
        )
    ).all()
    return render_template(
        "pages/incoming.html", rows=rows, pagination=page, counts=counts, only=only,
        total=sum(counts.values()), why=why, mailbox=inbox.state(), section="desk.index",
    )  # fmt: skip


@pages.get("/<int:mail_id>/raw")
@guard.team_only
def raw(mail_id: int) -> ResponseReturnValue:
    """A message that was kept, as it came."""
    row = db.session.get(IncomingMail, mail_id)
    if row is None or row.raw is None:
        abort(404)
    response = Response(row.raw, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="mail-{row.id}.eml"'
    return response


@pages.post("/<int:mail_id>/again")
@guard.team_only
def read_again(mail_id: int) -> ResponseReturnValue:
    """Read a message that was kept once more."""
    row = receiving.read_again(mail_id)
    if row is None:
        abort(404)
    said = "; ".join(words for words, _ in why(row.detail))
    flash(gettext("Read again: %(outcome)s.", outcome=said), "ok")
    return redirect(url_for("incoming.index"))


@pages.post("/<int:mail_id>/seen")
@guard.team_only
def seen(mail_id: int) -> ResponseReturnValue:
    """Say that nothing more needs to be done about a message that was kept."""
    with transaction():
        row = db.session.get(IncomingMail, mail_id, with_for_update=True, populate_existing=True)
        if row is None:
            abort(404)
        row.raw = None
        if row.outcome in ("quarantined", "queued"):
            row.outcome = "ignored"
    flash(gettext("The message is put aside."), "ok")
    return redirect(url_for("incoming.index"))


@pages.post("/look")
@guard.team_only
def look() -> ResponseReturnValue:
    """Have the mailbox read now."""
    with transaction():
        inbox.look_now()
    flash(gettext("The mailbox is being read. Reload the page in a moment."), "ok")
    return redirect(url_for("incoming.index"))


@pages.get("/look")
@pages.get("/<int:mail_id>/<any(again, seen):_what>")
def back(**_what: object) -> ResponseReturnValue:
    """Whoever reloads the address of a press sees the messages."""
    return redirect(url_for("incoming.index"))
