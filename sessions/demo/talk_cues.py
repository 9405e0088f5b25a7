"""Cuts what is said into cues: two lines at most, ending where one would breathe."""

from __future__ import annotations

import re
from itertools import pairwise

MOST_CHARACTERS = 84  # two lines of 42
WHOLE_WORDS = 14  # a paragraph up to this long stays whole
GOOD_CHARACTERS = 60
FEW_WORDS = 2  # of a sentence, at the end of a cue: the eye stumbles
TORN = 6.0

_SENTENCE_END = re.compile(r"[.!?…][»”“)]*$")
_CLAUSE_END = re.compile(r"[,;:][»”“)]*$|^—$")
# Belongs to the word behind it: a preposition, a particle, a number, its sign.
_LEANS_ON_NEXT = re.compile(
    r"[«(„]?(\w{1,2}|№|\d[\d,.–:]*|без|для|при|над|под|the|for)$", re.IGNORECASE
)
_CONJUNCTIONS = (
    "и а но или что чтобы потому когда если где как который которая которые "
    "and but or that because when if which who so"
)
_BEGINS_CLAUSE = frozenset(_CONJUNCTIONS.split())


def cut(text: str) -> tuple[str, ...]:
    """The text as cues, in order; joined by blanks they are the text again."""
    words = tuple(text.split())
    if len(words) <= WHOLE_WORDS and len(text) <= MOST_CHARACTERS:
        return (" ".join(words),)
    breaks = [0.0, *(_break_cost(*pair) for pair in pairwise(words)), 0.0]
    ends = [bool(_SENTENCE_END.search(word)) for word in words]
    best: list[tuple[float, int]] = [(0.0, 0)]  # the cost of the first n words, the last cut
    for end in range(1, len(words) + 1):
        costs: list[tuple[float, int]] = []
        length = -1
        for start in range(end - 1, -1, -1):
            length += len(words[start]) + 1
            if length > MOST_CHARACTERS and costs:
                break
            torn = not ends[end - 1] and any(ends[max(start, end - FEW_WORDS - 1) : end - 1])
            cost = best[start][0] + _length_cost(length) + breaks[end] + TORN * torn
            costs.append((cost, start))
        best.append(min(costs))
    pieces: list[str] = []
    end = len(words)
    while end:
        start = best[end][1]
        pieces.insert(0, " ".join(words[start:end]))
        end = start
    return tuple(pieces)


def ends_sentence(text: str) -> bool:
    """Whether the last word of the text ends a sentence."""
    return bool(_SENTENCE_END.search(text))


def _length_cost(length: int) -> float:
    away = (length - GOOD_CHARACTERS) / 20
    return 3.0 + away * away


def _break_cost(before: str, after: str) -> float:
    if after.startswith("—"):
        return 60.0
    if _SENTENCE_END.search(before):
        return 0.0
    if _CLAUSE_END.search(before):
        return 3.0
    if _LEANS_ON_NEXT.match(before):
        return 40.0
    return 8.0 if after.lower() in _BEGINS_CLAUSE else 15.0
