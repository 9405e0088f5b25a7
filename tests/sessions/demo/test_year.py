"""The dates of a season follow from its year."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from sessions.demo import year


@pytest.mark.parametrize(
    ("today", "began"),
    [
        (date(2026, 8, 31), 2025),
        (date(2026, 9, 1), 2026),
        (date(2026, 12, 31), 2026),
        (date(2027, 1, 1), 2026),
    ],
)
def test_a_season_runs_from_september_to_august(today: date, began: int) -> None:
    assert year.season_year(today) == began


@pytest.mark.parametrize(
    ("begins", "opening"),
    [
        (2025, date(2025, 9, 22)),  # a Monday
        (2024, date(2024, 9, 23)),  # the 22nd is a Sunday
        (2029, date(2029, 9, 24)),  # a Saturday
        (2026, date(2026, 9, 22)),  # a Tuesday
    ],
)
def test_the_opening_is_on_22_september_or_the_monday_after(begins: int, opening: date) -> None:
    assert year.opening_on(begins) == opening


def test_eight_third_thursdays_follow_the_opening() -> None:
    days = year.conferences_on(2026)

    assert list(days.values()) == [
        date(2026, 9, 22), date(2026, 10, 15), date(2026, 11, 19), date(2026, 12, 17),
        date(2027, 1, 21), date(2027, 2, 18), date(2027, 3, 18), date(2027, 4, 15),
        date(2027, 5, 20),
    ]  # fmt: skip


def test_every_week_of_the_season_has_its_monday() -> None:
    mondays = year.mondays(2026)

    assert mondays[0] == date(2026, 9, 7)
    assert mondays[-1] == date(2027, 8, 30)
    assert {after - before for before, after in pairwise(mondays)} == {timedelta(weeks=1)}


def test_a_day_off_gives_way_to_the_next_working_day_of_its_week() -> None:
    off = {date(2026, 11, 4), date(2027, 1, 1), *(date(2027, 1, n) for n in range(4, 9))}

    assert year.working_day(date(2026, 11, 4), off) == date(2026, 11, 5)
    assert year.working_day(date(2026, 11, 3), off) == date(2026, 11, 3)
    assert year.working_day(date(2027, 1, 1), off) is None
    assert year.working_day(date(2027, 1, 4), off) is None
