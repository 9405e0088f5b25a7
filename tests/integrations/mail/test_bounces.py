"""What a server says of an address decides whether we ever write to it again."""

from __future__ import annotations

import pytest

from integrations.mail.incoming import Bounce, read


def a_report(fields: str, kind: str = "message/delivery-status", *headers: str) -> bytes:
    lines = [
        "From: MAILER-DAEMON@mx.example.org", "Content-Type: multipart/report; boundary=b", "",
        "--b", f"Content-Type: {kind}", *headers, "", fields, "--b--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def of_one(action: str, status: str, said: str) -> Bounce:
    fields = "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; Anna@Example.org\r\n"
    fields += f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {said}"
    [bounce] = read(a_report(fields)).bounces
    return bounce


@pytest.mark.parametrize(
    ("action", "status", "said", "is_hard"),
    [
        ("failed", "5.1.1", "550 5.1.1 no", True),
        ("failed", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("failed", "5.7.1", "550 5.7.1 No such user!", True),
        ("failed", "5.0.0", "550 Local mailbox anna is unavailable: user not found", True),
        ("failed", "5.4.1", "550 5.4.1 Recipient address rejected: Access denied", True),
        ("failed", "5.5.0", "550 5.5.0 mailbox unavailable", True),
        ("failed", "5.1.1", "550 5.1.1 mailbox is full", False),
        ("failed", "5.2.2", "552 5.2.2 mailbox full", False),
        ("failed", "5.7.1", "550 5.7.1 spam message rejected", False),
        ("failed", "5.7.26", "550 5.7.26 unauthenticated, DMARC policy", False),
        ("failed", "5.3.4", "552 5.3.4 message too large", False),
        ("failed", "5.0.0", "550 no", False),
        ("failed", "4.4.7", "delivery time expired", False),
        ("failed", "4.1.1", "450 4.1.1 user unknown", False),
        ("delayed", "4.4.1", "timed out", False),
        ("delivered", "2.1.5", "250 ok", False),
    ],
)
def test_only_an_address_that_is_gone_is_hard(action: str, status: str, said: str, is_hard: bool):
    found = of_one(action, status, said)

    assert (found.recipient, found.action, found.is_hard) == ("anna@example.org", action, is_hard)


def test_address_we_wrote_to_counts_where_mail_was_passed_on():
    fields = "Final-Recipient: rfc822; b@example.org\r\nOriginal-Recipient: rfc822;a@example.org"

    [bounce] = read(a_report(fields + "\r\nAction: failed\r\nStatus: 5.1.1")).bounces

    assert bounce.recipient == "a@example.org"


def test_code_in_words_counts_where_the_status_says_nothing():
    assert of_one("failed", "5.0.0", "550 5.1.1 unknown").status == "5.1.1"


@pytest.mark.parametrize("kind", ["message/delivery-status", "message/global-delivery-status"])
def test_report_tells_of_each_recipient(kind: str):
    groups = ["Reporting-MTA: dns; x"]
    groups += [f"Final-Recipient: rfc822; {n}@example.org\r\nStatus: 5.1.1" for n in "ab"]

    found = read(a_report("\r\n\r\n".join(groups), kind)).bounces

    assert [(one.recipient, one.action) for one in found] == [
        ("a@example.org", "failed"), ("b@example.org", "failed")]  # fmt: skip


def test_report_in_base64_is_read():
    encoded = "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAZXhhbXBsZS5vcmcNClN0YXR1czogNS4xLjENCg=="
    raw = a_report(encoded, "message/delivery-status", "Content-Transfer-Encoding: base64")

    assert [one.recipient for one in read(raw).bounces] == ["a@example.org"]


def test_report_that_somebody_sent_along_is_about_none_of_ours():
    inner = a_report("Final-Recipient: rfc822; a@example.org\r\nStatus: 5.1.1")
    raw = b"From: a@example.org\r\nContent-Type: message/rfc822\r\n\r\n" + inner

    assert read(raw).bounces == ()


def test_server_that_tells_no_address_is_heard_all_the_same():
    raw = b"Return-Path: <>\nSubject: Undeliverable: x\n\n550 5.1.1 no such user\n"

    [bounce] = read(raw).bounces

    assert (bounce.recipient, bounce.status, bounce.is_hard) == ("", "5.1.1", True)


def test_delay_told_in_words_is_no_failure():
    raw = (
        b"Return-Path: <>\nFrom: mailer-daemon@x.org\nSubject: Warning: message delayed\n\n"
        b"  a@example.org\n    Delay reason: 451 4.7.1 try later\n"
    )

    [bounce] = read(raw).bounces

    assert (bounce.recipient, bounce.action, bounce.is_hard) == ("a@example.org", "delayed", False)


def test_person_who_speaks_of_failed_delivery_is_no_server():
    raw = b"Return-Path: <a@b.org>\nFrom: a@b.org\nSubject: Delivery failed\n\nc@b.org: unknown\n"

    assert read(raw).bounces == ()
