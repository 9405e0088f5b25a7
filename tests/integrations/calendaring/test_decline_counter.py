"""The answer to a proposed time that is not taken."""

from __future__ import annotations

from datetime import UTC, datetime

from icalendar import Calendar

from integrations.calendaring.decline_counter import decline_counter
from integrations.calendaring.invite import Party

AT = datetime(2026, 10, 1, 9, tzinfo=UTC)


def declined() -> bytes:
    return decline_counter(
        "one@vzaimo.test", 2, AT, "Первые\x07 три года", Party("Взаимо", "rsvp+t@vzaimo.test"),
        Party("", "anna@example.org"),
    )  # fmt: skip


def test_names_the_entry_the_proposal_and_both_sides():
    calendar = Calendar.from_ical(declined())

    (event,) = calendar.walk("VEVENT")
    assert str(calendar["METHOD"]) == "DECLINECOUNTER"
    assert (str(event["UID"]), event["SEQUENCE"], event.decoded("DTSTAMP")) == (
        "one@vzaimo.test", 2, AT,
    )  # fmt: skip
    assert str(event["ORGANIZER"]) == "mailto:rsvp+t@vzaimo.test"
    assert str(event["ATTENDEE"]) == "mailto:anna@example.org"


def test_bytes_depend_on_the_arguments_alone_and_hold_no_control_character():
    assert declined() == declined()
    assert b"\x07" not in declined()
