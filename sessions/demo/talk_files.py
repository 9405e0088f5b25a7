"""What is deposited of a long talk: its deck, its transcript, and its film where there is one."""

from __future__ import annotations

import json
from importlib import resources
from importlib.resources.abc import Traversable

from sessions.demo.sample_talk import ChapterStart, Showing, Timeline
from sessions.demo.source_table import SourceError, Table
from sessions.demo.talk_text import TalkText
from sessions.demo.talk_times import timeline_by_words, transcript

FILMED = frozenset({"opening-2025"})  # their times are those of the film


def files_of(talk: TalkText) -> list[tuple[str, bytes]]:
    """Names and contents of the talk's files. Raises SourceError where one was not made."""
    deck, words, film = deck_name(talk), transcript_name(talk), film_name(talk)
    if talk.slug not in FILMED:
        return [(deck, _committed(deck)), (words, transcript(talk).encode())]
    return [(name, _committed(name)) for name in (deck, words, film)]


def timeline_of(talk: TalkText) -> Timeline:
    """Length, chapters and slide showings of the talk's recording. Raises SourceError."""
    if talk.slug not in FILMED:
        return timeline_by_words(talk)
    name = timeline_name(talk)
    return read_timeline(name, _committed(name).decode())


def read_timeline(name: str, text: str) -> Timeline:
    """The timeline that a file of that name holds. Raises SourceError."""
    source = Table(name, json.loads(text))
    return Timeline(
        length_s=source.number("length_s"),
        chapters=source.all(
            "chapters", lambda t: ChapterStart(t.text("title"), t.number("start_s"))
        ),
        showings=source.all(
            "showings", lambda t: Showing(t.whole("page"), t.number("from_s"), t.number("to_s"))
        ),
    )


def deck_name(talk: TalkText) -> str:
    """The name of the talk's deck, whose ending says its format."""
    return f"{talk.slug}.{talk.deck}"


def transcript_name(talk: TalkText) -> str:
    """The name of the transcript; one in two languages bears that of the host."""
    return f"{talk.slug}.{'en' if talk.language == 'en' else 'ru'}.vtt"


def film_name(talk: TalkText) -> str:
    """The name of the film, if the talk has one."""
    return f"{talk.slug}.mp4"


def timeline_name(talk: TalkText) -> str:
    """The name of the film's timeline."""
    return f"{talk.slug}.timeline.json"


def _committed(name: str) -> bytes:
    found: Traversable = resources.files("sessions.demo").joinpath("files", name)
    if not found.is_file():
        raise SourceError(f"sessions/demo/files/{name} is missing")
    return found.read_bytes()
