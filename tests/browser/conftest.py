"""A real server and a real Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
import pytest

from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.app import create_app
from tests.demo_site import DemoSite
from tests.journeys.servers import Vzaimo, free_port

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip


def chromium_path() -> str | None:
    """Where the system's Chromium is; None where there is none."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium, driven by Playwright."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    """The demonstration, filled and serving; to be read only. Its first letter is sent."""
    site = DemoSite(tmp_path_factory.mktemp("demo"))
    try:
        site.demonstrate()
        site.a_letter()
        yield site
    finally:
        site.stop()


@pytest.fixture
def vzaimo(tmp_path: Path) -> Iterator[Vzaimo]:
    """An empty installation, serving; letters go to a folder. Inside its application context."""
    with an_installation(tmp_path) as server:
        yield server


@contextmanager
def an_installation(folder: Path) -> Iterator[Vzaimo]:
    """An empty one with its data under a folder, serving until the end of the block."""
    port = free_port()
    settings = Settings.from_env(
        {}, data=str(folder / "data"), port=str(port), base_url=f"http://127.0.0.1:{port}",
        mail_from="sessions@vzaimo.test", log_level="WARNING",
    )  # fmt: skip
    app = create_app(settings)
    server = Vzaimo(settings)
    with app.app_context():
        flask_migrate.upgrade()
        try:
            server.start()
            yield server
        finally:
            server.kill()
            db.session.remove()
            db.engine.dispose()
