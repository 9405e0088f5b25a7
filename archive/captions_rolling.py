"""Automatic subtitles that roll: each line is shown first below, then again above the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, TypeVar


class Rolling(Protocol):
    """What is needed of a cue here."""

    start_s: float
    end_s: float
    lines: list[str]


C = TypeVar("C", bound=Rolling)

_TOUCHING_S = 0.1


def is_rolling(cues: Sequence[Rolling]) -> bool:
    """Whether most cues begin with the line that the one before ended with.

    Two people who say «Да» one after the other do not make a file that rolls.
    """
    pairs = list(pairwise(cues))
    carried = sum(_is_carried(before, after) for before, after in pairs)
    return carried >= 3 and carried > len(pairs) / 2


def unrolled(cues: list[C]) -> list[C]:
    """The cues with each line once; one that only repeats lengthens the cue before it."""
    kept: list[C] = []
    shown: list[str] = []
    for cue in cues:
        new = cue.lines[_overlap(shown, cue.lines) :]
        shown = list(cue.lines)
        if new:
            cue.lines[:] = new
            kept.append(cue)
        elif kept:
            kept[-1].end_s = max(kept[-1].end_s, cue.end_s)
    return kept


def _is_carried(before: Rolling, after: Rolling) -> bool:
    touching = after.start_s <= before.end_s + _TOUCHING_S
    return touching and after.lines[0] == before.lines[-1]


def _overlap(shown: list[str], lines: list[str]) -> int:
    """How many first lines were already at the end of what was shown."""
    for count in range(min(len(shown), len(lines)), 0, -1):
        if shown[-count:] == lines[:count]:
            return count
    return 0
