"""Answers a question from a snapshot: first with all the words, then with some of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from integrations.textsearch import asking, russian, spelling
from integrations.textsearch.asking import Asked, Wanted
from integrations.textsearch.port import Found, Query, Results
from integrations.textsearch.whoosh_document import filters_of
from integrations.textsearch.whoosh_reader import Scores, Snapshot

TOO_FEW = 3  # With fewer that hold every word, those that hold some are looked for too.
FREQUENT = 0.1  # A word in more of the documents than this does not find any by itself …
FREQUENT_FROM = 2000  # … unless the index is small.
_MOST_MISSPELT = 3
_FREED_OF_OVERLAPS = 500
_OVERLAP = 0.25  # of the shorter of two windows


@dataclass(frozen=True)
class _Ranked:
    document: int
    score: float
    complete: bool


def search(snapshot: Snapshot, query: Query) -> Results:
    """One page of what the viewer may see."""
    asked = asking.read(query.words)
    if not asked.words or not query.access_keys or query.limit < 1:
        return Results([])
    allowed = snapshot.allowed(*filters_of(query))
    for absent in asked.absent:
        for document in snapshot.scores(absent, allowed):
            allowed[document] = 0
    complete = _holding_all(snapshot, asked, allowed)
    ranked = [_Ranked(d, score, True) for d, score in complete.items()]
    approximate = False
    if len(complete) < TOO_FEW:
        words = asked.telling if complete else _as_meant(snapshot, asked.telling)
        some = _holding_some(snapshot, words, allowed)
        more = [_Ranked(d, score, False) for d, score in some.items() if d not in complete]
        approximate = bool(more)
        ranked += more
    ranked.sort(key=lambda one: (not one.complete, -one.score, one.document))
    return _page(snapshot, query, ranked, approximate)


def _holding_all(snapshot: Snapshot, asked: Asked, allowed: bytearray) -> Scores:
    found = snapshot.scores_of_all(asked.telling, allowed)
    for phrase in asked.phrases:
        together = snapshot.standing_together(phrase, found)
        found = {document: score for document, score in found.items() if document in together}
    return found


def _holding_some(snapshot: Snapshot, words: tuple[Wanted, ...], allowed: bytearray) -> Scores:
    """Documents with some of the words: the more words, the better."""
    ceiling = max(FREQUENT_FROM, FREQUENT * snapshot.count())
    rare = [one for one in words if snapshot.frequency_of(one) <= ceiling] or words
    scores: Scores = {}
    met: dict[int, int] = {}
    for one in rare:
        for document, score in snapshot.scores(one, allowed).items():
            scores[document] = scores.get(document, 0.0) + score
            met[document] = met.get(document, 0) + 1
    for one in words:
        if one not in rare:
            for document, score in snapshot.scores(one, allowed, scores).items():
                scores[document] += score
                met[document] += 1
    return {d: score * met[d] / len(words) for d, score in scores.items()}


def _as_meant(snapshot: Snapshot, words: tuple[Wanted, ...]) -> tuple[Wanted, ...]:
    """The words, each with what it may have been meant to be, if it seems to be no word."""
    doubtful = [one for one in words if not (snapshot.frequency_of(one) and _is_sure(one))]
    guessed = {
        one: replace(one, terms=one.terms + spelling.meant(one.form, snapshot.frequency))
        for one in doubtful[:_MOST_MISSPELT]
    }
    return tuple(guessed.get(one, one) for one in words)


def _is_sure(one: Wanted) -> bool:
    return not russian.is_cyrillic(one.form) or russian.is_known(one.form)


def _page(snapshot: Snapshot, query: Query, ranked: list[_Ranked], approximate: bool) -> Results:
    start = max(0, query.offset)
    wanted = start + query.limit
    kept: list[Found] = []
    windows: dict[tuple[str, str], list[tuple[float, float]]] = {}
    dropped = seen = 0
    for one in ranked:
        if len(kept) >= wanted and len(ranked) > _FREED_OF_OVERLAPS:
            break
        seen += 1
        document_id, source, kind, start_s, end_s = snapshot.shown(one.document)
        beside = windows.setdefault((source, kind), [])
        if start_s is not None and end_s is not None:
            if any(_overlap((start_s, end_s), other) for other in beside):
                dropped += 1
                continue
            beside.append((start_s, end_s))
        kept.append(Found(document_id, source, one.score, one.complete, start_s, end_s))
    return Results(kept[start:wanted], len(ranked) - dropped, seen == len(ranked), approximate)


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    common = min(one[1], other[1]) - max(one[0], other[0])
    shorter = min(one[1] - one[0], other[1] - other[0])
    return common > 0 and common >= _OVERLAP * shorter
