"""Days off meet the dates of a rule: left out, moved, or asked about."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.flows import planning
from sessions.rules.days_off import PlannedDate, Policy, all_reasons, left_out, planned
from sessions.rules.recurrence import (
    DatesRule,
    DayOfMonthRule,
    MonthlyRule,
    Rule,
    WeeklyRule,
    candidates,
    dates_of,
    next_after,
)

MONDAY, WEDNESDAY, FRIDAY, SATURDAY = 0, 2, 4, 5
SEASON = (date(2026, 9, 1), date(2027, 5, 31))
YEAR = (date(2026, 9, 1), date(2027, 8, 31))
NOVEMBER_4, JANUARY_6 = date(2026, 11, 4), date(2027, 1, 6)
OFF = planning.days_off(date(2026, 9, 1), date(2028, 8, 31))


def test_first_wednesdays_between_dates_are_nine_when_shifted_and_seven_when_skipped() -> None:
    rule = MonthlyRule(1, WEDNESDAY, *SEASON)

    asked, skipped, shifted = (planned(rule, OFF, how) for how in ("ask", "skip", "shift"))

    assert (len(asked), len(skipped), len(shifted)) == (9, 7, 9)
    assert [(day.on, day.holiday) for day in asked if day.holiday] == [
        (NOVEMBER_4, OFF[NOVEMBER_4]),
        (JANUARY_6, OFF[JANUARY_6]),
    ]
    assert [day for day in shifted if day.holiday] == [
        PlannedDate(date(2026, 11, 11), OFF[NOVEMBER_4], shifted_from=NOVEMBER_4),
        PlannedDate(date(2027, 1, 13), OFF[JANUARY_6], shifted_from=JANUARY_6),
    ]
    assert left_out(rule, OFF, skipped) == [
        PlannedDate(NOVEMBER_4, OFF[NOVEMBER_4]),
        PlannedDate(JANUARY_6, OFF[JANUARY_6]),
    ]
    assert left_out(rule, OFF, shifted) == []


def test_nine_first_wednesdays_are_nine_by_every_policy() -> None:
    rule = MonthlyRule(1, WEDNESDAY, *YEAR, count=9)

    asked, skipped, shifted = (planned(rule, OFF, how) for how in ("ask", "skip", "shift"))

    assert [(len(days), days[-1].on) for days in (asked, skipped, shifted)] == [
        (9, date(2027, 5, 5)),
        (9, date(2027, 7, 7)),
        (9, date(2027, 5, 5)),
    ]
    assert [day.on for day in left_out(rule, OFF, skipped)] == [NOVEMBER_4, JANUARY_6]


def test_a_count_that_skips_ends_with_the_season() -> None:
    rule = MonthlyRule(1, WEDNESDAY, *SEASON, count=9)

    assert len(planned(rule, OFF, "skip")) == 7


def test_a_day_off_is_a_date_so_the_hour_of_the_session_does_not_matter() -> None:
    rule = MonthlyRule(1, WEDNESDAY, NOVEMBER_4, NOVEMBER_4)

    assert planned(rule, {NOVEMBER_4: "День народного единства"}, "skip") == []


def test_a_monthly_date_moved_off_a_holiday_skips_the_next_holiday_too() -> None:
    rule = MonthlyRule(1, WEDNESDAY, date(2027, 1, 1), date(2027, 1, 31))
    off = {JANUARY_6: "Каникулы", date(2027, 1, 13): "Ещё выходной"}

    assert planned(rule, off, "shift") == [
        PlannedDate(date(2027, 1, 20), "Каникулы", shifted_from=JANUARY_6)
    ]


def test_a_monthly_date_never_moves_onto_the_next_one_of_its_rule() -> None:
    rule = MonthlyRule(1, WEDNESDAY, date(2027, 1, 1), date(2027, 2, 28))
    off = {JANUARY_6 + timedelta(weeks=week): "Карантин" for week in range(4)}

    assert planned(rule, off, "shift") == [
        PlannedDate(date(2027, 2, 3)),
        PlannedDate(date(2027, 2, 10), "Карантин", shifted_from=JANUARY_6),
    ]


def test_dates_moved_off_holidays_never_meet_days_that_are_taken() -> None:
    rule = MonthlyRule(1, WEDNESDAY, date(2027, 1, 1), date(2027, 1, 31))

    moved = planned(rule, {JANUARY_6: "x"}, "shift", taken=[date(2027, 1, 13)])

    assert [day.on for day in moved] == [date(2027, 1, 20)]


def test_a_weekly_date_goes_to_the_next_working_day() -> None:
    rule = WeeklyRule(1, (WEDNESDAY,), date(2026, 10, 28), date(2026, 11, 11))

    assert planned(rule, OFF, "shift") == [
        PlannedDate(date(2026, 10, 28)),
        PlannedDate(date(2026, 11, 5), OFF[NOVEMBER_4], shifted_from=NOVEMBER_4),
        PlannedDate(date(2026, 11, 11)),
    ]


def test_a_weekly_friday_off_goes_over_the_weekend_to_monday() -> None:
    rule = WeeklyRule(1, (FRIDAY,), date(2026, 11, 6), date(2026, 11, 6))

    (moved,) = planned(rule, {date(2026, 11, 6): "Городской праздник"}, "shift")

    assert moved.on == date(2026, 11, 9)


def test_a_weekly_date_with_no_free_day_before_the_next_is_left_out_and_named() -> None:
    rule = WeeklyRule(1, (MONDAY, WEDNESDAY, FRIDAY), date(2027, 1, 4), date(2027, 1, 13))
    off = {date(2027, 1, day): "Каникулы" for day in range(4, 9)}

    kept = planned(rule, off, "shift")

    assert kept == [PlannedDate(date(2027, 1, 11)), PlannedDate(date(2027, 1, 13))]
    assert [day.on for day in left_out(rule, off, kept)] == [
        date(2027, 1, 4), date(2027, 1, 6), date(2027, 1, 8),
    ]  # fmt: skip


def test_the_last_date_of_a_weekly_rule_does_not_move_onto_the_one_that_would_follow() -> None:
    rule = WeeklyRule(1, (WEDNESDAY,), JANUARY_6, JANUARY_6)
    until_tuesday = {JANUARY_6 + timedelta(days=n): "Каникулы" for n in range(7)}
    until_monday = {JANUARY_6 + timedelta(days=n): "Каникулы" for n in range(6)}

    assert planned(rule, until_tuesday, "shift") == []
    assert planned(rule, until_monday, "shift") == [
        PlannedDate(date(2027, 1, 12), "Каникулы", shifted_from=JANUARY_6)
    ]


def test_a_count_goes_on_after_weekly_dates_that_had_to_be_left_out() -> None:
    rule = WeeklyRule(1, (MONDAY, WEDNESDAY, FRIDAY), date(2027, 1, 4), date(2027, 5, 31), count=3)
    off = {date(2027, 1, day): "Каникулы" for day in range(4, 9)}

    assert [day.on.day for day in planned(rule, off, "shift")] == [11, 13, 15]


def test_a_thirty_first_off_goes_to_the_next_working_day_beyond_the_end_too() -> None:
    rule = DayOfMonthRule(31, "skip", date(2026, 12, 1), date(2026, 12, 31))
    eve = date(2026, 12, 31)
    off = {eve: "Перенос", **{date(2027, 1, day): "Каникулы" for day in range(1, 11)}}

    assert planned(rule, off, "shift") == [
        PlannedDate(date(2027, 1, 11), "Перенос", shifted_from=eve)
    ]


def test_a_day_of_a_visit_goes_past_the_other_days_of_it() -> None:
    visit = DatesRule((date(2026, 11, 3), NOVEMBER_4, date(2026, 11, 5)))

    assert planned(visit, OFF, "shift") == [
        PlannedDate(date(2026, 11, 3)),
        PlannedDate(date(2026, 11, 5)),
        PlannedDate(date(2026, 11, 6), OFF[NOVEMBER_4], shifted_from=NOVEMBER_4),
    ]


def test_a_saturday_is_off_only_where_the_calendar_says_so() -> None:
    rule = WeeklyRule(1, (SATURDAY,), date(2026, 10, 31), date(2026, 11, 7))

    assert planned(rule, {date(2026, 11, 7): "Выходной"}, "shift") == [
        PlannedDate(date(2026, 10, 31)),
        PlannedDate(date(2026, 11, 9), "Выходной", shifted_from=date(2026, 11, 7)),
    ]


def test_a_day_that_is_off_for_several_reasons_names_each_once() -> None:
    holidays = {NOVEMBER_4: "День народного единства", JANUARY_6: "Каникулы"}
    blackout = {NOVEMBER_4: "Праздник города", JANUARY_6: "Каникулы"}

    assert all_reasons(holidays, blackout) == {
        NOVEMBER_4: "День народного единства; Праздник города",
        JANUARY_6: "Каникулы",
    }


days = st.dates(date(2026, 9, 1), date(2027, 5, 31))
rules = st.one_of(
    st.builds(lambda n, day: MonthlyRule(n, day, *SEASON), st.sampled_from([1, 4, -1]),
              st.integers(0, 6)),
    st.builds(lambda day, count: DayOfMonthRule(day, "last", *SEASON, count), st.integers(1, 31),
              st.none() | st.integers(1, 9)),
    st.builds(lambda every, on, count: WeeklyRule(every, tuple(on), *SEASON, count),
              st.integers(1, 3), st.sets(st.integers(0, 6), min_size=1),
              st.none() | st.integers(1, 40)),
    st.builds(lambda on: DatesRule(tuple(on)), st.sets(days, min_size=1, max_size=6)),
)  # fmt: skip
# Long stretches, as a quarantine or the first days of January are.
closures = st.lists(st.tuples(days, st.integers(1, 40)), max_size=4).map(
    lambda drawn: {first + timedelta(days=n): "off" for first, long in drawn for n in range(long)}
)


@settings(max_examples=150, deadline=None)
@given(rules, closures, st.sampled_from(["skip", "shift"]))
def test_whatever_is_kept_is_free_alone_on_its_day_and_before_the_next_date(
    rule: Rule, off: dict[date, str], policy: Policy
) -> None:
    kept = planned(rule, off, policy)

    assert len({day.on for day in kept}) == len(kept)
    assert not {day.on for day in kept} & set(off)
    assert {day.original for day in kept} <= set(candidates(rule))
    for day in kept:
        assert (day.holiday is None) == (day.shifted_from is None)
        if day.shifted_from and isinstance(rule, WeeklyRule | DayOfMonthRule):
            following = next_after(rule, day.shifted_from)
            assert following is not None
            assert day.shifted_from < day.on < following
            assert day.on.weekday() < SATURDAY


@settings(max_examples=60, deadline=None)
@given(rules.filter(lambda rule: rule.count is None), closures)
def test_every_date_of_a_rule_without_a_count_is_kept_or_left_out(
    rule: Rule, off: dict[date, str]
) -> None:
    kept = planned(rule, off, "shift")

    originals = [day.original for day in kept] + [day.on for day in left_out(rule, off, kept)]

    assert sorted(originals) == dates_of(rule)
