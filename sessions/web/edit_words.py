"""Two versions of a session in words, to be read side by side."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from sessions.flows.describing import CITY_ROLES, Description, Newcomer
from sessions.models.session import Session
from sessions.web import people_search, reader, typography
from sessions.web.planner_forms import formats, modes, visibilities
from sessions.web.words_form import Lists, languages

_AS_IT_IS = ("title", "title_en", "summary", "summary_en", "place")


def of_description(wanted: Description, session: Session, lists: Lists) -> dict[str, str]:
    """What a host wrote of this session, by the names of its fields."""
    known = {one.id: one.name for one in people_search.by_ids(
        one for item in wanted.agenda for one in item.speakers if isinstance(one, int)
    )}  # fmt: skip
    items = [
        (
            item.offset_min,
            item.title,
            [
                f"{one.given} {one.family}".strip() if isinstance(one, Newcomer) else known[one]
                for one in item.speakers
            ],
        )
        for item in wanted.agenda
    ]
    cities = {role: list(getattr(wanted, role)) for role in CITY_ROLES}
    return _readable(wanted, lists, cities) | {"agenda": _agenda(items, session)}


def of_session(session: Session, lists: Lists) -> dict[str, str]:
    """What the session says now."""
    items = [
        (item.offset_min, item.title, [one.person.name for one in item.speakers])
        for item in session.agenda
    ]
    cities = {
        role: [part.city_id for part in session.cities if part.role == role] for role in CITY_ROLES
    }
    return _readable(session, lists, cities) | {"agenda": _agenda(items, session)}


def _readable(
    source: Description | Session, lists: Lists, cities: dict[str, list[int]]
) -> dict[str, str]:
    said = reader.locale()
    names = {city.id: city.name_in(said) for city in lists.cities}
    topics = {topic.id: topic.title_in(said) for topic in lists.topics}
    owners = {person.id: person.name for person in lists.owners}
    return {
        **{name: getattr(source, name) for name in _AS_IT_IS},
        "duration_min": typography.duration(source.duration_min * 60, said),
        "format": formats()[source.format],
        "mode": modes()[source.mode],
        "language": languages(source.language)[source.language],
        "visibility": visibilities()[source.visibility],
        "capacity_online": str(source.capacity_online or ""),
        "capacity_in_person": str(source.capacity_in_person or ""),
        "topic_id": topics.get(source.topic_id or 0, ""),
        "owner_id": owners.get(source.owner_id or 0, ""),
        **{role: ", ".join(sorted(names[id_] for id_ in ids)) for role, ids in cities.items()},
    }


def _agenda(items: Iterable[tuple[int, str, list[str]]], session: Session) -> str:
    """«10:00 Показ (Анна Белова); 10:20 Вопросы»."""
    zone = ZoneInfo(session.tz)
    lines = []
    for minutes, title, people in sorted(items, key=lambda one: one[0]):
        at = typography.clock((session.starts_at + timedelta(minutes=minutes)).astimezone(zone))
        lines.append(f"{at} {title}" + (f" ({', '.join(people)})" if people else ""))
    return "; ".join(lines)
