"""Taking owed work and doing it: claims that a killed worker cannot keep, retries, heartbeats."""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from integrations.runtime import clock, logs
from integrations.runtime.database import Model, db, transaction
from integrations.runtime.errors import OutsideError, Refused
from integrations.runtime.jobs import (
    MAX_ATTEMPTS,
    Job,
    Running,
    due,
    handler_of,
    waiting_or_running,
)

LEASE = timedelta(seconds=60)
ALIVE = timedelta(seconds=15)
POLL_S = 0.5

log = logging.getLogger(__name__)


class Heartbeat(Model):
    """A worker that is there: whoever waits for a job looks here before doing it himself."""

    __tablename__ = "workers"

    identity: Mapped[str] = mapped_column(String(120), primary_key=True)
    seen_at: Mapped[datetime]


def identity() -> str:
    """host:pid:start of this process; the start tells a pid's next owner from its last."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def _started(pid: int) -> str:
    """Clock ticks from boot to a process's start (proc(5), stat field 22); "0" where unknown."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def _is_gone(claimer: str) -> bool:
    """Whether a claimer on this machine certainly died; others have their lease run out."""
    host, _, rest = claimer.rpartition(":")[0].rpartition(":")
    started = claimer.rpartition(":")[2]
    if host != socket.gethostname() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return started != "0" and _started(int(rest)) != started


def release_dead() -> None:
    """Free the claims and heartbeats of workers of this machine that no longer run."""
    claimers = db.session.scalars(
        select(Job.claimed_by)
        .where(Job.claimed_by.is_not(None), Job.finished_at.is_(None))
        .distinct()
    ).all()
    beating = db.session.scalars(select(Heartbeat.identity)).all()
    gone = {name for name in (*claimers, *beating) if name and _is_gone(name)}
    if not gone:
        return
    with transaction():
        db.session.execute(
            update(Job).where(Job.claimed_by.in_(gone)).values(claimed_by=None, claimed_until=None)
        )
        db.session.execute(delete(Heartbeat).where(Heartbeat.identity.in_(gone)))


def beat() -> None:
    """Say that this worker is there."""
    with transaction():
        db.session.merge(Heartbeat(identity=identity(), seen_at=clock.now()))


def a_worker_is_alive() -> bool:
    """Whether some worker showed itself lately."""
    release_dead()
    since = clock.now() - ALIVE
    return bool(db.session.scalars(select(Heartbeat).where(Heartbeat.seen_at > since)).first())


def claim(kinds: frozenset[str] | None = None) -> Running | None:
    """Take one due job for this process, or None if there is none."""
    now = clock.now()
    if db.session.scalars(due(now, kinds).limit(1)).first() is None:
        db.session.rollback()
        return None
    with transaction():
        job = db.session.scalars(
            due(now, kinds).order_by(Job.run_at, Job.id).limit(1).with_for_update(skip_locked=True)
        ).first()
        if job is None:
            return None
        job.claimed_until, job.claimed_by = now + LEASE, identity()
        job.attempts += 1
        job.again = False
        return Running(job.id, job.kind, job.key, dict(job.payload), job.attempts, identity())


@contextmanager
def _kept(app: Flask, running: Running) -> Iterator[None]:
    """Renew the claim and the heartbeat while the block runs, from a thread of its own."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(ALIVE.total_seconds() / 3):
            with app.app_context():
                try:
                    with transaction():
                        db.session.execute(
                            update(Job)
                            .where(Job.id == running.id, Job.claimed_by == running.claimed_by)
                            .values(claimed_until=clock.now() + LEASE)
                        )
                        db.session.execute(
                            update(Heartbeat)
                            .where(Heartbeat.identity == running.claimed_by)
                            .values(seen_at=clock.now())
                        )
                except Exception:
                    log.exception("claim not renewed", extra={"job": running.key})

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def run(app: Flask, running: Running) -> bool:
    """Do one claimed job and write down how it ended; whether it succeeded."""
    token = logs.context.set({"job": running.key})
    started = time.monotonic()
    try:
        with _kept(app, running):
            handler_of(running.kind)(running)
    except Exception as error:  # noqa: BLE001 whatever it is, it is written down and tried again
        db.session.rollback()
        _failed(running, error)
        return False
    else:
        db.session.rollback()
        _finished(running)
        log.info(
            "job done", extra={"kind": running.kind, "took_s": round(time.monotonic() - started, 3)}
        )
        return True
    finally:
        logs.context.reset(token)


def _finished(running: Running) -> None:
    with transaction():
        job = db.session.get_one(Job, running.id, with_for_update=True)
        if job.claimed_by != running.claimed_by:
            return
        job.claimed_until, job.claimed_by, job.error = None, None, None
        if job.again:
            job.again, job.attempts = False, 0
        else:
            job.finished_at = clock.now()


def _failed(running: Running, error: Exception) -> None:
    final = isinstance(error, Refused) or (isinstance(error, OutsideError) and not error.temporary)
    with transaction():
        job = db.session.get_one(Job, running.id, with_for_update=True)
        if job.claimed_by != running.claimed_by:
            return
        job.claimed_until, job.claimed_by = None, None
        job.error = f"{type(error).__name__}: {error}"[:2000]
        outside = isinstance(error, OutsideError)
        if final or (job.attempts >= MAX_ATTEMPTS and not outside):
            job.given_up, job.finished_at = True, clock.now()
        else:
            job.run_at = clock.now() + back_off(job.attempts)
    if final or isinstance(error, OutsideError):
        log.warning("job failed", extra={"kind": running.kind, "error": str(error), "final": final})
    else:
        log.error("job failed", exc_info=error, extra={"kind": running.kind})


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 4 s, doubling to an hour, by a quarter at random."""
    seconds: float = min(4 * 2 ** max(attempts - 1, 0), 3600)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 no secret in it


def work_off(
    app: Flask,
    kinds: frozenset[str] | None = None,
    tell: Callable[[int], None] = lambda _done: None,
) -> int:
    """Do all work that is due now, and what it causes; how many jobs were run.

    tell: is told after each how many were.
    """
    release_dead()
    count = 0
    while (running := claim(kinds)) is not None:
        run(app, running)
        count += 1
        tell(count)
    return count


def work(app: Flask, stop: threading.Event, is_orphan: Callable[[], bool] = lambda: False) -> None:
    """Be a worker until `stop` is set or the process that started us is gone."""
    log.info("worker started", extra={"identity": identity()})
    last_beat = 0.0
    with app.app_context():
        release_dead()
        while not stop.is_set() and not is_orphan():
            try:
                if time.monotonic() - last_beat > ALIVE.total_seconds() / 5:
                    beat()
                    release_dead()
                    last_beat = time.monotonic()
                running = claim()
                if running is None:
                    stop.wait(POLL_S)
                else:
                    run(app, running)
            except Exception:
                # A database that is away for a moment must not end the worker.
                log.exception("worker stumbled")
                db.session.rollback()
                stop.wait(5)
        with transaction():
            db.session.execute(delete(Heartbeat).where(Heartbeat.identity == identity()))


def owed(kinds: frozenset[str] | None = None) -> int:
    """How many jobs are still to be done, of all kinds or of these."""
    return len(db.session.scalars(waiting_or_running(kinds)).all())
