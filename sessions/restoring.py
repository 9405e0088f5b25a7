"""A backup brought back into an empty data directory, on the same database or on another."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import IO, Any

import flask_migrate
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask_babel import gettext
from sqlalchemy.engine import Connection

from archive import indexing
from integrations.runtime import ports
from integrations.runtime.database import db, engine_options
from integrations.runtime.errors import Misconfigured
from integrations.runtime.settings import Settings
from integrations.storage.port import Storage
from integrations.textsearch.port import Skipped
from sessions.backup import LAYOUT, MANIFEST, SECRET, OnProgress

_TABLE = re.compile(r"tables/(\w+)\.jsonl")
_FILE = re.compile(r"files/([0-9a-f]{64})")
_ROWS_AT_ONCE = 500
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Dump:
    """A backup that was read through and found whole. manifest: as `sessions.backup` writes it."""

    path: Path
    manifest: dict[str, Any]

    @property
    def revision(self) -> str:
        return str(self.manifest["revision"])

    def rows_of(self, table: str) -> int:
        return int(self.manifest["tables"][table]["rows"])


def check(path: Path, scripts: ScriptDirectory, on_progress: OnProgress) -> Dump:
    """Read a backup through, every hash. Raises Misconfigured for one that cannot be restored."""
    manifest: dict[str, Any] = {}
    try:
        with tarfile.open(path, "r:*") as tar:
            manifest = _manifest(tar)
            found = {name for name, _ in _sound_members(tar, manifest, on_progress)}
    except (tarfile.TarError, EOFError, ValueError, KeyError, OSError) as broken:
        if isinstance(broken, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        if not manifest:
            raise _no_backup(path) from broken
        ours = type(broken) is ValueError  # other words are the library's, for programmers
        reason = str(broken) if ours else gettext("it is damaged or ends too early")
        raise _not_whole(path, reason) from broken
    tables = {f"tables/{name}.jsonl" for name in manifest["tables"]}
    if tables - found or len(found - tables) != manifest["files"]:
        raise _not_whole(path, gettext("parts are missing"))
    known = {script.revision for script in scripts.walk_revisions()}
    if manifest["layout"] != LAYOUT or manifest["revision"] not in known:
        raise Misconfigured(
            gettext("%(path)s was made by a newer version", path=path),
            gettext("Install version %(version)s or newer.", version=manifest.get("version")),
        )
    return Dump(path, manifest)


def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    entry = tar.next()
    if entry is None or entry.name != MANIFEST:
        raise ValueError("no manifest")
    read = json.loads(_open(tar, entry).read())
    if not isinstance(read, dict):
        raise ValueError("no manifest")
    return read


def _sound_members(
    tar: tarfile.TarFile, manifest: dict[str, Any], on_progress: OnProgress
) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """Every table and stored file, its hash proved. Raises ValueError for one that changed."""
    done, total = 0, len(manifest["tables"]) + int(manifest["files"])
    for entry in tar:
        table, file = _TABLE.fullmatch(entry.name), _FILE.fullmatch(entry.name)
        if table is None and file is None:
            continue
        digest = hashlib.sha256()
        with _open(tar, entry) as content:
            while block := content.read(_BLOCK_BYTES):
                digest.update(block)
        told = manifest["tables"][table.group(1)]["sha256"] if table else file.group(1)  # type: ignore[union-attr]
        if digest.hexdigest() != told:
            raise ValueError(gettext("%(name)s is damaged", name=entry.name))
        done += 1
        on_progress("check", done, total)
        yield entry.name, entry


def _open(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(entry) if entry.isreg() else None
    if content is None:
        raise ValueError(gettext("%(name)s is no plain file", name=entry.name))
    return content


def _no_backup(path: Path) -> Misconfigured:
    return Misconfigured(
        gettext("%(path)s is no backup", path=path),
        gettext("Give a file that `vzaimo backup` made."),
    )


def _not_whole(path: Path, reason: str) -> Misconfigured:
    return Misconfigured(
        gettext("%(path)s is no whole backup: %(reason)s", path=path, reason=reason),
        gettext("Take another copy of it, or an earlier backup."),
    )


def is_empty(settings: Settings) -> bool:
    """Whether neither the database nor the data directory holds anything."""
    folder = settings.data_dir
    leftovers = {"upgrade.lock", "serving.lock"}
    if not settings.database_url:
        return not folder.exists() or not any(f.name not in leftovers for f in folder.iterdir())
    if folder.exists() and any(file.name not in leftovers for file in folder.iterdir()):
        return False
    engine = sa.create_engine(settings.database, **engine_options(settings.database))
    try:
        return not sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def put_secret_back(dump: Dump, settings: Settings) -> None:
    """Keep the backup's signing secret, so that links and sign-ins go on working."""
    if settings.secret_key:
        return
    with tarfile.open(dump.path, "r:*") as tar:
        entry = next((entry for entry in tar if entry.name == SECRET), None)
        if entry is None:
            return
        secret = _open(tar, entry).read()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    aside = settings.data_dir / f"{SECRET}.restored"
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
    os.replace(aside, settings.data_dir / SECRET)


def restore(dump: Dump, on_progress: OnProgress) -> list[Skipped]:
    """Make the database and the files what the backup says, in place of all there was.

    The files come first, the rows then in one transaction: what is broken off is begun again. Gives
    the documents that the index could not take.
    """
    with tarfile.open(dump.path, "r:*") as tar:
        entries = {entry.name: entry for entry in tar}
        _put_files(tar, entries, on_progress)
        _drop_tables()
        flask_migrate.upgrade(revision=dump.revision)
        with db.engine.begin() as connection:
            _load(connection, dump, lambda name: _open(tar, entries[name]), on_progress)
    flask_migrate.upgrade()
    _forget_files({name.removeprefix("files/") for name in entries if _FILE.fullmatch(name)})
    total = indexing.count()
    rebuilt = indexing.rebuild(lambda done: on_progress("index", done, total))
    return rebuilt.skipped


def _put_files(
    tar: tarfile.TarFile, entries: dict[str, tarfile.TarInfo], on_progress: OnProgress
) -> None:
    names = [name for name in entries if _FILE.fullmatch(name)]
    for place, name in enumerate(names):
        on_progress("files", place, len(names))
        with _open(tar, entries[name]) as content:
            ports.get(Storage).put(content)  # type: ignore[arg-type]


def _forget_files(kept: set[str]) -> None:
    for key in ports.get(Storage).keys() - kept:
        ports.get(Storage).drop(key)


def _drop_tables() -> None:
    db.session.remove()
    with db.engine.begin() as connection:
        there = sa.MetaData()
        there.reflect(connection)
        there.drop_all(connection)


def _load(
    connection: Connection,
    dump: Dump,
    content: Callable[[str], IO[bytes]],
    on_progress: OnProgress,
) -> None:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    done, total = 0, sum(dump.rows_of(name) for name in dump.manifest["tables"])
    for table in metadata.sorted_tables:
        if table.name not in dump.manifest["tables"]:
            continue
        _write_no_null_as_json(table)
        with content(f"tables/{table.name}.jsonl") as lines:
            for rows in _batches(lines):
                connection.execute(table.insert(), [_typed(table, row) for row in rows])
                done += len(rows)
                on_progress("rows", done, total)
        _go_on_counting(connection, table)


def _write_no_null_as_json(table: sa.Table) -> None:
    """An empty JSON column is NULL; SQLAlchemy would write the JSON text «null»."""
    for column in table.columns:
        if isinstance(column.type, sa.JSON):
            column.type = sa.JSON(none_as_null=bool(column.nullable))


def _batches(lines: IO[bytes]) -> Iterator[list[dict[str, Any]]]:
    batch = []
    for line in lines:
        batch.append(json.loads(line))
        if len(batch) == _ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _typed(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.columns[name].type, value) for name, value in row.items()}


def _value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None or isinstance(kind, sa.JSON):
        return value
    if isinstance(kind, sa.DateTime):
        return _instant(datetime.fromisoformat(value), bool(kind.timezone))
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.Time):
        return time.fromisoformat(value)
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value)
    # PostgreSQL keeps no NUL in a text; nobody reads it either.
    return value.replace("\0", "") if isinstance(value, str) else value


def _instant(read: datetime, with_zone: bool) -> datetime:
    """SQLite keeps instants in UTC without saying so, PostgreSQL says so."""
    if with_zone:
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read
    return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read


def _go_on_counting(connection: Connection, table: sa.Table) -> None:
    """The next row gets the next number, on PostgreSQL, too."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        if isinstance(column.type, sa.Integer) and not column.foreign_keys:
            connection.execute(
                sa.text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "  # noqa: S608 names of our tables
                    f"max({column.name})) FROM {table.name} "
                    f"WHERE pg_get_serial_sequence('{table.name}', '{column.name}') IS NOT NULL "
                    f"HAVING max({column.name}) IS NOT NULL"
                )
            )
