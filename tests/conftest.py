"""What every test may ask for: an application with an empty database, a clock, the letters sent."""

from __future__ import annotations

import contextvars
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import Dialect

from integrations.runtime import clock as clock_source
from integrations.runtime import worker
from integrations.runtime.database import db, engine_options
from integrations.runtime.settings import Settings
from sessions import app as application
from sessions.app import create_app
from sessions.web.limits import limiter
from tests.outbox import Outbox
from tests.postgres import fresh_database, name_of

START = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


class Clock:
    """The time that the code under test sees; it stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def move_to(self, at: datetime) -> None:
        self.at = at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


class CompiledOnce(BytecodeCache):
    """Templates compiled by one test's application serve those of the others."""

    _kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class Browser(FlaskClient):
    """A client whose requests know nothing of the test's own application context.

    Else `g`, and with it who is signed in, would live on from one request to the next. What the
    test reads from the database afterwards is fresh.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        answer = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.rollback()
        return answer


@pytest.fixture
def clock() -> Iterator[Clock]:
    ticking = Clock()
    clock_source.set_source(ticking)
    yield ticking
    clock_source.set_source(None)


@pytest.fixture
def settings(tmp_path: Path, migrated_url: str) -> Settings:
    return Settings.from_env(
        {},
        data=str(tmp_path / "data"),
        database_url=migrated_url,
        base_url="http://vzaimo.test",
        mail_from="sessions@vzaimo.test",
        log_level="ERROR",
        quiet_minutes="0",
        reminders="none",
    )


def _migrated(folder: Path, url: str) -> None:
    """Brings an empty database to the tables of today."""
    app = create_app(Settings.from_env({}, data=str(folder), database_url=url, log_level="ERROR"))
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("empty")
    _migrated(folder, f"sqlite:///{folder / 'empty.sqlite'}")
    return folder / "empty.sqlite"


@pytest.fixture(scope="session")
def migrated_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same on PostgreSQL: the name of a database to copy."""
    with fresh_database() as url:
        _migrated(tmp_path_factory.mktemp("empty"), url)
        yield name_of(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.deep)])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind with the tables of today and nothing in them."""
    if request.param == "sqlite":
        target = tmp_path / "test.sqlite"
        target.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        yield f"sqlite:///{target}"
    else:
        with fresh_database(request.getfixturevalue("migrated_postgres")) as url:
            yield url


class Applications:
    """Applications put together once and taken by one test after another.

    To register all routes takes longer than most tests. What differs from test to test, the data
    directory and the database, is given to a known application anew.
    """

    def __init__(self) -> None:
        self._known: dict[Settings, Flask] = {}
        self._engines: dict[tuple[Flask, str], Engine] = {}
        self._urls: dict[Dialect, URL] = {}

    def with_settings(self, settings: Settings) -> Flask:
        """An application for these settings, as create_app() makes it, ready for a test."""
        key = replace(settings, data="", database_url="")
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / "secret.key").write_text("signs what any test signs")
        app = self._known.get(key)
        if app is None:
            app = self._known[key] = self._made(settings)
        else:
            self._give(app, settings)
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
        return app

    def _made(self, settings: Settings) -> Flask:
        app = create_app(settings)
        app.test_client_class = Browser
        app.jinja_env.bytecode_cache = CompiledOnce()
        security = app.extensions["security"]
        security.pwd_context = security.pwd_context.using(
            argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1
        )
        return app

    def _give(self, app: Flask, settings: Settings) -> None:
        app.config.update(application._config(settings))
        application._put_drivers(settings)
        with app.app_context():
            limiter.reset()
            db.engine.dispose()
            db.engines[None] = self._engine(app, make_url(settings.database))

    def _engine(self, app: Flask, url: URL) -> Engine:
        """The application's engine for this kind of database, led to this one.

        An engine knows the statements that it compiled, and to compile them takes the most time.
        """
        kind = app, url.get_backend_name()
        if kind not in self._engines:
            self._engines[kind] = create_engine(url, **engine_options(url.drivername))
            event.listen(self._engines[kind], "do_connect", self._connect)
        engine = self._engines[kind]
        self._urls[engine.dialect] = engine.url = url
        return engine

    def _connect(self, dialect: Dialect, record: object, words: list[Any], named: Any) -> None:
        """Leads a new connection to the database of the test that runs now."""
        words[:], more = dialect.create_connect_args(self._urls[dialect])
        named.update(more)


@pytest.fixture(scope="session")
def applications() -> Applications:
    """Those of this test process."""
    return Applications()


@pytest.fixture
def app(settings: Settings, clock: Clock, applications: Applications) -> Iterator[Flask]:
    """The application on an empty, migrated database, inside an application context."""
    app = applications.with_settings(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


@pytest.fixture
def outbox(settings: Settings) -> Outbox:
    """The letters that left, in the folder they leave to."""
    return Outbox(settings.data_dir / "letters")


@pytest.fixture
def work_off(app: Flask) -> Callable[[], int]:
    """Does all work that is due now; how many jobs were run."""
    return lambda: worker.work_off(app)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Under CI no test may skip silently: what a deep test needs must be there."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
