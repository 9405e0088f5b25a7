"""The address that a bounce comes to names its letter, and cannot be made up."""

from __future__ import annotations

import pytest

from integrations.mail.verp import bounce_address, letter_of

SECRET = "a secret of this site"


def test_address_is_a_sub_address_of_the_one_mailbox():
    address = bounce_address("sessions@example.org", 42, SECRET)

    assert address == f"sessions+bounce.42.{address.split('.')[2].split('@')[0]}@example.org"
    assert letter_of(address, SECRET) == 42


def test_capitals_on_the_way_change_nothing():
    address = bounce_address("sessions@example.org", 42, SECRET)

    assert letter_of(address.upper(), SECRET) == 42


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sessions@example.org",
        "sessions+token@example.org",
        "sessions+bounce.42.0000000000000000@example.org",
        "sessions+bounce.42@example.org",
        "sessions+bounce..@example.org",
        "bounce.42.@example.org\r\nBcc: x",
    ],
)
def test_address_that_we_did_not_make_names_no_letter(address):
    assert letter_of(address, SECRET) is None


def test_signature_of_one_letter_does_not_fit_another():
    address = bounce_address("sessions@example.org", 42, SECRET)

    assert letter_of(address.replace(".42.", ".43."), SECRET) is None


def test_another_sites_secret_does_not_fit():
    address = bounce_address("sessions@example.org", 42, SECRET)

    assert letter_of(address, "another") is None
