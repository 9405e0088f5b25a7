"""The index is paid what it is owed, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from flask import Flask

from archive import entries, indexing
from archive.entries import Findable
from integrations.runtime import jobs, ports
from integrations.runtime.database import transaction
from integrations.textsearch.port import Document, IndexBusy, Query, Skipped, TextIndex
from tests.conftest import Clock

WorkOff = Callable[[], int]


def put(source: str, *titles: str) -> None:
    with transaction():
        entries.put(
            source,
            [Findable("session", title, "", "/", frozenset({"public"})) for title in titles],
        )


def found(words: str) -> int:
    return ports.get(TextIndex).search(Query(words, frozenset({"public"}))).total


def test_what_is_owed_is_found_once_it_is_paid(app: Flask, work_off: WorkOff) -> None:
    put("session:1", "Наставничество")
    before = (found("наставничество"), indexing.owed())

    work_off()

    assert (before, found("наставничество"), indexing.owed()) == ((0, 1), 1, 0)


def test_what_is_gone_from_the_database_is_gone_from_the_index(
    app: Flask, work_off: WorkOff
) -> None:
    put("session:1", "Наставничество")
    work_off()

    put("session:1")
    work_off()

    assert found("наставничество") == 0


def test_a_change_made_while_the_index_is_written_is_not_lost(
    app: Flask, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("session:1", "Наставничество")
    index = ports.get(TextIndex)
    really, changed = type(index).replace_many, []

    def meanwhile(self: TextIndex, batch: Mapping[str, Sequence[Document]]) -> list[Skipped]:
        skipped = really(self, batch)  # type: ignore[arg-type]
        if not changed:
            changed.append(True)
            put("session:1", "Робототехника")
        return skipped

    monkeypatch.setattr(type(index), "replace_many", meanwhile)
    index.rebuild([])

    work_off()

    assert (found("наставничество"), found("робототехника"), indexing.owed()) == (0, 1, 0)


def test_a_busy_index_is_asked_again_later(
    app: Flask, work_off: WorkOff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = ports.get(TextIndex)
    index.rebuild([])
    put("session:1", "Наставничество")

    def busy(*_args: object) -> list[Skipped]:
        raise IndexBusy

    with monkeypatch.context() as patch:
        patch.setattr(type(index), "replace_many", busy)
        work_off()
    job = jobs.find(indexing.UPDATE)
    assert job is not None
    state = job.state
    clock.pass_by(minutes=1)
    work_off()

    assert (state, found("наставничество")) == ("waiting", 1)


def test_a_lost_index_is_made_anew_from_the_database(app: Flask, work_off: WorkOff) -> None:
    put("session:1", "Наставничество")
    put("session:2", "Робототехника")
    work_off()
    ports.get(TextIndex).rebuild([])
    lost = found("наставничество")

    rebuilt = indexing.rebuild()

    assert (lost, rebuilt.documents, found("наставничество")) == (0, 2, 1)
