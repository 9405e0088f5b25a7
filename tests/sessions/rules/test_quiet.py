"""When letters about a change leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sessions.rules.quiet import is_urgent, over_at

NOON = datetime(2026, 10, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "urgent"), [((24,), True), ((24.1,), False), ((200, 3), True), ((3, 200), True),
                          ((-2,), True), ((100, 200), False)],
)  # fmt: skip
def test_change_is_urgent_where_the_old_or_the_new_start_is_within_a_day(hours, urgent) -> None:
    starts = [NOON + timedelta(hours=one) for one in hours]

    assert is_urgent(NOON, *starts) is urgent


@pytest.mark.parametrize(("seconds", "end"), [(0, "12:05:00"), (1, "12:06:00"), (59.5, "12:06:00")])
def test_quiet_is_over_on_a_whole_minute_and_never_too_early(seconds, end) -> None:
    over = over_at(NOON + timedelta(seconds=seconds), timedelta(minutes=5))

    assert f"{over:%H:%M:%S}" == end
