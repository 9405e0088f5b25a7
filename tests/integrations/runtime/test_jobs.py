"""Work that is owed: once per key, at least once, by whoever is alive."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from integrations.runtime import jobs, worker
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import OutsideError, Refused
from integrations.runtime.jobs import Job
from tests.conftest import START, Clock

KIND = "test.work"


@pytest.fixture
def done() -> Iterator[list[jobs.Running]]:
    """The runs of a handler that only notes them."""
    runs: list[jobs.Running] = []
    jobs._handlers[KIND] = runs.append
    yield runs
    del jobs._handlers[KIND]


def owe(key: str = "a", **payload: object) -> None:
    with transaction():
        jobs.enqueue(KIND, key, dict(payload))


def the_job(key: str = "a") -> Job:
    found = jobs.find(key)
    assert found is not None
    return found


def failing(error: Exception) -> jobs.Handler:
    def fail(_running: jobs.Running) -> None:
        raise error

    return fail


def test_work_asked_for_twice_while_it_waits_is_done_once(
    app: Flask, done: list[jobs.Running]
) -> None:
    owe(size=1)
    owe(size=2)

    worker.work_off(app)

    assert [run.payload for run in done] == [{"size": 2}]


def test_work_asked_for_while_it_runs_is_done_once_more(
    app: Flask, done: list[jobs.Running]
) -> None:
    def ask_again(running: jobs.Running) -> None:
        done.append(running)
        if len(done) == 1:
            owe(size=2)

    jobs._handlers[KIND] = ask_again
    owe(size=1)

    worker.work_off(app)

    assert [run.payload for run in done] == [{"size": 1}, {"size": 2}]
    assert the_job().state == "done"


def test_work_that_is_done_can_be_asked_for_again(app: Flask, done: list[jobs.Running]) -> None:
    owe()
    worker.work_off(app)
    owe()
    worker.work_off(app)

    assert len(done) == 2


def test_work_is_not_done_where_what_caused_it_failed(app: Flask, done: list[jobs.Running]) -> None:
    with pytest.raises(ValueError, match="no"), transaction():  # noqa: PT012 the way it is used
        jobs.enqueue(KIND, "a")
        raise ValueError("no")

    assert worker.work_off(app) == 0


def test_work_waits_for_its_hour(app: Flask, done: list[jobs.Running], clock: Clock) -> None:
    with transaction():
        jobs.enqueue(KIND, "a", run_at=START + timedelta(hours=1))

    before = worker.work_off(app)
    clock.pass_by(hours=1)
    after = worker.work_off(app)

    assert (before, after) == (0, 1)


def test_work_that_failed_is_tried_again_later_and_later(app: Flask, clock: Clock) -> None:
    jobs._handlers[KIND] = failing(OutsideError("mail", temporary=True))
    owe()
    waits = []
    for _ in range(4):
        worker.work_off(app)
        waits.append((the_job().run_at - clock.at).total_seconds())
        clock.move_to(the_job().run_at)

    assert [round(wait / 4 / 2**n) for n, wait in enumerate(waits)] == [1, 1, 1, 1]
    del jobs._handlers[KIND]


def test_a_service_that_stays_away_is_never_given_up(app: Flask, clock: Clock) -> None:
    jobs._handlers[KIND] = failing(OutsideError("mail", temporary=True))
    owe()
    for _ in range(jobs.MAX_ATTEMPTS + 3):
        worker.work_off(app)
        clock.move_to(the_job().run_at)

    assert the_job().state == "waiting"
    del jobs._handlers[KIND]


@pytest.mark.parametrize("final", [Refused("no"), OutsideError("mail", temporary=False)])
def test_a_final_no_is_not_asked_again(app: Flask, final: Exception) -> None:
    jobs._handlers[KIND] = failing(final)
    owe()

    worker.work_off(app)

    assert (the_job().state, worker.work_off(app)) == ("failed", 0)
    del jobs._handlers[KIND]


def test_our_own_error_is_given_up_after_some_tries_with_its_words(
    app: Flask, clock: Clock
) -> None:
    jobs._handlers[KIND] = failing(KeyError("we erred"))
    owe()
    for _ in range(jobs.MAX_ATTEMPTS):
        worker.work_off(app)
        clock.move_to(max(the_job().run_at, clock.at))

    assert the_job().state == "failed"
    assert the_job().error == "KeyError: 'we erred'"
    del jobs._handlers[KIND]


def test_the_claim_of_another_machine_is_respected_until_it_runs_out(
    app: Flask, done: list[jobs.Running], clock: Clock
) -> None:
    owe()
    with transaction():
        job = the_job()
        job.claimed_by, job.claimed_until = "elsewhere:1:1", clock.at + worker.LEASE

    during = worker.work_off(app)
    clock.pass_by(seconds=worker.LEASE.total_seconds() + 1)
    after = worker.work_off(app)

    assert (during, after) == (0, 1)


def test_the_claim_of_a_process_that_died_here_is_free_at_once(
    app: Flask, done: list[jobs.Running], clock: Clock
) -> None:
    owe()
    script = "from integrations.runtime.worker import identity; print(identity())"
    dead = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.strip()
    with transaction():
        job = the_job()
        job.claimed_by, job.claimed_until = dead, clock.at + worker.LEASE

    assert worker.work_off(app) == 1


def test_progress_is_seen_by_others_while_the_work_runs(app: Flask) -> None:
    seen: list[object] = []

    def show(running: jobs.Running) -> None:
        running.progress(stage="reading", done=1, total=3)
        with app.app_context():
            seen.append(the_job().progress)

    jobs._handlers[KIND] = show
    owe()

    worker.work_off(app)

    assert seen == [{"stage": "reading", "done": 1, "total": 3}]
    del jobs._handlers[KIND]


def test_progress_is_shown_also_after_others_wrote_what_the_work_had_read(app: Flask) -> None:
    def read_then_show(running: jobs.Running) -> None:
        the_job()
        with app.app_context(), transaction():
            jobs.enqueue("test.other", "other", run_at=START + timedelta(days=1))
        running.progress(stage="reading")

    jobs._handlers[KIND] = read_then_show
    owe()

    worker.work_off(app)

    assert the_job().progress == {"stage": "reading"}
    del jobs._handlers[KIND]


def test_a_worker_is_alive_only_while_it_shows_itself(app: Flask, clock: Clock) -> None:
    before = worker.a_worker_is_alive()
    worker.beat()
    during = worker.a_worker_is_alive()
    clock.pass_by(seconds=worker.ALIVE.total_seconds() + 1)
    after = worker.a_worker_is_alive()

    assert (before, during, after) == (False, True, False)


def test_two_workers_never_take_the_same_job(app: Flask, done: list[jobs.Running]) -> None:
    for number in range(20):
        owe(f"job {number}")
    taken = []

    while (running := worker.claim()) is not None:
        taken.append(running.key)

    assert sorted(taken) == sorted(f"job {number}" for number in range(20))
    assert db.session.query(Job).filter(Job.claimed_by.is_(None)).count() == 0
