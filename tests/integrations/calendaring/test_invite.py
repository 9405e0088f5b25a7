"""The calendar part: one event, one attendee, UTC, the same bytes for the same facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from integrations.calendaring.invite import Occasion, Party, invitation

OCCASION = Occasion(
    uid="5f0c@vzaimo.test",
    sequence=3,
    revised_at=datetime(2026, 10, 1, 9, tzinfo=UTC),
    starts_at=datetime(2026, 10, 15, 7, tzinfo=UTC),
    ends_at=datetime(2026, 10, 15, 8, 30, tzinfo=UTC),
    summary="Первые три года учителя",
    description="12:00–13:30 по Перми",
    join_url="https://vzaimo.test/j/secret",
    conference_label="Войти",
)
ORGANIZER = Party("Взаимообучение городов", "sessions+secret@vzaimo.test")
ATTENDEE = Party("Анна Белова", "anna@example.org")


def read(raw: bytes):
    calendar = Calendar.from_ical(raw)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_request_has_what_itip_asks_for():
    calendar, event = read(invitation(OCCASION, "REQUEST", ORGANIZER, ATTENDEE))

    assert calendar["METHOD"] == "REQUEST"
    assert {name: str(event[name]) for name in ("UID", "STATUS", "LOCATION", "URL")} == {
        "UID": "5f0c@vzaimo.test",
        "STATUS": "CONFIRMED",
        "LOCATION": "https://vzaimo.test/j/secret",
        "URL": "https://vzaimo.test/j/secret",
    }
    assert event["SEQUENCE"] == 3
    assert event["ORGANIZER"] == "mailto:sessions+secret@vzaimo.test"
    assert event["ATTENDEE"] == "mailto:anna@example.org"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"


def test_times_are_utc_and_no_zone_is_needed():
    raw = invitation(OCCASION, "REQUEST", ORGANIZER, ATTENDEE)

    assert b"DTSTART:20261015T070000Z\r\n" in raw
    assert b"DTEND:20261015T083000Z\r\n" in raw
    assert b"VTIMEZONE" not in raw


def test_cancel_says_so_and_asks_for_no_answer():
    calendar, event = read(invitation(OCCASION, "CANCEL", ORGANIZER, ATTENDEE))

    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert "PARTSTAT" not in event["ATTENDEE"].params


def test_method_stands_before_the_event():
    raw = invitation(OCCASION, "REQUEST", ORGANIZER, ATTENDEE)

    assert raw.index(b"METHOD:REQUEST") < raw.index(b"BEGIN:VEVENT")
    assert raw.count(b"METHOD:") == 1


def test_join_link_is_the_first_line_of_the_description():
    _, event = read(invitation(OCCASION, "REQUEST", ORGANIZER, ATTENDEE))

    assert str(event["DESCRIPTION"]).split("\n")[0] == "https://vzaimo.test/j/secret"
    assert event["CONFERENCE"] == "https://vzaimo.test/j/secret"


def test_place_in_person_is_the_location_and_the_link_stays_in_the_url():
    placed = replace(OCCASION, place="Пермь, ул. Ленина, 51")

    _, event = read(invitation(placed, "REQUEST", ORGANIZER, ATTENDEE))

    assert (str(event["LOCATION"]), str(event["URL"])) == (
        "Пермь, ул. Ленина, 51", "https://vzaimo.test/j/secret",
    )  # fmt: skip


def test_same_facts_give_the_same_bytes():
    first = invitation(OCCASION, "REQUEST", ORGANIZER, ATTENDEE)

    assert invitation(OCCASION, "REQUEST", ORGANIZER, ATTENDEE) == first


def test_lines_are_folded_at_75_octets_and_never_inside_a_letter():
    long = replace(OCCASION, summary="Ё" * 200, description="ж" * 3000)

    raw = invitation(long, "REQUEST", ORGANIZER, ATTENDEE)

    assert max(map(len, raw.split(b"\r\n"))) <= 75
    assert raw.count(b"\n") == raw.count(b"\r\n")
    for line in raw.split(b"\r\n"):
        line.decode()


@pytest.mark.parametrize("field", ["summary", "description", "place"])
@pytest.mark.parametrize(
    "evil", ["a\r\nATTENDEE:mailto:thief@example.org", "a\nBEGIN:VALARM", "a\x00b"]
)
def test_text_makes_no_property(field, evil):
    raw = invitation(replace(OCCASION, **{field: evil}), "REQUEST", ORGANIZER, ATTENDEE)

    unfolded = raw.replace(b"\r\n ", b"").split(b"\r\n")
    assert [line for line in unfolded if line.startswith((b"ATTENDEE", b"BEGIN:VALARM"))] == [
        line for line in unfolded if line.endswith(b"mailto:anna@example.org")
    ]
    assert b"\x00" not in raw


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85"])
def test_line_ends_of_unicode_alone_become_ours(end):
    raw = invitation(replace(OCCASION, summary=f"a{end}b"), "REQUEST", ORGANIZER, ATTENDEE)

    _, event = read(raw)
    assert (str(event["SUMMARY"]), end in raw.decode()) == ("a\nb", False)


def test_name_with_marks_makes_no_parameter():
    evil = Party('Анна";CN="x:\r\nATTENDEE:mailto:thief@example.org', "anna@example.org")

    _, event = read(invitation(OCCASION, "REQUEST", ORGANIZER, evil))

    assert event["ATTENDEE"] == "mailto:anna@example.org"


def test_very_long_texts_are_cut_to_what_calendars_keep():
    long = replace(OCCASION, summary="а" * 1000, description="б" * 20000)

    _, event = read(invitation(long, "REQUEST", ORGANIZER, ATTENDEE))

    assert (len(event["SUMMARY"]), len(event["DESCRIPTION"])) == (255, 8000)
