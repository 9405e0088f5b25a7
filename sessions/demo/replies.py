"""The answer that Outlook would send to an invitation, for a visitor of the demonstration."""

from __future__ import annotations

import os
import uuid
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any

from icalendar import Calendar

PARTSTATS = {"accepted": "ACCEPTED", "tentative": "TENTATIVE", "declined": "DECLINED"}
_SUBJECTS = {"accepted": "Принято", "tentative": "Под вопросом", "declined": "Отклонено"}


def outlook_reply(letter: EmailMessage, answer: str, answered_at: datetime) -> bytes | None:
    """The whole message of an answer; None for a letter that asks for none.

    In Outlook's manner: without ORGANIZER, `MAILTO:` in capitals, marks of its own.
    answer: "accepted", "tentative" or "declined".
    """
    event = _event(letter)
    if event is None:
        return None
    attendee = str(event["ATTENDEE"]).removeprefix("mailto:")
    to = str(event["ORGANIZER"]).removeprefix("mailto:")
    subject = _SUBJECTS[answer]
    lines = [
        "BEGIN:VCALENDAR", "METHOD:REPLY", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0",
        "BEGIN:VEVENT", f"ATTENDEE;PARTSTAT={PARTSTATS[answer]};RSVP=TRUE:MAILTO:{attendee}",
        f"SUMMARY;LANGUAGE=ru-RU:{subject}", f"UID:{event['UID']}", "CLASS:PUBLIC", "PRIORITY:5",
        f"DTSTAMP:{answered_at:%Y%m%dT%H%M%SZ}", "TRANSP:OPAQUE", "STATUS:CONFIRMED",
        f"SEQUENCE:{event.get('SEQUENCE', 0)}", "X-MICROSOFT-CDO-APPT-SEQUENCE:0",
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    mail = EmailMessage(policy=SMTP)
    mail["Return-Path"] = f"<{attendee}>"
    mail["Delivered-To"] = to
    mail["From"], mail["To"] = str(letter["To"]), to
    mail["Subject"] = f"{subject}: {letter['Subject']}"
    mail["Date"] = format_datetime(answered_at)
    mail["Message-ID"] = f"<{uuid.uuid4()}@{attendee.rpartition('@')[2]}>"
    mail["In-Reply-To"] = str(letter["Message-ID"])
    mail.set_content(subject)
    mail.add_alternative("\r\n".join(lines), subtype="calendar", charset="utf-8", cte="base64")
    list(mail.iter_parts())[-1].set_param("method", "REPLY")
    return bytes(mail)


def _event(letter: EmailMessage) -> Any:
    """The event that the letter invites to, None where it invites to none."""
    for part in letter.walk():
        if part.get_content_type() == "text/calendar":
            calendar = Calendar.from_ical(part.get_content())
            events = calendar.walk("VEVENT")
            if str(calendar.get("METHOD", "")) == "REQUEST" and len(events) == 1:
                return events[0]
    return None


def drop(raw: bytes, folder: Path) -> None:
    """Put a message into the folder that is read as a mailbox, whole from the first moment."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{uuid.uuid4().hex}.eml"
    aside = folder / f".{name}.part"
    aside.write_bytes(raw)
    os.replace(aside, folder / name)


def answers(letter: EmailMessage) -> bool:
    """Whether a calendar would offer to answer this letter."""
    return _event(letter) is not None and bool(parseaddr(str(letter["To"]))[1])
