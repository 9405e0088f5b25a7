"""The demonstration, filled once and copied for each test that looks at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from integrations.runtime import clock as clock_source
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.app import create_app
from sessions.cli import demonstration
from tests.conftest import START, Browser, Clock


def settings_in(folder: Path) -> Settings:
    return Settings.from_env(
        {}, data=str(folder), base_url="http://vzaimo.test", mail_from="sessions@vzaimo.test",
        log_level="ERROR", demo="1", mail="folder",
    )  # fmt: skip


def app_in(folder: Path) -> Flask:
    app = create_app(settings_in(folder))
    app.test_client_class = Browser
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the demonstration as `vzaimo demo` shows it at START."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    clock_source.set_source(lambda: START)
    try:
        app = app_in(folder)
        with app.app_context():
            flask_migrate.upgrade()
            demonstration.prepare(app)
            db.session.remove()
            db.engine.dispose()
    finally:
        clock_source.set_source(None)
    return folder


@pytest.fixture
def demo(filled_once: Path, tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    """The application on a copy of the filled demonstration, inside an application context."""
    folder = shutil.copytree(filled_once, tmp_path / "demonstration")
    app = app_in(folder)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
