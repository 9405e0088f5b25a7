"""What the product's readers make of a file, in the words of expected.json."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from integrations.calendaring import reply
from integrations.mail import incoming

HERE = Path(__file__).parent


def files() -> list[Path]:
    return sorted(HERE.glob("*.eml"))


def expected() -> dict[str, Any]:
    found = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def meaning_of(raw: bytes) -> dict[str, Any]:
    """The meaning of a message, with only what it has."""
    mail = incoming.read(raw)
    answers: list[dict[str, Any]] = []
    unreadable = []
    for calendar in mail.calendars:
        try:
            answers += [_plain(asdict(one)) for one in reply.read(calendar)]
        except reply.Unreadable as why:
            unreadable.append(why.reason)
    told = {
        "kind": _kind(mail, answers),
        "sender": mail.sender,
        "recipients": list(mail.recipients),
        "subject": mail.subject,
        "sent_at": _shown(mail.sent_at),
        "answers": answers,
        "unreadable": unreadable,
        "bounces": [_plain(asdict(one)) for one in mail.bounces],
        "original_message_id": mail.original_message_id,
        "original_recipient": mail.original_recipient,
        "hides_a_winmail_dat": mail.has_tnef,
    }
    return _plain(told)


def _kind(mail: incoming.Incoming, answers: list[dict[str, Any]]) -> str:
    if mail.is_complaint:
        return "complaint"
    if mail.bounces:
        return "bounce"
    if answers:
        return str(answers[0]["method"]).lower()
    return "auto_reply" if mail.is_auto_reply else "other"


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """Without what is missing; 0 and False of a bounce are told."""
    return {
        name: _shown(value)
        for name, value in told.items()
        if value not in (None, "", (), []) and not (value is False and name.startswith("hides"))
    }


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return list(value) if isinstance(value, tuple) else value
