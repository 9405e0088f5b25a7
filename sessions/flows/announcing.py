"""Letters about changes leave when nothing more changes, or when a host says so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from integrations.runtime import clock, jobs
from integrations.runtime.database import db, transaction
from integrations.runtime.events import publish
from sessions.events import ChangesBecameQuiet
from sessions.models.audit import record
from sessions.models.session import Session

ANNOUNCE = "session.announce"


def wait_until(session_id: int, until: datetime) -> None:
    """Look at `until` whether the session has become quiet; caller's transaction."""
    # The instant is part of the key: each further change is owed a look of its own.
    key = f"{ANNOUNCE}:{session_id}:{until:%Y%m%dT%H%M%S}"
    jobs.enqueue(ANNOUNCE, key, {"session_id": session_id}, run_at=until)


def announce(session_id: int, by: int | None) -> bool:
    """Have the letters that wait leave now; False where none waited any more."""
    with transaction():
        session = Session.locked(session_id)
        if session.quiet_until is None:
            return False
        record(by, "session.announced", f"session:{session.id}")
        publish(ChangesBecameQuiet(session.id, by))
        return True


@jobs.handles(ANNOUNCE)
def announce_when_quiet(running: jobs.Running) -> None:
    """Have the letters leave, unless something more changed or they left before."""
    with transaction():
        session = db.session.scalars(
            select(Session)
            .where(Session.id == running.payload["session_id"])
            .with_for_update(of=Session)
            .execution_options(populate_existing=True)
        ).first()
        if session is None or session.quiet_until is None or session.quiet_until > clock.now():
            return
        publish(ChangesBecameQuiet(session.id, None))
