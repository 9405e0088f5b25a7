"""Wall times and the instants that follow, checked against dateutil and the zones themselves."""

from __future__ import annotations

import struct
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from dateutil import tz as dateutil_tz
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.rules.recurrence import LAST, MonthlyRule, WeeklyRule, dates_of
from sessions.rules.timetable import Kept, WallTime, at, instants_changed

THURSDAY, WEDNESDAY = 3, 2
ZONE_TAB = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
RUSSIAN = [row.split("\t")[2] for row in ZONE_TAB.splitlines() if row.startswith("RU\t")]
ZONES = [*RUSSIAN, "Europe/Berlin", "America/New_York", "Asia/Almaty"]
VOLGOGRAD = "Europe/Volgograd"


def shown_at(instant: datetime, tz: str) -> datetime:
    """What the clock on the wall of a zone shows at an instant."""
    return instant.astimezone(ZoneInfo(tz)).replace(tzinfo=None)


def as_promised(local: datetime, tz: str) -> datetime:
    """What the wall shows for a time written down: itself, or as much later as clocks jumped."""
    there = dateutil_tz.resolve_imaginary(local.replace(tzinfo=ZoneInfo(tz)))
    return there.replace(tzinfo=None)


def test_the_table_of_zones_has_the_twenty_six_of_russia() -> None:
    assert len(RUSSIAN) == 26


@pytest.mark.parametrize("tz", ZONES)
def test_third_thursdays_and_last_wednesdays_of_25_years_keep_day_and_hour_there(tz: str) -> None:
    walls = [
        at(day, hour, tz)
        for first in (2010, 2018, 2026)
        for n, weekday in ((3, THURSDAY), (LAST, WEDNESDAY))
        for day in dates_of(MonthlyRule(n, weekday, date(first, 1, 1), date(first + 9, 12, 31)))
        for hour in (time(0, 0), time(8, 0), time(10, 0), time(23, 30))
    ]

    strayed = [
        wall for wall in walls if shown_at(wall.instant(), tz) != as_promised(wall.local, tz)
    ]
    moved = [wall for wall in walls if shown_at(wall.instant(), tz) != wall.local]

    assert strayed == []
    # Clocks never jump over the hours of a working day.
    assert [wall for wall in moved if 8 <= wall.local.hour <= 20] == []


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sampled_from([1, 2, 3, 4, LAST]),
    st.integers(0, 6),
    st.dates(date(2010, 1, 1), date(2034, 12, 1)),
    st.times(),
)
def test_a_monthly_rule_gives_the_right_weekday_ordinal_and_hour_in_every_zone(
    tz: str, n: int, weekday: int, first: date, hour: time
) -> None:
    last = first + timedelta(days=390)
    expected = rrule.rrule(
        rrule.MONTHLY, dtstart=datetime.combine(first, hour), byweekday=rrule.weekday(weekday)(n),
        until=datetime.combine(last, hour),
    )  # fmt: skip
    # rrule drops microseconds; nobody writes them down.
    hour = hour.replace(microsecond=0)

    there = [
        shown_at(at(day, hour, tz).instant(), tz)
        for day in dates_of(MonthlyRule(n, weekday, first, last))
    ]

    assert there == [as_promised(local, tz) for local in expected]
    for day in there:
        from_end = (day + timedelta(days=7)).month != day.month
        assert day.weekday() == weekday
        assert from_end if n == LAST else (day.day - 1) // 7 + 1 == n


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(1, 4),
    st.sets(st.integers(0, 6), min_size=1),
    st.dates(date(2010, 1, 1), date(2034, 12, 1)),
    st.times(),
)
def test_a_weekly_rule_keeps_weekdays_and_hour_in_every_zone(
    tz: str, every: int, weekdays: set[int], first: date, hour: time
) -> None:
    last, hour = first + timedelta(days=120), hour.replace(microsecond=0)
    expected = rrule.rrule(
        rrule.WEEKLY, interval=every, dtstart=datetime.combine(first, hour), wkst=rrule.MO,
        byweekday=sorted(weekdays), until=datetime.combine(last, hour),
    )  # fmt: skip

    there = [
        shown_at(at(day, hour, tz).instant(), tz)
        for day in dates_of(WeeklyRule(every, tuple(weekdays), first, last))
    ]

    assert there == [as_promised(local, tz) for local in expected]
    assert {day.weekday() for day in there} <= weekdays


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1)))
def test_wall_time_comes_back_from_its_instant(tz: str, local: datetime) -> None:
    instant = WallTime(local, tz).instant()

    assert instant.tzinfo is UTC
    assert shown_at(instant, tz) == as_promised(local, tz)


def test_a_time_that_clocks_jump_over_is_as_much_later() -> None:
    instant = WallTime(datetime(2027, 3, 28, 2, 30), "Europe/Berlin").instant()

    assert instant == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert shown_at(instant, "Europe/Berlin") == datetime(2027, 3, 28, 3, 30)


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    instant = WallTime(datetime(2027, 10, 31, 2, 30), "Europe/Berlin").instant()

    assert instant == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_zones_of_one_offset_today_differ_in_what_was() -> None:
    zones = ["Asia/Barnaul", "Asia/Krasnoyarsk", "Asia/Novosibirsk", "Asia/Tomsk"]

    def ten_in(year: int, month: int) -> list[int]:
        return [WallTime(datetime(year, month, 1, 10), tz).instant().hour for tz in zones]

    assert ten_in(2026, 12) == [3, 3, 3, 3]
    assert ten_in(2016, 1) == [4, 3, 4, 4]
    assert ten_in(2016, 5) == [3, 3, 4, 4]


def test_ten_in_moscow_is_nine_in_kaliningrad_and_seven_in_the_evening_in_kamchatka() -> None:
    instant = WallTime(datetime(2026, 12, 16, 10, 0), "Europe/Moscow").instant()

    assert shown_at(instant, "Europe/Kaliningrad").time() == time(9, 0)
    assert shown_at(instant, "Asia/Kamchatka").time() == time(19, 0)


def test_foreign_summer_time_moves_the_hour_abroad_not_at_home() -> None:
    days = [date(2027, 3, 17), date(2027, 4, 21)]

    instants = [at(day, time(10, 0), "Europe/Moscow").instant() for day in days]

    assert [shown_at(one, "Europe/Berlin").hour for one in instants] == [8, 9]


def test_third_thursdays_at_eight_in_kamchatka_are_not_third_wednesdays_in_utc() -> None:
    days = dates_of(MonthlyRule(3, THURSDAY, date(2026, 9, 1), date(2027, 8, 31)))

    instants = [at(day, time(8, 0), "Asia/Kamchatka").instant() for day in days]

    assert instants[1] == datetime(2026, 10, 14, 20, 0, tzinfo=UTC)
    assert {(one.weekday(), one.hour) for one in instants} == {(WEDNESDAY, 20)}
    # In these months the evening before is only the second Wednesday.
    assert [(one.year, one.month) for one in instants if (one.day - 1) // 7 + 1 != 3] == [
        (2026, 10), (2027, 4), (2027, 7),
    ]  # fmt: skip
    there = [shown_at(one, "Asia/Kamchatka") for one in instants]
    assert {(one.weekday(), (one.day - 1) // 7 + 1, one.hour) for one in there} == {(3, 3, 8)}


def compiled_zone(utc_offset_h: int, footer: str) -> bytes:
    """A zone of one offset in the compiled form that zoneinfo reads (RFC 8536, version 2)."""
    header = struct.pack(">4sc15x6L", b"TZif", b"2", 0, 0, 0, 0, 1, 4)
    body = struct.pack(">lbb", utc_offset_h * 3600, 0, 0) + b"VOL\0"
    return header + body + header + body + f"\n{footer}\n".encode()


@pytest.fixture
def rules_of_2020d(tmp_path: Path) -> Iterator[None]:
    """The zone database as it knew Volgograd before 2020e: on UTC+4 for good."""
    usual = zoneinfo.TZPATH
    zone = tmp_path / VOLGOGRAD
    zone.parent.mkdir()
    zone.write_bytes(compiled_zone(4, "<+04>-4"))
    zoneinfo.reset_tzpath([tmp_path])
    ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(usual)
    ZoneInfo.clear_cache()


def new_rules_arrive() -> None:
    """From here on the zone database is the one that is installed."""
    zoneinfo.reset_tzpath([])
    ZoneInfo.clear_cache()


@pytest.mark.usefixtures("rules_of_2020d")
def test_new_rules_of_a_zone_move_the_instants_to_come_and_no_past_one() -> None:
    ten = [WallTime(datetime(2021, 1, day, 10, 0), VOLGOGRAD) for day in (12, 20)]
    moscow = WallTime(datetime(2021, 1, 20, 10, 0), "Europe/Moscow")
    kept = [Kept(number, wall, wall.instant()) for number, wall in enumerate([*ten, moscow])]
    assert [one.starts_at.hour for one in kept] == [6, 6, 7]

    new_rules_arrive()
    changed = instants_changed(kept, now=datetime(2021, 1, 15, tzinfo=UTC))

    assert changed == {1: datetime(2021, 1, 20, 7, 0, tzinfo=UTC)}
    assert shown_at(changed[1], VOLGOGRAD) == ten[1].local


def test_nothing_changes_while_the_rules_of_the_zones_stay() -> None:
    wall = WallTime(datetime(2027, 1, 20, 10, 0), VOLGOGRAD)

    assert instants_changed([Kept(1, wall, wall.instant())], datetime(2026, 1, 1, tzinfo=UTC)) == {}
