"""Turns a document into the terms and filters an index keeps of it."""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import Any

from integrations.textsearch import russian
from integrations.textsearch.port import Document, Query
from integrations.textsearch.words import words_of, written_in

TITLE_WEIGHT = 2.0
NAMES_WEIGHT = 2.5
_REMEMBERED = 1 << 16  # written words, inflections and capitals apart
_GAP = 20  # places between title, names and text: no phrase reaches across


def fields_of(document: Document) -> dict[str, Any]:
    """What Whoosh is given. Raises ValueError or TypeError for what cannot be indexed."""
    for name in (document.id, document.source, document.kind):
        name.encode("utf-8")
    for at in (document.start_s, document.end_s):
        if at is not None and at != at:
            raise ValueError("a time is not a number")
    shown = (document.id, document.source, document.kind, document.start_s, document.end_s)
    return {
        "words": _terms(document),
        "filters": _filters(document),
        "source": [document.source],
        "shown": shown,
    }


def filters_of(query: Query) -> list[list[str]]:
    """What a document must have to be found, one of each group."""
    groups = [[_filter("access", key) for key in query.access_keys]]
    if query.kinds is not None:
        groups.append([_filter("kind", kind) for kind in query.kinds])
    if query.source is not None:
        groups.append([_filter("source", query.source)])
    groups += [[_filter("facet", name, value)] for name, value in query.facets.items()]
    return groups


def _filters(document: Document) -> list[str]:
    filters = [_filter("access", key) for key in document.access_keys]
    filters += [_filter("facet", name, value) for name, value in document.facets.items()]
    return [*filters, _filter("kind", document.kind), _filter("source", document.source)]


def _filter(*names: str) -> str:
    """A property, written so that none can pass for another, whatever is in its name."""
    legible = (name.encode("utf-8", "backslashreplace").decode("utf-8") for name in names)
    return "\0".join(name.replace("\0", "\\0") for name in legible)


def _terms(document: Document) -> list[tuple[bytes, int, float, bytes]]:
    """Every term once: (bytes, how often, weight, places)."""
    places: dict[str, list[int]] = {}
    extra: dict[str, float] = {}
    place = 0
    for text, weight in (
        (document.names, NAMES_WEIGHT),
        (document.title, TITLE_WEIGHT),
        (document.text, 1.0),
    ):
        for written in written_in(text):
            for term, step in _terms_of(written):
                places.setdefault(term, []).append(place + step)
                if weight > 1:
                    extra[term] = extra.get(term, 0.0) + weight - 1
            place += step + 1
        place += _GAP
    return [
        (term.encode("utf-8"), len(at), len(at) + extra.get(term, 0.0), array("I", at).tobytes())
        for term, at in places.items()
    ]


@lru_cache(maxsize=_REMEMBERED)
def _terms_of(written: str) -> tuple[tuple[str, int], ...]:
    """What a word is kept under, and how many places on: a word with hyphens and its parts."""
    found = []
    place = 0
    for word in words_of(written):
        found.append((russian.lemma(word.form), place))
        found += [(russian.lemma(part.form), place + at) for at, part in enumerate(word.parts)]
        place += len(word.parts) or 1
    return tuple(found)
