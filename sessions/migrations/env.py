"""Runs the migrations on the application's database."""

from typing import Any

from alembic import context
from flask import current_app

from integrations.runtime.database import UtcDateTime


def render_item(kind: str, item: Any, _context: Any) -> Any:
    """Written migrations name no class of ours: they must still run when it is gone."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


engine = current_app.extensions["migrate"].db.engine
metadata = current_app.extensions["migrate"].db.metadata

with engine.connect() as connection:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # A table is changed there by making it anew; to drop the old one must not delete, by
        # ON DELETE CASCADE, what hangs on it. Outside any transaction, else it does nothing.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
        if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"rows point at nothing after the migration: {broken[:5]}")
    if is_sqlite:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
