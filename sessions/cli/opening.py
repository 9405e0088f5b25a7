"""The application opened for a command: database looked at, made where there is none."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_hex
from typing import Literal
from urllib.parse import quote

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_babel import gettext
from sqlalchemy import inspect
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from integrations.runtime import console, ports
from integrations.runtime.database import db
from integrations.runtime.errors import Misconfigured
from integrations.runtime.language import speaking
from integrations.runtime.settings import Settings
from sessions.app import MIGRATIONS, create_app

DatabaseState = Literal["empty", "behind", "current", "unknown"]


def quiet_settings(*, checked: bool = True, **override: str) -> Settings:
    """The environment's settings; logs are for errors only, unless the operator asked for more.

    Raises Misconfigured, unless they are to be taken unchecked.
    """
    calm = {} if os.environ.get("VZAIMO_LOG_LEVEL") else {"log_level": "ERROR"}
    plain = {} if os.environ.get("VZAIMO_LOG_FORMAT") else {"log_format": "text"}
    take = Settings.from_env if checked else Settings.as_told
    return take(os.environ, **{**calm, **plain, **override})


@contextmanager
def opened(
    settings: Settings | None = None, *, making: bool = True, writing: bool = True
) -> Iterator[Flask]:
    """The application with its database at hand, in the terminal's language.

    making: whether an empty database gets its tables; otherwise it is refused like one that is not
    up to date. writing: False where files that this user may only read will do. Raises
    Misconfigured.
    """
    settings = settings or quiet_settings()
    if not making and not settings.database_url and not has_sqlite(settings):
        raise _unfit("empty")  # before a mere look makes files
    if not writing and not is_writable(settings):
        settings = _only_read(settings)
    with put_together(settings) as app:
        state = database_state()
        if state == "empty" and making:
            upgrade(settings)
        elif state != "current":
            raise _unfit(state)
        yield app


def has_sqlite(settings: Settings) -> bool:
    """Whether the data directory holds a database."""
    return (settings.data_dir / "vzaimo.sqlite").exists()


def is_writable(settings: Settings) -> bool:
    """Whether this user may write the SQLite database; SQLite needs its folder as well."""
    path = settings.data_dir / "vzaimo.sqlite"
    return bool(settings.database_url) or all(
        os.access(place, os.W_OK) for place in (settings.data_dir, path) if place.exists()
    )


def _only_read(settings: Settings) -> Settings:
    """Settings that open the database of the data directory without touching a file."""
    path = settings.data_dir / "vzaimo.sqlite"
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        return settings  # somebody writes: what they wrote last can only be had with the lock
    url = f"sqlite:///file:{quote(str(path))}?mode=ro&immutable=1&uri=true"
    secret = settings.secret_key
    if not os.access(settings.data_dir / "secret.key", os.R_OK):
        secret = token_hex(32)  # the server's own is not for us, and nothing is signed here
    return replace(settings, database_url=url, secret_key=secret)


def closed() -> Misconfigured:
    """The sentence for files that another user owns or that lie on a read-only disk."""
    return Misconfigured(
        gettext(
            "The files in %(path)s cannot be written by this user",
            path=ports.get(Settings).data_dir,
        ),
        gettext("Give this user the right to write there, or choose another VZAIMO_DATA."),
    )


@contextmanager
def put_together(settings: Settings) -> Iterator[Flask]:
    """The application whatever the state of its database. Raises Misconfigured."""
    try:
        app = create_app(settings)
    except (ModuleNotFoundError, NoSuchModuleError) as missing:
        name = getattr(missing, "name", None) or str(missing).rpartition(":")[2]
        raise Misconfigured(
            gettext("A part is not installed: %(name)s", name=name),
            gettext("Install the extra that brings it, such as `pip install 'vzaimo[postgres]'`."),
        ) from missing
    except PermissionError as denied:
        raise Misconfigured(
            gettext("%(path)s cannot be read or written by this user", path=denied.filename),
            gettext("Give this user the right to, or choose another VZAIMO_DATA."),
        ) from denied
    for talkative in ("alembic", "pymorphy3"):  # they tell every step of a start
        logging.getLogger(talkative).setLevel(logging.WARNING)
    with app.app_context(), speaking(console.locale()):
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def database_state() -> DatabaseState:
    """Whether the database has our tables, and as this version wants them. Raises Misconfigured."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    try:
        with db.engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            tables = inspect(connection).get_table_names()
    except SQLAlchemyError as error:
        raise unreachable(error) from error
    if revision is None:
        return "unknown" if set(tables) - {"alembic_version"} else "empty"
    if revision == scripts.get_current_head():
        return "current"
    known = {script.revision for script in scripts.walk_revisions()}
    return "behind" if revision in known else "unknown"


def unreachable(error: BaseException) -> Misconfigured:
    """The sentence for a database that does not answer; it names no password."""
    if not is_writable(ports.get(Settings)):
        return closed()
    url = db.engine.url.render_as_string(hide_password=True)
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return Misconfigured(
        gettext("The database %(url)s does not answer: %(reason)s", url=url, reason=reason),
        gettext(
            "See that it runs and that VZAIMO_DATABASE_URL is right; `vzaimo doctor` tells more."
        ),
    )


def upgrade(settings: Settings) -> None:
    """Bring the database to this version's tables; two processes at once take turns."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "upgrade.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            flask_migrate.upgrade()
        except SQLAlchemyError as error:
            raise unreachable(error) from error


def _unfit(state: DatabaseState) -> Misconfigured:
    if state == "behind":
        return Misconfigured(
            gettext("The database was made by an earlier version"),
            gettext("Make a backup, then run `vzaimo db upgrade`."),
        )
    if state == "empty":
        return Misconfigured(
            gettext("There is nothing here yet: the database is empty"),
            gettext("Check VZAIMO_DATA, or begin with `vzaimo serve` or `vzaimo archive add`."),
        )
    return Misconfigured(
        gettext("The database was made by a newer version or belongs to another program"),
        gettext(
            "Install the version that made it, or choose another VZAIMO_DATA or "
            "VZAIMO_DATABASE_URL."
        ),
    )
