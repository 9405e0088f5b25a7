"""For the machine that watches: is the process alive, can it do its work."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from integrations.runtime import ports, worker
from integrations.runtime.database import db
from integrations.textsearch.port import TextIndex
from sessions import inbox

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 as long as the process answers."""
    return {"status": "ok"}


@pages.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 where the database answers; the state of worker, index and mailbox beside it."""
    try:
        db.session.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001 whatever is the matter, the answer is: not ready
        return {"status": "unavailable", "database": "down"}, 503
    mailbox = inbox.state()
    return {
        "status": "ok",
        "database": "ok",
        "worker": "alive" if worker.a_worker_is_alive() else "none",
        "index": "needs rebuild" if ports.get(TextIndex).needs_rebuild() else "ok",
        "inbox": "none" if not mailbox.is_read else "down" if mailbox.since else "ok",
    }
