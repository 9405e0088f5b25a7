"""What the programme knows already: the plan of a season, its cities, topics and people."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select, true

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.flows import planning
from sessions.models.audit import ImportJob
from sessions.models.participation import HOLDING, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.poll import Topic
from sessions.models.programme import City, Season
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.sheets.written import plain
from sessions.web import typography

KIND = "season_plan"
People = Literal["all", "speaking", "none"]
_NEAREST = 4
_CLOSE = 0.6


@dataclass(frozen=True)
class Planned:
    """A session of the plan as a sheet sees it: its values by the names of the columns.

    presenting, receiving: city ids; speakers: person ids; topic: an id or None.
    """

    id: int
    state: str
    revision: int
    invited: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class KnownCity:
    id: int
    name: str
    name_en: str
    dative: str
    tz: str


@dataclass(frozen=True)
class KnownPerson:
    id: int
    family: str
    given: str
    patronymic: str
    post: str
    city_id: int | None

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.family, self.given, self.patronymic)))


@dataclass
class Known:
    """All that rows are compared with, read in a few queries.

    season_id: None where no season holds the dates yet; first, last: its days, both included.
    keys: which session a key of an earlier sheet became. now: in UTC; home: the programme's zone.
    """

    season_id: int | None
    first: date
    last: date
    home: str
    now: datetime
    locale: str
    cities: Sequence[KnownCity] = ()
    topics: Mapping[int, str] = field(default_factory=dict)
    people: Sequence[KnownPerson] = ()
    addresses: Mapping[str, int] = field(default_factory=dict)
    sessions: Mapping[int, Planned] = field(default_factory=dict)
    keys: Mapping[str, int] = field(default_factory=dict)
    days_off: Mapping[date, str] = field(default_factory=dict)

    @cached_property
    def city_names(self) -> Mapping[str, int]:
        """Every way of writing a city, as `plain` leaves it, to its id."""
        return {
            plain(name): city.id
            for city in self.cities
            for name in (city.name, city.name_en, city.dative)
            if name
        }

    @cached_property
    def zone_names(self) -> Mapping[str, str]:
        """Every way of naming a zone by a city, as `plain` leaves it, to the zone."""
        named = {
            plain(typography.zone_city(zone, locale)): zone
            for zone in typography.RUSSIAN_ZONES
            for locale in ("en", "ru")
        }
        named |= {plain(typography.zone_words(zone, "ru")): zone
                  for zone in typography.RUSSIAN_ZONES}  # fmt: skip
        own = {city.id: city.tz for city in self.cities}
        named |= {name: own[city_id] for name, city_id in self.city_names.items()}
        return named | {f"по {name}": zone for name, zone in named.items()}

    @cached_property
    def by_id(self) -> Mapping[int, KnownPerson]:
        return {person.id: person for person in self.people}

    @cached_property
    def by_family(self) -> Mapping[str, Sequence[KnownPerson]]:
        found: dict[str, list[KnownPerson]] = {}
        for person in self.people:
            found.setdefault(plain(person.family), []).append(person)
        return found

    def nearest_cities(self, written: str) -> list[int]:
        """The cities whose names are most like what was written, the likeliest first."""
        near = difflib.get_close_matches(plain(written), self.city_names, _NEAREST, _CLOSE)
        return list(dict.fromkeys(self.city_names[name] for name in near))


def known(season: Season | None, around: date, home: str, locale: str, *, people: People) -> Known:
    """What is known of a season; where there is none, of the school year `around` a date.

    people: which of them are read: a sheet with speakers may name anyone.
    """
    year = around.year if around.month >= 9 else around.year - 1
    first = season.starts_on if season else date(year, 9, 1)
    last = season.ends_on if season else date(year + 1, 8, 31)
    here = Known(season.id if season else None, first, last, home, clock.now(), locale)
    here.cities = [
        KnownCity(*row)
        for row in db.session.execute(
            select(City.id, City.name, City.name_en, City.dative, City.tz).order_by(City.name)
        )
    ]
    here.days_off = planning.days_off(first, last, locale)
    if people != "none":
        _read_people(here, None if people == "all" else season)
    if season is not None:
        here.topics = _topics(season.id)
        here.sessions = plan_of(season.id)
        here.keys = keys_of(season.id)
    return here


def _topics(season_id: int) -> dict[int, str]:
    rows = db.session.execute(
        select(Topic.id, Topic.title).where(Topic.season_id == season_id).order_by(Topic.title)
    )
    return dict(rows.all())


def _read_people(here: Known, speaking_in: Season | None) -> None:
    """Everyone, or those who speak in a season."""
    wanted: ColumnElement[bool] = true()
    if speaking_in is not None:
        speaking = (
            select(Speaker.person_id)
            .join(AgendaItem, AgendaItem.id == Speaker.item_id)
            .join(Session, Session.id == AgendaItem.session_id)
            .where(Session.season_id == speaking_in.id)
        )
        wanted = Person.id.in_(speaking)
    here.people = [
        KnownPerson(*row)
        for row in db.session.execute(
            select(Person.id, Person.family, Person.given, Person.patronymic, Person.post,
                   Person.city_id)
            .where(wanted)
            .order_by(Person.family, Person.given, Person.id)
        )
    ]  # fmt: skip
    rows = db.session.execute(
        select(PersonEmail.address, PersonEmail.person_id)
        .join(Person, Person.id == PersonEmail.person_id)
        .where(wanted)
        .order_by(PersonEmail.id)
    )
    here.addresses = dict(rows.all())


def plan_of(season_id: int) -> dict[int, Planned]:
    """The sessions of a season by id, in order of time; as columns, since they are many."""
    invited, cities, speakers = _invited(season_id), _cities(season_id), _speakers(season_id)
    sessions = db.session.execute(
        select(
            Session.id, Session.state, Session.revision, Session.wall_start, Session.title,
            Session.title_en, Session.tz, Session.duration_min, Session.format, Session.mode,
            Session.place, Session.topic_id, Session.summary, Session.language, Session.visibility,
        )
        .where(Session.season_id == season_id)
        .order_by(Session.starts_at, Session.id)
    )  # fmt: skip
    return {
        one.id: Planned(
            one.id, one.state, one.revision, invited.get(one.id, 0),
            _values(one, cities.get(one.id, ()), speakers.get(one.id, ())),
        )
        for one in sessions
    }  # fmt: skip


def _cities(season_id: int) -> dict[int, list[tuple[int, str]]]:
    """(city, role) of every session, in the order in which they were named."""
    found: dict[int, list[tuple[int, str]]] = {}
    for session_id, city_id, role in db.session.execute(
        select(SessionCity.session_id, SessionCity.city_id, SessionCity.role)
        .join(Session, Session.id == SessionCity.session_id)
        .where(Session.season_id == season_id)
        .order_by(SessionCity.id)
    ):
        found.setdefault(session_id, []).append((city_id, role))
    return found


def _speakers(season_id: int) -> dict[int, list[int]]:
    """The people who speak in every session, in the order of its agenda."""
    found: dict[int, list[int]] = {}
    for session_id, person_id in db.session.execute(
        select(AgendaItem.session_id, Speaker.person_id)
        .join(Speaker, Speaker.item_id == AgendaItem.id)
        .join(Session, Session.id == AgendaItem.session_id)
        .where(Session.season_id == season_id)
        .order_by(AgendaItem.offset_min, AgendaItem.id, Speaker.position, Speaker.id)
    ):
        found.setdefault(session_id, []).append(person_id)
    return found


def _invited(season_id: int) -> dict[int, int]:
    rows = db.session.execute(
        select(Registration.session_id, func.count())
        .join(Session, Session.id == Registration.session_id)
        .where(Session.season_id == season_id, Registration.state.in_(HOLDING))
        .group_by(Registration.session_id)
    )
    return dict(rows.all())


def _values(one: Any, cities: Sequence[tuple[int, str]], speakers: Sequence[int]) -> dict[str, Any]:
    """The values of a session by the names of the columns."""
    return {
        "title": one.title,
        "title_en": one.title_en,
        "date": one.wall_start.date(),
        "time": time(one.wall_start.hour, one.wall_start.minute),
        "zone": one.tz,
        "duration": one.duration_min,
        "format": one.format,
        "mode": one.mode,
        "presenting": tuple(city for city, role in cities if role == "presenting"),
        "receiving": tuple(city for city, role in cities if role == "receiving"),
        "speakers": tuple(dict.fromkeys(speakers)),
        "place": one.place,
        "topic": one.topic_id,
        "summary": one.summary,
        "language": one.language,
        "visibility": one.visibility,
    }


def keys_of(season_id: int) -> dict[str, int]:
    """Which session each key became, as far as sheets that were applied said; the latest counts."""
    found: dict[str, int] = {}
    jobs = db.session.scalars(
        select(ImportJob.rows)
        .where(ImportJob.kind == KIND, ImportJob.state == "applied")
        .order_by(ImportJob.id)
    )
    for rows in jobs:
        if rows.get("season") == season_id:
            found |= dict(rows.get("keys", {}))
    return found
