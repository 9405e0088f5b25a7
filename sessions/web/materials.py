"""Handing the files of a session over: sending, reading, search, and who sees the recording."""

from __future__ import annotations

import tempfile
from typing import IO, BinaryIO, cast

from flask import (
    Blueprint,
    Flask,
    Request,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from integrations.runtime import ports, viewer
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.flows import handing_over
from sessions.flows.handing_over import HandedOver
from sessions.models.session import Session
from sessions.rules import permissions
from sessions.web import guard, row_ids, words
from sessions.web.materials_stages import is_busy, stages

# What anyone may send at once; only this page takes more, and only from those it is for.
FORM_BYTES = 16_000_000

pages = Blueprint("materials", __name__, url_prefix="/sessions/<int:session_id>/materials")


class Spooling(Request):
    """Keeps what is being sent beside the storage: /tmp is often small, or in memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        folder = ports.get(Settings).data_dir / "uploads"
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile("wb+", dir=folder)


def install(app: Flask) -> None:
    """Register the pages, what large requests ask of their sender, and what a talk's page asks."""
    app.request_class = Spooling
    app.register_blueprint(pages)
    # Before the form is read to look for its token: nobody fills our disk who may not.
    app.before_request_funcs.setdefault(None, []).insert(0, _let_large_in)
    app.jinja_env.globals["talk_origin"] = origin


def _let_large_in() -> None:
    if request.endpoint != "materials.hand_over":
        request.max_content_length = min(FORM_BYTES, request.max_content_length or FORM_BYTES)
        return
    session_id = (request.view_args or {})["session_id"]
    reader = guard.viewer_of(guard.person())
    if not reader.may_open(permissions.archiving_keys(session_id)):
        abort(403 if reader.person_id else 401)


def origin(source: str) -> dict[str, str]:
    """Where a talk of this source comes from, and where this reader may change it: addresses."""
    kind, _, number = source.partition(":")
    if kind != "session" or not number.isdigit():
        return {}
    places = {"session": url_for("session.show", session_id=number)}
    if viewer.current().may_open(permissions.archiving_keys(int(number))):
        places["manage"] = url_for("materials.show", session_id=number)
    return places


@pages.get("")
def show(session_id: int) -> ResponseReturnValue:
    """What was handed over, how far it is, and the form for more."""
    session = _session(session_id)
    talk = handing_over.talk_of(session_id)
    return render_template(
        "pages/materials.html",
        session=session,
        talk=talk,
        waits=talk is not None and handing_over.waits(talk),
        stages=stages(talk),
        busy=is_busy(talk),
        limit_bytes=ports.get(Settings).upload_limit_bytes,
    )


@pages.get("/progress")
def progress(session_id: int) -> ResponseReturnValue:
    """How far the files are: {"busy": whether something is still to be done, "html", "who"}.

    html: the stages and files of now; who: the panel that says who sees the recording.
    """
    session = _session(session_id)
    talk = handing_over.talk_of(session_id)
    waits = talk is not None and handing_over.waits(talk)
    facts = {"session": session, "talk": talk, "waits": waits, "stages": stages(talk)}
    return {
        "busy": is_busy(talk),
        "html": render_template("pages/materials_progress.html", **facts),
        "who": render_template("pages/materials_who.html", **facts),
    }


@pages.post("")
def hand_over(session_id: int) -> ResponseReturnValue:
    """Keep the files that were sent; each that is refused is named with its reason.

    A script that sends one file at a time gets {"taken": [...], "known": [...], "refused": [...]}.
    """
    _session(session_id)
    sent = [file for file in request.files.getlist("files") if file.filename]
    by = viewer.current().person_id
    done = handing_over.hand_over(
        session_id, [(cast(BinaryIO, file.stream), file.filename or "") for file in sent], by
    )
    refused = [words.refusal(one.reason, **one.details) for one in done.refused]
    if request.accept_mimetypes.best == "application/json":
        return {"taken": done.taken, "known": done.known, "refused": refused}
    _tell(done, refused, anything=bool(sent))
    return _back(session_id)


@pages.post("/again")
def read_again(session_id: int) -> ResponseReturnValue:
    """Read one file again (`file`), or all that could not be read."""
    _session(session_id)
    file_id = _file_id()
    handing_over.read_again(session_id, file_id, viewer.current().person_id)
    flash(gettext("It will be read again."), "ok")
    return _back(session_id)


@pages.post("/remove")
def remove(session_id: int) -> ResponseReturnValue:
    """Take a file (`file`) out of the library."""
    _session(session_id)
    file_id = _file_id() or 0
    name = handing_over.remove(session_id, file_id, viewer.current().person_id)
    flash(gettext("«%(name)s» is removed, with all that was read from it.", name=name), "ok")
    return _back(session_id)


@pages.post("/withhold")
def withhold(session_id: int) -> ResponseReturnValue:
    """Show the recording to the team only."""
    _session(session_id)
    handing_over.withhold(session_id, viewer.current().person_id)
    flash(gettext("The recording is hidden from everyone but the team."), "ok")
    return _back(session_id)


@pages.post("/publish")
def publish(session_id: int) -> ResponseReturnValue:
    """Show the recording to those the session is open to."""
    _session(session_id)
    handing_over.put_out(session_id, viewer.current().person_id)
    flash(gettext("The recording is open; search finds it in a moment."), "ok")
    return _back(session_id)


def _session(session_id: int) -> Session:
    guard.must_hold(permissions.archiving_keys(session_id))
    session = db.session.get(Session, session_id)
    if session is None:
        abort(404)
    return session


def _file_id() -> int | None:
    number = request.form.get("file", type=int)
    return number if number is None or 0 < number <= row_ids.MOST else 0


def _back(session_id: int) -> ResponseReturnValue:
    return redirect(url_for("materials.show", session_id=session_id), 303)


def _tell(done: HandedOver, refused: list[str], *, anything: bool) -> None:
    if not anything:
        flash(gettext("Choose one or more files first."), "bad")
    if done.taken:
        flash(
            ngettext(
                "%(num)s file is kept safely. Reading has begun.",
                "%(num)s files are kept safely. Reading has begun.",
                len(done.taken),
            ),
            "ok",
        )
    for name in done.known:
        flash(gettext("«%(name)s» was here already; nothing is doubled.", name=name), "info")
    for sentence in refused:
        flash(sentence, "bad")
