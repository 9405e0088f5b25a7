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
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
