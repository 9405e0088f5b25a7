"""When people are reminded, and until when that is still worth a letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules import reminders
from sessions.rules.reminders import KINDS

STARTS = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)  # 10:00 in Moscow
ENDS = STARTS + timedelta(minutes=90)
BEFORE = KINDS[:-1]
ZONES = (
    "Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka", "Europe/Berlin", "America/New_York",
    "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
)  # fmt: skip

moments = st.datetimes(
    datetime(2026, 1, 1), datetime(2029, 12, 31), timezones=st.just(ZoneInfo("UTC"))
)
zones = st.sampled_from(ZONES)


def starting(at: datetime) -> tuple[datetime, datetime]:
    return at, at + timedelta(minutes=90)


@pytest.mark.parametrize(
    ("kind", "due", "until"),
    [
        ("week", "2026-10-08 07:00", "2026-10-10 07:00"),
        ("day", "2026-10-14 07:00", "2026-10-14 19:00"),
        ("hour", "2026-10-15 06:00", "2026-10-15 07:00"),
        ("recording", "2026-10-15 08:30", "2026-11-14 08:30"),
    ],
)
def test_each_reminder_has_an_hour_and_one_after_which_it_stays_away(kind, due, until) -> None:
    found = reminders.due(kind, STARTS, ENDS), reminders.worth_until(kind, STARTS, ENDS)

    assert [f"{at:%Y-%m-%d %H:%M}" for at in found] == [due, until]


@given(starts_at=moments, now=moments | st.none(), away=st.floats(-9 * 86400, 86400))
def test_at_no_moment_two_reminders_of_one_session_are_worth_a_letter(starts_at, now, away) -> None:
    now = now or starts_at + timedelta(seconds=away)

    worth = [kind for kind in KINDS if reminders.is_worth(kind, *starting(starts_at), now)]

    assert len(worth) <= 1


@given(starts_at=moments, kind=st.sampled_from(BEFORE))
def test_no_reminder_of_what_is_to_come_leaves_once_it_began(starts_at, kind) -> None:
    assert reminders.worth_until(kind, *starting(starts_at)) <= starts_at
    assert reminders.is_worth(kind, *starting(starts_at), starts_at) is False


@given(starts_at=moments, kind=st.sampled_from(KINDS))
def test_reminder_is_worth_a_letter_when_it_is_due_and_not_before(starts_at, kind) -> None:
    due = reminders.due(kind, *starting(starts_at))

    assert reminders.is_worth(kind, *starting(starts_at), due) is True
    assert reminders.is_worth(kind, *starting(starts_at), due - timedelta(microseconds=1)) is False


@pytest.mark.parametrize(
    ("own", "found"),
    [
        (None, ["day", "hour", "recording"]),
        ([], []),
        (["hour", "week"], ["week", "hour"]),
        (["month", "day"], ["day"]),
    ],
)
def test_series_says_of_what_people_are_reminded_else_the_programme_does(own, found) -> None:
    assert reminders.kinds(own, ("day", "hour", "recording")) == found


@pytest.mark.parametrize(
    ("now", "tz", "near"),
    [
        ("2026-10-08 07:00", "Europe/Moscow", "week"),
        ("2026-10-09 23:00", "Europe/Moscow", "ahead"),
        ("2026-10-14 07:00", "Europe/Moscow", "tomorrow"),
        ("2026-10-14 22:00", "Europe/Moscow", "today"),
        # It is evening of the day itself there, and still the day before in New York.
        ("2026-10-15 03:00", "Asia/Kamchatka", "today"),
        ("2026-10-15 03:00", "America/New_York", "tomorrow"),
        ("2026-10-15 06:00", "Europe/Moscow", "hour"),
        ("2026-10-15 06:30", "Europe/Moscow", "soon"),
    ],
)
def test_letter_says_how_near_it_is_by_the_readers_calendar(now, tz, near) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert reminders.nearness(STARTS, at, tz) == near


@given(now=moments, tz=zones)
def test_digest_is_due_on_a_monday_at_eight_where_one_lives(now, tz) -> None:
    local = reminders.digest_at(now, tz).astimezone(ZoneInfo(tz))

    assert (local.weekday(), local.hour, local.minute) == (0, 8, 0)


@given(now=moments, tz=zones)
def test_digest_meant_is_the_one_that_may_leave_or_the_next(now, tz) -> None:
    due = reminders.digest_at(now, tz)

    assert now < due + reminders.DIGEST_LATE
    assert reminders.is_digest_worth(reminders.digest_before(due, tz), now) is False


@given(now=moments, tz=zones)
def test_weeks_of_digests_leave_no_gap_and_do_not_overlap(now, tz) -> None:
    due = reminders.digest_at(now, tz)

    assert reminders.digest_before(reminders.digest_after(due, tz), tz) == due
    assert reminders.digest_after(reminders.digest_before(due, tz), tz) == due


def test_digest_of_the_week_in_which_summer_time_ends_is_due_by_the_clock_on_the_wall() -> None:
    before = reminders.digest_at(datetime(2026, 10, 20, 12, tzinfo=UTC), "Europe/Berlin")

    after = reminders.digest_after(before, "Europe/Berlin")

    assert (before.hour, after.hour) == (7, 7)
    assert (after - reminders.digest_before(after, "Europe/Berlin")) == timedelta(days=7)
    assert reminders.digest_before(before, "Europe/Berlin").hour == 6
