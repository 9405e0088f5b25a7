"""The database: one declarative base, instants in UTC, and the transaction in which people act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Engine, MetaData, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_S = 30


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: takes aware datetimes only and gives them back in UTC, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no zone: an instant is stored in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    # In a registry of its own: Flask-SQLAlchemy derives a base from this one, and a
    # type_annotation_map beside the derived registry is an error since SQLAlchemy 2.1.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_N_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime(), dict[str, Any]: JSON(), list[str]: JSON()},
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def engine_options(url: str) -> dict[str, Any]:
    """What Flask-SQLAlchemy passes to create_engine for this database."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_TIMEOUT_S}}
    return {"pool_pre_ping": True}


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: object) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    # The driver must not begin on its own: `_begin` below says which kind of transaction it is.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        mode = connection.get_execution_options().get("begin_mode", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def transaction() -> Iterator[None]:
    """One change, whole or not at all; commits at the end of the block, rolls back on an exception.

    Takes SQLite's write lock at once (BEGIN IMMEDIATE), so that what is counted inside stays true;
    on PostgreSQL the flow locks the rows it counts. A block inside a block belongs to the outer
    one. Whatever was only read before is read anew inside.
    """
    session = db.session()
    if session.info.get("in_transaction_block"):
        yield
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside transaction()")
    session.rollback()
    session.connection(execution_options={"begin_mode": "IMMEDIATE"})
    session.info["in_transaction_block"] = True
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("in_transaction_block", None)


def is_sqlite() -> bool:
    """Whether the database in use is SQLite."""
    return db.engine.dialect.name == "sqlite"
