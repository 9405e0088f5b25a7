"""MIME messages: the same draft the same bytes, and nothing slips into a header."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.mail.message import Draft, compose, one_line, wire_address

CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
DRAFT = Draft(
    to_address="anna@example.org", to_name="Анна Белова", from_address="sessions+t@vzaimo.test",
    from_name="Взаимообучение городов", subject="Приглашение", text="Текст", html="<p>Текст</p>",
    message_id="one@vzaimo.test", written_at=datetime(2026, 10, 1, 9, tzinfo=UTC),
    calendar=CALENDAR, method="REQUEST",
)  # fmt: skip


def read(draft: Draft):
    return message_from_bytes(compose(draft), policy=policy.default)


def test_same_draft_gives_the_same_bytes():
    assert compose(DRAFT) == compose(DRAFT)


def test_two_letters_have_boundaries_of_their_own():
    other = read(replace(DRAFT, message_id="two@vzaimo.test"))

    assert read(DRAFT).get_boundary() != other.get_boundary()


def test_every_line_ends_in_crlf_and_none_is_too_long():
    raw = compose(replace(DRAFT, text="а" * 5000, html="<p>" + "б" * 5000))

    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()


def test_calendar_part_comes_last_with_its_method():
    *_, part = read(DRAFT).iter_parts()

    assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", "REQUEST")
    assert part["Content-Transfer-Encoding"] == "base64"
    assert part.get_content().encode() == CALENDAR


def test_letter_without_calendar_has_two_parts():
    parts = list(read(replace(DRAFT, calendar=None, method=None)).iter_parts())

    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]


def test_machines_are_told_that_no_person_wrote_it():
    assert read(DRAFT)["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("field", ["subject", "to_name", "from_name"])
@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x85", "\u2028"])
def test_line_break_makes_no_header(field, line_break):
    draft = replace(DRAFT, **{field: f"Встреча{line_break}Bcc: thief@example.org"})

    letter = read(draft)

    assert letter["Bcc"] is None
    assert [address.addr_spec for address in letter["To"].addresses] == ["anna@example.org"]
    assert b"\nBcc:" not in compose(draft)


def test_line_break_in_another_header_makes_none():
    letter = read(replace(DRAFT, headers={"List-Id": "a\r\nBcc: thief@example.org"}))

    assert letter["Bcc"] is None


@pytest.mark.parametrize(("field", "kind"), [("text", "plain"), ("html", "html")])
def test_control_characters_stay_out_of_what_is_shown(field, kind):
    letter = read(replace(DRAFT, **{field: "a\x00\x07\x1b[31m\x7f\tб\n"}))

    assert letter.get_body((kind,)).get_content() == "a[31m\tб\r\n"


def test_one_line_keeps_words_apart():
    assert one_line("  Первая\r\n\tвторая\x00 ") == "Первая вторая"


@pytest.mark.parametrize(
    ("written", "on_the_wire"),
    [
        ("anna@example.org", "anna@example.org"),
        ("info@школа.рф", "info@xn--80atdl2c.xn--p1ai"),
        ("anna@" + "x" * 70 + ".org", "anna@" + "x" * 70 + ".org"),
    ],
)
def test_domain_in_ascii(written, on_the_wire):
    assert wire_address(written) == on_the_wire


@given(st.lists(st.text(alphabet="абвяЁ–12a«»", min_size=1, max_size=14), max_size=24))
@example(["Отмена:", "Первые", "три", "года", "учителя,", "пятница,", "16", "октября"])
@example(["word"] * 40)
def test_no_fold_loses_a_space_or_a_letter(words):
    sentence = " ".join(words)

    letter = message_from_bytes(
        compose(replace(DRAFT, subject=sentence, to_name=sentence, from_name=sentence))
    )

    unfolded = {name: str(text).replace("\r\n", "") for name, text in letter.items()}
    names = [parseaddr(unfolded[header])[0] for header in ("To", "From")]
    assert [decoded(text) for text in (unfolded["Subject"], *names)] == [sentence] * 3


def decoded(header: str) -> str:
    """By the rules of RFC 2047; the parser of EmailMessage puts a space between encoded words."""
    return str(make_header(decode_header(header)))


@pytest.mark.parametrize(
    "name",
    ['Anna "Anya" Belova', "Belova, Anna", "a@b", "", "O'Neil (school)",
     "=?utf-8?q?Bcc=3A_e=40x=0D=0A?="],
)  # fmt: skip
def test_name_in_latin_letters_with_marks_stays_a_name(name):
    letter = read(replace(DRAFT, to_name=name))

    (address,) = letter["To"].addresses
    assert (address.display_name, address.addr_spec) == (name, "anna@example.org")


def test_subject_that_looks_encoded_arrives_as_it_was_written():
    subject = "=?utf-8?q?Bcc=3A_e=40x=0D=0A?="

    assert read(replace(DRAFT, subject=subject))["Subject"] == subject
