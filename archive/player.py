"""Everything that the page of a talk shows, read in a handful of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from archive.models import Chapter, Cue, MediaFile, Slide, Talk
from archive.search import Pieces, main_transcript
from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.textsearch.port import TextIndex

_UNPLAYABLE = ("refused", "empty")


@dataclass(frozen=True)
class Asked:
    """What of the talk is asked for: a second, a slide, words to mark, one of several files."""

    at_s: float | None = None
    slide_id: int | None = None
    words: str = ""
    file_id: int | None = None
    text_id: int | None = None


class Line(NamedTuple):
    """A spoken line. `who` where the speaker is another than of the line above."""

    id: int
    start_s: float
    pieces: Pieces
    who: str | None
    is_now: bool


@dataclass(frozen=True)
class Deck:
    """A file of slides and its pages."""

    file: MediaFile
    slides: list[Slide]


@dataclass(frozen=True)
class Watch:
    """The page of a talk. at_s: the second it opens at, None for the beginning.

    now: the line that is spoken then; slide: the one that is shown large.
    """

    talk: Talk
    files: list[MediaFile]
    recordings: list[MediaFile]
    recording: MediaFile | None
    transcripts: list[MediaFile]
    transcript: MediaFile | None
    lines: list[Line]
    now: Cue | None
    decks: list[Deck]
    deck: Deck | None
    slide: Slide | None
    chapters: list[Chapter]
    chapter: Chapter | None
    at_s: float | None
    words: str
    marked: int

    @property
    def slide_text(self) -> Pieces:
        """The words of the slide that is shown, those that were looked for marked."""
        return (
            marked(f"{self.slide.text}\n{self.slide.notes}".strip(), self.words)
            if self.slide
            else []
        )


def watch(talk: Talk, asked: Asked) -> Watch:
    """The talk as it was asked for; what is asked for and is not there is left aside."""
    files = list(talk.files)
    recordings = [
        file for file in files if file.kind in ("video", "audio") and file.state not in _UNPLAYABLE
    ]
    recordings.sort(key=lambda file: (file.kind != "video", file.id))
    transcripts = [file for file in files if file.kind == "transcript" and file.details.get("cues")]
    transcript = _chosen(transcripts, asked.text_id) or main_transcript(files, talk.language)
    cues = _cues(transcript)
    slides = list(talk.slides)
    slide = next((one for one in slides if one.id == asked.slide_id), None)
    at_s = asked.at_s if asked.at_s is not None else slide.from_s if slide else None
    slide = slide or slide_at(slides, at_s) or (slides[0] if slides else None)
    decks = [
        Deck(file, pages)
        for file in files
        if (pages := [one for one in slides if one.file_id == file.id])
    ]
    now = cue_at(cues, at_s) if at_s is not None else None
    lines, count = _lines(cues, now, asked.words)
    chapters = list(talk.chapters)
    return Watch(
        talk=talk, files=files, recordings=recordings,
        recording=_chosen(recordings, asked.file_id) or next(iter(recordings), None),
        transcripts=transcripts, transcript=transcript, lines=lines, now=now, decks=decks,
        deck=next((one for one in decks if slide and one.file.id == slide.file_id), None),
        slide=slide, chapters=chapters, chapter=_chapter_at(chapters, at_s), at_s=at_s,
        words=asked.words, marked=count,
    )  # fmt: skip


def cue_at(cues: Sequence[Cue], at_s: float) -> Cue | None:
    """The line that is spoken at a second; sorted by start.

    A link names whole seconds, so the first line that begins within the second is meant.
    """
    spoken = None
    for cue in cues:
        if int(cue.start_s) == int(at_s):
            return cue
        if cue.start_s > at_s:
            break
        spoken = cue
    return spoken or (cues[0] if cues else None)


def slide_at(slides: Sequence[Slide], at_s: float | None) -> Slide | None:
    """The slide that is shown at a second, where that is known."""
    if at_s is None:
        return None
    for slide in slides:
        if slide.from_s is not None and slide.from_s <= at_s < (slide.to_s or float("inf")):
            return slide
    return None


def marked(text: str, words: str) -> Pieces:
    """The text as (piece, is a word that was looked for)."""
    if not words or not text:
        return [(text, False)] if text else []
    return _split(text, ports.get(TextIndex).marks(text, words), 0)


def marks_in(cues: Sequence[Cue], words: str) -> dict[int, list[tuple[int, int]]]:
    """Where the words stand in the lines: (start, end) in characters, by the place in `cues`."""
    if not words:
        return {}
    # All lines at once: a word is then looked up once, and not once a line.
    text = "\n".join(cue.text for cue in cues)
    found: dict[int, list[tuple[int, int]]] = {}
    at = place = 0
    for start, end in ports.get(TextIndex).marks(text, words):
        while start > at + len(cues[place].text):
            at += len(cues[place].text) + 1
            place += 1
        found.setdefault(place, []).append((start - at, end - at))
    return found


def _cues(transcript: MediaFile | None) -> Sequence[Cue]:
    if transcript is None:
        return []
    return db.session.scalars(
        select(Cue).where(Cue.file_id == transcript.id).order_by(Cue.start_s, Cue.position)
    ).all()


def cues_of(talk: Talk, text_id: int | None) -> Sequence[Cue]:
    """The lines of the talk's transcript that is asked for, or of the main one."""
    read = [file for file in talk.files if file.kind == "transcript" and file.details.get("cues")]
    return _cues(_chosen(read, text_id) or main_transcript(talk.files, talk.language))


def _chosen(files: Sequence[MediaFile], file_id: int | None) -> MediaFile | None:
    return next((file for file in files if file.id == file_id), None)


def _lines(cues: Sequence[Cue], now: Cue | None, words: str) -> tuple[list[Line], int]:
    marks = marks_in(cues, words)
    lines = []
    before: str | None = None
    for place, cue in enumerate(cues):
        who = cue.speaker if cue.speaker and cue.speaker != before else None
        before = cue.speaker
        pieces = _split(cue.text, marks[place], 0) if place in marks else [(cue.text, False)]
        lines.append(Line(cue.id, cue.start_s, pieces, who, cue is now))
    return lines, sum(map(len, marks.values()))


def _split(text: str, places: Sequence[tuple[int, int]], at: int) -> Pieces:
    pieces: Pieces = []
    for start, end in places:
        if start > at:
            pieces.append((text[at:start], False))
        pieces.append((text[start:end], True))
        at = end
    if at < len(text):
        pieces.append((text[at:], False))
    return pieces


def _chapter_at(chapters: Sequence[Chapter], at_s: float | None) -> Chapter | None:
    begun = [chapter for chapter in chapters if chapter.start_s <= (at_s or 0.0) + 1]
    return begun[-1] if begun else None
