"""The programme, its named people and the sessions told by hand, read from season.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import time
from importlib import resources

from sessions.demo.repertoire import Content, Item
from sessions.demo.source_table import SourceError, Table

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
class Motto:
    """What the season is about."""

    motto: str
    motto_en: str


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
class Gathering:
    """A session told by hand; cities and people by key. A capacity of `None` is no limit."""

    key: str
    content: Content
    format: str
    mode: str
    start: time
    owner: str
    presenting: tuple[str, ...]
    receiving: tuple[str, ...]
    place: str
    capacity_online: int | None
    capacity_in_person: int | None


@dataclass(frozen=True)
class DemoSeason:
    """All of season.toml."""

    programme: Programme
    mottos: dict[str, Motto]
    people: tuple[Person, ...]
    past: Gathering
    coming: tuple[Gathering, ...]


def read_season(text: str | None = None) -> DemoSeason:
    """The people and sessions told by hand. text: TOML instead of the committed season.toml.

    Raises SourceError, naming the place, where a field is missing, of a wrong kind, or names an
    unknown person.
    """
    if text is None:
        text = resources.files("sessions.demo").joinpath("season.toml").read_text("utf-8")
    source = Table("season.toml", tomllib.loads(text))
    found = DemoSeason(
        programme=_programme(source.table("programme")),
        mottos={which: _motto(source.table(which)) for which in ("last", "current")},
        people=source.all("people", _person),
        past=_gathering(source.table("past")),
        coming=source.all("coming", _gathering),
    )
    _check_keys(found)
    return found


def _programme(raw: Table) -> Programme:
    fields = ("name", "name_full", "name_en", "name_full_en")
    return Programme(**{field: raw.text(field) for field in fields})


def _motto(raw: Table) -> Motto:
    return Motto(raw.text("motto"), raw.text("motto_en"))


def _person(raw: Table) -> Person:
    fields = ("key", "family", "given", "patronymic", "post", "organisation", "city", "email")
    return Person(
        **{field: raw.text(field) for field in fields},
        role=raw.one_of("role", ROLES),
    )


def _gathering(raw: Table) -> Gathering:
    fields = ("title", "title_en", "summary", "summary_en", "topic")
    content = Content(
        **{field: raw.text(field) for field in fields},
        length_min=raw.whole("length_min"),
        agenda=raw.all("agenda", _item),
    )
    return Gathering(
        key=raw.text("key"),
        content=content,
        format=raw.one_of("format", FORMATS),
        mode=raw.one_of("mode", MODES),
        start=_start(raw),
        owner=raw.text("owner"),
        presenting=raw.texts("presenting"),
        receiving=raw.texts("receiving"),
        place=raw.text_or("place"),
        capacity_online=raw.whole_or_none("capacity_online"),
        capacity_in_person=raw.whole_or_none("capacity_in_person"),
    )


def _start(raw: Table) -> time:
    hour, _, minute = raw.text("start").partition(":")
    try:
        return time(int(hour), int(minute))
    except ValueError as wrong:
        raise SourceError(f"{raw.where}: “start” must be a time such as 9:00") from wrong


def _item(raw: Table) -> Item:
    return Item(
        after_min=raw.whole("after_min"),
        title=raw.text("title"),
        title_en=raw.text("title_en"),
        length_min=raw.whole("length_min"),
        speakers=raw.texts("speakers"),
    )


def _check_keys(found: DemoSeason) -> None:
    people = {person.key for person in found.people}
    for gathering in (found.past, *found.coming):
        where = f"session {gathering.key}"
        _known([gathering.owner], people, where)
        for item in gathering.content.agenda:
            _known(item.speakers, people, where)


def _known(keys: Iterable[str], known: Collection[str], where: str) -> None:
    for key in keys:
        if key not in known:
            raise SourceError(f"season.toml, {where}: nothing has the key “{key}”")
