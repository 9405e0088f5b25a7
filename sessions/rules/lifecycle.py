"""Which states a session passes through, and what moves it from one to the next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

Action = Literal["schedule", "postpone", "reschedule", "cancel", "reinstate", "start", "end"]

_STEPS: dict[Action, tuple[frozenset[str], str]] = {
    "schedule": (frozenset({"draft"}), "scheduled"),
    "postpone": (frozenset({"scheduled"}), "postponed"),
    "reschedule": (frozenset({"postponed"}), "scheduled"),
    "cancel": (frozenset({"draft", "scheduled", "postponed"}), "cancelled"),
    "reinstate": (frozenset({"cancelled"}), "scheduled"),
    "start": (frozenset({"scheduled"}), "live"),
    "end": (frozenset({"scheduled", "live"}), "held"),
}

# One that went live by the clock while its people were late may still be moved.
MOVABLE = frozenset({"draft", "scheduled", "postponed", "live"})
JOINABLE = frozenset({"scheduled", "live"})
TO_COME = frozenset({"scheduled", "postponed", "live"})
OPEN_TO_PEOPLE = frozenset({"scheduled", "postponed", "live", "held", "cancelled"})

# A session that runs over its time is on until then; so long its link lets people in.
GRACE = timedelta(hours=1)


def after(state: str, action: Action) -> str | None:
    """The state that `action` leads to, or None where it is not possible from `state`."""
    allowed, target = _STEPS[action]
    return target if state in allowed else None


def possible(state: str) -> list[Action]:
    """What can be done with a session in this state."""
    return [action for action in _STEPS if after(state, action) is not None]


def by_clock(state: str, starts_at: datetime, ends_at: datetime, now: datetime) -> Action | None:
    """The step that is due because of the hour; one long over is ended without being started."""
    if state in JOINABLE and now >= ends_at + GRACE:
        return "end"
    return "start" if state == "scheduled" and now >= starts_at else None
