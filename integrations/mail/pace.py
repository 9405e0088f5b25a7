"""How many letters leave in a minute, over all workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from integrations.runtime import clock
from integrations.runtime.database import Model, db, is_sqlite

# A worker looks every half second: what it missed meanwhile it may catch up with.
BURST_S = 1.0


class MailPace(Model):
    """The one row that says from when on the next letter of a mailing may leave."""

    __tablename__ = "mail_pace"

    id: Mapped[int] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


def wait_until(per_minute: int) -> datetime | None:
    """Until when letters of mailings have to wait; None: one may leave now. Locks the row."""
    if not per_minute:
        return None
    row = _locked()
    return row.next_at if row.next_at > clock.now() else None


def count_one(per_minute: int) -> None:
    """Count a letter that leaves now; caller's transaction."""
    if not per_minute:
        return
    row = _locked()
    # Over any minute no more than was allowed, the burst included.
    step = timedelta(seconds=(60 + BURST_S) / per_minute)
    row.next_at = max(row.next_at, clock.now() - timedelta(seconds=BURST_S)) + step


def _locked() -> MailPace:
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    first = {"id": 1, "next_at": clock.now() - timedelta(seconds=BURST_S)}
    db.session.execute(insert(MailPace).values(first).on_conflict_do_nothing())
    return db.session.get_one(MailPace, 1, with_for_update=True, populate_existing=True)
