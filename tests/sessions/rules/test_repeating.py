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


def test_dates_of_a_series_never_go_to_the_same_day():
    rule = WeeklyRule(1, (2,), date(2027, 2, 1), date(2027, 3, 31))
    before_the_rule = [date(2027, 1, 20), date(2027, 1, 27)]

    found = repeating.dates_later(rule, [*before_the_rule, date(2027, 2, 3), date(2027, 2, 10)])

    assert found == {
        date(2027, 1, 20): date(2028, 1, 19),
        date(2027, 1, 27): date(2028, 1, 26),
        date(2027, 2, 3): date(2028, 2, 2),
        date(2027, 2, 10): date(2028, 2, 9),
    }


def test_dates_without_a_rule_do_not_meet_where_a_fifth_becomes_the_last():
    fourth_and_fifth = [date(2027, 4, 22), date(2027, 4, 29)]

    found = repeating.dates_later(None, fourth_and_fifth)

    assert found == {fourth_and_fifth[0]: date(2028, 4, 27), fourth_and_fifth[1]: date(2028, 5, 4)}


def test_day_off_is_named_with_the_next_week_that_is_free():
    off = {date(2027, 11, 4): "День народного единства", date(2027, 11, 11): "Каникулы"}

    assert repeating.looked_at([date(2027, 11, 4), date(2027, 11, 5)], off) == {
        date(2027, 11, 4): Later(date(2027, 11, 4), "День народного единства", date(2027, 11, 18)),
        date(2027, 11, 5): Later(date(2027, 11, 5)),
    }


def test_single_session_is_not_moved_to_a_day_that_is_taken():
    day, taken = date(2027, 11, 4), [date(2027, 11, 11)]

    found = repeating.looked_at([day], {day: "День народного единства"}, taken=taken)

    assert found[day].free == date(2027, 11, 18)


def test_weekly_series_leaves_a_day_off_as_its_rule_does_never_onto_its_own_next_date():
    rule = WeeklyRule(1, (3,), date(2027, 10, 28), date(2027, 11, 11))
    dates = [date(2027, 10, 28), date(2027, 11, 4), date(2027, 11, 11)]

    found = repeating.looked_at(dates, {date(2027, 11, 4): "День народного единства"}, rule)

    assert found[date(2027, 11, 4)].free == date(2027, 11, 5)


def test_weekly_series_has_no_way_out_where_nothing_is_free_before_its_next_date():
    rule = WeeklyRule(1, (0,), date(2028, 1, 3), date(2028, 1, 10))
    off = {date(2028, 1, day): "Новогодние каникулы" for day in range(1, 10)}

    found = repeating.looked_at([date(2028, 1, 3), date(2028, 1, 10)], off, rule)

    assert found[date(2028, 1, 3)] == Later(date(2028, 1, 3), "Новогодние каникулы", None)


def test_monthly_series_leaves_a_day_off_by_weeks():
    rule = MonthlyRule(1, 3, date(2027, 11, 1), date(2027, 11, 30))

    found = repeating.looked_at([date(2027, 11, 4)], {date(2027, 11, 4): "Праздник"}, rule)

    assert found[date(2027, 11, 4)].free == date(2027, 11, 11)


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
