"""At what hour a session finds people, and which start suits most of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.rules.hours import Hours, Place, Shares, best_slots, local_hours, shares
from sessions.rules.timetable import WallTime, at

MOSCOW, KALININGRAD, KAMCHATKA = "Europe/Moscow", "Europe/Kaliningrad", "Asia/Kamchatka"
NOVOSIBIRSK, NEW_YORK, BERLIN = "Asia/Novosibirsk", "America/New_York", "Europe/Berlin"
WEDNESDAY = date(2026, 12, 16)
NINETY_MIN, HALF_HOUR = timedelta(minutes=90), timedelta(minutes=30)


def moscow(hour: int, minute: int = 0) -> datetime:
    return at(WEDNESDAY, time(hour, minute), MOSCOW).instant()


def kinds(starts_at: datetime, *zones: str, duration: timedelta = NINETY_MIN) -> dict[str, str]:
    found = local_hours(starts_at, duration, [Place(tz) for tz in zones], MOSCOW)
    return {one.tz: one.kind for one in found}


def test_ten_in_moscow_is_work_in_kaliningrad_and_the_evening_in_kamchatka() -> None:
    places = [Place(KAMCHATKA, people=40, cities=2), Place(MOSCOW, 500), Place(KALININGRAD, 30)]

    found = local_hours(moscow(10), NINETY_MIN, places, MOSCOW)

    assert [(one.tz, one.starts.time(), one.ends.time(), one.kind) for one in found] == [
        (KALININGRAD, time(9, 0), time(10, 30), "working"),
        (MOSCOW, time(10, 0), time(11, 30), "working"),
        (KAMCHATKA, time(19, 0), time(20, 30), "late"),
    ]
    assert (found[2].people, found[2].cities, found[2].day_shift) == (40, 2, 0)


@pytest.mark.parametrize(
    ("hour", "minute", "kind"),
    [
        (6, 59, "night"), (7, 0, "early"), (8, 59, "early"), (9, 0, "working"),
        (16, 30, "working"), (16, 31, "late"), (20, 30, "late"), (20, 31, "night"),
        (23, 0, "night"),
    ],
)  # fmt: skip
def test_the_hours_of_a_session_are_told_to_the_minute(hour: int, minute: int, kind: str) -> None:
    assert kinds(moscow(hour, minute), MOSCOW) == {MOSCOW: kind}


def test_a_whole_working_day_is_working_and_a_longer_one_early() -> None:
    assert kinds(moscow(9), MOSCOW, duration=timedelta(hours=9)) == {MOSCOW: "working"}
    assert kinds(moscow(8), MOSCOW, duration=timedelta(hours=11)) == {MOSCOW: "early"}


def test_the_day_elsewhere_is_counted_from_the_programmes_own() -> None:
    places = [Place(tz) for tz in (NEW_YORK, MOSCOW, KAMCHATKA)]

    morning = local_hours(moscow(6), NINETY_MIN, places, MOSCOW)
    evening = local_hours(moscow(17), NINETY_MIN, places, MOSCOW)

    assert {one.tz: one.day_shift for one in morning} == {NEW_YORK: -1, MOSCOW: 0, KAMCHATKA: 0}
    assert {one.tz: one.day_shift for one in evening} == {NEW_YORK: 0, MOSCOW: 0, KAMCHATKA: 1}


def test_places_of_one_zone_are_one_line() -> None:
    places = [Place(MOSCOW, 5, 1), Place(KALININGRAD, 1, 1), Place(MOSCOW, 7, 2)]

    found = local_hours(moscow(10), NINETY_MIN, places, MOSCOW)

    assert [(one.tz, one.people, one.cities) for one in found] == [
        (KALININGRAD, 1, 1), (MOSCOW, 12, 3),
    ]  # fmt: skip


def test_shares_are_of_the_people() -> None:
    places = [Place(KALININGRAD, 10), Place(MOSCOW, 60), Place(KAMCHATKA, 30)]

    found = shares(local_hours(moscow(9), NINETY_MIN, places, MOSCOW))

    assert found == Shares(
        working=0.6, early=0.1, late=0.3, night=0.0, outside=0.4, other_day=0.0
    )  # fmt: skip


def test_shares_are_of_the_cities_while_nobody_is_registered() -> None:
    places = [Place(MOSCOW, cities=3), Place(KAMCHATKA, cities=1)]

    found = shares(local_hours(moscow(15), NINETY_MIN, places, MOSCOW))

    assert (found.working, found.night, found.outside, found.other_day) == (0.75, 0.25, 0.25, 0.25)


def test_shares_of_nobody_are_nought() -> None:
    assert shares([]) == Shares(0, 0, 0, 0, 0, 0)


def test_the_best_start_finds_most_at_work_and_wakes_nobody() -> None:
    places = [Place(KALININGRAD, 10), Place(MOSCOW, 1000), Place(KAMCHATKA, 10)]

    best = best_slots(WEDNESDAY, NINETY_MIN, places, HALF_HOUR, MOSCOW)

    # Kaliningrad must not begin before ten of Moscow, Kamchatka not after half past eleven.
    assert [slot.wall.local.time() for slot in best] == [
        time(11, 0), time(11, 30), time(10, 30), time(10, 0), time(12, 0),
    ]  # fmt: skip
    assert [slot.shares.night for slot in best] == [0, 0, 0, 0, 10 / 1020]
    assert {slot.shares.outside for slot in best} == {10 / 1020}


def test_with_everyone_in_siberia_the_best_start_is_before_noon_in_moscow() -> None:
    (best,) = best_slots(
        WEDNESDAY, NINETY_MIN, [Place(NOVOSIBIRSK, 5)], HALF_HOUR, MOSCOW, most=1
    )  # fmt: skip

    assert best.wall == WallTime(datetime(2026, 12, 16, 11, 0), MOSCOW)
    assert best.hours == [
        Hours(
            NOVOSIBIRSK,
            datetime(2026, 12, 16, 15, 0, tzinfo=ZoneInfo(NOVOSIBIRSK)),
            datetime(2026, 12, 16, 16, 30, tzinfo=ZoneInfo(NOVOSIBIRSK)),
            "working", 0, 5, 1,
        )
    ]  # fmt: skip


def test_without_places_the_best_start_lies_about_noon() -> None:
    (best,) = best_slots(WEDNESDAY, timedelta(hours=2), [], HALF_HOUR, MOSCOW, most=1)

    assert best.wall.local.time() == time(11, 0)


def test_an_hour_that_clocks_jump_over_is_not_on_offer() -> None:
    every = best_slots(date(2027, 3, 28), NINETY_MIN, [], HALF_HOUR, BERLIN, most=100)

    hours = sorted(slot.wall.local.time() for slot in every)
    assert len(hours) == 46
    assert hours[3:5] == [time(1, 30), time(3, 0)]


def test_a_step_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="step"):
        best_slots(WEDNESDAY, NINETY_MIN, [], timedelta(), MOSCOW)


zones = [KALININGRAD, MOSCOW, NOVOSIBIRSK, KAMCHATKA, NEW_YORK, BERLIN]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.builds(Place, st.sampled_from(zones), st.integers(0, 50)), min_size=1, max_size=6),
    st.integers(15, 300),
)
def test_no_start_of_the_day_is_better_than_the_best(places: list[Place], minutes: int) -> None:
    length = timedelta(minutes=minutes)

    (best,) = best_slots(WEDNESDAY, length, places, HALF_HOUR, MOSCOW, most=1)

    midnight = at(WEDNESDAY, time(), MOSCOW).instant()
    every = [
        shares(local_hours(midnight + n * HALF_HOUR, length, places, MOSCOW)) for n in range(48)
    ]
    assert best.shares.outside == min(one.outside for one in every)
    assert best.shares.night == min(
        one.night for one in every if one.outside == best.shares.outside
    )  # fmt: skip
    assert best.hours[0].starts.astimezone(UTC) == best.wall.instant()
