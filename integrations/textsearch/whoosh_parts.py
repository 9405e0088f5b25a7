"""What is taken from Whoosh 2.7.4, and the few pieces given to it in exchange.

Its analysers, query language and scoring are not used: words come to it as finished terms.
"""

from __future__ import annotations

import secrets
import warnings
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

with warnings.catch_warnings():  # seen once, when Python first compiles sources of 2016
    warnings.filterwarnings("ignore", category=SyntaxWarning)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    from whoosh.codec.whoosh3 import W3Codec, W3Segment
    from whoosh.fields import ID, STORED, FieldType, Schema
    from whoosh.filedb.filestore import FileStorage
    from whoosh.formats import Format
    from whoosh.index import TOC, FileIndex
    from whoosh.reading import SegmentReader
    from whoosh.writing import SegmentWriter

__all__ = [
    "TOC",
    "FileIndex",
    "Files",
    "SegmentReader",
    "SegmentWriter",
    "codec",
    "positions_in",
    "schema",
]

_POSTINGS_IN_BLOCK = 1024  # eight times Whoosh's: frequent words are read in half the time


class Files(FileStorage):  # type: ignore[misc]
    """A folder that knows what was opened in it: Whoosh forgets to close what it cannot read."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._opened: list[Any] = []

    def open_file(self, name: str, **options: Any) -> Any:
        opened = super().open_file(name, **options)
        self._opened.append(opened)
        return opened

    def let_go(self) -> None:
        """Close all that is still open."""
        for one in self._opened:
            if not one.is_closed:
                one.close()
        self._opened.clear()


class _Places(Format):  # type: ignore[misc]
    """Where a term stands in a document: numbers of words, four bytes each."""

    def __init__(self) -> None:
        self.field_boost = 1.0
        self.options: dict[str, Any] = {}

    def decode_positions(self, value: bytes) -> array[int]:
        return positions_in(value)


class _Terms(FieldType):  # type: ignore[misc]
    """A field that is given finished terms: (bytes, frequency, weight, places)."""

    def __init__(self) -> None:
        super().__init__(_Places(), None, scorable=True)

    def index(
        self, value: Iterable[tuple[bytes, int, float, bytes]], **_: Any
    ) -> Iterable[tuple[bytes, int, float, bytes]]:
        return value


class _Codec(W3Codec):  # type: ignore[misc]
    length_stats = False  # they serve to skip blocks, which we never do: some questions hang

    def new_segment(self, storage: FileStorage, indexname: str) -> W3Segment:
        """A part of the index with a name of its own.

        Whoosh draws it from `random`: two writers that were seeded alike would overwrite
        each other's parts.
        """
        plain = W3Codec(blocklimit=_POSTINGS_IN_BLOCK)
        return W3Segment(plain, indexname, segid=secrets.token_hex(8))


def codec() -> W3Codec:
    """How the files are laid out."""
    return _Codec(blocklimit=_POSTINGS_IN_BLOCK)


def schema() -> Schema:
    """The fields of a document. `filters` holds all it is narrowed by, access first of all."""
    return Schema(words=_Terms(), source=ID(), filters=ID(), shown=STORED())


def positions_in(value: bytes) -> array[int]:
    """The places of a term, from what the index keeps of them."""
    places = array("I")
    places.frombytes(value)
    return places
