"""Keys: what each kind of viewer may open."""

from __future__ import annotations

import pytest

from sessions.rules import permissions
from sessions.rules.permissions import session_keys, talk_keys, viewer_keys

STRANGER = viewer_keys([], [], signed_in=False)
MEMBER = viewer_keys([("member", "*")], [], signed_in=True)
PARTICIPANT = viewer_keys([], [42], signed_in=True)
SESSION_HOST = viewer_keys([("session_host", "session:42")], [], signed_in=True)
COORDINATOR = viewer_keys([("coordinator", "city:7")], [], signed_in=True)
EDITOR = viewer_keys([("editor", "*")], [], signed_in=True)
HOST = viewer_keys([("host", "*")], [], signed_in=True)
ADMIN = viewer_keys([("admin", "*")], [], signed_in=True)
VIEWERS = {
    "stranger": STRANGER, "member": MEMBER, "participant": PARTICIPANT, "editor": EDITOR,
    "session host": SESSION_HOST, "coordinator": COORDINATOR, "host": HOST, "admin": ADMIN,
}  # fmt: skip


def who_opens(keys: frozenset[str]) -> set[str]:
    return {name for name, held in VIEWERS.items() if held & keys}


EVERYONE = set(VIEWERS)
TEAM = {"host", "admin"}
SIGNED_IN = EVERYONE - {"stranger"}


@pytest.mark.parametrize(
    ("state", "visibility", "expected"),
    [
        ("scheduled", "public", EVERYONE),
        ("scheduled", "members", SIGNED_IN),
        ("scheduled", "participants", TEAM | {"participant", "session host"}),
        ("cancelled", "public", EVERYONE),
        ("draft", "public", TEAM | {"session host"}),
        ("draft", "participants", TEAM | {"session host"}),
    ],
)
def test_who_opens_a_session(state: str, visibility: str, expected: set[str]) -> None:
    assert who_opens(session_keys(42, state, visibility)) == expected


@pytest.mark.parametrize(
    ("visibility", "withheld", "expected"),
    [
        ("public", False, EVERYONE),
        ("members", False, SIGNED_IN),
        ("participants", False, TEAM | {"participant", "session host", "editor"}),
        ("public", True, TEAM | {"editor"}),
    ],
)
def test_who_opens_a_talk(visibility: str, withheld: bool, expected: set[str]) -> None:
    assert who_opens(talk_keys(42, visibility, withheld=withheld)) == expected


def test_the_keys_of_one_session_open_no_other() -> None:
    assert who_opens(session_keys(43, "scheduled", "participants")) == TEAM


def test_a_role_in_a_narrow_scope_is_not_the_role() -> None:
    narrow = viewer_keys([("host", "city:7"), ("admin", "season:1")], [], signed_in=True)

    assert narrow == MEMBER


def test_who_may_change_a_session() -> None:
    assert who_opens(permissions.managing_keys(42)) == TEAM | {"session host"}


def test_who_may_hand_over_the_files_of_a_session_and_publish_them() -> None:
    assert who_opens(permissions.archiving_keys(42)) == TEAM | {"session host", "editor"}
    assert who_opens(permissions.archiving_keys(43)) == TEAM | {"editor"}


def test_a_city_is_looked_into_by_its_own_coordinators_and_the_team() -> None:
    assert who_opens(permissions.city_keys(7)) == TEAM | {"coordinator"}
    assert who_opens(permissions.city_keys(77)) == TEAM


def test_a_coordinator_of_no_city_coordinates_none() -> None:
    assert viewer_keys([("coordinator", "*")], [], signed_in=True) == MEMBER
