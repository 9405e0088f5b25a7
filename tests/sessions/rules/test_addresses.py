"""Pasted addresses: whatever people have, the clear ones are taken and the rest is handed back."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules.addresses import (
    Pasted,
    is_beyond_ascii,
    organizer_address,
    read_addresses,
    split_name,
    token_of,
)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("anna@example.org", [("", "anna@example.org")]),
        ("Анна Белова <anna@example.org>", [("Анна Белова", "anna@example.org")]),
        ('"Белова, Анна" <anna@example.org>', [("Белова, Анна", "anna@example.org")]),
        ("Анна Белова anna@example.org", [("Анна Белова", "anna@example.org")]),
        ("Анна Белова\tanna@example.org", [("Анна Белова", "anna@example.org")]),
        ("1. Анна Белова — anna@example.org", [("Анна Белова", "anna@example.org")]),
        ("Белова Анна (Пермь) <anna@example.org>", [("Белова Анна", "anna@example.org")]),
        ("a@example.org, b@example.org", [("", "a@example.org"), ("", "b@example.org")]),
        ("a@example.org;b@example.org", [("", "a@example.org"), ("", "b@example.org")]),
        ("a@example.org b@example.org", [("", "a@example.org"), ("", "b@example.org")]),
        ("mailto:anna@example.org", [("", "anna@example.org")]),
        ("'anna@example.org'", [("", "anna@example.org")]),
        ("'anna@example.org", [("", "anna@example.org")]),
        ("'Анна' <anna@example.org>", [("Анна", "anna@example.org")]),
        ("'a@example.org', 'b@example.org'", [("", "a@example.org"), ("", "b@example.org")]),
        (
            "Patrick O'Neil <patrick.o'neil@example.com>",
            [("Patrick O'Neil", "patrick.o'neil@example.com")],
        ),
        ("'patrick.o'neil@example.com'", [("", "patrick.o'neil@example.com")]),
        ("Anna@Example.ORG", [("", "anna@example.org")]),
        ("anna@example.org.", [("", "anna@example.org")]),
        ("info@школа.рф", [("", "info@школа.рф")]),
        ("a.b+c_d-e@sub.example.org", [("", "a.b+c_d-e@sub.example.org")]),
        ("a@example.org\n\n\n  \nb@example.org", [("", "a@example.org"), ("", "b@example.org")]),
    ],
)
def test_addresses_with_and_without_names(text, people):
    assert read_addresses(text) == Pasted(people, [])


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("просто слова", ["просто слова"]),
        ("anna@", ["anna@"]),
        ("anna@example", ["anna@example"]),
        ("анна@example.org", ["анна@example.org"]),
        ("'anna'@example.org", ["'anna'@example.org"]),
        ("anna@o'neil.org", ["anna@o'neil.org"]),
        ("a..b@example.org", ["a..b@example.org"]),
        ("a@b@example.org", ["a@b@example.org"]),
        ("anna@-example.org", ["anna@-example.org"]),
        (f"{'a' * 65}@example.org", [f"{'a' * 65}@example.org"]),
        (f"a@{'b.' * 125}org", [f"a@{'b.' * 125}org"]),
        (f"a@{'я' * 60}.рф", [f"a@{'я' * 60}.рф"]),
    ],
)
def test_what_is_no_address_is_handed_back_as_it_was(text, unclear):
    assert read_addresses(text) == Pasted([], unclear)


def test_longest_address_that_mail_servers_take_is_taken():
    address = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example"

    assert read_addresses(address) == Pasted([("", address)], [])


@pytest.mark.parametrize(
    ("piece", "is_beyond"),
    [
        ("анна@example.org", True),
        ("аnna@школа.рф", True),
        ("anna@example", False),
        ("анна@example", False),
        ("просто слова", False),
    ],
)
def test_letters_before_the_at_that_are_not_latin_are_told_apart(piece, is_beyond):
    assert is_beyond_ascii(piece) == is_beyond


def test_clear_and_unclear_side_by_side():
    pasted = read_addresses("Участники:\nАнна <anna@example.org>\nboris@example\nvera@example.org")

    assert pasted == Pasted(
        [("Анна", "anna@example.org"), ("", "vera@example.org")], ["Участники:", "boris@example"]
    )


def test_address_twice_is_one_person_and_keeps_the_name():
    pasted = read_addresses("anna@example.org\nАнна Белова <ANNA@example.org>")

    assert pasted == Pasted([("Анна Белова", "anna@example.org")], [])


@pytest.mark.parametrize("text", ["а" * 2_000_000, "a," * 1_000_000, "a@" * 1_000_000])
def test_two_million_letters_without_an_address_are_read_at_once(text):
    began = time.monotonic()

    pasted = read_addresses(text)

    assert (pasted.people, len(pasted.unclear)) == ([], 1)
    assert time.monotonic() - began < 10


def test_empty_box_has_nobody_in_it():
    assert read_addresses(" \n ; , \t") == Pasted([], [])


@given(st.text(alphabet="ab@.,; \n<>\"'Яя-", max_size=60))
def test_no_paste_breaks_it_and_every_address_taken_is_whole(text):
    pasted = read_addresses(text)

    addresses = [address for _, address in pasted.people]
    assert len(set(addresses)) == len(addresses)
    assert all(address.count("@") == 1 and address == address.lower() for address in addresses)


@given(st.lists(st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.(org|ru)", fullmatch=True), unique=True))
def test_every_good_address_survives_any_separator(addresses):
    for separator in (", ", ";", "\n", " "):
        assert [found for _, found in read_addresses(separator.join(addresses)).people] == addresses


@pytest.mark.parametrize(
    ("written", "family", "given_name", "patronymic"),
    [
        ("Анна Белова", "Белова", "Анна", ""),
        ("Белова Анна", "Белова", "Анна", ""),
        ("Белова, Анна", "Белова", "Анна", ""),
        ("Ложкина Марина", "Ложкина", "Марина", ""),
        ("Ложкина Марина Андреевна", "Ложкина", "Марина", "Андреевна"),
        ("Марина Андреевна Ложкина", "Ложкина", "Марина", "Андреевна"),
        ("Марина Андреевна", "", "Марина", "Андреевна"),
        ("Марина", "", "Марина", ""),
        ("Sokolov, Ivan", "Sokolov", "Ivan", ""),
        ("John Smith", "Smith", "John", ""),
        ("", "", "", ""),
    ],
)
def test_names_in_either_order(written, family, given_name, patronymic):
    assert split_name(written) == (family, given_name, patronymic)


def test_organizers_address_tells_the_token_again():
    address = organizer_address("sessions@example.org", "a-B_9")

    assert address == "sessions+a-B_9@example.org"
    assert token_of(address, "sessions@example.org") == "a-B_9"


@pytest.mark.parametrize(
    "address",
    [
        "Sessions+abc@Example.ORG",
        " sessions+abc@example.org ",
    ],
)
def test_token_is_found_however_the_address_is_written(address):
    assert token_of(address, "sessions@example.org") == "abc"


def test_token_is_found_where_the_domain_travels_in_ascii():
    assert token_of("a+abc@xn--80atdl2c.xn--p1ai", "a@школа.рф") == "abc"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sessions@example.org",
        "sessions+@example.org",
        "sessions+abc@example.com",
        "another+abc@example.org",
        "xsessions+abc@example.org",
        "sessions+bounce.42.0123456789abcdef@example.org",
        "sessions+a b@example.org",
    ],
)
def test_other_addresses_hold_no_token(address):
    assert token_of(address, "sessions@example.org") is None
