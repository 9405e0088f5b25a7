"""Talks and real files for tests of the library, made small."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from fpdf import FPDF
from pptx import Presentation
from pptx.util import Inches

from archive import deposit
from archive.deposit import TalkFacts
from archive.models import MediaFile, Talk
from integrations.runtime.database import db, transaction

PUBLIC = ("public", "member", "team", "editor")
MEMBERS = ("member", "team", "editor")
TEAM = ("team", "editor")
# The first bytes of a film are enough to be taken; nothing plays it.
AN_MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(range(256)) * 40
AN_EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200

Spoken = Sequence[tuple[float, str, str]]
MENTORS: Spoken = (
    (0, "Анна Белова", "Добрый день, начинаем."),
    (10, "Пётр Ёлкин", "Мы закрепили наставников за молодыми учителями."),
    (20, "Пётр Ёлкин", "Ёлка на площади стояла до марта."),
)


def a_vtt(spoken: Spoken = MENTORS, each_s: float = 9) -> bytes:
    """A subtitle file: (second, speaker, words)."""
    blocks = [
        f"{_time(start)} --> {_time(start + each_s)}\n<v {who}>{words}"
        for start, who, words in spoken
    ]
    return ("WEBVTT\n\n" + "\n\n".join(blocks) + "\n").encode()


def an_srt(spoken: Spoken = MENTORS, encoding: str = "utf-8") -> bytes:
    """The same as SubRip, speakers written into the words, in any encoding."""
    blocks = [
        f"{place}\n{_time(start)} --> {_time(start + 9)}\n{words}"
        for place, (start, _, words) in enumerate(spoken, 1)
    ]
    return ("\n\n".join(blocks) + "\n").encode(encoding)


def _time(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02}:{minutes:02}:{rest:06.3f}"


def a_pdf(*pages: str) -> bytes:
    """A deck with a line of Latin text on each page."""
    deck = FPDF(orientation="landscape")
    deck.set_font("helvetica", size=24)
    for page in pages:
        deck.add_page()
        deck.cell(text=page)
    return bytes(deck.output())


def a_pptx(*pages: tuple[str, str]) -> bytes:
    """A deck with a title and a text on each page."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    for title, text in pages:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    written = io.BytesIO()
    deck.save(written)
    return written.getvalue()


def a_talk(
    title: str = "Первые три года учителя",
    keys: Collection[str] = PUBLIC,
    source: str = "import:one",
    **facts: Any,
) -> Talk:
    """A talk without files."""
    with transaction():
        return deposit.open_talk(
            source, TalkFacts(title, keys, **{"held_on": date(2026, 9, 22), **facts})
        )


def add(talk: Talk, name: str, content: bytes) -> MediaFile:
    """A file handed in, not read yet."""
    return deposit.add_file(talk.id, io.BytesIO(content), name)[0]


def fresh(talk: Talk) -> Talk:
    """The talk as the database has it now."""
    db.session.expire_all()
    return db.session.get_one(Talk, talk.id)
