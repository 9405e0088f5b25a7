"""Bringing entries into the index: debts in the database, paid in batches by one writer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from archive.events import TalkPublished
from archive.models import Entry, IndexDebt, Talk
from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, is_sqlite, transaction
from integrations.runtime.errors import OutsideError
from integrations.runtime.events import publish
from integrations.textsearch.port import Document, IndexBusy, RebuildNeeded, Rebuilt, TextIndex

UPDATE = "index.update"
REBUILD = "index.rebuild"
BATCH = 20
SKIPPED_KEPT = 200

log = logging.getLogger(__name__)


def owe(source: str) -> None:
    """Have the index take in a source's entries as they are now; in the caller's transaction."""
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    db.session.execute(
        insert(IndexDebt)
        .values(source=source, stamp=1, owed_at=clock.now())
        .on_conflict_do_update(index_elements=["source"], set_={"stamp": IndexDebt.stamp + 1})
    )
    jobs.enqueue(UPDATE, UPDATE)


def owe_whole() -> None:
    """Have the index built if it is missing or of another version; a new archive has none yet."""
    if ports.get(TextIndex).needs_rebuild():
        with transaction():
            jobs.enqueue(UPDATE, UPDATE)


def owed() -> int:
    """How many sources the index has yet to take in."""
    return db.session.scalar(select(func.count()).select_from(IndexDebt)) or 0


@jobs.handles(UPDATE)
def update_index(running: jobs.Running) -> None:
    """Pay all debts; a batch is one commit of the index, then one of the database."""
    index = ports.get(TextIndex)
    if index.needs_rebuild():
        rebuild(lambda done: running.progress(stage="index", done=done, total=count()))
        return
    done = 0
    while debts := db.session.execute(
        select(IndexDebt.source, IndexDebt.stamp).order_by(IndexDebt.owed_at).limit(BATCH)
    ).all():
        batch: dict[str, list[Document]] = {source: [] for source, _ in debts}
        for entry in db.session.scalars(select(Entry).where(Entry.source.in_(batch))):
            batch[entry.source].append(document(entry))
        db.session.rollback()
        try:
            for skipped in index.replace_many(batch):
                log.warning(
                    "entry not indexed", extra={"entry": skipped.document_id, "why": skipped.reason}
                )
        except (IndexBusy, RebuildNeeded) as busy:
            raise OutsideError("index", temporary=True, detail=str(busy)) from busy
        _paid([(source, stamp) for source, stamp in debts])
        done += len(debts)
        running.progress(stage="index", done=done, total=done + owed())


def _paid(debts: list[tuple[str, int]]) -> None:
    with transaction():
        db.session.execute(
            delete(IndexDebt).where(tuple_(IndexDebt.source, IndexDebt.stamp).in_(debts))
        )
        talk_ids = [int(source[5:]) for source, _ in debts if source.startswith("talk:")]
        published = db.session.scalars(
            update(Talk)
            .where(Talk.id.in_(talk_ids), Talk.state.in_(("read", "indexed")))
            .values(state="published")
            .returning(Talk.id)
        ).all()
        for talk_id in sorted(published):
            publish(TalkPublished(talk_id))


def document(entry: Entry) -> Document:
    """The entry as the index takes it."""
    return Document(
        id=str(entry.id), source=entry.source, kind=entry.kind, text=entry.text, title=entry.title,
        names=entry.names, lang=entry.lang, access_keys=frozenset(entry.access_keys),
        facets={key: str(value) for key, value in entry.facets.items()},
        start_s=entry.start_s, end_s=entry.end_s,
    )  # fmt: skip


def count() -> int:
    """How many entries there are."""
    return db.session.scalar(select(func.count()).select_from(Entry)) or 0


def rebuild(on_progress: Callable[[int], None] | None = None) -> Rebuilt:
    """Build the index anew from the database, beside the one in use, and swap. Raises IndexBusy.

    Debts that were there before it began are paid by it.
    """
    debts = [(s, n) for s, n in db.session.execute(select(IndexDebt.source, IndexDebt.stamp)).all()]
    db.session.rollback()
    rebuilt = ports.get(TextIndex).rebuild(_all_documents(), on_progress)
    if debts:
        _paid(debts)
    return rebuilt


@jobs.handles(REBUILD)
def rebuild_index(running: jobs.Running) -> None:
    """Build the index anew; in the end the progress tells what it holds and what it skipped."""
    total = count()
    try:
        made = rebuild(lambda done: running.progress(stage="index", done=done, total=total))
    except IndexBusy as busy:
        raise OutsideError("index", temporary=True, detail=str(busy)) from busy
    skipped = [[one.document_id, one.reason] for one in made.skipped[:SKIPPED_KEPT]]
    running.progress(stage="done", documents=made.documents, skipped=skipped)


def _all_documents(page: int = 2000) -> Iterator[Document]:
    last = 0
    while True:
        found = db.session.scalars(
            select(Entry).where(Entry.id > last).order_by(Entry.id).limit(page)
        ).all()
        if not found:
            db.session.rollback()
            return
        documents = [document(entry) for entry in found]
        last = found[-1].id
        db.session.rollback()
        for entry in found:
            db.session.expunge(entry)  # not all: the caller may hold rows of its own
        yield from documents
