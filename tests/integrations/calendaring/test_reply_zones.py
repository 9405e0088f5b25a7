"""A wall time in a stranger's file is the instant they meant, whatever they call their zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.calendaring.reply import read

BERLIN = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
OF_DAYS = """BEGIN:VTIMEZONE
TZID:Mine
BEGIN:STANDARD
DTSTART:20001105T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=1,2,3,4,5,6,7;BYDAY=SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20000312T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU
END:DAYLIGHT
END:VTIMEZONE
"""
OF_DATES = """BEGIN:VTIMEZONE
TZID:Dated
BEGIN:STANDARD
DTSTART:20141026T020000
TZOFFSETFROM:+0400
TZOFFSETTO:+0300
END:STANDARD
BEGIN:STANDARD
DTSTART:20181028T020000
RDATE:20181028T020000
TZOFFSETFROM:+0300
TZOFFSETTO:+0400
END:STANDARD
BEGIN:STANDARD
DTSTART:20201227T020000
TZOFFSETFROM:+0400
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE
"""
ENDED = """BEGIN:VTIMEZONE
TZID:Ended
BEGIN:STANDARD
DTSTART:19811001T000000
TZOFFSETFROM:+0700
TZOFFSETTO:+0600
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19810401T000000
TZOFFSETFROM:+0600
TZOFFSETTO:+0700
RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20100401T000000Z
END:DAYLIGHT
END:VTIMEZONE
"""


def starts_at(tzid: str, wall: str, zones: str = "", assumed: str = "") -> datetime | None:
    parameter = f";TZID={tzid}" if tzid else ""
    raw = (
        f"BEGIN:VCALENDAR\nMETHOD:COUNTER\n{assumed}{zones}BEGIN:VEVENT\nUID:1\n"
        f"DTSTART{parameter}:{wall}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    [one] = read(raw.encode())
    return one.starts_at


def hour(utc: datetime | None) -> str:
    return utc.astimezone(UTC).strftime("%d %H:%M") if utc else "unknown"


@pytest.mark.parametrize(
    ("tzid", "utc"),
    [
        ("Europe/Moscow", "14 07:00"),
        ("europe/moscow", "14 07:00"),
        ("Russian Standard Time", "14 07:00"),
        ("Ekaterinburg Standard Time", "14 05:00"),
        ("Russia Time Zone 11", "13 22:00"),
        ("Russia TZ 3 Standard Time", "14 06:00"),
        ('"RTZ 2 (зима)"', "14 07:00"),
        ('"(UTC+05:00) Екатеринбург"', "14 05:00"),
        ('"(UTC+03:00) Волгоград, Москва, Санкт-Петербург (RTZ 2)"', "14 07:00"),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "14 08:00"),
        ('"(UTC+01:00) Амстердам, Берлин, Берн, Рим"', "14 08:00"),
        ('"(GMT+03:00) Moscow, St. Petersburg, Volgograd"', "14 07:00"),
        ('"(UTC+05:45) Nowhere at all"', "14 04:15"),
        ('"(UTC) Coordinated Universal Time"', "14 10:00"),
        ("/mozilla.org/20050126_1/Europe/Moscow", "14 07:00"),
        ("/freeassociation.sourceforge.net/America/Argentina/Ushuaia", "14 13:00"),
        ('"tzone://Microsoft/Utc"', "14 10:00"),
        ("UTC", "14 10:00"),
        ('"UTC+05:00"', "14 05:00"),
        ("UTC+05:00", "14 05:00"),
        ("GMT-0330", "14 13:30"),
        ("Nowhere Standard Time", "unknown"),
        ("../../etc/passwd", "unknown"),
        ("UTC+99:00", "unknown"),
        ("A" * 300, "unknown"),
        ("", "unknown"),
    ],
)
def test_ten_in_july_is_an_instant(tzid: str, utc: str):
    assert hour(starts_at(tzid, "20270714T100000")) == utc


@pytest.mark.parametrize(
    ("zones", "tzid", "wall", "utc"),
    [
        (BERLIN, "Customized Time Zone", "20270714T100000", "14 08:00"),
        (BERLIN, "Customized Time Zone", "20270120T100000", "20 09:00"),
        (BERLIN, "Customized Time Zone", "20270328T100000", "28 08:00"),
        (BERLIN, "customized time zone", "20271031T100000", "31 09:00"),
        (BERLIN, "Customized Time Zone", "00010101T100000", "01 09:00"),
        (OF_DAYS, "Mine", "20270313T100000", "13 15:00"),
        (OF_DAYS, "Mine", "20270314T100000", "14 14:00"),
        (OF_DAYS, "Mine", "20271107T100000", "07 15:00"),
        (OF_DATES, "Dated", "20140101T100000", "01 06:00"),
        (OF_DATES, "Dated", "20190101T100000", "01 06:00"),
        (OF_DATES, "Dated", "20270101T100000", "01 07:00"),
        (ENDED, "Ended", "20090714T100000", "14 03:00"),
        (ENDED, "Ended", "20270714T100000", "14 04:00"),
    ],
)
def test_zone_that_the_file_defines_is_followed(zones: str, tzid: str, wall: str, utc: str):
    assert hour(starts_at(tzid, wall, zones)) == utc


def test_known_zone_is_not_what_an_old_file_says_it_is():
    outdated = OF_DATES.replace("TZID:Dated", "TZID:Europe/Moscow").replace("+0300", "+0400")

    assert hour(starts_at("Europe/Moscow", "20270714T100000", outdated)) == "14 07:00"


def test_zone_of_one_file_is_unknown_to_the_next():
    of_the_first = starts_at("Customized Time Zone", "20270714T100000", BERLIN)
    of_the_next = starts_at("Customized Time Zone", "20270714T100000")

    assert (hour(of_the_first), hour(of_the_next)) == ("14 08:00", "unknown")


def test_time_without_a_zone_is_in_the_zone_of_the_file():
    found = starts_at("", "20270714T100000", assumed="X-WR-TIMEZONE:Asia/Yekaterinburg\n")

    assert hour(found) == "14 05:00"


@pytest.mark.parametrize("wall", ["00010101T000000", "99991231T235959"])
@pytest.mark.parametrize("tzid", ["Asia/Kamchatka", "America/Anchorage"])
def test_ends_of_time_are_an_instant_or_unknown(tzid: str, wall: str):
    found = starts_at(tzid, wall)

    assert found is None or found.year in (1, 9999)


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=YEARLY;BYMONTH=99", "BYDAY=9SU;FREQ=YEARLY"]
)
def test_rule_beyond_those_of_zones_costs_nothing_and_leaves_the_first_onset(rule: str):
    strange = BERLIN.replace("FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", rule)

    assert hour(starts_at("Customized Time Zone", "20270714T100000", strange)) == "14 09:00"
