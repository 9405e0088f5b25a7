"""Who may open what: a viewer has keys, a thing has keys, and they meet or they do not."""

from __future__ import annotations

import re
from collections.abc import Iterable

PUBLIC = "public"
MEMBER = "member"
TEAM = "team"  # hosts and administrators
EDITOR = "editor"
ADMIN = "admin"


def participant_of(session_id: int) -> str:
    """The key of those who take part in a session."""
    return f"session:{session_id}:participant"


def host_of(session_id: int) -> str:
    """The key of those who run one session."""
    return f"session:{session_id}:host"


def coordinator_of(city_id: int) -> str:
    """The key of those who coordinate one city."""
    return f"city:{city_id}:coordinator"


def viewer_keys(
    grants: Iterable[tuple[str, str]], takes_part_in: Iterable[int], *, signed_in: bool
) -> frozenset[str]:
    """The keys of a viewer.

    grants: (role, scope) pairs; takes_part_in: ids of the sessions they are registered for.
    """
    keys = {PUBLIC}
    if signed_in:
        keys.add(MEMBER)
    keys.update(participant_of(session_id) for session_id in takes_part_in)
    for role, scope in grants:
        if role in ("admin", "host") and scope == "*":
            keys.update({TEAM, EDITOR})
        if role == "admin" and scope == "*":
            keys.add(ADMIN)
        if role == "editor" and scope == "*":
            keys.add(EDITOR)
        if role == "session_host" and scope.startswith("session:"):
            keys.add(f"{scope}:host")
        if role == "coordinator" and scope.startswith("city:"):
            keys.add(f"{scope}:coordinator")
    return frozenset(keys)


def hosted(keys: Iterable[str]) -> frozenset[int]:
    """The sessions whose host's key is among these."""
    found = (re.fullmatch(r"session:(\d{1,9}):host", key) for key in keys)
    return frozenset(int(match[1]) for match in found if match)


def coordinated(keys: Iterable[str]) -> frozenset[int]:
    """The cities whose coordinator's key is among these."""
    found = (re.fullmatch(r"city:(\d{1,9}):coordinator", key) for key in keys)
    return frozenset(int(match[1]) for match in found if match)


def session_keys(session_id: int, state: str, visibility: str) -> frozenset[str]:
    """The keys that open a session: drafts are the team's, the rest by visibility."""
    team = {TEAM, host_of(session_id)}
    if state == "draft":
        return frozenset(team)
    by_visibility = {
        "public": {PUBLIC, MEMBER},
        "members": {MEMBER},
        "participants": set[str](),
    }[visibility]
    return frozenset(team | by_visibility | {participant_of(session_id)})


def talk_keys(session_id: int | None, visibility: str, *, withheld: bool) -> frozenset[str]:
    """The keys that open a talk; one that is withheld is the team's and the editors' only."""
    own = {TEAM, EDITOR}
    if withheld:
        return frozenset(own)
    if visibility == "public":
        own |= {PUBLIC, MEMBER}
    elif visibility == "members":
        own.add(MEMBER)
    if session_id is not None:
        own |= {participant_of(session_id), host_of(session_id)}
    return frozenset(own)


def managing_keys(session_id: int) -> frozenset[str]:
    """The keys that let one change a session and everything of it."""
    return frozenset({TEAM, host_of(session_id)})


def archiving_keys(session_id: int) -> frozenset[str]:
    """The keys that let one hand a session's files over, and say who sees its recording."""
    return managing_keys(session_id) | {EDITOR}


def city_keys(city_id: int) -> frozenset[str]:
    """The keys that show how many of a city take part, and who coordinates it."""
    return frozenset({TEAM, coordinator_of(city_id)})
