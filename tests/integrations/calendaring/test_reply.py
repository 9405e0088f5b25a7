"""What calendars answer, with all that clients leave out, rename and damage."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from integrations.calendaring import content_lines
from integrations.calendaring.reply import Unreadable, read

UID = "0d8f@example.org"
TEN_UTC = datetime(2027, 1, 20, 10, tzinfo=UTC)


def an_answer(*lines: str, method: str = "REPLY", before: str = "", uid: str = UID) -> bytes:
    """A calendar with one event; `lines` are its properties besides UID."""
    event = "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\n{before}{event}\r\nEND:VCALENDAR\r\n"
    ).encode()


def test_answer_tells_who_said_what_to_which_revision_and_when():
    raw = an_answer(
        'ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY="mailto:Help@example.org":MAILTO:Anna@Example.org',
        "ORGANIZER:mailto:Sessions+T1@example.org", "SEQUENCE:2", "DTSTAMP:20270112T091502Z",
        "COMMENT:Приду\\, но\\nпозже",
    )  # fmt: skip

    [one] = read(raw)

    assert (one.method, one.uid, one.attendee, one.sent_by, one.partstat) == (
        "REPLY", UID, "anna@example.org", "help@example.org", "ACCEPTED")  # fmt: skip
    assert (one.sequence, one.stamped_at) == (2, datetime(2027, 1, 12, 9, 15, 2, tzinfo=UTC))
    assert (one.comment, one.organizer) == ("Приду, но\nпозже", "sessions+t1@example.org")


def test_answer_with_nothing_but_a_uid_is_one():
    [one] = read(an_answer())

    assert (one.uid, one.attendee, one.partstat, one.sequence, one.stamped_at) == (
        UID, "", "", None, None)  # fmt: skip
    assert (one.recurrence_at, one.starts_at, one.organizer, one.comment) == (None, None, "", "")


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH", "ADD", "DECLINECOUNTER", ""])
def test_other_methods_are_no_answers(method: str):
    assert read(an_answer(method=method)) == []


@pytest.mark.parametrize("method", ["reply", "Counter", "REFRESH"])
def test_capitals_of_the_method_do_not_count(method: str):
    assert [one.method for one in read(an_answer(method=method))] == [method.upper()]


def test_method_below_the_event_or_within_it_counts():
    below = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nMETHOD:REPLY\nEND:VCALENDAR\n"
    within = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nMETHOD:REPLY\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n"

    assert [[one.uid for one in read(raw)] for raw in (below, within)] == [["1"], ["1"]]


def test_unknown_partstat_is_told_as_it_is():
    [one] = read(an_answer("ATTENDEE;PARTSTAT=x-perhaps:mailto:a@example.org"))

    assert one.partstat == "X-PERHAPS"


def test_of_several_attendees_those_who_said_something_answer():
    raw = an_answer(
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:a@example.org",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:b@example.org",
        "ATTENDEE:mailto:c@example.org",
    )

    assert [(one.attendee, one.partstat) for one in read(raw)] == [("b@example.org", "DECLINED")]


def test_delegates_are_told():
    raw = an_answer(
        "ATTENDEE;PARTSTAT=DELEGATED;"
        'DELEGATED-TO="MAILTO:B@example.org","mailto:c@example.org":mailto:a@example.org'
    )

    [one] = read(raw)

    assert one.delegated_to == ("b@example.org", "c@example.org")


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("mailto:Anna@Example.org", "anna@example.org"),
        ("MAILTO:anna@example.org", "anna@example.org"),
        ("mailto:<anna@example.org>", "anna@example.org"),
        ("mailto:MAILTO:anna@example.org", "anna@example.org"),
        ("anna@example.org", "anna@example.org"),
        ("mailto:anna%40example.org", "anna@example.org"),
        ("/o=Example/ou=First/cn=Recipients/cn=anna", ""),
        ("urn:uuid:0b9d1f4e", ""),
        ("mailto:two words@example.org", ""),
        ("mailto:" + "a" * 400 + "@example.org", ""),
    ],
)
def test_address_is_told_plainly_or_not_at_all(told: str, address: str):
    [one] = read(an_answer(f"ATTENDEE;PARTSTAT=ACCEPTED:{told}"))

    assert one.attendee == address


def test_name_with_a_stray_quote_does_not_lose_the_answer():
    [one] = read(an_answer('ATTENDEE;CN=Анна "Орлова;PARTSTAT=ACCEPTED:mailto:anna@example.org'))

    assert (one.attendee, one.partstat) == ("anna@example.org", "ACCEPTED")


@pytest.mark.parametrize("told", ["-1", "1.5", "99999999999", "nine", "٣", ""])
def test_sequence_that_is_no_number_is_missing(told: str):
    [one] = read(an_answer(f"SEQUENCE:{told}"))

    assert one.sequence is None


@pytest.mark.parametrize("told", ["20271332T000000Z", "yesterday", "20270112T250000Z", ""])
def test_stamp_that_is_no_time_is_missing(told: str):
    [one] = read(an_answer(f"DTSTAMP:{told}"))

    assert one.stamped_at is None


def test_stamp_without_a_zone_is_in_utc():
    [one] = read(an_answer("DTSTAMP:20270120T100000"))

    assert one.stamped_at == TEN_UTC


@pytest.mark.parametrize(
    "told",
    [
        "RECURRENCE-ID:20270120T100000Z",
        "RECURRENCE-ID;TZID=Asia/Yekaterinburg:20270120T150000",
        'RECURRENCE-ID;TZID="Ekaterinburg Standard Time":20270120T150000',
        "RECURRENCE-ID;TZID=nowhere:20270120T100000",
    ],
)
def test_instance_of_a_series_is_an_instant(told: str):
    [one] = read(an_answer(told))

    assert one.recurrence_at == TEN_UTC


def test_day_of_a_series_is_never_taken_for_the_whole_series():
    [one] = read(an_answer("RECURRENCE-ID;VALUE=DATE:20270120"))

    assert one.recurrence_at == datetime(2027, 1, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lines", "ends_at"),
    [
        (["DTEND:20270120T113000Z"], datetime(2027, 1, 20, 11, 30, tzinfo=UTC)),
        (["DURATION:PT1H30M"], datetime(2027, 1, 20, 11, 30, tzinfo=UTC)),
        (["DURATION:P99999999999D"], None),
        (["DURATION:soon"], None),
        ([], None),
    ],
)
def test_end_follows_from_what_is_told(lines: list[str], ends_at: datetime | None):
    [one] = read(an_answer("DTSTART:20270120T100000Z", *lines, method="COUNTER"))

    assert (one.starts_at, one.ends_at) == (TEN_UTC, ends_at)


def test_whole_day_proposed_is_no_instant():
    [one] = read(an_answer("DTSTART;VALUE=DATE:20270120", method="COUNTER"))

    assert one.starts_at is None


@pytest.mark.parametrize(
    "raw",
    [
        an_answer("COMMENT:Приду").decode().encode("cp1251"),
        b"\xef\xbb\xbf" + an_answer("COMMENT:Приду"),
        an_answer("COMMENT:Приду").decode().encode("utf-16"),
        an_answer("COMMENT:Приду").replace(b"\r\n", b"\r\r\n"),
        an_answer("COMMENT:Приду").replace(b"\r\n", b"\r"),
        an_answer("COMMENT:Приду").replace("Пр".encode(), b"\xd0\r\n \x9f\xd1\r\n \x80"),
        an_answer("COMMENT;LANGUAGE=ru-RU;X-A=B:Пр\r\nиду"),
        b"\0".join([b"", an_answer("COMMENT:Приду"), b""]),
    ],
    ids=["cp1251", "bom", "utf-16", "cr-cr-lf", "cr", "fold in a letter", "fold lost", "nul"],
)
def test_damaged_file_is_understood(raw: bytes):
    assert [(one.uid, one.comment) for one in read(raw)] == [(UID, "Приду")]


@pytest.mark.parametrize("junk", ["GROUP1.X-TEST:a", "9:b", "no name at all", "=", "\\", "_x;y"])
def test_junk_between_the_lines_does_not_lose_the_answer(junk: str):
    raw = an_answer("SEQUENCE:1", junk, before=f"{junk}\r\n").replace(
        b"BEGIN:VCALENDAR", f"{junk}\r\nBEGIN:VCALENDAR\r\n{junk}".encode()
    )

    assert [one.uid for one in read(raw)] == [UID]


def test_alarms_attachments_and_rules_are_passed_over():
    raw = an_answer(
        "RRULE:FREQ=SECONDLY", "BEGIN:VALARM", "UID:another", "TRIGGER:-PT15M",
        "REPEAT:2147483647", "DURATION:PT1S", "END:VALARM", "COMMENT:yes",
    )  # fmt: skip

    assert [(one.uid, one.comment) for one in read(raw)] == [(UID, "yes")]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "calendar.not_one"),
        (b"Dear organiser, yes.", "calendar.not_one"),
        (an_answer() + b"X" * content_lines.MAX_BYTES, "calendar.too_large"),
        (an_answer("SEQUENCE:1").replace(b"END:VEVENT\r\n", b""), "calendar.cut_off"),
        (an_answer(uid=""), "calendar.no_uid"),
        (b"BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n", "calendar.no_event"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 50, "calendar.too_deep"),
        (an_answer(*["END:VEVENT", "BEGIN:VEVENT", "UID:2"] * 201), "calendar.too_many_answers"),
    ],
)
def test_what_cannot_be_an_answer_is_put_aside_with_a_reason(raw: bytes, reason: str):
    with pytest.raises(Unreadable) as why:
        read(raw)

    assert why.value.reason == reason


def test_answer_about_a_to_do_is_none():
    raw = b"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VTODO\nUID:1\nEND:VTODO\nEND:VCALENDAR\n"

    assert read(raw) == []


def test_two_calendars_in_one_file_both_count():
    raw = an_answer(uid="1") + an_answer(uid="2", method="COUNTER") + an_answer(method="CANCEL")

    assert [(one.method, one.uid) for one in read(raw)] == [("REPLY", "1"), ("COUNTER", "2")]


WORDS = some.text(some.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60)


@given(WORDS, some.sampled_from(["ACCEPTED", "DECLINED", "TENTATIVE"]), some.data())
def test_answer_survives_folding_at_any_byte(comment: str, partstat: str, data: some.DataObject):
    escaped = comment.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    line = f"COMMENT:{escaped}".encode()
    at = data.draw(some.integers(8, len(line)))
    folded = line[:at] + b"\r\n " + line[at:]
    raw = an_answer(f"ATTENDEE;PARTSTAT={partstat}:mailto:a@example.org", "COMMENT:HERE")

    [one] = read(raw.replace(b"COMMENT:HERE", folded))

    assert (one.attendee, one.partstat, one.comment) == ("a@example.org", partstat, comment)


PIECES = some.sampled_from(
    [b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"METHOD:REPLY", b"BEGIN:VEVENT", b"END:VEVENT",
     b"UID:1", b"BEGIN:VTIMEZONE", b"TZID:Mine", b"END:VTIMEZONE", b"BEGIN:STANDARD",
     b"END:STANDARD", b"TZOFFSETFROM:+0100", b"TZOFFSETTO:+0200", b"DTSTART:00010101T000000",
     b"RRULE:FREQ=YEARLY;BYMONTH=2;BYDAY=5SU;UNTIL=00010101T000000Z",
     b"DTSTART;TZID=Mine:99991231T235959",
     b"DTSTART;TZID=Mine:00010101T000000", b"DURATION:-P9999999D",
     b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b",
     b'ATTENDEE;CN="', b":", b" ", b";TZID=", b"RDATE:20270101,x,20271331", b"\xff\xfe",
     b"COMMENT:\\"]
)  # fmt: skip


@given(some.lists(some.one_of(PIECES, some.binary(max_size=30)), max_size=40),
       some.sampled_from([b"\r\n", b"\n", b"\r\r\n", b""]))  # fmt: skip
def test_nothing_a_stranger_writes_gives_another_error_than_unreadable(
    pieces: list[bytes], line_end: bytes
):
    outcome = outcome_of(b"BEGIN:VCALENDAR\nMETHOD:REPLY\n" + line_end.join(pieces))

    assert outcome in ("answers", "calendar.cut_off", "calendar.no_event", "calendar.no_uid",
                       "calendar.too_deep", "none")  # fmt: skip


def outcome_of(raw: bytes) -> str:
    """What reading ends in; anything but Unreadable flies."""
    try:
        found = read(raw)
    except Unreadable as why:
        return why.reason
    return "answers" if found and all(one.uid for one in found) else "none"
