"""The states of a session and the steps between them."""

from __future__ import annotations

from sessions.models.session import STATES
from sessions.rules.lifecycle import after, possible


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
