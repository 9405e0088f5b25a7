"""Letters that are leaving: how many left, how long it takes, and the press that stops them."""

from __future__ import annotations

import math

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from integrations.mail import mailing, outbox, refused_runs
from integrations.mail.mailing import Progress
from integrations.mail.outbox import MailPause
from integrations.runtime import jobs
from integrations.runtime.database import db
from sessions.flows import telling
from sessions.models.session import Session
from sessions.web import desk_letters
from sessions.web.desk import pages
from sessions.web.desk_access import managed

WORTH_A_BAR = 20  # fewer are gone before one has read of them


def under_way(session_id: int) -> list[Progress]:
    """The mailings about a session that still have letters to send, if they are worth showing.

    One without letters where a pause holds those that are to come.
    """
    ours = telling.batches_of(session_id)
    found = [one for one in mailing.under_way(ours) if one.total >= WORTH_A_BAR or one.is_paused]
    if not found and db.session.get(MailPause, ours) is not None:
        return [mailing.progress(ours)]
    return found


def sentence(one: Progress) -> str:
    """How long the rest takes, in words; empty where it cannot be told."""
    if one.seconds_left is None:
        return ""
    minutes = math.ceil(one.seconds_left / 60)
    if minutes <= 1:
        return gettext("less than a minute left")
    if minutes < 120:
        return ngettext("about %(num)s minute left", "about %(num)s minutes left", minutes)
    hours = round(minutes / 60)
    return ngettext("about %(num)s hour left", "about %(num)s hours left", hours)


def trouble(one: Progress) -> str:
    """Why letters do not leave at present, in words; empty where nothing is the matter."""
    if one.is_paused and refused_runs.is_refused(one.batch):
        return gettext(
            "The mail server refused many letters in a row, so the rest waits. Find out why before "
            "they go on."
        )
    job = jobs.find(f"{outbox.MAILING}:{one.batch}")
    if one.is_paused or job is None or not job.error or job.state in ("done", "running"):
        return ""
    return desk_letters.refusal(job.error)


@pages.get("/sessions/<int:session_id>/desk/letters")
def letters(session_id: int) -> ResponseReturnValue:
    """The part of the desk that tells of them, for the page to renew; a person sees the desk."""
    session = managed(session_id)
    if request.headers.get("X-Part") != "mailings":
        return redirect(url_for("desk.show", session_id=session_id, _anchor="people"))
    return render_template("_partials/desk_mailing.html", session=session)


@pages.get("/sessions/<int:session_id>/desk/letters/<any(pause, resume):_what>")
def back_from_letters(session_id: int, _what: str) -> ResponseReturnValue:
    """Whoever reloads the address of a press sees the desk."""
    return redirect(url_for("desk.show", session_id=session_id, _anchor="people"))


@pages.post("/sessions/<int:session_id>/desk/letters/pause")
def pause_letters(session_id: int) -> ResponseReturnValue:
    """Let no further letter about the session leave until somebody lets them go on."""
    mailing.pause(_batches(managed(session_id)))
    flash(gettext("The letters wait. Those that left cannot be called back."), "ok")
    return redirect(url_for("desk.show", session_id=session_id, _anchor="people"), 303)


@pages.post("/sessions/<int:session_id>/desk/letters/resume")
def resume_letters(session_id: int) -> ResponseReturnValue:
    """Let the letters about the session go on where they stopped."""
    batches = _batches(managed(session_id))
    mailing.resume(batches)
    if outbox.is_stopped(batches):
        flash(gettext("All letters of this site are stopped by those who run it."), "warn")
    else:
        flash(gettext("The letters leave again."), "ok")
    db.session.rollback()
    return redirect(url_for("desk.show", session_id=session_id, _anchor="people"), 303)


def _batches(session: Session) -> str:
    """All mailings about the session; a form that names one of another's is none of its desk."""
    ours = telling.batches_of(session.id)
    if not request.form.get("batch", ours).startswith(ours):
        abort(404)
    return ours
