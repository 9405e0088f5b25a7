"""Any bytes that arrive by mail are read, or refused by their size, and never cost much."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from integrations.mail import incoming
from integrations.mail.incoming import Unreadable, read

OURS = "mx.example.org"

NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(200)
)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"X" * (incoming.MAX_BYTES + 1), "mail.too_large"),
        (b"a\n" * (incoming.MAX_LINES + 1), "mail.too_many_lines"),
        (b"\n--b" * (incoming.MAX_BOUNDARIES + 1), "mail.too_many_parts"),
        (b"a: b\n" * 60_000, "mail.head_too_long"),
        (NESTED, "mail.too_many_parts"),
        (b"Content-Type: message/rfc822\n\n" * 200, "mail.too_many_parts"),
    ],
    ids=[
        "bytes",
        "lines",
        "boundaries",
        "head",
        "multiparts in one another",
        "messages in one another",
    ],
)
def test_message_beyond_our_limits_is_refused_by_its_size(raw: bytes, reason: str):
    with pytest.raises(Unreadable) as why:
        read(raw)

    assert why.value.reason == reason


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary*0*=x; boundary*=y; boundary*1=z\n\n--x\n",
        b"Content-Type: multipart/mixed; boundary*" + b"9" * 5000 + b"=x\n\n--x\n",
        b"Content-Type: a" + b'; "' * 80_000 + b"\n\n",
        b"From: " + b"(" * 100_000 + b"\nTo: " + b"<" * 100_000 + b"\n\n",
        b"Subject: " + b"=?utf-8?q?" * 20_000 + b"\n\n",
        b"Date: " + b"9" * 10_000 + b"\nMessage-ID: " + b"<" * 10_000 + b"\n\n",
        b"Content-Type: message/delivery-status\n\n" + b"Final-Recipient: x\n\n" * 40_000,
        b"Return-Path: <>\nSubject: failure notice\n\n" + b"a@" * 100_000,
        b"X-Failed-Recipients: " + b"a@b," * 50_000 + b"\n\n",
        b"a:" + b"\n b" * 80_000 + b"\n\n",
        b"a:b\n" * 60_000 + b"\n",
    ],
    ids=["continuations", "number", "parameters", "comments", "words", "date", "groups", "line",
         "recipients", "folds", "headers"],
)  # fmt: skip
def test_hostile_message_is_read_within_seconds(raw: bytes):
    began = time.process_time()

    read(raw)

    assert time.process_time() - began < 5


@pytest.mark.parametrize("charset", ["punycode", "idna", "a\0b", "zlib", "utf-16", "é"])
def test_codec_that_a_part_names_is_not_called_without_need(charset: str):
    head = f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode()
    began = time.process_time()

    mail = read(head + "Да".encode() + b"\xff" + b"a" * 1_000_000)

    assert mail.text.startswith("Да".encode().decode("cp1251")) or charset == "utf-16"
    assert time.process_time() - began < 2


def test_address_with_a_control_character_is_none():
    raw = b"Return-Path: <>\nSubject: failure notice\n\n<a\x00b@example.org>:\n550 unknown user\n"

    [bounce] = read(raw).bounces

    assert (bounce.recipient, bounce.is_hard) == ("", True)


BITS = some.sampled_from(
    [b"Content-Type: ", b"multipart/report", b"multipart/mixed", b"; boundary=b", b'; boundary="b"',
     b"message/rfc822", b"message/delivery-status", b"text/calendar", b"text/rfc822-headers",
     b"\r\n", b"\n", b"\r", b"\n\n", b"--b\n", b"--b--\n", b"Content-Transfer-Encoding: ",
     b"base64", b"quoted-printable", b"uuencode", b"; charset=", b"utf-16", b"=?utf-8?B?", b"?=",
     b"Final-Recipient: rfc822; a@b\n", b"Status: 5.1.1\n", b"From: ", b"a@b", b"<", b">", b"(",
     b'"', b";", b"*0*=", b"BEGIN:VCALENDAR\n", b"Return-Path: <>\n", b"Date: ", b"-0000", b"\xff"]
)  # fmt: skip


@given(some.lists(some.one_of(BITS, some.binary(max_size=12)), max_size=60))
def test_no_bytes_give_an_error(bits: list[bytes]):
    mail = read(b"".join(bits), authserv_id=OURS)

    assert mail.aligned_from is False
    # A database keeps neither NUL nor half a surrogate pair.
    assert "\0" not in "".join([mail.text, mail.subject, mail.sender, *mail.recipients])
    assert repr(mail.bounces).encode().count(b"\\x00") == 0


def test_report_in_bytes_beyond_ascii_is_told_in_text_fit_to_keep():
    raw = (
        b"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.org\n"
        b"Diagnostic-Code: smtp; 550 \xed\xe5\xf2 \x00 \xff\n"
    )

    [bounce] = read(raw).bounces

    assert bounce.diagnostic == "smtp; 550 нет я"
