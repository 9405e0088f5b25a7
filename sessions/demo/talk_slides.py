"""Lays out the slides of a long talk: a cover, lines, tables and bars, in the format's colour."""

from __future__ import annotations

from dataclasses import dataclass

from sessions.demo import drawing as d
from sessions.demo.drawing import Box, Disc, Part, Slide, Words
from sessions.demo.slides import LEFT, RIGHT, WIDE, logo
from sessions.demo.talk_charts import bars
from sessions.demo.talk_grid import grid
from sessions.demo.talk_text import TalkSlide, TalkText
from sessions.demo.talk_tints import TINTS, Tint
from sessions.demo.type_width import TypeWidth

PROGRAMME = ("Взаимообучени", "Cities Learning Together")
FORMATS = {
    "video_conference": "видеоконференция",
    "internship": "стажировка",
    "seminar": "семинар",
    "project_session": "проектная сессия",
    "consultation": "консультация",
}
FOOT = 648  # nothing of the matter stands lower
NOTE_WORDS = 10


@dataclass(frozen=True)
class _Page:
    """What laying out a slide needs besides the slide."""

    tint: Tint
    measure: TypeWidth
    number: int
    of: int


def lay_out(talk: TalkText, measure: TypeWidth) -> list[Slide]:
    """All slides of the talk. Tables and bars bear notes with what is said over them first."""
    tint, of = TINTS[talk.format], len(talk.slides)
    first, *others = talk.slides
    laid = [_cover(talk, first, tint, measure)]
    for number, slide in enumerate(others, start=2):
        page = _Page(tint, measure, number, of)
        notes = "" if slide.lines else _notes(talk, number)
        laid.append(Slide(slide.title, d.SURFACE, tuple(_content(slide, page)), notes))
    return laid


def _cover(talk: TalkText, slide: TalkSlide, tint: Tint, measure: TypeWidth) -> Slide:
    own = [line for line in slide.lines if line.startswith(PROGRAMME)]
    lead = own[0] if own else _lead(talk, slide)
    rest = [line for line in slide.lines if line not in own]
    title = measure.broken(slide.title, 980, 66, bold=True)
    y, size = 226.0, 66.0
    if title.count("\n") > 2:
        size, y = 56.0, 200.0
        title = measure.broken(slide.title, 980, 56, bold=True)
    parts: list[Part] = [
        *logo(962, 452, 236, tint.leaf, d.NOW_LIGHT, ""),
        Words(96, y, title, size, d.SURFACE, bold=True, is_title=True, wide=980),
        Words(96, 92, lead, 30, tint.ice),
    ]
    y += (title.count("\n") + 1) * size * d.LINE + 34
    for line in rest:
        text = measure.broken(line, 1000, 30)
        parts.append(Words(96, y, text, 30, tint.ice, wide=1000))
        y += (text.count("\n") + 1) * 30 * d.LINE + 8
    told = " ".join(rest)
    if talk.language == "ru" and not all(city[:-1] in told for city in talk.presenting):
        cities = " · ".join(talk.presenting)
        parts.append(Words(96, 600, cities, 34, d.SURFACE, bold=True))
    return Slide(slide.title, tint.night, tuple(parts))


def _lead(talk: TalkText, slide: TalkSlide) -> str:
    named = FORMATS[talk.format]
    if any(line.lower().startswith(named) for line in slide.lines):
        return "Взаимообучение городов"
    return f"Взаимообучение городов · {named}"


def _content(slide: TalkSlide, page: _Page) -> list[Part]:
    title = page.measure.broken(slide.title, WIDE, 44, bold=True)
    top = 70 + (title.count("\n") + 1) * 44 * d.LINE + 34
    parts: list[Part] = [
        Box(LEFT, 46, 64, 7, page.tint.accent, 3),
        Words(LEFT, 70, title, 44, d.INK, bold=True, is_title=True, wide=WIDE),
    ]
    if slide.rows:
        parts.append(grid(slide.rows, (LEFT, top, WIDE, FOOT - top), page.tint, page.measure))
    elif slide.bars:
        parts += bars(slide, (LEFT, top, WIDE, FOOT - top), page.tint, page.measure)
    else:
        parts += _lines(slide.lines, top, page)
    done = WIDE * page.number / page.of
    return [
        *parts,
        Box(LEFT, 688, WIDE, 4, d.SUNKEN, 2),
        Box(LEFT, 688, done, 4, page.tint.mid, 2),
    ]


def _lines(lines: tuple[str, ...], top: float, page: _Page) -> list[Part]:
    """Cards below one another; on the last slide, which is taken home, with numbers."""
    tint, numbered = page.tint, page.number == page.of
    tall = min(136.0, (FOOT - top) / len(lines))
    size = {3: 38, 4: 35}.get(max(3, len(lines)), 31)
    left = LEFT + (116 if numbered else 40)
    parts: list[Part] = []
    for n, line in enumerate(lines):
        y, middle = top + n * tall, top + n * tall + (tall - 14) / 2
        text = page.measure.broken(line, RIGHT - 30 - left, size)
        high = (text.count("\n") + 1) * size * d.LINE
        parts.append(Box(LEFT, y, WIDE, tall - 14, d.PAPER, 14))
        if numbered:
            parts.append(Disc(LEFT + 58, middle, 30, tint.accent))
            number = Words(
                LEFT + 58, middle - 21, str(n + 1), 32, d.SURFACE, bold=True, align="center"
            )
            parts.append(number)
        else:
            parts.append(Box(LEFT, y + 16, 7, tall - 46, tint.accent, 3))
        wide = RIGHT - 30 - left
        parts.append(Words(left, middle - high / 2, text, size, d.INK, wide=wide))
    return parts


def _notes(talk: TalkText, number: int) -> str:
    """What whoever shows the slide says over it first, the host aside."""
    host = talk.speakers[0].key
    said = [
        one.text
        for one in talk.paragraphs
        if one.slide == number and one.speaker != host and len(one.text.split()) >= NOTE_WORDS
    ]
    return said[0] if said else ""
