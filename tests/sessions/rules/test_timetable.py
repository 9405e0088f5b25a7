"""Dates and hours as on a wall calendar, checked against dateutil and the zones themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from sessions.flows.planning import days_off
from sessions.rules.timetable import (
    LAST,
    MonthlyRule,
    PlannedDate,
    WallTime,
    dates_of,
    nth_weekday,
    planned,
)

THURSDAY, WEDNESDAY = 3, 2
SEASON = (date(2026, 9, 1), date(2027, 5, 31))
ZONES = [
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Volgograd",
    "Asia/Kamchatka",
    "Europe/Berlin",
]


def test_third_thursdays_of_a_season() -> None:
    assert dates_of(MonthlyRule(3, THURSDAY, *SEASON)) == [
        date(2026, 9, 17), date(2026, 10, 15), date(2026, 11, 19), date(2026, 12, 17),
        date(2027, 1, 21), date(2027, 2, 18), date(2027, 3, 18), date(2027, 4, 15),
        date(2027, 5, 20),
    ]  # fmt: skip


def test_a_fifth_wednesday_is_rare_and_a_last_one_is_not() -> None:
    year = (date(2026, 9, 1), date(2027, 8, 31))

    assert len(dates_of(MonthlyRule(5, WEDNESDAY, *year))) == 4
    assert len(dates_of(MonthlyRule(LAST, WEDNESDAY, *year))) == 12


def test_first_wednesdays_meet_two_holidays() -> None:
    rule = MonthlyRule(1, WEDNESDAY, *SEASON)
    off = days_off(date(2026, 9, 1), date(2027, 6, 30))

    asked = planned(rule, off, "ask")
    skipped = planned(rule, off, "skip")
    shifted = planned(rule, off, "shift")

    assert [day.on for day in asked if day.holiday] == [date(2026, 11, 4), date(2027, 1, 6)]
    assert (len(asked), len(skipped), len(shifted)) == (9, 7, 9)
    assert [(day.shifted_from, day.on) for day in shifted if day.shifted_from] == [
        (date(2026, 11, 4), date(2026, 11, 11)),
        (date(2027, 1, 6), date(2027, 1, 13)),
    ]


def test_a_date_moved_off_a_holiday_skips_the_next_holiday_too() -> None:
    rule = MonthlyRule(1, WEDNESDAY, date(2027, 1, 1), date(2027, 1, 31))
    off = {date(2027, 1, 6): "Каникулы", date(2027, 1, 13): "Ещё выходной"}

    assert planned(rule, off, "shift") == [
        PlannedDate(date(2027, 1, 20), "Каникулы", shifted_from=date(2027, 1, 6))
    ]


def test_dates_moved_off_holidays_never_meet() -> None:
    rule = MonthlyRule(1, WEDNESDAY, date(2027, 1, 1), date(2027, 1, 31))

    moved = planned(rule, {date(2027, 1, 6): "x"}, "shift", taken=[date(2027, 1, 13)])

    assert [day.on for day in moved] == [date(2027, 1, 20)]


@given(st.integers(2000, 2040), st.integers(1, 12), st.integers(1, 5), st.integers(0, 6))
def test_nth_weekday_is_what_dateutil_says(year: int, month: int, n: int, weekday: int) -> None:
    start = datetime(year, month, 1)
    found = rrule.rrule(
        rrule.MONTHLY, dtstart=start, byweekday=rrule.weekday(weekday)(n),
        until=start + timedelta(days=31),
    )  # fmt: skip
    expected = [day.date() for day in found if day.month == month]

    if not expected:
        with pytest.raises(ValueError, match="no such weekday"):
            nth_weekday(year, month, n, weekday)
    else:
        assert nth_weekday(year, month, n, weekday) == expected[0]


@given(st.integers(1, 4), st.integers(0, 6), st.dates(date(2010, 1, 1), date(2035, 1, 1)))
def test_every_date_is_the_right_weekday_in_its_period(n: int, weekday: int, first: date) -> None:
    last = first + timedelta(days=300)

    dates = dates_of(MonthlyRule(n, weekday, first, last))

    assert all(day.weekday() == weekday and (day.day - 1) // 7 == n - 1 for day in dates)
    assert all(first <= day <= last for day in dates)
    assert len({(day.year, day.month) for day in dates}) == len(dates)


@given(st.sampled_from(ZONES), st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1)))
def test_wall_time_comes_back_from_its_instant(tz: str, local: datetime) -> None:
    instant = WallTime(local, tz).instant()

    there = instant.astimezone(ZoneInfo(tz)).replace(tzinfo=None)
    skipped = there != local
    assert instant.tzinfo is UTC
    # Only a wall time that clocks jumped over comes back as another.
    assert not skipped or abs(there - local) <= timedelta(hours=2)


def test_ten_in_moscow_is_nine_in_kaliningrad_and_seven_in_the_evening_in_kamchatka() -> None:
    instant = WallTime(datetime(2026, 12, 16, 10, 0), "Europe/Moscow").instant()

    assert instant.astimezone(ZoneInfo("Europe/Kaliningrad")).time() == time(9, 0)
    assert instant.astimezone(ZoneInfo("Asia/Kamchatka")).time() == time(19, 0)


def test_foreign_summer_time_moves_the_hour_abroad_not_at_home() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = [
        WallTime(datetime(2027, month, 21, 10, 0), "Europe/Moscow")
        .instant()
        .astimezone(berlin)
        .hour
        for month in (3, 4)
    ]

    assert hours == [8, 9]


def test_a_morning_in_kamchatka_keeps_its_weekday_there() -> None:
    rule = MonthlyRule(3, THURSDAY, date(2026, 10, 1), date(2026, 10, 31))

    (day,) = dates_of(rule)
    instant = WallTime(datetime.combine(day, time(8, 0)), "Asia/Kamchatka").instant()

    assert instant == datetime(2026, 10, 14, 20, 0, tzinfo=UTC)
    assert instant.astimezone(ZoneInfo("Asia/Kamchatka")).weekday() == THURSDAY
