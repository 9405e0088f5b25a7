"""A series follows its rule again without doubling, resurrecting or losing a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.rules.days_off import PlannedDate, planned
from sessions.rules.recurrence import MonthlyRule, Rule, WeeklyRule
from sessions.rules.regeneration import (
    LeftOut,
    Occurrence,
    Regenerated,
    Step,
    concerned,
    regenerated,
)

WEDNESDAY, THURSDAY, FRIDAY = 2, 3, 4
SEASON = (date(2026, 9, 1), date(2027, 5, 31))
FIRST_WEDNESDAYS = MonthlyRule(1, WEDNESDAY, *SEASON)
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 2), date(2026, 10, 7), date(2026, 11, 4)
NOVEMBER_OFF = {NOVEMBER: "День народного единства"}
BEFORE = date(2026, 8, 20)


def dates(rule: Rule = FIRST_WEDNESDAYS, until: date = NOVEMBER) -> list[PlannedDate]:
    return [day for day in planned(rule, {}, "ask") if day.original <= until]


def standing(*originals: date, state: str = "scheduled") -> list[Occurrence]:
    return [Occurrence(day, day, state) for day in originals]


def nothing_to_do(found: Regenerated) -> bool:
    return not (found.make or found.move or found.drop)


def applied(found: Regenerated) -> list[Occurrence]:
    """The occurrences after everything in it was done."""
    after = [Occurrence(day.original, day.on, "draft") for day in found.make]
    for step in [*found.keep, *found.move]:
        bears = step.planned.original if step.planned else step.occurrence.original
        after.append(replace(step.occurrence, original=bears))
    return [
        replace(one, on=step.planned.on, moved_by_hand=False)
        if (step := moved.get(one.original)) and step.planned
        else one
        for moved in [{step.planned.original: step for step in found.move if step.planned}]
        for one in after
    ]


def test_an_empty_series_gets_a_session_for_every_date() -> None:
    found = regenerated(dates(), [], today=BEFORE)

    assert found == Regenerated(make=dates(), keep=[], move=[], drop=[], left_out=[])


def test_a_series_that_follows_its_rule_stays_as_it_is() -> None:
    existing = standing(SEPTEMBER, OCTOBER, NOVEMBER)

    found = regenerated(dates(), existing, today=BEFORE)

    assert found.keep == [
        Step(one, "unchanged", day) for one, day in zip(existing, dates(), strict=True)
    ]
    assert nothing_to_do(found)


def test_a_longer_season_gets_the_dates_it_lacks() -> None:
    found = regenerated(dates(), standing(SEPTEMBER, OCTOBER), today=BEFORE)

    assert found.make == [PlannedDate(NOVEMBER)]


def test_a_shorter_season_drops_what_the_rule_no_longer_gives() -> None:
    existing = standing(SEPTEMBER, OCTOBER, NOVEMBER)

    found = regenerated(dates(until=OCTOBER), existing, today=BEFORE)

    assert found.drop == [Step(existing[2], "not_in_rule")]


def test_a_session_moved_by_hand_is_neither_moved_back_nor_made_again() -> None:
    moved = Occurrence(NOVEMBER, date(2026, 11, 11), "scheduled", moved_by_hand=True)

    found = regenerated(dates(), [*standing(SEPTEMBER, OCTOBER), moved], today=BEFORE)

    assert nothing_to_do(found)
    assert found.keep[2] == Step(moved, "moved_by_hand")


def test_a_session_moved_by_hand_goes_back_where_it_is_asked_for() -> None:
    moved = Occurrence(NOVEMBER, date(2026, 11, 11), "scheduled", moved_by_hand=True)

    found = regenerated(dates(), [moved], today=BEFORE, moved_too=True)

    assert found.move == [Step(moved, "asked", PlannedDate(NOVEMBER))]


@pytest.mark.parametrize("state", ["cancelled", "removed", "held", "live", "postponed"])
def test_what_was_called_off_or_took_place_is_neither_touched_nor_made_again(state: str) -> None:
    (one,) = standing(NOVEMBER, state=state)
    moved_off = planned(FIRST_WEDNESDAYS, NOVEMBER_OFF, "shift")[2:3]

    same = regenerated([PlannedDate(NOVEMBER)], [one], today=BEFORE, moved_too=True)
    moved = regenerated(moved_off, [one], today=BEFORE, moved_too=True)
    gone = regenerated([], [one], today=BEFORE, moved_too=True)

    assert [same, moved, gone] == [Regenerated([], [Step(one, state)], [], [], [])] * 3


def test_what_has_begun_is_not_touched_whatever_its_state() -> None:
    begun = Occurrence(NOVEMBER, NOVEMBER, "scheduled", past=True)

    found = regenerated([], [begun], today=date(2026, 11, 4))

    assert found == Regenerated([], [Step(begun, "past")], [], [], [])


def test_nothing_is_made_in_the_past() -> None:
    found = regenerated(dates(), [], today=OCTOBER)

    assert found.make == [PlannedDate(OCTOBER), PlannedDate(NOVEMBER)]
    assert found.left_out == [LeftOut(PlannedDate(SEPTEMBER), "past")]


def test_a_day_that_becomes_off_moves_its_session_and_a_free_one_brings_it_back() -> None:
    shifted = planned(FIRST_WEDNESDAYS, NOVEMBER_OFF, "shift")[2]
    here = Occurrence(NOVEMBER, NOVEMBER, "scheduled")
    away = Occurrence(NOVEMBER, date(2026, 11, 11), "scheduled")

    off = regenerated([shifted], [here], today=BEFORE)
    free = regenerated([PlannedDate(NOVEMBER)], [away], today=BEFORE)

    assert off.move == [Step(here, "day_off", shifted)]
    assert free.move == [Step(away, "free_again", PlannedDate(NOVEMBER))]


def test_another_weekday_moves_every_session_instead_of_dropping_and_making_it() -> None:
    existing = standing(SEPTEMBER, OCTOBER, NOVEMBER)
    thursdays = dates(MonthlyRule(1, THURSDAY, *SEASON), until=date(2026, 11, 5))

    found = regenerated(thursdays, existing, today=BEFORE)

    assert found.move == [
        Step(one, "rule", day) for one, day in zip(existing, thursdays, strict=True)
    ]
    assert not found.make
    assert not found.drop


def test_the_fourth_week_instead_of_the_first_keeps_each_session_in_its_month() -> None:
    existing = standing(SEPTEMBER, OCTOBER, NOVEMBER)
    fourth = dates(MonthlyRule(4, WEDNESDAY, *SEASON), until=date(2026, 11, 25))

    found = regenerated(fourth, existing, today=BEFORE)

    assert [(step.occurrence.original, step.planned) for step in found.move] == [
        (SEPTEMBER, PlannedDate(date(2026, 9, 23))),
        (OCTOBER, PlannedDate(date(2026, 10, 28))),
        (NOVEMBER, PlannedDate(date(2026, 11, 25))),
    ]


def test_a_week_that_crosses_the_end_of_a_month_keeps_its_session() -> None:
    wednesdays = [date(2026, 9, 2) + timedelta(weeks=week) for week in range(5)]
    thursdays = WeeklyRule(1, (THURSDAY,), date(2026, 9, 1), date(2026, 10, 1))

    found = regenerated(planned(thursdays, {}, "ask"), standing(*wednesdays), today=BEFORE)

    assert [
        (step.planned.on - step.occurrence.on).days for step in found.move if step.planned
    ] == [1] * 5  # fmt: skip
    assert not found.make


def test_a_weekly_series_moves_each_session_by_a_day_also_over_the_end_of_a_month() -> None:
    spring = (date(2027, 3, 3), date(2027, 4, 14))
    wednesdays = [day.on for day in planned(WeeklyRule(1, (WEDNESDAY,), *spring), {}, "ask")]
    thursdays = planned(WeeklyRule(1, (THURSDAY,), *spring), {}, "ask")

    found = regenerated(thursdays, standing(*wednesdays), today=BEFORE)

    moved = [(step.occurrence.on, step.planned.on) for step in found.move if step.planned]
    assert moved == [(day, day + timedelta(days=1)) for day in wednesdays[:-1]]
    assert [step.occurrence.on for step in found.drop] == [date(2027, 4, 14)]


def test_a_cancelled_week_stands_for_no_other_week_of_its_month() -> None:
    april = (date(2027, 4, 1), date(2027, 4, 30))
    (cancelled,) = standing(date(2027, 4, 1), state="cancelled")
    fridays = planned(WeeklyRule(1, (FRIDAY,), *april), {}, "ask")

    found = regenerated(fridays, [cancelled], today=BEFORE)

    assert [day.on.day for day in found.make] == [9, 16, 23, 30]
    assert found.left_out == [LeftOut(fridays[0], "cancelled")]


def test_a_cancelled_session_does_not_come_back_by_another_weekday() -> None:
    cancelled = Occurrence(OCTOBER, OCTOBER, "cancelled")
    thursdays = dates(MonthlyRule(1, THURSDAY, *SEASON), until=date(2026, 10, 8))

    found = regenerated(thursdays, [*standing(SEPTEMBER), cancelled], today=BEFORE)

    assert not found.make
    assert found.left_out == [LeftOut(PlannedDate(date(2026, 10, 1)), "cancelled")]


def test_a_date_written_down_anew_is_made_beside_a_cancelled_one() -> None:
    cancelled = Occurrence(date(2026, 11, 11), date(2026, 11, 11), "cancelled")
    listed = [PlannedDate(date(2026, 11, day)) for day in (10, 13)]

    found = regenerated(
        listed, [*standing(date(2026, 11, 10)), cancelled], today=BEFORE,
        anew=[date(2026, 11, 13)],
    )  # fmt: skip

    assert found.make == [listed[1]]
    assert [step.reason for step in found.keep] == ["unchanged", "cancelled"]


def test_no_session_is_made_on_a_day_where_one_of_the_series_stands() -> None:
    moved = Occurrence(SEPTEMBER, date(2026, 9, 9), "scheduled", moved_by_hand=True)
    weekly = planned(WeeklyRule(1, (WEDNESDAY,), SEPTEMBER, date(2026, 9, 16)), {}, "ask")

    found = regenerated(weekly, [moved], today=BEFORE)

    assert found.make == [PlannedDate(date(2026, 9, 16))]
    assert found.left_out == [LeftOut(PlannedDate(date(2026, 9, 9)), "day_taken")]


def test_a_session_that_cannot_leave_its_day_bars_the_next_from_coming() -> None:
    by_hand = Occurrence(date(2026, 9, 1), date(2026, 9, 10), "scheduled", moved_by_hand=True)
    first, second = standing(date(2026, 9, 2), date(2026, 9, 3))
    plan = [
        PlannedDate(date(2026, 9, 3), "off", shifted_from=date(2026, 9, 2)),
        PlannedDate(date(2026, 9, 10), "off", shifted_from=date(2026, 9, 3)),
    ]

    found = regenerated(plan, [by_hand, first, second], today=BEFORE)

    assert [step.reason for step in found.keep] == ["moved_by_hand", "day_taken", "day_taken"]
    assert not found.move


def test_a_change_reaches_one_those_that_follow_or_all_but_never_the_past() -> None:
    past = Occurrence(SEPTEMBER, SEPTEMBER, "scheduled", past=True)
    held = Occurrence(date(2026, 9, 9), date(2026, 9, 9), "held")
    first, second, third = standing(OCTOBER, NOVEMBER, date(2026, 12, 2))
    gone = standing(date(2027, 1, 6), state="cancelled") + standing(
        date(2027, 2, 3), state="removed"
    )
    everything = [third, *gone, past, first, held, second]

    assert concerned(everything, "one", NOVEMBER) == [second]
    assert concerned(everything, "following", NOVEMBER) == [second, third]
    assert concerned(everything, "all", NOVEMBER) == [first, second, third]
    assert concerned(everything, "one", SEPTEMBER) == []


def test_what_follows_is_counted_by_the_rule_not_by_where_a_session_was_moved() -> None:
    early = Occurrence(NOVEMBER, date(2026, 9, 30), "scheduled", moved_by_hand=True)
    (october,) = standing(OCTOBER)

    assert concerned([early, october], "following", OCTOBER) == [october, early]


rules = st.one_of(
    st.builds(lambda n, day: MonthlyRule(n, day, *SEASON), st.sampled_from([1, 3, -1]),
              st.integers(0, 6)),
    st.builds(lambda every, on: WeeklyRule(every, tuple(on), date(2026, 9, 1), date(2026, 12, 31)),
              st.integers(1, 4), st.sets(st.integers(0, 6), min_size=1, max_size=2)),
)  # fmt: skip
autumn = st.dates(date(2026, 9, 1), date(2027, 1, 31))
STATES = ["draft", "scheduled", "postponed", "live", "held", "cancelled", "removed"]
occurrences = st.lists(
    st.builds(
        Occurrence, autumn, autumn,
        st.sampled_from(STATES),
        st.booleans(), st.booleans(),
    ),
    max_size=12, unique_by=(lambda one: one.original, lambda one: one.on),
)  # fmt: skip
off = st.sets(autumn, max_size=25).map(lambda found: dict.fromkeys(found, "off"))


@settings(max_examples=200, deadline=None)
@given(rules, off, occurrences, autumn, st.booleans())
def test_a_regenerated_series_has_no_doubles_keeps_what_is_fixed_and_needs_no_second_time(
    rule: Rule, days_off: dict[date, str], existing: list[Occurrence], today: date, asked: bool
) -> None:
    plan = planned(rule, days_off, "shift")

    found = regenerated(plan, existing, today=today, moved_too=asked)

    after = applied(found)
    originals = [one.original for one in after]
    days = [one.on for one in after if one.state not in ("cancelled", "removed", "postponed")]
    touched = [step.occurrence for step in [*found.move, *found.drop]]
    assert len(set(originals)) == len(originals)
    assert len(set(days)) == len(days)
    assert {one.state for one in touched} <= {"draft", "scheduled"}
    assert not any(one.past or (one.moved_by_hand and not asked) for one in touched)
    assert len(found.keep) + len(touched) == len(existing)
    assert nothing_to_do(regenerated(plan, after, today=today, moved_too=asked))
