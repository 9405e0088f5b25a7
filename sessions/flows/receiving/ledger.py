"""What came by mail, written down: once for each message, with what was made of it and why."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import select

from integrations.runtime.database import db, transaction
from sessions.models.correspondence import IncomingMail

# The first of these that a message leads to is what became of it.
_GRAVEST = ("quarantined", "queued", "taken", "ignored")


def key_of(raw: bytes) -> str:
    """What tells a message from all others."""
    return hashlib.sha256(raw).hexdigest()


def taken(key: str) -> IncomingMail | None:
    """The row of a message that was taken before."""
    return db.session.scalars(
        select(IncomingMail)
        .where(IncomingMail.key == key)
        .execution_options(populate_existing=True)
    ).first()


def keep(raw: bytes, received_at: datetime, why: str) -> None:
    """Keep a message over which we stumbled, for a person to see and to have read again."""
    key = key_of(raw)
    with transaction():
        if taken(key) is None:
            db.session.add(
                IncomingMail(
                    key=key, received_at=received_at, kind="other", outcome="quarantined",
                    detail=f"failed: {why}"[:1000], raw=raw,
                )
            )  # fmt: skip


def write_down(row: IncomingMail, outcome: str, why: str, detail: str = "") -> None:
    """Add to a message's row what came of a part of it; the gravest outcome stands for all.

    why: a code such as "reply.older", for which the page has words; detail: of the other side.
    """
    line = f"{why}: {detail}" if detail else why
    row.outcome = min(row.outcome if row.detail else outcome, outcome, key=_GRAVEST.index)
    row.detail = "\n".join(filter(None, [row.detail, line[:1000]]))[:4000]
