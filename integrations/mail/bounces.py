"""What mail servers say of letters that did not arrive (RFC 3464), or say in their own words."""

from __future__ import annotations

import quopri
import re
from dataclasses import dataclass
from email.message import Message

from integrations.mail import bounce_words
from integrations.mail.incoming_headers import (
    Headers,
    addresses_in,
    decoded,
    from_base64,
    plain_id,
    text_of,
)
from integrations.mail.incoming_parts import Part, below, payload_bytes

MAX_BOUNCES = 50
MAX_BLOCKS = 200
ACTIONS = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})

_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*:(.*(?:\n[ \t].*)*)", re.M)
_ID_IN_TEXT = re.compile(r"^[ \t]*Message-I[dD]:[ \t]*(?:\n[ \t]+)?(<[^<>\s]{1,500}>)", re.M | re.I)
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_DAEMONS = ("mailer-daemon@", "postmaster@", "mail-daemon@", "mailerdaemon@")


@dataclass(frozen=True)
class Bounce:
    """One recipient whom a letter of ours did not reach, or only later (RFC 3464).

    recipient: the address we wrote to; empty where the server does not tell it. action: "failed",
    "delayed", "delivered", "relayed", "expanded". status: "5.1.1", or empty. original_message_id:
    our letter's, without brackets, or empty. is_hard: this address will never take mail; a full
    mailbox or a letter refused for what it is, is not hard.
    """

    recipient: str
    action: str
    status: str
    diagnostic: str
    original_message_id: str
    is_hard: bool


def bounces_in(
    message: Message, headers: Headers, parts: list[Part], own: tuple[str, ...]
) -> tuple[Bounce, ...]:
    """What a message says of letters that did not arrive; empty for any other message.

    own: the addresses it came to, which are none of those it speaks of.
    """
    original = original_id(message, headers, parts)
    reports = [part for part in parts if is_report(part)]
    found = [
        one
        for report in reports
        for block in fields_of(report)
        for one in [_of_block(block, original)]
        if one is not None
    ]
    if not found and _is_from_a_server(headers, parts):
        found = _told_in_words(headers, parts, own, original)
    return tuple(dict.fromkeys(found))[:MAX_BOUNCES]


def is_report(part: Part) -> bool:
    """Whether a part is a delivery report about a letter of ours, not one that was sent along."""
    return part.kind.endswith("delivery-status") and not part.is_enclosed


def original_id(message: Message, headers: Headers, parts: list[Part]) -> str:
    """The Message-ID of the letter that a report is about, without brackets, or empty."""
    for part in message.walk():
        if part.get_content_type() in ("message/rfc822", "message/global"):
            for letter in below(part)[:1]:
                return Headers(letter).message_id()
    copies = [part.text() for part in parts if part.kind.endswith("rfc822-headers")]
    copies += [
        bounce_words.copy_in(part.text())
        for part in parts
        if part.kind == "text/plain" and not part.is_enclosed
    ]
    for copy in copies:
        found = _ID_IN_TEXT.search(copy)
        if found:
            return plain_id(found[1])
    return plain_id(headers.first("In-Reply-To"))


def fields_of(report: Part) -> list[dict[str, str]]:
    """The groups of fields of a report (RFC 3464, section 2.1), names in lower case."""
    groups = below(report.message)[:MAX_BLOCKS]
    told = "\n\n".join(map(_source, groups))
    text = told or decoded(payload_bytes(report.message))
    # The standard forbids an encoding; some use one, and some only say so.
    if report.encoding in ("base64", "quoted-printable") and "recipient" not in text.lower():
        raw = text.encode("utf-8", "surrogateescape")
        raw = from_base64(raw) if report.encoding == "base64" else quopri.decodestring(raw)
        text = raw.decode("utf-8", "replace").replace("\r\n", "\n")
    blocks = re.split(r"\n[ \t]*\n", text)[:MAX_BLOCKS]
    return [{f[1].lower(): f[2].strip() for f in _FIELD.finditer(block)} for block in blocks]


def _source(message: Message) -> str:
    told = ((name, text_of(str(value))) for name, value in message.raw_items())
    head = "\n".join(f"{name}: {value}" for name, value in told)
    if message.is_multipart():
        return "\n\n".join([head, *map(_source, below(message))])
    return f"{head}\n\n{decoded(payload_bytes(message))}".replace("\r\n", "\n")


def _of_block(fields: dict[str, str], original: str) -> Bounce | None:
    """The recipient of a group of fields; None for the group that speaks of the whole report."""
    recipient = _recipient(fields.get("original-recipient", "")) or _recipient(
        fields.get("final-recipient", "")
    )
    if not recipient and "final-recipient" not in fields:
        return None
    diagnostic = bounce_words.one_line(fields.get("diagnostic-code", ""))
    status = bounce_words.status_of(fields.get("status", ""))
    if status[1:] in ("", ".0.0"):  # "undefined": the server's words may know more
        status = bounce_words.status_of(diagnostic) or status
    action = (fields.get("action", "").split() or [""])[0].lower()
    if action not in ACTIONS:
        action = "delayed" if status.startswith("4") else "failed"
    return Bounce(
        recipient, action, status, diagnostic, original,
        bounce_words.is_gone(action, status, diagnostic),
    )  # fmt: skip


def _recipient(field: str) -> str:
    """The address of "rfc822; anna@example.org"; xtext (RFC 3461) undone."""
    kind, _, address = field.rpartition(";")
    if "utf-8" in kind.lower() or "+3d" in address.lower():
        address = _XTEXT.sub(lambda found: chr(int(found[1], 16)), address)
    return next(iter(addresses_in(address)), "")


def _is_from_a_server(headers: Headers, parts: list[Part]) -> bool:
    """Whether a message without a report is one all the same: from no sender, of a failure."""
    if headers.first("X-Failed-Recipients"):
        return True
    sender = next(iter(headers.addresses("From")), "")
    nobody = headers.first("Return-Path").replace(" ", "") == "<>"
    if not (nobody or sender.startswith(_DAEMONS)):
        return False
    subject = headers.words("Subject")
    return any(bounce_words.speaks_of_failure(text) for text in [subject, *_words(parts)[:1]])


def _words(parts: list[Part]) -> list[str]:
    return [
        bounce_words.before_the_copy(part.text())
        for part in parts
        if part.kind == "text/plain" and not part.is_enclosed
    ]


def _told_in_words(
    headers: Headers, parts: list[Part], own: tuple[str, ...], original: str
) -> list[Bounce]:
    text = "\n".join(_words(parts))[: bounce_words.MAX_WORDS]
    action = bounce_words.action_of(f"{headers.words('Subject')}\n{text}")
    told: dict[str, str] = {}
    for address, said in bounce_words.recipients_told(text):
        if address not in own:
            told[address] = told.get(address) or said
    named = headers.addresses("X-Failed-Recipients")
    if named:
        told = {address: told.get(address) or bounce_words.one_line(text) for address in named}
    if not told:  # the envelope's address may still tell which letter it was
        told = {"": bounce_words.one_line(text)}
    found = []
    for address, said in told.items():
        status = bounce_words.status_of(said)
        gone = bounce_words.is_gone(action, status, said)
        found.append(Bounce(address, action, status, said, original, gone))
    return found
