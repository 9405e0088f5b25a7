"""An agenda against the clock of its session."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from sessions.rules.agenda import Slot, Trouble, offset_min, troubles
from sessions.rules.timetable import WallTime

TEN = WallTime(datetime(2026, 10, 15, 10, 0), "Europe/Moscow")
ELEVEN_AT_NIGHT = WallTime(datetime(2026, 10, 15, 23, 0), "Europe/Moscow")


@pytest.mark.parametrize(
    ("start", "length", "at", "expected"),
    [
        (TEN, 90, time(10, 0), 0),
        (TEN, 90, time(10, 25), 25),
        (TEN, 90, time(12, 0), 120),
        (TEN, 90, time(9, 40), -20),
        (ELEVEN_AT_NIGHT, 120, time(0, 15), 75),
        (ELEVEN_AT_NIGHT, 45, time(0, 15), -1365),
    ],
)
def test_hour_of_an_item_is_counted_from_the_start_of_its_session(start, length, at, expected):
    assert offset_min(start, length, at) == expected


def test_hour_is_counted_by_the_clock_also_where_it_is_set_forward():
    before_the_change = WallTime(datetime(2027, 3, 28, 1, 30), "Europe/Berlin")

    assert offset_min(before_the_change, 90, time(3, 15)) == 45


def test_items_one_after_another_are_no_trouble():
    assert troubles([Slot(0, 30), Slot(30, 60)], 90) == [[], []]


def test_items_that_share_time_or_lie_outside_are_named_with_the_minutes():
    found = troubles([Slot(-10, 20), Slot(0, 30), Slot(70, 40)], 90)

    assert found == [
        [Trouble("before", 10)],
        [Trouble("overlap", 10, other=0)],
        [Trouble("after", 20)],
    ]


def test_two_rooms_may_share_an_hour_and_one_room_may_not():
    in_two = troubles([Slot(0, 30, "Зал"), Slot(0, 30, "Класс 12")], 90)
    in_one = troubles([Slot(0, 30, "Зал"), Slot(0, 30, "Зал")], 90)
    unnamed = troubles([Slot(0, 30, "Зал"), Slot(0, 30)], 90)

    assert in_two == [[], []]
    assert in_one == unnamed == [[], [Trouble("overlap", 30, other=0)]]
