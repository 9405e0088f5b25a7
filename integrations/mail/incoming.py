"""A message that came in: who sent it, to which of our addresses, and what it carries.

Nothing here may fail or take long by what a stranger wrote: sizes are looked at before the standard
parser is called, headers are kept short (its time for parameters grows with their square), and what
it still stumbles over leaves a message with its headers alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import BytesParser

from integrations.mail.bounces import Bounce, bounces_in, fields_of, original_id
from integrations.mail.incoming_headers import Bounded, Headers, addresses_in, vouched_for
from integrations.mail.incoming_parts import Part, calendars_of, has_tnef, leaves, plain_text
from integrations.runtime.errors import Unreadable

__all__ = ["Bounce", "Incoming", "Unreadable", "read"]

MAX_BYTES = 10 * 1024 * 1024
MAX_LINES = 150_000
MAX_BOUNDARIES = 3_000
MAX_LEVELS = 100
MAX_LINES_TIMES_LEVELS = 3_000_000
MAX_HEAD_BYTES = 256 * 1024
MAX_SUBJECT = 500

_LEVEL = re.compile(rb"boundary|message/", re.I)
_AUTO_SUBJECT = re.compile(
    r"(?:автоответ|автоматический ответ|автоматическое уведомление|нет на месте|вне офиса|"
    r"я в отпуске|в отпуске|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|"
    r"abwesenheitsnotiz|automatische antwort|r[ée]ponse automatique|respuesta autom[áa]tica)\b",
    re.I,
)
_AUTO_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Mail-Autoreply",
    "X-Vacation",
)
_HEAD_ENDS = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_POLICY = Bounded()


@dataclass(frozen=True)
class Incoming:
    """A message as far as it concerns us. Addresses are plain and lower case, ids in no brackets.

    recipients: of Delivered-To, X-Original-To, Envelope-To, To and Cc, in that order, each once.
    return_path: "" where the envelope had no sender, as bounces do; None where it is untold.
    auto_submitted: the keyword of RFC 3834, in lower case. is_auto_reply: written by a machine in
    somebody's absence; answers with a calendar part may be that too. is_complaint: someone pressed
    «spam» on a letter of ours (RFC 5965). aligned_from: our own server says that the domain of From
    sent this. text: the first 2000 characters of plain text. original_message_id: our letter that
    this is about, as far as told; original_recipient: to whom it went, in a complaint.
    has_tnef: there is a winmail.dat, which may hide an answer.
    """

    message_id: str
    sender: str
    return_path: str | None
    recipients: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    auto_submitted: str
    is_auto_reply: bool
    is_complaint: bool
    calendars: tuple[bytes, ...]
    bounces: tuple[Bounce, ...]
    aligned_from: bool
    text: str
    original_message_id: str = ""
    original_recipient: str = ""
    has_tnef: bool = False


def read(raw: bytes, *, authserv_id: str = "") -> Incoming:
    """What a message says and carries. Raises Unreadable only for one beyond our limits.

    authserv_id: the name under which our own mail server writes Authentication-Results; those of
    others prove nothing and are passed over, and without a name no result is believed.
    """
    _refuse_what_costs_too_much(raw)
    try:
        return _told(_parsed(raw), authserv_id)
    except Exception as unforeseen:
        # Whatever a stranger wrote must not stop the reading of the next letter.
        raise Unreadable("mail.unforeseen", repr(unforeseen)[:500]) from unforeseen


def _refuse_what_costs_too_much(raw: bytes) -> None:
    """Raises Unreadable by sizes alone: the parser compares each line with every open boundary."""
    if len(raw) > MAX_BYTES:
        raise Unreadable("mail.too_large", f"{len(raw)} bytes")
    lines = max(raw.count(b"\n"), raw.count(b"\r"))
    if lines > MAX_LINES:
        raise Unreadable("mail.too_many_lines", str(lines))
    if len(raw) > MAX_HEAD_BYTES and not _HEAD_ENDS.search(raw, 0, MAX_HEAD_BYTES):
        raise Unreadable("mail.head_too_long")
    boundaries = raw.count(b"\n--") + raw.count(b"\r--")
    levels = sum(1 for _ in _LEVEL.finditer(raw))
    if boundaries > MAX_BOUNDARIES or levels > MAX_LEVELS:
        raise Unreadable("mail.too_many_parts", f"{boundaries} boundaries, {levels} levels")
    if lines * levels > MAX_LINES_TIMES_LEVELS:
        raise Unreadable("mail.too_many_parts", f"{lines} lines in {levels} levels")


def _parsed(raw: bytes) -> Message:
    try:
        return BytesParser(policy=_POLICY).parsebytes(raw)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        # A Content-Type the parser cannot take apart: the headers are still worth reading.
        return BytesParser(policy=_POLICY).parsebytes(raw, headersonly=True)


def _told(message: Message, authserv_id: str) -> Incoming:
    headers, parts = Headers(message), leaves(message)
    recipients = headers.addresses("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    complaint = _complaint(parts)
    bounces = bounces_in(message, headers, parts, recipients)
    return Incoming(
        message_id=headers.message_id(),
        sender=next(iter(headers.addresses("From")), ""),
        return_path=_return_path(headers),
        recipients=recipients,
        subject=headers.words("Subject")[:MAX_SUBJECT],
        sent_at=headers.instant("Date"),
        auto_submitted=headers.first("Auto-Submitted").partition(";")[0].strip().lower()[:40],
        is_auto_reply=not bounces and complaint is None and _is_auto_reply(headers),
        is_complaint=complaint is not None,
        calendars=calendars_of(parts),
        bounces=() if complaint is not None else bounces,
        aligned_from=vouched_for(headers, authserv_id),
        text=plain_text(parts),
        original_message_id=(
            original_id(message, headers, parts)
            if bounces or complaint is not None
            else headers.message_id("In-Reply-To")
        ),
        original_recipient=complaint or "",
        has_tnef=has_tnef(parts),
    )


def _return_path(headers: Headers) -> str | None:
    told = headers.all("Return-Path")
    return next(iter(addresses_in(told[0])), "") if told else None


def _is_auto_reply(headers: Headers) -> bool:
    """Whether a machine wrote this because somebody is away (RFC 3834 and what came before it).

    Exchange marks such letters as auto-generated, like its answers to invitations; then the
    subject tells. Bulk mail is counted in: nobody wrote it to us.
    """
    if headers.first("Auto-Submitted").lower().startswith(("auto-replied", "auto-notified")):
        return True
    if any(headers.first(name).lower() not in ("", "no") for name in _AUTO_HEADERS):
        return True
    if headers.first("Precedence").lower() in ("auto_reply", "auto-reply", "bulk", "junk"):
        return True
    return _AUTO_SUBJECT.match(headers.words("Subject")) is not None


def _complaint(parts: list[Part]) -> str | None:
    """Whom a letter of ours annoyed (RFC 5965), "" where it is kept secret; None: no complaint."""
    for part in parts:
        if part.kind == "message/feedback-report" and not part.is_enclosed:
            fields = {name: told for block in fields_of(part) for name, told in block.items()}
            if fields.get("feedback-type", "").lower() in ("abuse", "fraud", "virus", "other"):
                told = fields.get("original-rcpt-to", "") or fields.get("removal-recipient", "")
                return next(iter(addresses_in(told)), "")
    return None
