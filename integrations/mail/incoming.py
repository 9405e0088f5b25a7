"""A message that came in: who sent it, to which of our addresses, and what it carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from integrations.runtime.errors import Unreadable

__all__ = ["Bounce", "Incoming", "Unreadable", "read"]


@dataclass(frozen=True)
class Bounce:
    """One recipient whom a letter of ours did not reach, or only later (RFC 3464).

    action: "failed", "delayed", "delivered", "relayed", "expanded". status: "5.1.1", or empty.
    is_hard: this address will never take mail; a full mailbox or a refused letter is not hard.
    """

    recipient: str
    action: str
    status: str
    diagnostic: str
    original_message_id: str
    is_hard: bool


@dataclass(frozen=True)
class Incoming:
    """A message as far as it concerns us. Addresses are plain and lower case, ids in brackets.

    recipients: of Delivered-To, X-Original-To, To and Cc, in that order, each once.
    return_path: "" where the envelope had no sender, as bounces do; None where it is untold.
    aligned_from: our own server says that DKIM or ARC vouches for the domain of From.
    text: the first 2000 characters of plain text.
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


def read(raw: bytes, *, authserv_id: str = "") -> Incoming:
    """What a message says and carries. Raises Unreadable only for one beyond our limits.

    authserv_id: the name under which our own mail server writes Authentication-Results; those of
    others prove nothing and are passed over, and without a name no result is believed.
    """
    raise Unreadable("mail.too_large")
