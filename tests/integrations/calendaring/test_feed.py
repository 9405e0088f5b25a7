"""A calendar to subscribe to: the bytes icalendar would write, no guests, the same for the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from integrations.calendaring import feed
from integrations.calendaring.feed import Entry, Header
from integrations.calendaring.invite import Occasion
from tests.integrations.calendaring import feed_by_objects

OCCASION = Occasion(
    uid="5f0c@vzaimo.test",
    sequence=3,
    revised_at=datetime(2026, 10, 1, 9, tzinfo=UTC),
    starts_at=datetime(2026, 10, 15, 7, tzinfo=UTC),
    ends_at=datetime(2026, 10, 15, 8, 30, tzinfo=UTC),
    summary="Первые три года учителя",
    description="12:00–13:30 по Перми",
    join_url="https://vzaimo.test/sessions/1",
    conference_label="",
)
HEADER = Header(
    name="Взаимообучение городов",
    uid="feed-programme@vzaimo.test",
    on=date(2026, 9, 1),
    words="Сеансы появятся здесь.",
    url="https://vzaimo.test/subscribe",
)
# What a title or a summary may hold; lone surrogates are no text and never reach a database.
WORDS = st.text(st.characters(codec="utf-8"), max_size=300)


def printable(text: str) -> str:
    """Without what is cut out before a text is written, which icalendar would pass on."""
    return "".join(letter for letter in text if letter in "\t\n" or letter.isprintable())


@given(WORDS, WORDS, WORDS, st.booleans())
@example("Ё" * 300, "ж" * 300, "\\" * 200, True)
@example("a" * 65 + "\\;,", "б" * 33 + "\n\n", "^" * 90, False)
@example(r"C:\New", "😀" * 60, 'с "кавычками"; и:', False)
def test_lines_are_those_that_icalendar_writes(title, words, place, is_off):
    occasion = replace(OCCASION, summary=title, description=words, place=place)
    entries = [Entry(occasion, is_off, "Семинар")]

    assert feed.calendar(HEADER, entries) == feed_by_objects.calendar(HEADER, entries)


@given(WORDS.map(printable).filter(bool))
@example('Войти: «да», "нет"; ’')
def test_names_and_labels_are_those_that_icalendar_writes(name):
    header, entries = (
        replace(HEADER, name=name),
        [Entry(replace(OCCASION, conference_label=name))],
    )

    assert feed.calendar(header, entries) == feed_by_objects.calendar(header, entries)


def test_feed_says_its_name_and_how_often_to_come_and_nothing_of_an_invitation():
    raw = feed.calendar(HEADER, [Entry(OCCASION)])
    read = Calendar.from_ical(raw)

    assert (str(read["NAME"]), str(read["X-WR-CALNAME"])) == (HEADER.name, HEADER.name)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n" in raw
    assert [word for word in (b"METHOD", b"ATTENDEE", b"ORGANIZER", b"VALARM") if word in raw] == []


def test_sessions_stand_by_start_and_then_by_uid_whatever_order_they_came_in():
    later = replace(OCCASION, uid="0@vzaimo.test", starts_at=OCCASION.starts_at + timedelta(days=1))
    twin = replace(OCCASION, uid="1@vzaimo.test")
    entries = [Entry(later), Entry(OCCASION), Entry(twin)]

    raw = feed.calendar(HEADER, entries)

    uids = [str(event["UID"]) for event in Calendar.from_ical(raw).walk("VEVENT")]
    assert uids == ["1@vzaimo.test", "5f0c@vzaimo.test", "0@vzaimo.test"]
    assert feed.calendar(HEADER, entries[::-1]) == raw


def test_one_that_is_off_is_cancelled_and_has_no_conference_to_press():
    entry = Entry(replace(OCCASION, conference_label="Войти"))

    (on,) = Calendar.from_ical(feed.single(entry)).walk("VEVENT")
    (off,) = Calendar.from_ical(feed.single(replace(entry, is_off=True))).walk("VEVENT")

    assert (on["STATUS"], on["CONFERENCE"]) == ("CONFIRMED", OCCASION.join_url)
    assert (off["STATUS"], "CONFERENCE" in off) == ("CANCELLED", False)


def test_feed_without_sessions_holds_a_day_and_stays_a_calendar():
    read = Calendar.from_ical(feed.calendar(HEADER, []))

    (day,) = read.walk("VEVENT")
    begins = datetime(2026, 9, 1, 9, tzinfo=UTC)
    assert (day["DTSTART"].dt, day["DTEND"].dt) == (begins, begins + timedelta(minutes=15))
    assert (str(day["SUMMARY"]), day["TRANSP"]) == (HEADER.name, "TRANSPARENT")
    assert day["DTSTAMP"].dt == datetime(2026, 9, 1, tzinfo=UTC)


def test_a_text_makes_no_property_and_every_line_ends_as_it_must():
    evil = "a\r\nATTENDEE:mailto:thief@example.org\nBEGIN:VALARM\x00\x07"
    entry = Entry(replace(OCCASION, summary=evil, description=evil, place=evil), category=evil)

    raw = feed.calendar(replace(HEADER, name=evil), [entry])

    begun = [line.partition(b":")[0] for line in raw.replace(b"\r\n ", b"").split(b"\r\n")]
    assert [line for line in begun if line in (b"ATTENDEE", b"BEGIN")] == [b"BEGIN", b"BEGIN"]
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert (b"\x00" in raw, b"\x07" in raw, max(map(len, raw.split(b"\r\n"))) <= 75) == (
        False, False, True,
    )  # fmt: skip
