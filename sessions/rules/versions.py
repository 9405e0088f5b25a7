"""What is different between two versions of a season's plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# A session as the public sees it, by the names below; a plan has them by their id as text.
Shown = Mapping[str, Any]
Plan = Mapping[str, Shown]
Change = dict[str, Any]

ON, POSTPONED, CANCELLED = "on", "postponed", "cancelled"

# Kind of change and the names that are compared for it, in the order in which one is told of them.
_COMPARED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("title", ("title", "title_en")),
    ("length", ("duration_min",)),
    ("cities", ("cities",)),
    ("format", ("format",)),
    ("mode", ("mode",)),
    ("place", ("place",)),
)


def public_state(state: str) -> str:
    """What the plan says of a session in this state: that it runs, or ran, changes no plan."""
    return state if state in (POSTPONED, CANCELLED) else ON


def differences(was: Plan, now: Plan) -> list[Change]:
    """What changed, session by session, as dicts: session, kind, and for most `was` and `now`.

    Kinds: added, cancelled, postponed, reinstated (after being called off), rescheduled (after
    being postponed), moved, title, length, cities, format, mode, place. Whatever left the public
    plan is not named: it may be secret now.
    """
    changes: list[Change] = []
    for key in sorted(now, key=lambda one: (now[one]["starts_at"], int(one))):
        changes += _of_one(int(key), was.get(key), now[key])
    return changes


def _of_one(session: int, was: Shown | None, now: Shown) -> list[Change]:
    if was is None:
        # One that was called off before anybody saw it is no news.
        is_news = now["state"] != CANCELLED
        return [{"session": session, "kind": "added", "now": _when(now)}] if is_news else []
    found = [*_state(was, now), *_words(was, now)]
    return [{"session": session, **change} for change in found]


def _state(was: Shown, now: Shown) -> list[Change]:
    before, after = was["state"], now["state"]
    moved = {"was": _when(was), "now": _when(now)}
    is_moved = was["starts_at"] != now["starts_at"]
    if after in (POSTPONED, CANCELLED):
        return [{"kind": after, "was": _when(was)}] if before != after else []
    if before == POSTPONED:
        return [{"kind": "rescheduled", **moved}]
    found: list[Change] = []
    if before == CANCELLED:
        found.append({"kind": "reinstated", "now": _when(now)})
    if is_moved:
        found.append({"kind": "moved", **moved})
    return found


def _words(was: Shown, now: Shown) -> list[Change]:
    return [
        {"kind": kind, "was": _parts(was, names), "now": _parts(now, names)}
        for kind, names in _COMPARED
        if _parts(was, names) != _parts(now, names)
    ]


def _parts(shown: Shown, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: shown[name] for name in names}


def _when(shown: Shown) -> dict[str, Any]:
    return {"starts_at": shown["starts_at"], "tz": shown["tz"]}
