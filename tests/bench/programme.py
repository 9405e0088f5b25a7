"""A season of a large programme, written in bulk: rows as the flows would have left them.

One measure is 50 sessions (a series by the month, one by the week, two that stand alone), 1,800
people and 2,000 registrations; the 123 cities are those of the demonstration, however large the
rest is. No letter is written and no job is owed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import click
from flask_security.utils import hash_password
from sqlalchemy import select

from archive.models import Talk
from integrations.runtime.database import db, transaction
from sessions.demo.city_table import read_cities
from sessions.flows import versioning
from sessions.models.meeting import Meeting, SessionMeeting
from sessions.models.people import Account, Person, PersonEmail, RoleGrant
from sessions.models.poll import Topic
from sessions.models.programme import City, Season, Series
from sessions.models.session import FORMATS, AgendaItem, Session, SessionCity, Speaker
from sessions.rules import written_rules
from sessions.rules.recurrence import MonthlyRule, Rule, WeeklyRule, candidates
from sessions.rules.timetable import WallTime
from tests.bench import attendance
from tests.bench.attendance import GUEST, HOST, NOW, inserted

FIRST, LAST = date(2026, 9, 1), date(2027, 5, 31)
DRAFTS_FROM = date(2027, 5, 1)
HOME = "Europe/Moscow"
ALONE, TOPICS = 2, 12
# Of one session: the city it is in, those that show something with a speaker each, those that look.
PRESENTING, RECEIVING = 3, 5
VERSIONS = 5
PASSWORD = "longer than eight"


@dataclass(frozen=True)
class Planned:
    """What a row of a session is made from. at: wall time; number: of all sessions ever made."""

    number: int
    title: str
    at: datetime
    series_id: int | None

    @property
    def starts_at(self) -> datetime:
        return WallTime(self.at, HOME).instant()

    @property
    def state(self) -> str:
        if self.starts_at < NOW:
            return "held"
        return "draft" if self.at.date() >= DRAFTS_FROM else "scheduled"


def begin() -> int:
    """The cities, the season, its topics, a host and a guest who can sign in; the season's id."""
    with transaction():
        facts = ("name", "name_en", "dative", "region", "region_en", "tz", "lat", "lon",
                 "population", "joined_on")  # fmt: skip
        for city in read_cities():
            db.session.add(City(**{name: getattr(city, name) for name in facts}))
        season = Season(name="2026/27", starts_on=FIRST, ends_on=LAST, state="running")
        db.session.add(season)
        db.session.flush()
        db.session.add_all(
            Topic(season_id=season.id, title=f"Тема {number}") for number in range(TOPICS)
        )
        _account(HOST, "Орлова", [RoleGrant(role="host", scope="*")])
        _account(GUEST, "Белова", [])
        return season.id


def _account(address: str, family: str, grants: list[RoleGrant]) -> None:
    person = Person(given="Анна", family=family, emails=[PersonEmail(address=address)],
                    grants=grants, city_id=db.session.scalar(select(City.id).limit(1)))  # fmt: skip
    db.session.add(person)
    db.session.flush()
    db.session.add(
        Account(
            person_id=person.id, email=address, password=hash_password(PASSWORD), active=True,
            fs_uniquifier=uuid.uuid4().hex,
        )
    )  # fmt: skip


def add(season_id: int, measures: range) -> None:
    """So many measures more, announced as one version of the plan, with five of changes after."""
    for measure in measures:
        click.echo(f"building: measure {measure + 1} of {measures.stop}", err=True)
        with transaction():
            people = attendance.people_of(measure)
            _sessions(season_id, measure, people)
    _announce(season_id, changes=2 * measures.stop)


def _sessions(season_id: int, measure: int, people: Sequence[int]) -> None:
    cities = db.session.scalars(select(City.id).order_by(City.id)).all()
    topics = db.session.scalars(select(Topic.id).order_by(Topic.id)).all()
    planned = [*_planned(season_id, measure, cities)]
    ids = inserted(Session, [_session_row(one, season_id, topics) for one in planned])
    parts = [[cities[(7 * one.number + step) % len(cities)] for step in range(PRESENTING)]
             for one in planned]  # fmt: skip
    inserted(SessionCity, [*_city_rows(ids, parts, cities)])
    _agenda(ids, parts, people)
    coming = [(one, id_) for one, id_ in zip(planned, ids, strict=True) if one.state != "draft"]
    _rooms([id_ for _, id_ in coming])
    attendance.register(ids, people)
    held = [(one, id_) for one, id_ in coming if one.state == "held"]
    names = {city.id: city.name for city in db.session.scalars(select(City))}
    inserted(Talk, [_talk_row(one, id_, parts[ids.index(id_)], names) for one, id_ in held])


def _planned(season_id: int, measure: int, cities: Sequence[int]) -> Iterator[Planned]:
    number = measure * 50
    rules: list[tuple[str, Rule]] = [
        (f"Конференция {measure}", MonthlyRule(3, (3 + measure) % 5, FIRST, LAST)),
        (f"Мастерская {measure}", WeeklyRule(1, (measure % 5,), FIRST, LAST)),
    ]
    for title, rule in rules:
        start = time(8 + (3 * measure + len(title)) % 9, 30 * (measure % 2))
        [series_id] = inserted(
            Series,
            [
                {
                    "season_id": season_id, "title": title, "rule": written_rules.to_json(rule),
                    "tz": HOME, "wall_start": start, "duration_min": 90,
                    "template": {"title": title, "presenting": list(cities[:PRESENTING])},
                }
            ],
        )  # fmt: skip
        for day in candidates(rule):
            yield Planned(number, title, datetime.combine(day, start), series_id)
            number += 1
    for day in islice(_saturdays(), measure, measure + ALONE):
        yield Planned(number, f"Встреча {number}", datetime.combine(day, time(12, 0)), None)
        number += 1


def _saturdays() -> Iterator[date]:
    return iter(list(candidates(WeeklyRule(1, (5,), FIRST, LAST))))


def _session_row(one: Planned, season_id: int, topics: Sequence[int]) -> dict[str, Any]:
    announced = 0 if one.state == "draft" else 1
    return {
        "series_id": one.series_id, "season_id": season_id, "title": one.title,
        "summary": "О чём говорят и кому это нужно. " * 3, "topic_id": topics[one.number % TOPICS],
        "format": FORMATS[one.number % len(FORMATS)] if one.series_id is None else "seminar"
        if one.title.startswith("М") else "video_conference",
        "mode": "hybrid" if one.number % 5 == 0 else "online", "state": one.state,
        "wall_start": one.at, "original_wall_start": one.at, "tz": HOME, "duration_min": 90,
        "starts_at": one.starts_at, "uid": f"{one.number}@bench.example.org",
        "revised_at": NOW - timedelta(days=90), "announced_revision": announced,
    }  # fmt: skip


def _city_rows(
    ids: Sequence[int], parts: Sequence[Sequence[int]], cities: Sequence[int]
) -> Iterator[dict[str, Any]]:
    for session_id, presenting in zip(ids, parts, strict=True):
        yield {"session_id": session_id, "city_id": presenting[0], "role": "host"}
        for city in presenting:
            yield {"session_id": session_id, "city_id": city, "role": "presenting"}
        last = cities.index(presenting[-1])
        for step in range(1, RECEIVING + 1):
            city = cities[(last + step) % len(cities)]
            yield {"session_id": session_id, "city_id": city, "role": "receiving"}


def _agenda(
    ids: Sequence[int], parts: Sequence[Sequence[int]], people: Sequence[int]
) -> None:  # fmt: skip
    """Each presenting city shows something, and somebody of it speaks."""
    homes = dict(db.session.execute(select(Person.id, Person.city_id)).all())
    of_city = {homes[person]: person for person in people}
    shown = [
        (session_id, place, city)
        for session_id, presenting in zip(ids, parts, strict=True)
        for place, city in enumerate(presenting)
    ]
    items = inserted(
        AgendaItem,
        [
            {"session_id": session_id, "offset_min": 25 * place, "duration_min": 25,
             "title": f"Показ {place + 1}"}
            for session_id, place, _ in shown
        ],
    )  # fmt: skip
    inserted(
        Speaker,
        [
            {"item_id": item, "person_id": of_city[city], "state": "confirmed"}
            for item, (_, _, city) in zip(items, shown, strict=True)
        ],
    )


def _rooms(ids: Sequence[int]) -> None:
    rooms = inserted(
        Meeting,
        [
            {"service": "jitsi", "key": f"bench-{id_}", "state": "ready",
             "join_url": f"https://meet.example.org/{id_}"}
            for id_ in ids
        ],
    )  # fmt: skip
    inserted(
        SessionMeeting,
        [
            {"session_id": session_id, "meeting_id": room}
            for session_id, room in zip(ids, rooms, strict=True)
        ],
    )


def _talk_row(
    one: Planned, session_id: int, presenting: Sequence[int], names: dict[int, str]
) -> dict[str, Any]:
    return {
        "source": f"session:{session_id}", "title": one.title, "language": "ru",
        "held_on": one.at.date(), "cities": [names[city] for city in presenting],
        "access_keys": ["public"], "state": "published", "duration_s": 5400.0, "made_at": NOW,
    }  # fmt: skip


def _announce(season_id: int, changes: int) -> None:
    """The plan as it is, then so many sessions moved by a quarter of an hour, time and again."""
    versioning.write(season_id)
    moved = db.session.scalars(
        select(Session.id).where(Session.state == "scheduled").order_by(Session.id).limit(changes)
    ).all()
    for _ in range(VERSIONS):
        with transaction():
            for one in db.session.scalars(select(Session).where(Session.id.in_(moved))):
                one.place_at(WallTime(one.wall_start + timedelta(minutes=15), one.tz))
            versioning.write(season_id)
