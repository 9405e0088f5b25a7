"""Letters as they come in: answers of calendars, reports of mail servers, words of people."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from icalendar import Calendar

STAMP = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)


def organizer_in(letter: EmailMessage) -> str:
    """The address to which an invitation asks the calendar to answer."""
    return str(event_in(letter)["ORGANIZER"]).removeprefix("mailto:")


def event_in(letter: EmailMessage) -> Any:
    """The event of a letter's calendar part."""
    (part,) = (one for one in letter.walk() if one.get_content_type() == "text/calendar")
    (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    return event


def an_answer(
    letter: EmailMessage,
    partstat: str = "ACCEPTED",
    *,
    method: str = "REPLY",
    attendee: str = "",
    sender: str = "",
    to: str = "",
    at: datetime = STAMP,
    sequence: int | None = None,
    start: str = 'DTSTART;TZID="Unheard Of Standard Time":20261015T100000\r\n',
    more: str = "",
    uid: str = "",
    headers: Mapping[str, str] | None = None,
    events: int = 1,
) -> bytes:
    """The answer to one of our letters in Outlook's manner: without ORGANIZER, in an odd zone.

    start: the lines of its time. more: further lines of the event. to: where it is sent, empty for
    the letter's ORGANIZER.
    """
    event = event_in(letter)
    invited = str(event["ATTENDEE"]).removeprefix("mailto:")
    number = int(event["SEQUENCE"]) if sequence is None else sequence
    attendee, to = attendee or invited, to or organizer_in(letter)
    body = "".join(
        "BEGIN:VEVENT\r\n"
        f'ATTENDEE;PARTSTAT={partstat};CN="Участник":MAILTO:{attendee.capitalize()}\r\n'
        f"UID:{uid or event['UID']}\r\n"
        f"SEQUENCE:{number}\r\nDTSTAMP:{at:%Y%m%dT%H%M%SZ}\r\n"
        f"{start}{more}"
        "SUMMARY:Принято\r\nEND:VEVENT\r\n"
        for _ in range(events)
    )
    calendar = (
        f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nPRODID:Microsoft Exchange Server 2010\r\n"
        f"VERSION:2.0\r\n{body}END:VCALENDAR\r\n"
    )
    return a_mail(
        sender or attendee, to, "Принято: встреча", calendar=calendar, method=method,
        headers=headers,
    )  # fmt: skip


def a_mail(
    sender: str,
    to: str,
    subject: str,
    text: str = "",
    *,
    calendar: str = "",
    method: str = "REPLY",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A message as our mail server leaves it in the mailbox: with Return-Path and Delivered-To."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["Return-Path"] = f"<{sender}>"
    mail["Delivered-To"] = to.lower()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<{uuid.uuid4()}@client.example>"
    mail["Date"] = STAMP
    for name, value in (headers or {}).items():
        del mail[name]
        mail[name] = value
    mail.set_content(text or " ")
    if calendar:
        mail.add_alternative(calendar, subtype="calendar", charset="utf-8", cte="base64")
        list(mail.iter_parts())[-1].set_param("method", method)
    return bytes(mail)


def a_report(
    letter: EmailMessage,
    envelope_sender: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    said: str = "550 5.1.1 no such user",
) -> bytes:
    """What a mail server writes when a letter does not arrive (RFC 3464)."""
    recipient = parseaddr(str(letter["To"]))[1]
    return (
        f"Return-Path: <>\r\nDelivered-To: {envelope_sender}\r\n"
        f"From: MAILER-DAEMON@mx.example\r\nTo: <{envelope_sender}>\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        f"Message-ID: <{uuid.uuid4()}@mx.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nYour letter was not delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {letter['Message-ID']}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()


def parsed(raw: bytes) -> EmailMessage:
    """A message taken apart."""
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]
