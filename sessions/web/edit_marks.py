"""Which fields of a form somebody changed, told by marks of the values that it was opened with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sessions.flows.describing import CITY_ROLES, Description
from sessions.models.session import Session

FIELD = "was"
_PLAIN = (
    "title", "title_en", "summary", "summary_en", "language", "format", "mode", "visibility",
    "place", "duration_min", "capacity_online", "capacity_in_person", "topic_id", "owner_id",
)  # fmt: skip


def of_session(session: Session) -> str:
    """The marks of what a session is now, as the form carries them."""
    cities = {
        role: [part.city_id for part in session.cities if part.role == role] for role in CITY_ROLES
    }
    agenda = [
        (item.offset_min, item.duration_min, item.title, item.title_en, item.place,
         [one.person_id for one in item.speakers])
        for item in session.agenda
    ]  # fmt: skip
    return json.dumps(_marks(session, cities, agenda))


def touched(wanted: Description, carried: str) -> set[str]:
    """The names of the values that are not what the form was opened with; all where it is unknown.

    carried: what the form had from `of_session`.
    """
    cities = {role: list(getattr(wanted, role)) for role in CITY_ROLES}
    agenda = [
        (item.offset_min, item.duration_min, item.title, item.title_en, item.place,
         list(item.speakers))
        for item in wanted.agenda
    ]  # fmt: skip
    was = _read(carried)
    sent = _marks(wanted, cities, agenda)
    return {name for name, mark in sent.items() if was.get(name) != mark}


def _marks(
    source: Description | Session, cities: Mapping[str, list[int]], agenda: list[tuple[Any, ...]]
) -> dict[str, str]:
    values: dict[str, object] = {name: getattr(source, name) for name in _PLAIN}
    values |= {role: sorted(ids) for role, ids in cities.items()}
    values["agenda"] = sorted(agenda, key=lambda item: item[0])
    return {
        name: hashlib.blake2b(repr(value).encode(), digest_size=8).hexdigest()
        for name, value in values.items()
    }


def _read(carried: str) -> Mapping[str, object]:
    try:
        read = json.loads(carried)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
