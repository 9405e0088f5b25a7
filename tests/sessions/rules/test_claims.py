"""Whose an answer is, by what the letter proves."""

from __future__ import annotations

import pytest

from sessions.rules import claims


@pytest.mark.parametrize(
    ("is_holders", "is_proven", "is_vouched", "is_invited", "standing"),
    [
        (True, True, False, True, "theirs"),
        (False, True, False, False, "forwarded"),
        (False, True, False, True, "unproven"),
        (False, False, True, True, "theirs"),
        (False, True, True, True, "theirs"),
        (False, False, False, False, "unproven"),
        (False, False, False, True, "unproven"),
        (True, False, False, True, "unproven"),
    ],
)
def test_answer_counts_by_a_secret_of_its_own_invitation_or_our_servers_word(
    is_holders, is_proven, is_vouched, is_invited, standing
):
    assert standing == claims.standing(
        is_holders=is_holders, is_proven=is_proven, is_vouched=is_vouched, is_invited=is_invited
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Anna@Example.org", "anna@example.ORG", True),
        ("info@школа.рф", "info@xn--80atdl2c.xn--p1ai", True),
        (" anna@example.org ", "anna@example.org", True),
        ("anna@example.org", "anna@example.com", False),
        ("anna+x@example.org", "anna@example.org", False),
        ("", "", False),
        ("anna@" + "x" * 70 + ".org", "anna@" + "x" * 70 + ".org", True),
        ("anna@xn--\x00.org", "anna@example.org", False),
    ],
)
def test_address_is_the_same_however_it_is_written(one, other, same):
    assert claims.is_same(one, [other]) is same
