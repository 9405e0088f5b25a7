"""Work that is owed: one table, written in the transaction that causes the work.

A job runs at least once, so every handler must be safe to run twice. `key` names the piece of work:
asking for it again while it waits changes nothing; asking while it runs has it run once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Select, String, Text, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from integrations.runtime import clock
from integrations.runtime.database import Model, db, is_sqlite, transaction

MAX_ATTEMPTS = 8


class Job(Model):
    """One piece of work. Waiting: neither claimed nor finished nor given up."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "finished_at", "run_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_at: Mapped[datetime]
    run_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(default=0)
    again: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[datetime | None]
    given_up: Mapped[bool] = mapped_column(default=False)

    @property
    def state(self) -> str:
        """waiting, running, done or failed."""
        if self.given_up:
            return "failed"
        if self.finished_at is not None:
            return "done"
        return "running" if self.claimed_until is not None else "waiting"


def enqueue(
    kind: str, key: str, payload: dict[str, Any] | None = None, run_at: datetime | None = None
) -> None:
    """Owe a piece of work, in the caller's transaction.

    run_at: not before this instant (default: now). A job of this key that waits keeps its earlier
    instant; one that is done or given up waits again; one that runs will run once more, then.
    """
    asked = clock.now()
    due_at = run_at or asked
    row = {
        "kind": kind, "key": key, "payload": payload or {}, "asked_at": asked, "progress": {},
        "run_at": due_at, "attempts": 0, "again": False, "given_up": False,
    }  # fmt: skip
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    made = db.session.execute(
        insert(Job).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(Job.id)
    ).scalar()
    if made is not None:
        return
    job = db.session.execute(_locked(Job.key == key)).scalar_one()
    job.payload = payload or {}
    if job.state == "running":
        job.run_at = min(job.run_at, due_at) if job.again else due_at
        job.again = True
    elif job.state == "waiting":
        job.run_at = min(job.run_at, due_at)
    else:
        job.run_at, job.asked_at = due_at, asked
        job.finished_at, job.given_up, job.attempts, job.error = None, False, 0, None
        job.progress = {}


def _locked(*conditions: Any) -> Select[Job]:
    return (
        select(Job).where(*conditions).with_for_update().execution_options(populate_existing=True)
    )


def find(key: str) -> Job | None:
    """The job of this key, as the database has it now."""
    return db.session.execute(
        select(Job).where(Job.key == key).execution_options(populate_existing=True)
    ).scalar_one_or_none()


def waiting_or_running(kinds: frozenset[str] | None = None) -> Select[Job]:
    """The jobs that are still owed, of all kinds or of these."""
    query = select(Job).where(Job.finished_at.is_(None), Job.given_up.is_(False))
    return query if kinds is None else query.where(Job.kind.in_(kinds))


def due(now: datetime, kinds: frozenset[str] | None = None) -> Select[Job]:
    """The jobs that may be claimed at `now`: due, and in nobody's hands or in a dead one's."""
    return waiting_or_running(kinds).where(
        Job.run_at <= now, or_(Job.claimed_until.is_(None), Job.claimed_until < now)
    )


@dataclass
class Running:
    """A job in the hands of its handler."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int
    claimed_by: str

    def progress(self, **facts: object) -> None:
        """Show how far the work is, on the page and in the terminal; own transaction.

        Usual facts: `stage` (a word), `done` and `total` (counts).
        """
        # What was read before may be out of date by now, and SQLite refuses to write after that.
        with transaction():
            db.session.execute(
                update(Job)
                .where(and_(Job.id == self.id, Job.claimed_by == self.claimed_by))
                .values(progress=facts)
            )


Handler = Callable[[Running], None]
_handlers: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Make the decorated function the handler of jobs of this kind."""

    def file(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return file


def handler_of(kind: str) -> Handler:
    """Raises LookupError for a kind that no module handles."""
    try:
        return _handlers[kind]
    except KeyError:
        raise LookupError(f"no handler for jobs of kind {kind!r}") from None
