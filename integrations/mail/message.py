"""MIME messages: text, HTML and, last, the calendar part that makes answer buttons appear."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

_LINE_END = re.compile(r"\r\n|\r|\n")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Draft:
    """What a letter says. `calendar` is a whole VCALENDAR and `method` its METHOD."""

    to_address: str
    to_name: str
    from_address: str
    from_name: str
    subject: str
    text: str
    html: str
    message_id: str
    written_at: datetime
    calendar: bytes | None = None
    method: str | None = None
    in_reply_to: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def one_line(text: str) -> str:
    """The text without line breaks and control characters, fit for a header."""
    return _CONTROL.sub(" ", text).strip()


def wire_address(address: str) -> str:
    """The address as mail servers take it: its domain in ASCII (RFC 5891), as xn--p1ai for рф."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def compose(draft: Draft) -> bytes:
    """The message as it goes over the wire: CRLF, multipart/alternative, every part in base64.

    base64 survives relays and the limit of 998 octets a line (RFC 5322, 2.1.1); the calendar part
    comes last, inline, its `method` parameter equal to METHOD (RFC 6047, 2.4). The boundary follows
    from the Message-ID, so that the same draft always gives the same bytes.
    """
    boundary = "vzaimo-" + re.sub(r"[^A-Za-z0-9]", "", draft.message_id)[:40]
    parts = [
        _part("text/plain; charset=utf-8", draft.text),
        _part("text/html; charset=utf-8", draft.html),
    ]
    if draft.calendar is not None:
        method = one_line(draft.method or "")
        kind = f"text/calendar; charset=utf-8; method={method}"
        parts.append(_part(kind, draft.calendar.decode()))
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    headers = "".join(f"{line}\r\n" for line in _headers(draft, boundary))
    return _words(draft) + f"{headers}\r\n{body}--{boundary}--\r\n".encode("ascii")


def _headers(draft: Draft, boundary: str) -> list[str]:
    """The headers that hold no people's words."""
    lines = [
        f"Date: {format_datetime(draft.written_at)}",
        f"Message-ID: <{one_line(draft.message_id)}>",
    ]
    if draft.in_reply_to:
        first = one_line(draft.in_reply_to)
        lines += [f"In-Reply-To: <{first}>", f"References: <{first}>"]
    lines.append("Auto-Submitted: auto-generated")
    lines += [f"{name}: {_encoded(name, one_line(text))}" for name, text in draft.headers.items()]
    lines.append("MIME-Version: 1.0")
    lines.append(f'Content-Type: multipart/alternative; boundary="{boundary}"')
    return lines


def _part(kind: str, text: str) -> str:
    """One part of the body. By hand: EmailMessage takes longer than all else about a letter."""
    canonical = _LINE_END.sub("\r\n", _NO_TEXT.sub("", text)).rstrip("\r\n") + "\r\n"
    coded = base64.encodebytes(canonical.encode()).decode("ascii").replace("\n", "\r\n")
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}"


def _words(draft: Draft) -> bytes:
    """The headers that hold people's words, encoded (RFC 2047) and folded.

    By Header: where EmailMessage folds between two encoded words, it loses the space.
    """
    lines = [
        f"From: {_mailbox('From', draft.from_name, draft.from_address)}",
        f"To: {_mailbox('To', draft.to_name, draft.to_address)}",
        f"Subject: {_encoded('Subject', one_line(draft.subject))}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _mailbox(header: str, name: str, address: str) -> str:
    name = one_line(name)
    if name.isascii() and "=?" not in name:
        return formataddr((name, wire_address(address)))
    return f"{_encoded(header, name)} <{wire_address(address)}>"


def _encoded(header: str, text: str) -> str:
    # Its reader would decode what looks like an encoded word: into anything, even line breaks.
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    return Header(text, charset, header_name=header).encode(linesep="\r\n")
