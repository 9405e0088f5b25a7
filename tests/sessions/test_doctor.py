"""The doctor names what is misconfigured, and how to mend it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from archive import entries
from archive.entries import Findable
from integrations.runtime import clock as clock_source
from integrations.runtime import jobs, ports, worker
from integrations.runtime.database import db, transaction
from integrations.runtime.language import speaking
from integrations.runtime.settings import Settings
from integrations.textsearch.port import TextIndex
from sessions import doctor, doctor_service
from sessions.doctor import Finding
from tests.conftest import Clock


@pytest.fixture(autouse=True)
def in_english(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sentences are asked for as they stand in the code."""
    if "app" in request.fixturenames:
        request.getfixturevalue("app")
    with speaking("en"):
        yield


def settings_with(tmp_path: Path, **changes: str) -> Settings:
    return Settings.from_env({}, data=str(tmp_path / "data"), **changes)


def verdicts(findings: list[Finding]) -> dict[str, str]:
    return {finding.what: finding.verdict for finding in findings}


def test_a_plain_installation_has_no_problem(tmp_path: Path) -> None:
    found = doctor.before_opening(settings_with(tmp_path))

    assert doctor.worst(found) == "warning"
    assert verdicts(found)["Data directory"] == "ok"


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "warning"),
        ({"host": "0.0.0.0"}, "problem"),
        ({"base_url": "http://meet.example.org"}, "warning"),
        ({"base_url": "https://meet.example.org"}, "warning"),
        ({"base_url": "https://meet.example.org", "trusted_proxies": "1"}, "ok"),
    ],
)
def test_the_address_must_be_one_that_people_can_open(
    tmp_path: Path, changes: dict[str, str], verdict: str
) -> None:
    found = list(doctor.address(settings_with(tmp_path, **changes)))

    assert [finding.verdict for finding in found] == [verdict]


def test_a_secret_that_others_can_read_is_a_problem(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    settings.secret()
    before = list(doctor.secret_file(settings))
    os.chmod(settings.data_dir / "secret.key", 0o644)

    after = list(doctor.secret_file(settings))

    assert [before[0].verdict, after[0].verdict] == ["ok", "problem"]
    assert after[0].advice == f"Run `chmod 600 {settings.data_dir / 'secret.key'}`."


def test_a_short_secret_is_a_problem(tmp_path: Path) -> None:
    found = list(doctor.secret_file(settings_with(tmp_path, secret_key="short")))

    assert [finding.verdict for finding in found] == ["problem"]


def test_a_data_directory_that_is_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file stands in its way")

    found = list(doctor.data_directory(settings_with(tmp_path)))

    assert [finding.verdict for finding in found] == ["problem"]


def test_an_extra_is_a_problem_only_where_a_setting_asks_for_it() -> None:
    wanted = doctor._extra("postgres", "no_such_module", "no PostgreSQL", is_needed=True)
    spare = doctor._extra("asr", "no_such_module", "no speech to text")
    there = doctor._extra("test", "pytest", "no tests")

    assert [one.verdict for one in (wanted, spare, there)] == ["problem", "warning", "ok"]
    assert spare.how == "not installed: no speech to text"


def test_letters_in_a_folder_are_said_to_stay_there(app: Flask, settings: Settings) -> None:
    found = verdict_of(list(doctor_service.mail(settings)), "Mail")

    assert found.verdict == "warning"
    assert found.how == f"letters stay in the folder {settings.data_dir / 'letters'}"


def test_work_that_nobody_does_is_a_problem(app: Flask, settings: Settings) -> None:
    calm = verdict_of(doctor_service.inside(settings), "Worker")
    with transaction():
        jobs.enqueue("talk.read", "talk.read:1", {"talk_id": 1})
    owing = verdict_of(doctor_service.inside(settings), "Worker")
    worker.beat()
    served = verdict_of(doctor_service.inside(settings), "Worker")

    assert [calm.verdict, owing.verdict, served.verdict] == ["warning", "problem", "ok"]


def test_a_worker_that_stopped_beating_is_not_alive(
    app: Flask, settings: Settings, clock: Clock
) -> None:
    worker.beat()
    clock_source.set_source(lambda: clock.at + timedelta(minutes=1))

    assert verdict_of(doctor_service.inside(settings), "Worker").verdict == "warning"


def test_an_index_that_was_lost_is_a_problem_with_a_remedy(
    app: Flask, settings: Settings, work_off: Callable[[], int]
) -> None:
    fresh = verdict_of(doctor_service.inside(settings), "Search index")
    with transaction():
        entries.put("city:1", [Findable("city", "Пермь", "", "/", frozenset({"public"}))])
    work_off()
    whole = verdict_of(doctor_service.inside(settings), "Search index")
    ports.get(TextIndex).close()
    (settings.data_dir / "index" / "current").unlink()

    lost = verdict_of(doctor_service.inside(settings), "Search index")

    assert [fresh.verdict, whole.verdict, lost.verdict] == ["ok", "ok", "problem"]
    assert lost.advice == "Run `vzaimo reindex`."


def test_work_that_was_given_up_is_named(app: Flask, settings: Settings) -> None:
    with transaction():
        jobs.enqueue("talk.read", "talk.read:1", {"talk_id": 1})
        job = jobs.find("talk.read:1")
        assert job is not None
        job.given_up, job.finished_at, job.error = True, clock_source.now(), "it broke"

    found = [one for one in doctor_service.inside(settings) if one.what == "Worker"]
    db.session.rollback()

    assert [one.verdict for one in found] == ["warning", "warning"]
    assert found[1].how == "1 jobs were given up; the last, talk.read:1: it broke"


def verdict_of(findings: list[Finding], what: str) -> Finding:
    return next(finding for finding in findings if finding.what == what)
