"""What is different between two versions of a season's plan."""

from __future__ import annotations

from typing import Any

import pytest

from sessions.rules.versions import differences, public_state

OLD, NEW = "2026-10-15T07:00:00+00:00", "2026-10-16T07:00:00+00:00"


def shown(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Наставничество", "title_en": "", "starts_at": OLD, "tz": "Europe/Moscow",
        "duration_min": 90, "format": "seminar", "mode": "online", "place": "", "state": "on",
        "cities": [1], **changes,
    }  # fmt: skip


def when(at: str) -> dict[str, str]:
    return {"starts_at": at, "tz": "Europe/Moscow"}


def test_plan_that_is_the_same_has_no_differences() -> None:
    assert differences({"7": shown()}, {"7": shown()}) == []


def test_session_that_was_not_there_is_added() -> None:
    assert differences({}, {"7": shown()}) == [{"session": 7, "kind": "added", "now": when(OLD)}]


def test_session_that_was_called_off_before_anybody_saw_it_is_no_news() -> None:
    assert differences({}, {"7": shown(state="cancelled")}) == []


def test_session_that_left_the_public_plan_is_not_named() -> None:
    assert differences({"7": shown()}, {}) == []


def test_moved_session_tells_both_instants() -> None:
    found = differences({"7": shown()}, {"7": shown(starts_at=NEW)})

    assert found == [{"session": 7, "kind": "moved", "was": when(OLD), "now": when(NEW)}]


@pytest.mark.parametrize("state", ["cancelled", "postponed"])
def test_session_that_is_off_tells_when_it_was_to_be(state) -> None:
    found = differences({"7": shown()}, {"7": shown(state=state, starts_at=NEW)})

    assert found == [{"session": 7, "kind": state, "was": when(OLD)}]


def test_session_that_stays_off_is_no_news_whatever_its_hour() -> None:
    was, now = shown(state="postponed"), shown(state="postponed", starts_at=NEW)

    assert differences({"7": was}, {"7": now}) == []


def test_postponed_session_with_a_date_is_rescheduled_even_to_its_old_hour() -> None:
    found = differences({"7": shown(state="postponed")}, {"7": shown()})

    assert found == [{"session": 7, "kind": "rescheduled", "was": when(OLD), "now": when(OLD)}]


def test_cancelled_session_that_returns_at_another_hour_tells_both() -> None:
    found = differences({"7": shown(state="cancelled")}, {"7": shown(starts_at=NEW)})

    assert [one["kind"] for one in found] == ["reinstated", "moved"]


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("title", {"title": "Наставники"}), ("title", {"title_en": "Mentors"}),
        ("length", {"duration_min": 60}), ("cities", {"cities": [1, 2]}),
        ("format", {"format": "internship"}), ("mode", {"mode": "hybrid"}),
        ("place", {"place": "Пермь"}),
    ],
)  # fmt: skip
def test_changed_word_is_told_with_what_it_was(kind, changes) -> None:
    now = shown(**changes)

    (found,) = differences({"7": shown()}, {"7": now})

    name = next(iter(changes))
    assert (found["session"], found["kind"]) == (7, kind)
    assert (found["was"][name], found["now"][name]) == (shown()[name], now[name])


def test_sessions_are_told_in_the_order_in_which_they_take_place() -> None:
    now = {"10": shown(starts_at=NEW), "9": shown(starts_at=NEW), "11": shown(starts_at=OLD)}

    assert [one["session"] for one in differences({}, now)] == [11, 9, 10]


def test_running_and_being_over_is_no_change_of_the_plan() -> None:
    states = [public_state(one) for one in ("scheduled", "live", "held", "postponed", "cancelled")]

    assert states == ["on", "on", "on", "postponed", "cancelled"]
