"""Which answer of a mail server ends all letters to an address, and which only this one."""

from __future__ import annotations

import pytest

from integrations.mail.refusals import code_of, is_hard, status_of


@pytest.mark.parametrize(
    ("answer", "code", "status"),
    [
        ("550 5.1.1 no such user", "550", "5.1.1"),
        ("550-5.1.1 The email account that you tried to reach does not exist.", "550", "5.1.1"),
        ("550 no such user", "550", ""),
        ("452 4.2.2 mailbox full", "452", "4.2.2"),
        ("connection refused", "", ""),
        ("", "", ""),
    ],
)
def test_code_and_status_of_an_answer(answer, code, status):
    assert (code_of(answer), status_of(answer)) == (code, status)


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 no such user",
        "550 5.1.10 recipient not found",
        "550 5.2.1 mailbox disabled",
        "550 No such user here",
        "550 Requested action not taken: mailbox unavailable",
        "551 User unknown",
        "550 Invalid recipient",
        "550 spam@example.org: Recipient address rejected: the account does not exist",
    ],
)
def test_address_that_is_not_there_is_hard(answer):
    assert is_hard(status_of(answer), answer)


@pytest.mark.parametrize(
    "answer",
    [
        "552 5.2.2 mailbox full",
        "554 5.7.1 looks like spam",
        "550 5.7.1 relaying denied",
        "550 5.1.8 sender's domain unknown",
        "550 Your host is on our black list",
        "450 4.2.1 user is receiving mail too quickly",
        "450 unknown user, try later",
        "",
    ],
)
def test_what_says_nothing_about_the_next_letter_is_not_hard(answer):
    assert not is_hard(status_of(answer), answer)
