"""Everything that is kept, in one file: rows as JSON lines, stored files, the signing secret.

    manifest.json        version, revision of the tables, when, what follows and its hashes
    tables/<name>.jsonl  one object a row, of one moment
    files/<sha256>       what the rows refer to
    secret.key           where the data directory keeps it

The form is the same whatever database it comes from or goes to.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import IO, Any

from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, select
from sqlalchemy.engine import Connection

from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings
from integrations.storage.port import Storage

LAYOUT = 1
MANIFEST, SECRET = "manifest.json", "secret.key"
# Which worker was alive is no longer true when it is restored; Alembic keeps its own table.
LEFT_OUT = frozenset({"workers", "alembic_version"})
# Where rows name stored files.
FILE_COLUMNS = (("media_files", "key"), ("media_files", "poster_key"), ("slides", "picture_key"))
_ROWS_AT_ONCE = 500

OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Saved:
    """What a backup holds. missing: stored files that rows name and that are gone."""

    rows: int
    files: int
    size_bytes: int
    missing: list[str]


def save(target: Path, on_progress: OnProgress = lambda *_: None) -> Saved:
    """Write everything into `target`, a .tar or .tar.gz; it appears when it is whole.

    Writers go on meanwhile: the rows are those of one moment, and a stored file never changes.
    on_progress: is told what is being written, and how much of it is done. Raises OSError where
    the disk is full; a file that was there is then unharmed.
    """
    target = target.absolute()
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        manifest, keys = _write_rows(Path(folder), on_progress)
        present, missing = _split(keys)
        manifest["files"], manifest["missing_files"] = len(present), missing
        whole = Path(folder, "whole")
        _pack(whole, target.name, Path(folder), manifest, present, on_progress)
        os.replace(whole, target)
    _sync(target.parent)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return Saved(rows, len(present), target.stat().st_size, missing)


def _write_rows(folder: Path, on_progress: OnProgress) -> tuple[dict[str, Any], set[str]]:
    """A file for each table, of one moment; the manifest so far, and the stored files named."""
    keys: set[str] = set()
    tables: dict[str, dict[str, Any]] = {}
    with _one_moment() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        metadata = MetaData()
        metadata.reflect(connection)
        kept = [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]
        for place, table in enumerate(kept):
            on_progress("rows", place, len(kept))
            tables[table.name] = _write_table(
                connection, table, folder / f"{table.name}.jsonl", keys
            )
    manifest = {
        "layout": LAYOUT, "version": version(), "revision": revision,
        "made_at": clock.now().isoformat(), "tables": tables,
    }  # fmt: skip
    return manifest, keys


@contextmanager
def _one_moment() -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever is written meanwhile."""
    db.session.rollback()
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        # On SQLite a deferred transaction that only reads is a snapshot, begun by the first read.
        with connection.begin():
            yield connection


def _write_table(
    connection: Connection, table: Table, path: Path, keys: set[str]
) -> dict[str, Any]:
    naming = [column for name, column in FILE_COLUMNS if name == table.name]
    digest, rows = hashlib.sha256(), 0
    query = select(table).order_by(*table.primary_key.columns)
    with path.open("wb") as file:
        for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query).mappings():
            keys.update(row[column] for column in naming if row[column])
            line = json.dumps(
                {name: _plain(value) for name, value in row.items()}, ensure_ascii=False
            ).encode("utf-8", "surrogatepass")
            file.write(line + b"\n")
            digest.update(line + b"\n")
            rows += 1
    return {"rows": rows, "sha256": digest.hexdigest()}


def _plain(value: Any) -> Any:
    """A value as JSON has it; the column's type tells at restore what it was."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return value


def _split(keys: set[str]) -> tuple[list[str], list[str]]:
    """The stored files that are there, and those that are not."""
    there = ports.get(Storage).keys()
    return sorted(keys & there), sorted(keys - there)


def _pack(
    whole: Path,
    name: str,
    folder: Path,
    manifest: dict[str, Any],
    keys: list[str],
    on_progress: OnProgress,
) -> None:
    # Readable by the owner only: it holds addresses, hashes of passwords and the secret.
    descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with _tar(file, name) as tar:
            _add_bytes(tar, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
            secret = ports.get(Settings).data_dir / SECRET
            if not ports.get(Settings).secret_key and secret.exists():
                _add_bytes(tar, SECRET, secret.read_bytes())
            for table in manifest["tables"]:
                tar.add(folder / f"{table}.jsonl", f"tables/{table}.jsonl")
            for place, key in enumerate(keys):
                on_progress("files", place, len(keys))
                _add_stored(tar, key)
        file.flush()
        os.fsync(file.fileno())


def _tar(file: IO[bytes], name: str) -> tarfile.TarFile:
    if name.endswith((".gz", ".tgz")):
        # Speech and slides hardly shrink: a low level does for the rows.
        return tarfile.open(fileobj=file, mode="w:gz", compresslevel=4)
    return tarfile.open(fileobj=file, mode="w")


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o600, int(clock.now().timestamp())
    tar.addfile(entry, io.BytesIO(content))


def _add_stored(tar: tarfile.TarFile, key: str) -> None:
    try:
        content: IO[bytes] = ports.get(Storage).path(key).open("rb")
    except FileNotFoundError as gone:
        detail = f"{key} was removed meanwhile"
        raise OutsideError("storage", temporary=True, detail=detail) from gone
    with content:
        tar.addfile(tar.gettarinfo(arcname=f"files/{key}", fileobj=content), content)


def version() -> str:
    """The version of the installed product; "0" in a checkout that is not installed."""
    try:
        return importlib.metadata.version("vzaimo")
    except importlib.metadata.PackageNotFoundError:
        return "0"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
