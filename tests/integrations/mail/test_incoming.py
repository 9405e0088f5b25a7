"""Messages from strangers tell who wrote, to whom, and what they carry."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from integrations.mail.incoming import read

CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n"
OURS = "mx.example.org"


def a_message(*headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([*headers, "", ""]).encode() + body


def a_part(content: bytes, *headers: str) -> bytes:
    """A message of two parts, the second as told."""
    return a_message(
        'Content-Type: multipart/mixed; boundary="b"',
        body=b"--b\r\n\r\nhello\r\n--b\r\n" + a_message(*headers, body=content) + b"\r\n--b--\r\n",
    )


def test_headers_are_told_plainly():
    raw = a_message(
        "Return-Path: <Anna@Example.org>", "Delivered-To: sessions+T@example.org",
        'From: "boss@example.org" <Anna@Example.org>',
        "To: a@example.org, <sessions+T@example.org>",
        "Cc: Group: b@example.org (c@example.org), c@example.org;",
        "Subject: =?utf-8?B?0J/RgNC4?= =?utf-8?B?0LTRgw==?=, =?koi8-r?Q?=C4=C1?=",
        "Date: Tue, 12 Jan 2027 14:15:03 +0500", "Message-ID: <1@example.org>",
        "Auto-Submitted: Auto-Generated; owner-email=x",
    )  # fmt: skip

    mail = read(raw)

    assert (mail.sender, mail.return_path) == ("anna@example.org", "anna@example.org")
    assert mail.recipients == (
        "sessions+t@example.org", "a@example.org", "b@example.org", "c@example.org")  # fmt: skip
    assert (mail.subject, mail.message_id) == ("Приду, да", "1@example.org")
    assert mail.sent_at == datetime(2027, 1, 12, 9, 15, 3, tzinfo=UTC)
    assert (mail.auto_submitted, mail.is_auto_reply) == ("auto-generated", False)


def test_empty_message_tells_nothing():
    mail = read(b"")

    assert (mail.sender, mail.return_path, mail.recipients, mail.sent_at) == ("", None, (), None)
    assert (mail.calendars, mail.bounces, mail.text, mail.subject) == ((), (), "", "")


def test_letter_split_between_two_encoded_words_is_mended():
    whole = "Приду".encode()
    words = [f"=?utf-8?B?{b64encode(part).decode()}?=" for part in (whole[:3], whole[3:])]

    mail = read(a_message("Subject: " + "\r\n ".join(words)))

    assert mail.subject == "Приду"


def test_header_in_bytes_without_any_charset_is_read():
    mail = read("Subject: Приду\r\n\r\n".encode("cp1251"))

    assert mail.subject == "Приду"


@pytest.mark.parametrize("charset", ["punycode", "idna", "zlib", "unicode_escape", "nonsense"])
def test_charset_that_is_none_costs_nothing_and_reads_as_utf8(charset: str):
    mail = read(a_message(f"Subject: =?{charset}?Q?=D0=94=D0=B0?="))

    assert mail.subject == "Да"


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Type: text/calendar; method=REPLY",),
        ("Content-Type: application/ics",),
        ("Content-Type: application/octet-stream; name=invite.ICS",),
        ("Content-Type: application/octet-stream", 'Content-Disposition: x; filename="a.ics"'),
        ("Content-Type: application/x", "Content-Disposition: x; filename*=UTF-8''%D0%B0.ics"),
        ("Content-Type: application/x", "Content-Disposition: x; filename*0=a; filename*1=.ics"),
        ("Content-Type: text/plain",),
        ("Content-Type: text/calendar", "Content-Transfer-Encoding: base64"),
        ("Content-Type: text/calendar; charset=nonsense", "Content-Transfer-Encoding: nonsense"),
    ],
)
def test_calendar_is_found_however_it_is_called(headers: tuple[str, ...]):
    mail = read(a_part(CALENDAR, *headers))

    assert [one.strip() for one in mail.calendars] == [CALENDAR.strip()]


def test_calendar_in_a_russian_charset_becomes_utf8():
    raw = a_part(
        "BEGIN:VCALENDAR\r\nX:Да".encode("koi8-r"), "Content-Type: text/calendar; charset=koi8-r"
    )

    assert read(raw).calendars == ("BEGIN:VCALENDAR\r\nX:Да".encode(),)


def test_base64_with_dirt_in_it_and_its_end_missing_is_read():
    encoded = b64encode(CALENDAR)
    dirty = encoded[:10] + b"\x00 \xff!" + encoded[10:-2]
    raw = a_part(dirty, "Content-Type: text/calendar", "Content-Transfer-Encoding: BASE64")

    [calendar] = read(raw).calendars

    assert calendar.startswith(CALENDAR[:-4])


def test_same_calendar_twice_is_one():
    part = b"Content-Type: text/calendar\r\n\r\n" + CALENDAR
    raw = a_message(
        'Content-Type: multipart/mixed; boundary="b"',
        body=b"--b\r\n" + part + b"\r\n--b\r\n" + part.replace(b"\r\n", b"\n") + b"--b--",
    )

    assert len(read(raw).calendars) == 1


def test_text_is_the_beginning_of_the_first_plain_part():
    assert read(a_message("Subject: x", body=b"y" * 5000)).text == "y" * 2000


@pytest.mark.parametrize(
    ("results", "is_aligned"),
    [
        (f"{OURS}; dkim=pass header.d=example.org", True),
        (f"{OURS} 1; spf=fail smtp.mailfrom=x; dkim=pass (good) header.d=example.org", True),
        (f"{OURS.upper()}; dmarc=pass (p=none) header.from=school.example.org", True),
        (f"{OURS}; dkim=pass header.i=@school.example.org", True),
        (f"{OURS}; dkim=fail header.d=example.org", False),
        (f"{OURS}; dkim=pass header.d=org", False),
        (f"{OURS}; dkim=pass header.d=other.org", False),
        (f"{OURS}; dkim=pass header.d=evilexample.org", False),
        (f"{OURS}; dkim=pass header.d=deep.school.example.org", False),
        (f"{OURS}; dmarc=pass header.from=other.org", False),
        (f"{OURS}; arc=pass (i=1 dkim=pass header.d=example.org)", False),
        (f"{OURS}; spf=pass smtp.mailfrom=school.example.org", False),
        (f'{OURS}; spf=pass smtp.mailfrom="x; dkim=pass header.d=example.org"', False),
        (f"{OURS}; none (; dkim=pass header.d=example.org", False),
        ("other.example.org; dkim=pass header.d=example.org", False),
        ("", False),
    ],
)
def test_sender_is_vouched_for_by_our_own_server_alone(results: str, is_aligned: bool):
    raw = a_message(f"Authentication-Results: {results}", "From: Anna <anna@school.example.org>")

    assert read(raw, authserv_id=OURS).aligned_from is is_aligned


def test_no_result_is_believed_without_the_name_of_our_server():
    raw = a_message("Authentication-Results: ; dkim=pass header.d=a.org", "From: x@a.org")

    assert read(raw).aligned_from is False


def test_result_below_that_of_our_server_may_be_forged():
    raw = a_message(
        f"Authentication-Results: {OURS}; dkim=none",
        f"Authentication-Results: {OURS}; dkim=pass header.d=a.org",
        "From: x@a.org",
    )

    assert read(raw, authserv_id=OURS).aligned_from is False


@pytest.mark.parametrize(
    "authors",
    [
        ("From: x@a.org", "From: y@a.org"),
        ("From: x@a.org, y@a.org",),
        ("From: <x@a.org> <y@a.org>",),
    ],
)
def test_message_of_two_authors_is_vouched_for_by_nobody(authors: tuple[str, ...]):
    raw = a_message(f"Authentication-Results: {OURS}; dkim=pass header.d=a.org", *authors)

    assert read(raw, authserv_id=OURS).aligned_from is False


@pytest.mark.parametrize(
    ("header", "is_auto"),
    [
        ("Auto-Submitted: auto-replied (vacation)", True),
        ("Auto-Submitted: auto-generated", False),
        ("Auto-Submitted: no", False),
        ("X-Autoreply: yes", True),
        ("X-Autorespond: no", False),
        ("Precedence: auto_reply", True),
        ("Precedence: list", False),
        ("Subject: Автоответ: Школа", True),
        ("Subject: Автоматический ответ: Школа", True),
        ("Subject: Out of office: x", True),
        ("Subject: Re: автоответ", False),
        ("Subject: Автоответчик в школе", False),
    ],
)
def test_machine_that_answers_for_somebody_is_told_from_people(header: str, is_auto: bool):
    assert read(a_message("From: a@example.org", header)).is_auto_reply is is_auto


def test_absence_told_with_an_empty_envelope_sender_is_no_bounce():
    raw = a_message(
        "Return-Path: <>", "Auto-Submitted: auto-replied", "From: a@example.org",
        "Subject: Away", body=b"I am away. Write to\r\nb@example.org\r\n",
    )  # fmt: skip

    mail = read(raw)

    assert (mail.bounces, mail.is_auto_reply, mail.return_path) == ((), True, "")


@pytest.mark.parametrize("feedback", ["not-spam", "auth-failure"])
def test_other_reports_about_mail_are_no_complaints(feedback: str):
    raw = a_part(
        f"Feedback-Type: {feedback}\r\nOriginal-Rcpt-To: a@example.org\r\n".encode(),
        "Content-Type: message/feedback-report",
    )

    assert read(raw).is_complaint is False
