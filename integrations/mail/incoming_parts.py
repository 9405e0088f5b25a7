"""The parts of a message from a stranger: its text, and calendar files wherever they are put."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from integrations.mail.incoming_headers import decoded, decoded_words, from_base64

MAX_PARTS = 300
MAX_CALENDARS = 5
MAX_TEXT = 2000
MAX_TEXT_BYTES = 200_000
_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics", "text/x-vcalendar"})
_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_BEGINS = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*BEGIN[ \t]*:[ \t]*VCALENDAR", re.I)
# "BEGIN:VCALENDAR" is fifteen bytes, so base64 has but one way to write it.
_BEGINS_IN_BASE64 = re.compile(rb"\s*(?:77u/)?QkVHSU46VkNBTEVOREFS")
_QUOTED_PARAMETER = re.compile(rb";[A-Za-z-]{1,40}=3D")


@dataclass(frozen=True)
class Part:
    """One leaf of a message, and what its headers say of it, in lower case but for the file's name.

    kind: such as text/plain. encoding: how its bytes are told to have been made fit for mail.
    is_enclosed: it belongs to another message that was sent along in this one.
    """

    message: Message
    is_enclosed: bool
    kind: str
    charset: str
    encoding: str
    file_name: str

    def content(self) -> bytes:
        """Its bytes, the transfer encoding undone, unless they show that there is none."""
        raw = payload_bytes(self.message)
        if self.encoding == "base64" and not _BEGINS.match(raw):
            return from_base64(raw)
        return quopri.decodestring(raw) if self.encoding == "quoted-printable" else raw

    def text(self) -> str:
        """Its text, at most the beginning."""
        return decoded(self.content()[:MAX_TEXT_BYTES], self.charset).replace("\r\n", "\n")


def leaves(message: Message) -> list[Part]:
    """The parts that hold something, in order, the messages enclosed in this one included.

    A report of mail servers is a leaf too.
    """
    found: list[Part] = []
    waiting = [(message, False)]
    while waiting and len(found) < MAX_PARTS:
        one, is_enclosed = waiting.pop()
        kind = one.get_content_type()
        if not one.is_multipart() or kind.endswith(("delivery-status", "feedback-report")):
            found.append(_leaf(one, is_enclosed))
            continue
        is_enclosed = is_enclosed or kind.startswith("message/")
        waiting += [(child, is_enclosed) for child in reversed(below(one))]
    return found


def below(message: Message) -> list[Message]:
    """The messages that a message is made of; none in a leaf."""
    if not message.is_multipart():  # else the parser would decode it, by any codec it is told
        return []
    payload = message.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def payload_bytes(message: Message) -> bytes:
    """The bytes of a leaf as they came. Takes away the headers that would have the parser decode
    them: what those tell is often not so, and some codecs that they may name take hours."""
    del message["Content-Type"]
    del message["Content-Transfer-Encoding"]
    payload = message.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _leaf(message: Message, is_enclosed: bool) -> Part:
    return Part(
        message,
        is_enclosed,
        kind=message.get_content_type(),
        charset=parameter(message, "charset").lower(),
        encoding=str(message.get("Content-Transfer-Encoding", "")).strip().lower(),
        file_name=(
            parameter(message, "filename", "content-disposition") or parameter(message, "name")
        ).strip(),
    )


def calendars_of(parts: list[Part]) -> tuple[bytes, ...]:
    """The calendar files, in UTF-8 as far as their charset can be told, each once."""
    found: dict[bytes, bytes] = {}
    for one in _calendars(parts):
        found.setdefault(one.replace(b"\r", b"").strip(), one)
    return tuple(one for bare, one in found.items() if bare)[:MAX_CALENDARS]


def plain_text(parts: list[Part]) -> str:
    """The beginning of the first plain text the sender wrote; empty where there is none."""
    for part in parts:
        if part.kind == "text/plain" and not part.is_enclosed and not part.file_name:
            text = part.text().replace("\0", "").strip()
            if text:
                return text[:MAX_TEXT]
    return ""


def has_tnef(parts: list[Part]) -> bool:
    """Whether there is a winmail.dat, in which Outlook hides what others cannot read."""
    return any(
        part.kind in _TNEF_TYPES or part.file_name.lower() == "winmail.dat" for part in parts
    )


def parameter(message: Message, name: str, header: str = "content-type") -> str:
    """A parameter of a header; empty where it is missing or makes no sense."""
    try:
        told = message.get_param(name, "", header)
        if isinstance(told, tuple):  # in a charset (RFC 2231): its bytes as Latin-1
            return decoded(told[2].encode("latin-1", "surrogateescape"), told[0] or "")
        return decoded_words(decoded(str(told).encode("utf-8", "surrogateescape")))
    except (ValueError, TypeError, LookupError):  # continuations out of order, and the like
        return ""


def _calendars(parts: list[Part]) -> Iterator[bytes]:
    for part in parts:
        is_named = part.kind in _CALENDAR_TYPES or part.file_name.lower().endswith(".ics")
        if is_named:
            yield _in_utf8(_mended(part.content()), part.charset)
        elif part.kind == "text/plain":
            content = part.content()
            if _BEGINS.match(content):
                yield _in_utf8(_mended(content), part.charset)


def _mended(raw: bytes) -> bytes:
    """The file, where a gateway changed the transfer encoding and forgot to say so."""
    if _BEGINS_IN_BASE64.match(raw):
        return from_base64(raw)
    return quopri.decodestring(raw) if _QUOTED_PARAMETER.search(raw) else raw


def _in_utf8(raw: bytes, charset: str) -> bytes:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return decoded(raw, charset).encode() if charset else raw
    return raw
