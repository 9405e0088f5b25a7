"""What is asked of a full-text index, whatever engine stands behind it.

The database is the truth: an index may be lost, and is then rebuilt from it. Access is a set
of keys on the document and a set of keys on the viewer; a document is found where they meet,
and one without keys is found by nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class IndexBusy(Exception):  # noqa: N818 - it says what is the case
    """Another writer held the index for longer than we wait: try again later."""


class RebuildNeeded(Exception):  # noqa: N818
    """The index was made by another version; nothing is added to it before it is rebuilt."""


@dataclass(frozen=True)
class Document:
    """One thing that can be found: a minute of speech, a slide page, a session to come.

    id: unique in the index. source: what it is a part of (`talk:42`), replaced as a whole.
    lang: ISO 639-1, or empty where unknown. names: speakers, cities, the topic: copied into
    every part of a talk, and weighing more than its text. facets: what a search may be
    narrowed to, as `{"city": "Вологда"}`. start_s, end_s: where in the talk, if anywhere.
    """

    id: str
    source: str
    kind: str
    text: str
    title: str = ""
    names: str = ""
    lang: str = ""
    access_keys: frozenset[str] = frozenset()
    facets: Mapping[str, str] = field(default_factory=dict)
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True)
class Query:
    """What is looked for, and who looks.

    words: as typed; "a phrase" and -word are understood, nothing else is.
    access_keys: the viewer's. kinds, source, facets: None or empty does not narrow.
    """

    words: str
    access_keys: frozenset[str]
    kinds: frozenset[str] | None = None
    source: str | None = None
    facets: Mapping[str, str] = field(default_factory=dict)
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True)
class Found:
    """A document that was found; `complete` where it holds every word that was asked for."""

    document_id: str
    source: str
    score: float
    complete: bool
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True)
class Results:
    """One page of what was found, best first; of overlapping windows only the best is kept.

    total: of all pages; `total_is_exact` is False where it is an upper bound, because only the
    best were freed of overlaps. approximate: too few documents hold every word, so those that
    hold some of them, or words spelt much the same, follow. available: False where there
    is no readable index, which is not the same as having found nothing.
    """

    hits: list[Found]
    total: int = 0
    total_is_exact: bool = True
    approximate: bool = False
    available: bool = True


@dataclass(frozen=True)
class Skipped:
    """A document that broke the indexer and was left out, and what it said."""

    document_id: str
    reason: str


@dataclass(frozen=True)
class Rebuilt:
    """How many documents the new index holds, and which it could not take."""

    documents: int
    skipped: list[Skipped]


@dataclass(frozen=True)
class Problem:
    """Something a person should know. code: missing, unreadable, outdated, incomplete,
    not_writable, many_parts. detail: names and figures, not for translation.
    """

    code: str
    detail: str


class TextIndex(Protocol):
    """An index that several processes read while one writes."""

    def replace(self, source: str, documents: Sequence[Document]) -> list[Skipped]:
        """Make these the only documents of the source; on return they are found.

        Gives back those that could not be taken. Raises IndexBusy, RebuildNeeded.
        """
        ...

    def replace_many(self, batch: Mapping[str, Sequence[Document]]) -> list[Skipped]:
        """The same for many sources: all of them appear at once, or none."""
        ...

    def remove(self, source: str) -> None:
        """Nothing of this source is found any more, if anything was. Raises IndexBusy."""
        ...

    def search(self, query: Query) -> Results:
        """What the viewer may see of what was asked for. Never raises because of the words."""
        ...

    def rebuild(
        self, documents: Iterable[Document], on_progress: Callable[[int], None] | None = None
    ) -> Rebuilt:
        """Build a new index beside the one in use, then put it in its place.

        on_progress: is told the number of documents done so far. Where `documents` raises,
        the index in use stays. Raises IndexBusy.
        """
        ...

    def needs_rebuild(self) -> bool:
        """Whether the index is missing, unreadable, of another version, or was never whole."""
        ...

    def tidy(self) -> None:
        """Make searching as fast as it can be; for quiet hours. Raises IndexBusy."""
        ...

    def marks(self, text: str, words: str) -> list[tuple[int, int]]:
        """Where in the text the words stand, in any inflection: (start, end), in characters."""
        ...

    def excerpt(self, text: str, words: str, width: int) -> list[tuple[str, bool]]:
        """About `width` characters around the most of the words, as (piece, is a match)."""
        ...

    def count(self) -> int:
        """How many documents the index holds; none where it cannot be read."""
        ...

    def check(self) -> list[Problem]:
        """What is wrong with the index; empty where nothing is."""
        ...

    def close(self) -> None:
        """Let go of all files. Closing twice is no error."""
        ...
