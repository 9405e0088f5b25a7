"""A full-text index in a folder of one machine, kept by Whoosh.

Any number of processes and threads may search while one writes. A writer that is killed leaves
the index as it was before; what it left behind is swept by the next.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from integrations.textsearch import marking, whoosh_search
from integrations.textsearch.port import (
    Document,
    IndexBusy,
    Problem,
    Query,
    RebuildNeeded,
    Rebuilt,
    Results,
    Skipped,
)
from integrations.textsearch.whoosh_document import fields_of
from integrations.textsearch.whoosh_folder import LAYOUT, Folder, Writer
from integrations.textsearch.whoosh_parts import SegmentReader
from integrations.textsearch.whoosh_reader import Snapshot

MOST_PARTS = 10  # Each commit adds a part, each part slows down every search.
_WORN = 0.3  # A part is written anew when this much of it was replaced.
_TELL_EVERY = 200

log = logging.getLogger(__name__)


class WhooshIndex:
    """The driver of the port `TextIndex`.

    path: a folder of its own, made when first written to. wait_s: how long to wait for
    another writer. memory_mb: what one commit may hold before it goes to the disk.
    """

    def __init__(self, path: Path, wait_s: float = 60.0, memory_mb: int = 256) -> None:
        self._folder = Folder(path, wait_s)
        self._memory_mb = memory_mb
        self._idle: list[Snapshot] = []
        self._idle_of = os.getpid()
        self._lock = threading.Lock()

    # Writing

    def replace(self, source: str, documents: Sequence[Document]) -> list[Skipped]:
        return self.replace_many({source: documents})

    def replace_many(self, batch: Mapping[str, Sequence[Document]]) -> list[Skipped]:
        skipped: list[Skipped] = []
        prepared = [
            fields for documents in batch.values() for _, fields in _prepared(documents, skipped)
        ]
        with self._folder.writing():
            version = self._writable()
            with self._committing(version) as writer:
                for source in batch:
                    _remove(writer, source)
                for fields in prepared:
                    writer.add_document(**fields)
        return skipped

    def remove(self, source: str) -> None:
        with self._folder.writing():
            version = self._folder.current()
            if version is None or not self._is_readable():
                return
            with self._committing(version) as writer:
                _remove(writer, source)

    def rebuild(
        self, documents: Iterable[Document], on_progress: Callable[[int], None] | None = None
    ) -> Rebuilt:
        skipped: list[Skipped] = []
        done = 0
        with self._folder.writing():
            version = self._folder.new_version()
            with self._committing(version) as writer:
                for done, fields in _prepared(documents, skipped):
                    writer.add_document(**fields)
                    if on_progress and done % _TELL_EVERY == 0:
                        on_progress(done)
            self._folder.use(version, whole=True)
        if on_progress:
            on_progress(done)
        return Rebuilt(done - len(skipped), skipped)

    def tidy(self) -> None:
        with self._folder.writing():
            version = self._folder.current()
            if version is not None and self._is_readable():
                with self._committing(version, _merge_all):
                    pass

    def _writable(self) -> Path:
        """The version to write to; a fresh one where there is none that can be read."""
        version = self._folder.current()
        if version is not None and self._is_readable():
            if self._folder.stamp().get("layout") != LAYOUT:
                raise RebuildNeeded(str(self._folder.path))
            return version
        version = self._folder.new_version()
        self._folder.use(version, whole=False)
        return version

    @contextmanager
    def _committing(
        self, version: Path, merging: Callable[[Any, list[Any]], list[Any]] | None = None
    ) -> Iterator[Any]:
        writer = Writer(self._folder, version, self._memory_mb)
        try:
            yield writer
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=merging or _merge_some)

    # Reading

    def search(self, query: Query) -> Results:
        try:
            with self._snapshot() as snapshot:
                if snapshot is None:
                    return Results([], available=False)
                return whoosh_search.search(snapshot, query)
        except Exception:
            log.exception("the search index in %s cannot be read", self._folder.path)
            return Results([], available=False)

    def marks(self, text: str, words: str) -> list[tuple[int, int]]:
        return marking.marks(text, words)

    def excerpt(self, text: str, words: str, width: int) -> list[tuple[str, bool]]:
        return marking.excerpt(text, words, width)

    def needs_rebuild(self) -> bool:
        stamp = self._folder.stamp()
        right = stamp.get("layout") == LAYOUT and stamp.get("whole") is True
        return not right or not self._is_readable()

    def check(self) -> list[Problem]:
        where = str(self._folder.path)
        if self._folder.current() is None:
            return [Problem("missing", where)]
        problems = []
        if not os.access(self._folder.path, os.W_OK):
            problems.append(Problem("not_writable", where))
        try:
            with self._snapshot() as snapshot:
                parts = snapshot.parts if snapshot else 0
        except Exception as broken:  # noqa: BLE001 - a broken file breaks in a hundred ways
            return [*problems, Problem("unreadable", f"{where}: {broken!r}")]
        stamp = self._folder.stamp()
        if stamp.get("layout") != LAYOUT:
            problems.append(Problem("outdated", f"{stamp.get('layout')} instead of {LAYOUT}"))
        elif stamp.get("whole") is not True:
            problems.append(Problem("incomplete", where))
        if parts > 2 * MOST_PARTS:
            problems.append(Problem("many_parts", str(parts)))
        return problems

    def count(self) -> int:
        try:
            with self._snapshot() as snapshot:
                return snapshot.count() if snapshot else 0
        except Exception:
            log.exception("the search index in %s cannot be read", self._folder.path)
            return 0

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        if self._idle_of == os.getpid():
            for snapshot in idle:
                snapshot.close()

    def _is_readable(self) -> bool:
        try:
            with self._snapshot() as snapshot:
                return snapshot is not None
        except IndexBusy:
            raise
        except Exception:  # noqa: BLE001 - a broken file breaks in a hundred ways
            return False

    @contextmanager
    def _snapshot(self) -> Iterator[Snapshot | None]:
        """The index as it stands now, for this thread alone.

        Whoosh can refresh a reader; refreshed, it goes on showing what was deleted.
        """
        snapshot = self._take() or Snapshot.open(self._folder)
        try:
            yield snapshot
        except BaseException:
            if snapshot:
                snapshot.close()
            raise
        if snapshot:
            with self._lock:
                self._idle.append(snapshot)

    def _take(self) -> Snapshot | None:
        latest = self._folder.latest()
        with self._lock:
            if self._idle_of != os.getpid():  # a fork shares the cursors of its parent's files
                self._idle, self._idle_of = [], os.getpid()
            old = [one for one in self._idle if one.version != latest]
            self._idle = [one for one in self._idle if one.version == latest]
            taken = self._idle.pop() if self._idle else None
        for one in old:
            one.close()
        return taken


def _prepared(
    documents: Iterable[Document], skipped: list[Skipped]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of documents so far and what the index is given of the last.

    All that may break does so here, before Whoosh has seen any of the document.
    """
    for number, document in enumerate(documents, start=1):
        try:
            yield number, fields_of(document)
        except Exception as broken:  # noqa: BLE001 - one document must not end a rebuild
            log.warning("document %r cannot be indexed: %r", document.id, broken)
            skipped.append(Skipped(document.id, repr(broken)))


def _remove(writer: Any, source: str) -> None:
    if _encodable(source):
        writer.delete_by_term("source", source)


def _encodable(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _merge_some(writer: Any, parts: list[Any]) -> list[Any]:
    """Keeps the parts few: rewrites worn ones, and the smallest together once there are many."""
    kept = [one for one in parts if one.deleted_count() <= _WORN * one.doc_count_all()]
    rewritten = [one for one in parts if one not in kept and one.doc_count()]
    if len(kept) >= MOST_PARTS:
        kept.sort(key=lambda one: one.doc_count())
        size = 0
        while kept and (len(kept) >= MOST_PARTS // 2 or kept[0].doc_count() <= size):
            smallest = kept.pop(0)
            size += smallest.doc_count()
            rewritten.append(smallest)
    _rewrite(writer, rewritten)
    return kept


def _merge_all(writer: Any, parts: list[Any]) -> list[Any]:
    _rewrite(writer, parts)
    return []


def _rewrite(writer: Any, parts: list[Any]) -> None:
    for part in parts:
        reader = SegmentReader(writer.storage, writer.schema, part)
        try:
            writer.add_reader(reader)
        finally:
            reader.close()
