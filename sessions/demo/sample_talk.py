"""The sample talk: its script (talk.toml) and the committed recording made from it."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from sessions.demo.source_table import SourceError, Table

FILM, TRANSCRIPT, TIMELINE = "talk.mp4", "talk.ru.vtt", "timeline.json"
DECK_PDF, DECK_PPTX = "talk.pdf", "talk.pptx"
FILES = (FILM, TRANSCRIPT, TIMELINE, DECK_PDF, DECK_PPTX)


@dataclass(frozen=True)
class Voice:
    """A speaker of the talk. `pitch` and `tempo` multiply those of the synthesised voice."""

    key: str
    name: str
    post: str
    organisation: str
    city: str
    pitch: float
    tempo: float


@dataclass(frozen=True)
class SlideText:
    """What stands on a slide; `kind` names its drawing, `rows` are lines of cells."""

    kind: str
    title: str
    lead: str
    note: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Phrase:
    """One cue: who says it, over which slide (counted from 1)."""

    speaker: str
    slide: int
    text: str


@dataclass(frozen=True)
class Chapter:
    """A chapter of the script and its phrases, in order."""

    title: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class Script:
    """All of talk.toml. `spoken` maps what is written to what the voice is given to read."""

    title: str
    title_en: str
    language: str
    spoken: dict[str, str]
    voices: tuple[Voice, ...]
    slides: tuple[SlideText, ...]
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True)
class ChapterStart:
    """Where a chapter begins, in seconds."""

    title: str
    start_s: float


@dataclass(frozen=True)
class Showing:
    """A stretch during which a page of the deck is seen; a page may be shown twice."""

    page: int
    from_s: float
    to_s: float


@dataclass(frozen=True)
class Timeline:
    """What happens when in the recording."""

    length_s: float
    chapters: tuple[ChapterStart, ...]
    showings: tuple[Showing, ...]


def read_script(text: str | None = None) -> Script:
    """The script of the sample talk. text: TOML instead of the committed talk.toml.

    Raises SourceError, naming the place, where a field is missing, of a wrong kind, or names an
    unknown speaker or slide.
    """
    if text is None:
        text = resources.files("sessions.demo").joinpath("talk.toml").read_text("utf-8")
    source = Table("talk.toml", tomllib.loads(text))
    spoken = source.table("spoken")
    script = Script(
        title=source.text("title"),
        title_en=source.text("title_en"),
        language=source.text("language"),
        spoken={key: str(value) for key, value in spoken.raw.items()},
        voices=source.all("speakers", _voice),
        slides=source.all("slides", _slide),
        chapters=source.all("chapters", _chapter),
    )
    _check(script)
    return script


def talk_file(name: str) -> Traversable:
    """A committed file of the recording, one of FILES. Raises SourceError if it is not there."""
    found = resources.files("sessions.demo").joinpath("files", name)
    if not found.is_file():
        raise SourceError(f"sessions/demo/files/{name} is missing")
    return found


def read_timeline() -> Timeline:
    """Length, chapters and slide showings of the committed recording. Raises SourceError."""
    source = Table(TIMELINE, json.loads(talk_file(TIMELINE).read_text("utf-8")))
    return Timeline(
        length_s=source.number("length_s"),
        chapters=source.all(
            "chapters", lambda t: ChapterStart(t.text("title"), t.number("start_s"))
        ),
        showings=source.all(
            "showings", lambda t: Showing(t.whole("page"), t.number("from_s"), t.number("to_s"))
        ),
    )


def _voice(raw: Table) -> Voice:
    fields = ("key", "name", "post", "organisation", "city")
    return Voice(
        **{field: raw.text(field) for field in fields},
        pitch=raw.number("pitch"),
        tempo=raw.number("tempo"),
    )


def _slide(raw: Table) -> SlideText:
    return SlideText(
        kind=raw.text("kind"),
        title=raw.text("title"),
        lead=raw.text_or("lead"),
        note=raw.text_or("note"),
        rows=raw.rows("rows"),
    )


def _chapter(raw: Table) -> Chapter:
    return Chapter(raw.text("title"), raw.all("cues", _phrase))


def _phrase(raw: Table) -> Phrase:
    return Phrase(raw.text("speaker"), raw.whole("slide"), raw.text("text"))


def _check(script: Script) -> None:
    voices = {voice.key for voice in script.voices}
    for chapter in script.chapters:
        for phrase in chapter.phrases:
            if phrase.speaker not in voices:
                raise SourceError(f"talk.toml: no speaker has the key “{phrase.speaker}”")
            if not 1 <= phrase.slide <= len(script.slides):
                raise SourceError(f"talk.toml: there is no slide {phrase.slide}")
