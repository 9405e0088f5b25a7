"""The states of a session and the steps between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sessions.models.session import STATES
from sessions.rules.lifecycle import after, by_clock, possible

START = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)
END = START + timedelta(minutes=90)


def test_every_step_from_every_state() -> None:
    steps = {
        state: {action: after(state, action) for action in possible(state)} for state in STATES
    }

    assert steps == {
        "draft": {"schedule": "scheduled", "cancel": "cancelled"},
        "scheduled": {
            "postpone": "postponed", "cancel": "cancelled", "start": "live", "end": "held",
        },
        "postponed": {"reschedule": "scheduled", "cancel": "cancelled"},
        "live": {"end": "held"},
        "held": {},
        "cancelled": {"reinstate": "scheduled"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "minutes", "step"),
    [
        ("scheduled", -1, None), ("scheduled", 0, "start"), ("scheduled", 149, "start"),
        ("scheduled", 150, "end"), ("live", 0, None), ("live", 149, None), ("live", 150, "end"),
        ("draft", 500, None), ("postponed", 500, None), ("cancelled", 500, None),
        ("held", 500, None),
    ],
)  # fmt: skip
def test_session_starts_on_time_and_is_over_an_hour_after_its_end(state, minutes, step) -> None:
    assert by_clock(state, START, END, START + timedelta(minutes=minutes)) == step
