"""The words of the demo's long talks: what stands in talks/<slug>.txt.

title: Наставник на первые три года        fields, one a line
speaker petrova: Ирина Петрова | директор | школа № 12 | Пермь
slide 1: Title                             then lines of a kind: "- line", "| cell | cell |"
== Открытие                                a chapter begins
[slide 1]                                  this slide is seen from the next paragraph on
petrova: Спасибо. Я начну с цифры.         a turn begins; plain lines go on with it
{en} In English.                           a paragraph in English, where language is mixed
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Literal, NoReturn

from sessions.demo.source_table import SourceError
from sessions.demo.sources import FORMATS, MODES

Language = Literal["ru", "en"]

TEXTS = ("title", "title_en", "topic", "summary", "summary_en")
LISTS = ("presenting", "receiving")
CHOICES: dict[str, tuple[str, ...]] = {
    "language": ("ru", "en", "mixed"),
    "format": FORMATS,
    "mode": MODES,
    "visibility": ("public", "members", "participants"),
    "withheld": ("yes", "no"),
    "deck": ("pdf", "pptx", "odp"),
}
FIELDS = (*TEXTS, *LISTS, *CHOICES)

_FIELD = re.compile(r"([a-z_]+): *(.*)")
_SPEAKER = re.compile(r"speaker ([a-z]+): *(.*)")
_SLIDE = re.compile(r"slide (\d+): *(.*)")
_SHOW = re.compile(r"\[slide (\d+)\]")
_TURN = re.compile(r"([a-z]+): *(.*)")
_ENGLISH = "{en} "


@dataclass(frozen=True)
class TalkSpeaker:
    """Someone who speaks; `key` is how the source names them."""

    key: str
    name: str
    post: str
    organisation: str
    city: str


@dataclass(frozen=True)
class Bar:
    """A bar of a chart."""

    label: str
    value: int


@dataclass(frozen=True)
class TalkSlide:
    """A slide: lines, or a table whose first row is its head, or bars; never two of them."""

    title: str
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True)
class TalkParagraph:
    """What one speaker says in one breath. `slide` and `chapter` are counted from 1."""

    speaker: str
    slide: int
    chapter: int
    text: str
    language: Language


@dataclass(frozen=True)
class TalkText:
    """A talk as written. `language` is "ru", "en" or "mixed"; paragraphs have their own."""

    slug: str
    title: str
    title_en: str
    language: str
    format: str
    mode: str
    visibility: str
    withheld: bool
    topic: str
    presenting: tuple[str, ...]
    receiving: tuple[str, ...]
    deck: str
    summary: str
    summary_en: str
    speakers: tuple[TalkSpeaker, ...]
    slides: tuple[TalkSlide, ...]
    chapters: tuple[str, ...]
    paragraphs: tuple[TalkParagraph, ...]

    def speaker(self, key: str) -> TalkSpeaker:
        """The speaker of that key, which the talk is known to have."""
        return next(one for one in self.speakers if one.key == key)


@cache
def read_talks() -> tuple[TalkText, ...]:
    """All talks by their slug. Raises SourceError, naming file and line, where one is flawed."""
    folder = resources.files("sessions.demo").joinpath("talks")
    files = sorted(
        (one for one in folder.iterdir() if one.name.endswith(".txt")), key=lambda one: one.name
    )
    return tuple(read_talk(one.name.removesuffix(".txt"), one.read_text("utf-8")) for one in files)


def read_talk(slug: str, text: str) -> TalkText:
    """The talk of that name. Raises SourceError, naming file and line, where it is flawed."""
    reading = _Reading(f"talks/{slug}.txt")
    for number, line in enumerate(text.splitlines(), start=1):
        reading.number = number
        if line.strip():
            reading.take(line.strip())
    return reading.talk(slug)


@dataclass
class _Reading:
    """A talk on its way; `number` is the line being read."""

    file: str
    number: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    speakers: dict[str, TalkSpeaker] = field(default_factory=dict)
    slides: list[TalkSlide] = field(default_factory=list)
    chapters: list[str] = field(default_factory=list)
    paragraphs: list[TalkParagraph] = field(default_factory=list)
    speaking: str = ""
    shown: int = 0

    def take(self, line: str) -> None:
        if line.startswith("== "):
            self.chapters.append(line.removeprefix("== ").strip())
        elif self.chapters:
            self._take_said(line)
        elif line[0] in "-|%":
            self._take_on_slide(line)
        elif found := _SPEAKER.fullmatch(line):
            self._take_speaker(*found.groups())
        elif found := _SLIDE.fullmatch(line):
            self._take_slide(*found.groups())
        elif found := _FIELD.fullmatch(line):
            self._take_field(*found.groups())
        else:
            self.refuse(f"nobody knows what “{line[:40]}” is")

    def talk(self, slug: str) -> TalkText:
        missing = [name for name in FIELDS if name not in self.fields]
        if missing:
            raise SourceError(f"{self.file}: “{missing[0]}” is missing")
        for n, slide in enumerate(self.slides, start=1):
            if not (slide.lines or slide.rows or slide.bars):
                raise SourceError(f"{self.file}: slide {n} is empty")
        if not self.paragraphs:
            raise SourceError(f"{self.file}: nobody says anything")
        return TalkText(
            slug=slug,
            **{name: self.fields[name] for name in (*TEXTS, *CHOICES) if name != "withheld"},
            withheld=self.fields["withheld"] == "yes",
            presenting=_names(self.fields["presenting"]),
            receiving=_names(self.fields["receiving"]),
            speakers=tuple(self.speakers.values()),
            slides=tuple(self.slides),
            chapters=tuple(self.chapters),
            paragraphs=tuple(self.paragraphs),
        )

    def refuse(self, why: str) -> NoReturn:
        raise SourceError(f"{self.file}, line {self.number}: {why}")

    def _take_field(self, name: str, value: str) -> None:
        if name not in FIELDS:
            self.refuse(f"there is no field “{name}”")
        if name in self.fields:
            self.refuse(f"“{name}” is said twice")
        if not value:
            self.refuse(f"“{name}” is empty")
        if name in CHOICES and value not in CHOICES[name]:
            self.refuse(f"“{name}” must be one of {', '.join(CHOICES[name])}")
        self.fields[name] = value

    def _take_speaker(self, key: str, told: str) -> None:
        facts = [one.strip() for one in told.split("|")]
        if len(facts) != 4 or not all(facts):
            self.refuse("a speaker is “name | post | organisation | city”")
        if key in self.speakers:
            self.refuse(f"the speaker “{key}” is there twice")
        self.speakers[key] = TalkSpeaker(key, *facts)

    def _take_slide(self, number: str, title: str) -> None:
        if int(number) != len(self.slides) + 1:
            self.refuse(f"slide {len(self.slides) + 1} is expected here")
        if not title:
            self.refuse("the slide has no title")
        self.slides.append(TalkSlide(title))

    def _take_on_slide(self, line: str) -> None:
        if not self.slides:
            self.refuse("no slide has begun")
        slide = self.slides[-1]
        match line[0]:
            case "-":
                added = replace(slide, lines=(*slide.lines, line[1:].strip()))
            case "|":
                added = replace(slide, rows=(*slide.rows, self._row(line, slide)))
            case _:
                added = replace(slide, bars=(*slide.bars, self._bar(line)))
        if sum(map(bool, (added.lines, added.rows, added.bars))) > 1:
            self.refuse("a slide holds lines, a table or bars, not two of them")
        self.slides[-1] = added

    def _row(self, line: str, slide: TalkSlide) -> tuple[str, ...]:
        if not line.endswith("|") or len(line) < 2:
            self.refuse("a row of a table ends with “|”")
        row = tuple(cell.strip() for cell in line[1:-1].split("|"))
        if slide.rows and len(row) != len(slide.rows[0]):
            self.refuse(f"the row has {len(row)} cells, the head {len(slide.rows[0])}")
        return row

    def _bar(self, line: str) -> Bar:
        label, _, value = (part.strip() for part in line[1:].rpartition("|"))
        if not label or not value.isdecimal():
            self.refuse("a bar is “label | whole number”")
        return Bar(label, int(value))

    def _take_said(self, line: str) -> None:
        if found := _SHOW.fullmatch(line):
            self.shown = int(found[1])
            if not 1 <= self.shown <= len(self.slides):
                self.refuse(f"there is no slide {self.shown}")
            return
        if found := _TURN.fullmatch(line):
            self.speaking, line = found.groups()
            if self.speaking not in self.speakers:
                self.refuse(f"no speaker has the key “{self.speaking}”")
        if not self.speaking:
            self.refuse("nobody has begun to speak")
        if not self.shown:
            self.refuse("no slide is shown yet")
        self._say(line)

    def _say(self, line: str) -> None:
        written = self.fields.get("language")
        language: Language = "en" if written == "en" else "ru"
        if line.startswith(_ENGLISH):
            if written != "mixed":
                self.refuse("only a talk whose language is mixed marks English")
            line, language = line.removeprefix(_ENGLISH), "en"
        if not line:
            self.refuse("nothing is said here")
        chapter = len(self.chapters)
        self.paragraphs.append(TalkParagraph(self.speaking, self.shown, chapter, line, language))


def _names(written: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in written.split(";"))
