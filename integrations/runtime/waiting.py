"""Waiting for owed work: doing it oneself where no worker is alive, else following it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select

from integrations.runtime import clock, worker
from integrations.runtime.database import db
from integrations.runtime.jobs import Job

LOOK_S = 0.2
PATIENCE = 3  # Attempts after which a job that goes on failing is left to the workers.
_CHUNK = 500


@dataclass
class Outcome:
    """What became of the jobs waited for, by key: their last error where they did not end well."""

    failed: dict[str, str] = field(default_factory=dict)
    put_off: dict[str, str] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return not self.failed and not self.put_off


@dataclass(frozen=True)
class Look:
    """One look at the work: how many of the jobs are over, and what the one that runs says."""

    done: int
    total: int
    progress: dict[str, Any]
    by_worker: bool


def wait_for(
    app: Flask, keys: Collection[str], kinds: frozenset[str], on_look: Callable[[Look], None]
) -> Outcome:
    """Return when the jobs of these keys are over, given up, or have failed a few times.

    kinds: what this process does itself while no worker is alive. Interrupted, all rows stay owed.
    """
    outcome = Outcome()
    open_keys = list(dict.fromkeys(keys))
    total = len(open_keys)
    own: threading.Thread | None = None
    own_failures: list[BaseException] = []
    asked_at = -1e9
    while True:
        open_keys, running = _look(open_keys, outcome)
        working = own is not None and own.is_alive()
        on_look(Look(total - len(open_keys), total, running, by_worker=not working))
        if not open_keys:
            return outcome
        if own_failures:
            raise own_failures[0]
        if not working and time.monotonic() - asked_at > 1:
            asked_at = time.monotonic()
            alive = worker.a_worker_is_alive()
            db.session.rollback()
            if not alive:
                own = threading.Thread(
                    target=_work, args=(app, kinds, own_failures), daemon=True, name="own work"
                )
                own.start()
        time.sleep(LOOK_S)


def _work(app: Flask, kinds: frozenset[str], failures: list[BaseException]) -> None:
    try:
        with app.app_context():
            worker.work_off(app, kinds)
    except BaseException as failure:  # noqa: BLE001 raised again where it can be seen
        failures.append(failure)


def _look(keys: Sequence[str], outcome: Outcome) -> tuple[list[str], dict[str, Any]]:
    """The keys whose jobs are still to be waited for, and the progress of one that runs."""
    still: list[str] = []
    progress: dict[str, Any] = {}
    for job in _jobs(keys):
        if job.state == "failed":
            outcome.failed[job.key] = job.error or ""
        elif job.state == "waiting" and job.attempts >= PATIENCE and job.run_at > clock.now():
            outcome.put_off[job.key] = job.error or ""
        elif job.state != "done":
            still.append(job.key)
            progress = dict(job.progress) if job.state == "running" else progress
    db.session.rollback()
    return still, progress


def _jobs(keys: Sequence[str]) -> Iterator[Job]:
    for start in range(0, len(keys), _CHUNK):
        yield from db.session.scalars(
            select(Job)
            .where(Job.key.in_(keys[start : start + _CHUNK]))
            .execution_options(populate_existing=True)
        )
