"""A season a year later: the same rules, the same weekdays of the same months."""

from __future__ import annotations

from datetime import date

import pytest

from sessions.rules import repeating
from sessions.rules.recurrence import LAST, DatesRule, DayOfMonthRule, MonthlyRule, WeeklyRule
from sessions.rules.repeating import Later


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 10, 15), date(2027, 10, 21)),  # third Thursdays
        (date(2026, 9, 1), date(2027, 9, 7)),  # first Tuesdays
        (date(2026, 12, 31), date(2027, 12, 30)),  # a fifth Thursday becomes the last
        (date(2028, 2, 29), date(2029, 2, 27)),  # the fifth, and last, Tuesday of a leap year
    ],
)
def test_single_date_goes_to_the_same_weekday_of_the_month_by_its_number(day, later):
    assert repeating.year_later(day) == later


def test_monthly_series_is_made_anew_by_its_rule():
    rule = MonthlyRule(3, 3, date(2026, 9, 1), date(2027, 5, 31))

    found = repeating.dates_later(rule, [date(2026, 9, 17), date(2027, 5, 20)])

    assert found == {
        date(2026, 9, 17): date(2027, 9, 16),
        date(2027, 5, 20): date(2028, 5, 18),
    }


def test_month_without_a_fifth_weekday_gives_no_date():
    rule = MonthlyRule(5, 3, date(2026, 10, 1), date(2027, 1, 31))

    assert repeating.dates_later(rule, [date(2026, 10, 29)]) == {date(2026, 10, 29): None}


def test_last_weekday_stays_the_last():
    rule = MonthlyRule(LAST, 3, date(2026, 10, 1), date(2026, 10, 31))

    assert repeating.dates_later(rule, [date(2026, 10, 29)]) == {
        date(2026, 10, 29): date(2027, 10, 28)
    }


def test_day_of_month_stays_that_day():
    rule = DayOfMonthRule(31, "last", date(2027, 2, 1), date(2027, 2, 28))

    assert repeating.dates_later(rule, [date(2027, 2, 28)]) == {
        date(2027, 2, 28): date(2028, 2, 29)
    }


def test_every_second_week_keeps_its_weekday_and_its_turn():
    rule = WeeklyRule(2, (1,), date(2026, 9, 1), date(2026, 9, 30))

    found = repeating.dates_later(rule, [date(2026, 9, 1), date(2026, 9, 15)])

    assert found == {
        date(2026, 9, 1): date(2027, 8, 31),
        date(2026, 9, 15): date(2027, 9, 14),
    }


def test_days_of_a_visit_stay_together():
    rule = DatesRule((date(2026, 10, 29), date(2026, 10, 30), date(2026, 10, 31)))

    assert list(repeating.dates_later(rule, rule.dates).values()) == [
        date(2027, 10, 28), date(2027, 10, 29), date(2027, 10, 30),
    ]  # fmt: skip


def test_date_that_is_not_of_the_rule_goes_where_it_would_alone():
    rule = MonthlyRule(3, 3, date(2026, 9, 1), date(2027, 5, 31))

    assert repeating.dates_later(rule, [date(2026, 10, 16)]) == {
        date(2026, 10, 16): date(2027, 10, 15)
    }


def test_day_off_is_named_with_the_next_week_that_is_free():
    off = {date(2027, 11, 4): "День народного единства", date(2027, 11, 11): "Каникулы"}

    assert repeating.looked_at(date(2027, 11, 4), off) == Later(
        date(2027, 11, 4), "День народного единства", date(2027, 11, 18)
    )
    assert repeating.looked_at(date(2027, 11, 5), off) == Later(date(2027, 11, 5))


@pytest.mark.parametrize(
    ("name", "later"),
    [
        ("2026/27", "2027/28"),
        ("Сезон 2026/27", "Сезон 2027/28"),
        ("2026–2027", "2027–2028"),
        ("Осень 2026", "Осень 2027"),
        ("2098/99", "2099/00"),
        ("Наставники", "Наставники 2027"),
    ],
)
def test_season_is_named_after_its_own_years(name, later):
    assert repeating.name_later(name, date(2026, 9, 1)) == later
