"""What could be argued on paper about talks: passages, languages, which line to play from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

WINDOW_S = 60.0
SHIFT_S = 30.0
LONGEST_S = 24 * 3600.0
BEYOND_LAST_WORD = 1.2
_CYRILLIC = re.compile(r"[А-Яа-яЁё]+")
_LATIN = re.compile(r"[A-Za-z]+")


class Line(Protocol):
    """Anything spoken from one second to another."""

    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...
    @property
    def text(self) -> str: ...
    @property
    def speaker(self) -> str | None: ...


@dataclass(frozen=True)
class Passage:
    """About a minute of speech. `speakers` in the order in which they begin."""

    start_s: float
    end_s: float
    text: str
    speakers: tuple[str, ...]


def passages(
    lines: Sequence[Line], window_s: float = WINDOW_S, shift_s: float = SHIFT_S
) -> list[Passage]:
    """Windows over the spoken lines, sorted by start, that begin every `shift_s` and overlap.

    A window begins with a whole line and takes every line that starts within `window_s`. One that
    would hold nothing but the tail of the one before is left out.
    """
    found: list[Passage] = []
    first, covered = 0, 0
    while first < len(lines):
        begin = lines[first].start_s
        last = first
        while last < len(lines) and lines[last].start_s < begin + window_s:
            last += 1
        if last > covered:
            found.append(_passage(lines[first:last]))
            covered = last
        following = first + 1
        while following < len(lines) and lines[following].start_s < begin + shift_s:
            following += 1
        first = following
    return found


def _passage(lines: Sequence[Line]) -> Passage:
    speakers = dict.fromkeys(line.speaker for line in lines if line.speaker)
    return Passage(
        start_s=lines[0].start_s,
        end_s=max(line.end_s for line in lines),
        text=" ".join(line.text for line in lines),
        speakers=tuple(speakers),
    )


def believed_s(claimed_s: float, last_word_s: float | None) -> float | None:
    """How long a recording is taken to be whose header is all there is; None where nobody knows.

    last_word_s: where the last line of its transcript ends. A header that goes far beyond it, or
    beyond a day, is not believed.
    """
    if claimed_s > LONGEST_S:
        return last_word_s
    if last_word_s is not None and claimed_s > last_word_s * BEYOND_LAST_WORD:
        return last_word_s
    return claimed_s


def spoken_language(texts: Iterable[str]) -> str:
    """ "ru" or "en" by the letters, "" where there are none."""
    cyrillic = latin = 0
    for text in texts:
        cyrillic += sum(map(len, _CYRILLIC.findall(text)))
        latin += sum(map(len, _LATIN.findall(text)))
    if not cyrillic and not latin:
        return ""
    return "ru" if cyrillic >= latin else "en"


def best_line(matches: Sequence[int], spread: int = 2) -> int:
    """Which line to play from, by the number of matched words in each: the densest stretch's first.

    Gives the index of the first matching line of the stretch of `spread` lines with most matches.
    """
    best, best_sum = 0, -1
    for start in range(len(matches)):
        total = sum(matches[start : start + spread])
        if matches[start] and total > best_sum:
            best, best_sum = start, total
    return best
