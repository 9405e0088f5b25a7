"""The demonstration's database, many times as large.

People, series, sessions and talks are copied with all that hangs on them: new ids, titles with the
number of the copy. Not copied: cities, topics, letters with the ledger of what calendars were told,
jobs, and the entries of the index, so that search runs over the index of the demonstration.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Column, ColumnElement, Insert, Table, UniqueConstraint, func, insert, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.types import Integer, String

from integrations.runtime.database import db, transaction

# Parents before children.
COPIED = (
    "people", "person_emails", "series", "sessions", "session_cities", "agenda_items", "speakers",
    "registrations", "invitations", "answers", "join_clicks",
    "talks", "media_files", "slides", "cues", "chapters",
)  # fmt: skip
_ORIGIN = "session:"


def copy_of(database: Path, target: Path) -> str:
    """The URL of a copy of a SQLite database."""
    target.unlink(missing_ok=True)
    source, copy = sqlite3.connect(database), sqlite3.connect(target)
    with copy:
        source.backup(copy)
    source.close()
    copy.close()
    return f"sqlite:///{target}"


def grow(app: Flask, times: int) -> dict[str, int]:
    """Make the rows of the application's database so many times as many; how many there are."""
    with app.app_context():
        tables = [db.metadata.tables[name] for name in COPIED]
        steps = {table.name: _highest(table) for table in tables}
        for number in range(1, times):
            with transaction():
                for table in tables:
                    db.session.execute(_copying(table, number, steps))
        return {table.name: _count(table) for table in tables}


def _copying(table: Table, number: int, steps: dict[str, int]) -> Insert:
    columns = list(table.columns)
    originals = table.c.id <= steps[table.name]
    values = [_copied(column, number, steps) for column in columns]
    return insert(table).from_select([c.name for c in columns], select(*values).where(originals))


def _copied(column: Column[Any], number: int, steps: dict[str, int]) -> ColumnElement[Any]:
    """What stands in the copy of a row: ids moved on, secrets and titles made its own."""
    moved = _moved_table(column)
    if moved in steps:
        return column + number * steps[moved]
    if column.name == "source" and column.table.name == "talks":
        origin = sql_cast(func.substr(column, len(_ORIGIN) + 1), Integer)
        return _ORIGIN + sql_cast(origin + number * steps["sessions"], String)
    if column.name in _alone(column.table) or column.name in ("title", "title_en"):
        return column + f" {number}"
    return column


def _moved_table(column: Column[Any]) -> str:
    if column.primary_key:
        return column.table.name
    return next((key.column.table.name for key in column.foreign_keys), "")


def _alone(table: Table) -> Iterator[str]:
    """The texts that no two rows share."""
    for part in table.constraints:
        if isinstance(part, UniqueConstraint) and len(part.columns) == 1:
            yield from (column.name for column in part.columns if isinstance(column.type, String))


def _highest(table: Table) -> int:
    return db.session.scalar(select(func.max(table.c.id))) or 0


def _count(table: Table) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0
