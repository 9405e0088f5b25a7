"""The demo season as typed objects, read from season.toml. No database, no clock."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from importlib import resources

from sessions.demo.source_table import SourceError, Table

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ROLES = ("host", "session_host", "coordinator", "editor", "member")
FORMATS = ("video_conference", "internship", "seminar", "project_session", "consultation")
MODES = ("online", "in_person", "hybrid")


@dataclass(frozen=True)
class Programme:
    """What the programme is called, short and in full, in both languages."""

    name: str
    name_full: str
    name_en: str
    name_full_en: str


@dataclass(frozen=True)
class Season:
    """The season around today. `name` holds {first} and {second}, the years it touches."""

    name: str
    name_en: str
    motto: str
    motto_en: str
    starts_days: int
    ends_days: int

    def named(self, template: str, today: date) -> str:
        """A name template with its years filled in: 2026 and 27."""
        starts, ends = (today + timedelta(days=n) for n in (self.starts_days, self.ends_days))
        return template.format(first=starts.year, second=f"{ends.year % 100:02}")


@dataclass(frozen=True)
class City:
    """A city; `name_dative` is the form after «по», `tz` an IANA zone."""

    key: str
    name: str
    name_dative: str
    name_en: str
    region: str
    region_en: str
    tz: str
    lat: float
    lon: float
    population: int


@dataclass(frozen=True)
class Person:
    """Someone invented; `city` is a city's key."""

    key: str
    family: str
    given: str
    patronymic: str
    post: str
    organisation: str
    city: str
    email: str
    role: str


@dataclass(frozen=True)
class When:
    """A date told from today, and a wall time in the zone of the city `clock`."""

    days: int
    weekday: str | None
    start: time
    clock: str

    def held_on(self, today: date) -> date:
        """The first `weekday` on or after today + days; with none, that day or the Monday after."""
        day = today + timedelta(days=self.days)
        if self.weekday is None:
            return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)
        return day + timedelta(days=(WEEKDAYS.index(self.weekday) - day.weekday()) % 7)


@dataclass(frozen=True)
class AgendaItem:
    """What is shown `after_min` minutes into a session; `speakers` are people's keys."""

    after_min: int
    length_min: int
    title: str
    title_en: str
    speakers: tuple[str, ...]


@dataclass(frozen=True)
class Gathering:
    """A session of the demo; cities and people by key. A capacity of `None` is no limit."""

    key: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    format: str
    mode: str
    when: When
    length_min: int
    owner: str
    presenting: tuple[str, ...]
    receiving: tuple[str, ...]
    place: str
    capacity_online: int | None
    capacity_in_person: int | None
    agenda: tuple[AgendaItem, ...]


@dataclass(frozen=True)
class DemoSeason:
    """All of season.toml. `past` is the session whose recording is the sample talk."""

    programme: Programme
    season: Season
    cities: tuple[City, ...]
    people: tuple[Person, ...]
    past: Gathering
    coming: tuple[Gathering, ...]


def read_season(text: str | None = None) -> DemoSeason:
    """The demo season. text: TOML instead of the committed season.toml.

    Raises SourceError, naming the place, where a field is missing, of a wrong kind, or names an
    unknown city or person.
    """
    if text is None:
        text = resources.files("sessions.demo").joinpath("season.toml").read_text("utf-8")
    source = Table("season.toml", tomllib.loads(text))
    found = DemoSeason(
        programme=_programme(source.table("programme")),
        season=_season(source.table("season")),
        cities=source.all("cities", _city),
        people=source.all("people", _person),
        past=_gathering(source.table("past")),
        coming=source.all("coming", _gathering),
    )
    _check_keys(found)
    return found


def _programme(raw: Table) -> Programme:
    fields = ("name", "name_full", "name_en", "name_full_en")
    return Programme(**{field: raw.text(field) for field in fields})


def _season(raw: Table) -> Season:
    return Season(
        name=raw.text("name"),
        name_en=raw.text("name_en"),
        motto=raw.text("motto"),
        motto_en=raw.text("motto_en"),
        starts_days=raw.whole("starts_days"),
        ends_days=raw.whole("ends_days"),
    )


def _city(raw: Table) -> City:
    return City(
        key=raw.text("key"),
        name=raw.text("name"),
        name_dative=raw.text("name_dative"),
        name_en=raw.text("name_en"),
        region=raw.text("region"),
        region_en=raw.text("region_en"),
        tz=raw.text("tz"),
        lat=raw.number("lat"),
        lon=raw.number("lon"),
        population=raw.whole("population"),
    )


def _person(raw: Table) -> Person:
    fields = ("key", "family", "given", "patronymic", "post", "organisation", "city", "email")
    return Person(
        **{field: raw.text(field) for field in fields},
        role=raw.one_of("role", ROLES),
    )


def _gathering(raw: Table) -> Gathering:
    texts = ("key", "title", "title_en", "summary", "summary_en", "owner")
    return Gathering(
        **{field: raw.text(field) for field in texts},
        format=raw.one_of("format", FORMATS),
        mode=raw.one_of("mode", MODES),
        when=_when(raw),
        length_min=raw.whole("length_min"),
        presenting=raw.texts("presenting"),
        receiving=raw.texts("receiving"),
        place=raw.text_or("place"),
        capacity_online=raw.whole_or_none("capacity_online"),
        capacity_in_person=raw.whole_or_none("capacity_in_person"),
        agenda=raw.all("agenda", _agenda_item),
    )


def _when(raw: Table) -> When:
    weekday = raw.one_of("weekday", WEEKDAYS) if "weekday" in raw.raw else None
    hour, _, minute = raw.text("start").partition(":")
    try:
        start = time(int(hour), int(minute))
    except ValueError as wrong:
        raise SourceError(f"{raw.where}: “start” must be a time such as 9:00") from wrong
    return When(raw.whole("days"), weekday, start, raw.text("clock"))


def _agenda_item(raw: Table) -> AgendaItem:
    return AgendaItem(
        after_min=raw.whole("after_min"),
        length_min=raw.whole("length_min"),
        title=raw.text("title"),
        title_en=raw.text("title_en"),
        speakers=raw.texts("speakers"),
    )


def _check_keys(found: DemoSeason) -> None:
    cities = {city.key for city in found.cities}
    people = {person.key for person in found.people}
    for person in found.people:
        _known([person.city], cities, f"person {person.key}")
    for gathering in (found.past, *found.coming):
        where = f"session {gathering.key}"
        _known([gathering.when.clock, *gathering.presenting, *gathering.receiving], cities, where)
        _known([gathering.owner], people, where)
        for item in gathering.agenda:
            _known(item.speakers, people, where)


def _known(keys: Iterable[str], known: Collection[str], where: str) -> None:
    for key in keys:
        if key not in known:
            raise SourceError(f"season.toml, {where}: nothing has the key “{key}”")
