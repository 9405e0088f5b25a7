"""What the demo's seasons speak of: topics, conferences, weekly sessions. Read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sessions.demo.source_table import SourceError, Table

SEASONS = ("last", "current")
WEEKLY = {
    "internship": "internships",
    "seminar": "seminars",
    "project_session": "project_sessions",
    "consultation": "consultations",
}


@dataclass(frozen=True)
class DemoTopic:
    """A topic; `seasons` are those in whose ballot it stood, `proposed_by` a city's name."""

    key: str
    title: str
    title_en: str
    abstract: str
    abstract_en: str
    seasons: tuple[str, ...]
    proposed_by: str


@dataclass(frozen=True)
class Item:
    """A part of a session, so many minutes after its start.

    speakers: people's keys; empty where anyone of the presenting city speaks.
    """

    after_min: int
    title: str
    title_en: str
    length_min: int
    speakers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """What a session is about. `topic` is a topic's key, or empty."""

    title: str
    title_en: str
    summary: str
    summary_en: str
    topic: str
    length_min: int
    agenda: tuple[Item, ...]


@dataclass(frozen=True)
class Conference:
    """A monthly conference: either a talk by its slug, or content with cities by name."""

    season: str
    month: int
    talk: str
    content: Content | None
    presenting: tuple[str, ...]
    receiving: tuple[str, ...]


@dataclass(frozen=True)
class Repertoire:
    """All of it; `weekly` by format of session."""

    topics: tuple[DemoTopic, ...]
    conferences: tuple[Conference, ...]
    weekly: dict[str, tuple[Content, ...]]

    def topic_titled(self, title: str) -> DemoTopic:
        """The topic of this Russian title. Raises SourceError."""
        for topic in self.topics:
            if topic.title == title:
                return topic
        raise SourceError(f"topics.toml: no topic is called “{title}”")


@cache
def read_repertoire() -> Repertoire:
    """The committed sources. Raises SourceError, naming the place, where something is wrong."""
    found = Repertoire(
        topics=_file("topics.toml").all("topics", _topic),
        conferences=_file("conferences.toml").all("conferences", _conference),
        weekly={kind: _file(f"{name}.toml").all(name, _content) for kind, name in WEEKLY.items()},
    )
    known = {topic.key for topic in found.topics}
    told = [one.content for one in found.conferences if one.content]
    for content in [*told, *(one for kind in found.weekly.values() for one in kind)]:
        if content.topic not in known:
            raise SourceError(f"“{content.title}”: nothing has the key “{content.topic}”")
    return found


def _file(name: str) -> Table:
    text = resources.files("sessions.demo").joinpath(name).read_text("utf-8")
    return Table(name, tomllib.loads(text))


def _topic(raw: Table) -> DemoTopic:
    fields = ("key", "title", "title_en", "abstract", "abstract_en")
    return DemoTopic(
        **{field: raw.text(field) for field in fields},
        seasons=raw.texts("seasons"),
        proposed_by=raw.text_or("proposed_by"),
    )


def _conference(raw: Table) -> Conference:
    talk = raw.text_or("talk")
    return Conference(
        season=raw.one_of("season", SEASONS),
        month=raw.whole("month"),
        talk=talk,
        content=None if talk else _content(raw),
        presenting=() if talk else raw.texts("presenting"),
        receiving=() if talk else raw.texts("receiving"),
    )


def _content(raw: Table) -> Content:
    fields = ("title", "title_en", "summary", "summary_en", "topic")
    agenda = _agenda(raw)
    told_min = sum(item.length_min for item in agenda)
    return Content(
        **{field: raw.text(field) for field in fields},
        length_min=raw.whole_or_none("length_min") or told_min,
        agenda=agenda,
    )


def _agenda(raw: Table) -> tuple[Item, ...]:
    items: list[Item] = []
    after_min = 0
    for n, row in enumerate(raw.raw.get("agenda", ()), start=1):
        match row:
            case [str(title), str(title_en), int(length_min)]:
                items.append(Item(after_min, title, title_en, length_min))
                after_min += length_min
            case _:
                raise SourceError(f"{raw.where}, agenda {n}: must be [title, title_en, minutes]")
    return tuple(items)
