"""The dates of rules, checked against dateutil and against the calendar of a season."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.rules.recurrence import (
    LAST,
    DatesRule,
    DayOfMonthRule,
    MonthlyRule,
    Rule,
    WeeklyRule,
    dates_of,
    next_after,
    nth_weekday,
    suggested_rules,
)
from sessions.rules.written_rules import from_json, to_json

MONDAY, WEDNESDAY, THURSDAY, FRIDAY = 0, 2, 3, 4
SEASON = (date(2026, 9, 1), date(2027, 5, 31))
YEAR = (date(2026, 9, 1), date(2027, 8, 31))

stretches = st.tuples(
    st.dates(date(2010, 1, 1), date(2034, 1, 1)),
    st.integers(0, 700),
    st.none() | st.integers(1, 30),
).map(lambda drawn: (drawn[0], drawn[0] + timedelta(days=drawn[1]), drawn[2]))
monthly = st.builds(
    lambda n, weekday, stretch: MonthlyRule(n, weekday, *stretch),
    st.sampled_from([1, 2, 3, 4, 5, LAST]), st.integers(0, 6), stretches,
)  # fmt: skip
days_of_month = st.builds(
    lambda day, short, stretch: DayOfMonthRule(day, short, *stretch),
    st.integers(1, 31), st.sampled_from(["skip", "last"]), stretches,
)  # fmt: skip
weekly = st.builds(
    lambda every, weekdays, stretch: WeeklyRule(every, tuple(weekdays), *stretch),
    st.integers(1, 5), st.lists(st.integers(0, 6), min_size=1, max_size=7), stretches,
)  # fmt: skip
listed = st.lists(st.dates(date(2020, 1, 1), date(2027, 1, 1)), min_size=1, max_size=9).map(
    lambda days: DatesRule(tuple(days))
)


def by_dateutil(rule: MonthlyRule | DayOfMonthRule | WeeklyRule) -> list[date]:
    """What dateutil, an independent hand, makes of the same rule."""
    facts = {
        "dtstart": datetime.combine(rule.first_on, datetime.min.time()),
        "until": datetime.combine(rule.last_on, datetime.min.time()),
        "count": None,
    }
    if isinstance(rule, MonthlyRule):
        found = rrule.rrule(rrule.MONTHLY, byweekday=rrule.weekday(rule.weekday)(rule.n), **facts)
    elif isinstance(rule, WeeklyRule):
        found = rrule.rrule(
            rrule.WEEKLY, interval=rule.every, byweekday=rule.weekdays, wkst=rrule.MO, **facts
        )
    elif rule.short == "last":
        days = range(min(rule.day, 28), rule.day + 1)
        found = rrule.rrule(rrule.MONTHLY, bymonthday=days, bysetpos=-1, **facts)
    else:
        found = rrule.rrule(rrule.MONTHLY, bymonthday=rule.day, **facts)
    return [day.date() for day in found][: rule.count]


@settings(max_examples=150, deadline=None)
@given(monthly | days_of_month | weekly)
def test_a_rule_gives_the_dates_that_dateutil_gives(
    rule: MonthlyRule | DayOfMonthRule | WeeklyRule,
) -> None:
    assert dates_of(rule) == by_dateutil(rule)


@settings(max_examples=100, deadline=None)
@given(monthly | days_of_month | weekly | listed)
def test_a_rule_that_was_written_down_reads_as_it_was(rule: Rule) -> None:
    assert from_json(to_json(rule)) == rule


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


def test_third_thursdays_of_a_season() -> None:
    assert dates_of(MonthlyRule(3, THURSDAY, *SEASON)) == [
        date(2026, 9, 17), date(2026, 10, 15), date(2026, 11, 19), date(2026, 12, 17),
        date(2027, 1, 21), date(2027, 2, 18), date(2027, 3, 18), date(2027, 4, 15),
        date(2027, 5, 20),
    ]  # fmt: skip


def test_a_fifth_wednesday_is_rare_and_a_last_one_is_not() -> None:
    assert dates_of(MonthlyRule(5, WEDNESDAY, *YEAR)) == [
        date(2026, 9, 30), date(2026, 12, 30), date(2027, 3, 31), date(2027, 6, 30),
    ]  # fmt: skip
    assert len(dates_of(MonthlyRule(LAST, WEDNESDAY, *YEAR))) == 12


def test_a_season_has_seven_thirty_firsts_and_twelve_last_days() -> None:
    skipped = dates_of(DayOfMonthRule(31, "skip", *YEAR))
    last = dates_of(DayOfMonthRule(31, "last", *YEAR))

    assert [day.month for day in skipped] == [10, 12, 1, 3, 5, 7, 8]
    assert [day.day for day in last] == [30, 31, 30, 31, 31, 28, 31, 30, 31, 30, 31, 31]


def test_every_second_week_is_counted_from_the_week_of_the_first_date() -> None:
    rule = WeeklyRule(2, (FRIDAY, MONDAY), date(2026, 9, 2), date(2026, 10, 2))

    assert dates_of(rule) == [
        date(2026, 9, 4), date(2026, 9, 14), date(2026, 9, 18), date(2026, 9, 28),
        date(2026, 10, 2),
    ]  # fmt: skip


def test_a_visit_of_three_days_is_its_dates_in_order_each_once() -> None:
    days = (date(2026, 11, 12), date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 10))

    assert dates_of(DatesRule(days)) == [
        date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 12),
    ]  # fmt: skip


def test_nine_sessions_from_september_end_in_may() -> None:
    rule = MonthlyRule(1, WEDNESDAY, date(2026, 9, 1), date(2027, 8, 31), count=9)

    assert (len(dates_of(rule)), dates_of(rule)[-1]) == (9, date(2027, 5, 5))


def test_the_next_date_of_a_rule_is_also_known_beyond_its_end() -> None:
    monthly = DayOfMonthRule(31, "skip", *SEASON)

    assert next_after(monthly, date(2027, 5, 31)) == date(2027, 7, 31)
    assert next_after(WeeklyRule(3, (0,), *SEASON), date(2027, 5, 10)) == date(2027, 5, 31)
    assert next_after(DatesRule((date(2026, 11, 10),)), date(2026, 11, 10)) is None


def test_a_fifth_wednesday_is_offered_as_the_last_one_and_never_as_the_fifth() -> None:
    day, end = date(2026, 9, 30), date(2027, 5, 31)

    assert suggested_rules(day, end) == [
        MonthlyRule(LAST, WEDNESDAY, day, end),
        DayOfMonthRule(30, "last", day, end),
        DayOfMonthRule(31, "last", day, end),
        WeeklyRule(1, (WEDNESDAY,), day, end),
        WeeklyRule(2, (WEDNESDAY,), day, end),
    ]


def test_a_fourth_wednesday_that_is_the_last_stays_the_fourth() -> None:
    day, end = date(2027, 2, 24), date(2027, 5, 31)

    assert suggested_rules(day, end) == [
        MonthlyRule(4, WEDNESDAY, day, end),
        MonthlyRule(LAST, WEDNESDAY, day, end),
        DayOfMonthRule(24, "last", day, end),
        WeeklyRule(1, (WEDNESDAY,), day, end),
        WeeklyRule(2, (WEDNESDAY,), day, end),
    ]


@given(st.dates(date(2010, 1, 1), date(2035, 1, 1)))
def test_every_rule_on_offer_begins_with_the_date_that_was_picked(day: date) -> None:
    offered = suggested_rules(day, day + timedelta(days=300))

    assert {dates_of(rule)[0] for rule in offered} == {day}
    assert len(set(offered)) == len(offered)


def test_a_series_of_before_reads_as_a_monthly_rule() -> None:
    written = {"n": -1, "weekday": 2, "first_on": "2026-09-01", "last_on": "2027-05-31"}

    assert from_json(written) == MonthlyRule(LAST, WEDNESDAY, *SEASON)


def test_a_rule_is_written_in_plain_values() -> None:
    assert to_json(WeeklyRule(2, (0, 4), *SEASON, count=9)) == {
        "kind": "weekly",
        "every": 2,
        "weekdays": [0, 4],
        "first_on": "2026-09-01",
        "last_on": "2027-05-31",
        "count": 9,
    }


WRITTEN = {"n": 3, "weekday": 3, "first_on": "2026-09-01", "last_on": "2027-05-31"}
WEEKLY = {
    "kind": "weekly", "every": 1, "weekdays": [2], "first_on": "2026-09-01",
    "last_on": "2027-05-31",
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "trouble"),
    [
        ({**WRITTEN, "kind": "yearly"}, "kind: unknown"),
        ({**WRITTEN, "kind": ["monthly"]}, "kind: unknown"),
        ({}, "n: missing"),
        ({**WRITTEN, "n": 6}, "n: neither 1 to 5 nor -1"),
        ({**WRITTEN, "n": True}, "n: no whole number"),
        ({**WRITTEN, "weekday": "2"}, "weekday: no whole number"),
        ({**WRITTEN, "weekday": 7}, "weekday: not 0 to 6"),
        ({**WRITTEN, "first_on": "in autumn"}, "first_on: no date like 2026-09-30"),
        ({**WRITTEN, "first_on": 20260901}, "first_on: no date like 2026-09-30"),
        ({**WRITTEN, "last_on": "2026-08-31"}, "last_on: before first_on"),
        ({**WRITTEN, "last_on": "2040-01-01"}, "last_on: more than ten years after first_on"),
        ({**WRITTEN, "first_on": "0001-01-01"}, "first_on: too far away"),
        ({**WRITTEN, "count": 0}, "count: below 1"),
        ({**WRITTEN, "day": 5}, "day: unknown"),
        ({**WEEKLY, "weekdays": []}, "weekdays: none"),
        ({**WEEKLY, "weekdays": 2}, "weekdays: no list"),
        ({**WEEKLY, "weekdays": [2, None]}, "weekdays: no whole number"),
        ({**WEEKLY, "every": 0}, "every: not 1 to 52"),
        ({"kind": "dates", "dates": []}, "dates: none"),
        ({"kind": "dates", "dates": ["2026-11-31"]}, "dates: no date like 2026-09-30"),
    ],
)
def test_a_rule_that_is_written_wrong_says_in_which_field(
    written: dict[str, object], trouble: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(trouble)}$"):
        from_json(written)


@pytest.mark.parametrize(
    ("day", "short", "trouble"),
    [(0, "skip", "day: not 1 to 31"), (32, "skip", "day: not 1 to 31"),
     (31, "first", "short: neither skip nor last")],
)  # fmt: skip
def test_a_day_of_the_month_that_is_none_is_refused(day: int, short: str, trouble: str) -> None:
    written = {"kind": "day_of_month", "day": day, "short": short,
               "first_on": "2026-09-01", "last_on": "2027-05-31"}  # fmt: skip

    with pytest.raises(ValueError, match=f"^{re.escape(trouble)}$"):
        from_json(written)
