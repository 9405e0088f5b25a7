"""The letters of a demo, as their readers would see them. Not there in a real installation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from icalendar import Calendar
from sqlalchemy import select

from integrations.mail.message import one_line
from integrations.runtime import clock, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions import inbox
from sessions.demo import replies
from sessions.models.session import Session

pages = Blueprint("mailbox", __name__, url_prefix="/demo/mailbox")

PER_PAGE = 50
LARGEST_BYTES = 5_000_000
_NAME = re.compile(r"[A-Za-z0-9@.+_-]{1,200}\.eml")
# What a mail program allows a letter: styles of its own, and links that open when they are pressed.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; "
    "frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"
)


@dataclass(frozen=True)
class Kept:
    """One letter in the folder. name: of its file."""

    name: str
    subject: str
    to: str
    at: datetime | None


@dataclass(frozen=True)
class Event:
    """What the calendar part says."""

    method: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    sequence: int
    uid: str
    status: str


@dataclass(frozen=True)
class Page:
    """A page of the list, as the macro of pages asks for it."""

    items: Sequence[Kept]
    page: int
    pages: int
    total: int

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    def iter_pages(self, **_edges: int) -> list[int | None]:
        """The numbers around this page, None where some are left out."""
        shown = sorted(
            n
            for n in {1, self.page - 1, self.page, self.page + 1, self.pages}
            if 0 < n <= self.pages
        )
        found: list[int | None] = []
        for number in shown:
            if found and found[-1] is not None and number - found[-1] > 1:
                found.append(None)
            found.append(number)
        return found


@pages.before_request
def _only_in_a_demo() -> None:
    if not ports.get(Settings).is_demo:
        abort(404)


@pages.get("")
def index() -> ResponseReturnValue:
    """The letters, newest first."""
    names = sorted((path.name for path in _folder().glob("*.eml")), reverse=True)
    asked = " ".join(request.args.get("to", "").split()).lower()
    if asked:
        names = [name for name in names if asked.replace(" ", "_") in name.lower()]
    last = max((len(names) + PER_PAGE - 1) // PER_PAGE, 1)
    page = min(max(request.args.get("page", 1, type=int), 1), last)
    shown = [_kept(name) for name in names[(page - 1) * PER_PAGE : page * PER_PAGE]]
    return render_template(
        "pages/mailbox.html", page=Page(shown, page, last, len(names)), asked=asked
    )


def _folder() -> Path:
    return ports.get(Settings).letters_dir


def _kept(name: str) -> Kept:
    with (_folder() / name).open("rb") as file:
        headers = BytesHeaderParser(policy=policy.default).parse(file)
    return Kept(name, _said(headers, "Subject"), _said(headers, "To"), _date(headers))


def _said(message: Any, header: str) -> str:
    """What a header says; as it came where the parser fails at it, as at an encoded line break."""
    try:
        return str(message[header] or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        raw_value = next((v for k, v in message.raw_items() if k.lower() == header.lower()), "")
        return one_line(str(raw_value))


def _date(message: Any) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return None


def _letter(name: str) -> EmailMessage:
    path = _folder() / name
    if not _NAME.fullmatch(name) or not path.is_file() or path.stat().st_size > LARGEST_BYTES:
        abort(404)
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pages.get("/<name>")
def letter(name: str) -> ResponseReturnValue:
    """One letter: its HTML in a frame of its own, its text, and what it tells the calendar."""
    message = _letter(name)
    return render_template(
        "pages/mailbox_letter.html",
        name=name,
        subject=_said(message, "Subject"),
        sender=_said(message, "From"),
        to=_said(message, "To"),
        at=_date(message),
        has_html=message.get_body(("html",)) is not None,
        text=_part(message, "plain"),
        event=_event(message),
        session_id=_session_id(message),
        may_answer=ports.get(Settings).inbox == "folder" and replies.answers(message),
        home=current_app.config["TIMEZONE"],
    )


@pages.post("/<name>/answer")
def answer(name: str) -> ResponseReturnValue:
    """Answer a letter as Outlook does: by a message of its own, which the mailbox then brings."""
    message, how = _letter(name), request.form.get("answer", "")
    settings = ports.get(Settings)
    if settings.inbox != "folder" or how not in replies.PARTSTATS:
        abort(404)
    raw_answer = replies.outlook_reply(message, how, clock.now())
    if raw_answer is None:
        abort(404)
    replies.drop(raw_answer, settings.inbox_dir)
    with transaction():
        inbox.look_now()
    flash(
        gettext("The answer is on its way, as Outlook writes it. In a moment the host sees it."),
        "ok",
    )
    return redirect(url_for("mailbox.letter", name=name))


@pages.get("/<name>/answer")
def back(name: str) -> ResponseReturnValue:
    """Whoever reloads the address of the press sees the letter."""
    return redirect(url_for("mailbox.letter", name=name))


@pages.get("/<name>/html")
def html(name: str) -> ResponseReturnValue:
    """The HTML part alone, under a policy of its own that runs nothing and fetches nothing."""
    markup = _part(_letter(name), "html")
    if not markup:
        abort(404)
    # Inside the frame a link would open in the frame; a mail program opens the browser.
    markup = markup.replace("<head>", '<head><base target="_top">', 1)
    response = Response(markup, mimetype="text/html")
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@pages.get("/<name>/raw")
def raw(name: str) -> ResponseReturnValue:
    """The letter as it would go over the wire."""
    _letter(name)
    response = Response((_folder() / name).read_bytes(), mimetype="message/rfc822")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _part(message: EmailMessage, subtype: str) -> str:
    body = message.get_body((subtype,))
    return str(body.get_content()) if body is not None else ""


def _event(message: EmailMessage) -> Event | None:
    for part in message.walk():
        if part.get_content_type() != "text/calendar":
            continue
        try:
            calendar = Calendar.from_ical(part.get_content())
            (event,) = calendar.walk("VEVENT")
            return Event(
                method=str(calendar.get("METHOD", "")),
                title=str(event.get("SUMMARY", "")),
                starts_at=event.decoded("DTSTART"),
                ends_at=event.decoded("DTEND"),
                place=str(event.get("LOCATION", "")),
                sequence=int(event.get("SEQUENCE", 0)),
                uid=str(event.get("UID", "")),
                status=str(event.get("STATUS", "")),
            )
        except (ValueError, KeyError):
            return None
    return None


def _session_id(message: EmailMessage) -> int | None:
    event = _event(message)
    if event is None:
        return None
    return db.session.scalars(select(Session.id).where(Session.uid == event.uid)).first()
