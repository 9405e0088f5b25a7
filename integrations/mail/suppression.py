"""Addresses that get no letters, and what became of each letter that left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from integrations.runtime import clock
from integrations.runtime.database import Model, db

REASONS = ("bounce", "complaint", "unsubscribed", "operator")
RESULTS = ("sent", "deferred", "refused", "bounced", "delayed", "delivered", "suppressed")


class Suppression(Model):
    """An address, in lower case, to which nothing is sent until someone lifts it.

    letter_id: the letter that showed it; lifted_at: since when letters may leave again.
    """

    __tablename__ = "suppressions"
    __table_args__ = (CheckConstraint(f"reason IN {REASONS}", name="reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(320), unique=True)
    reason: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id", ondelete="SET NULL"))


class Delivery(Model):
    """One thing that happened to a letter on its way; never changed.

    status: the enhanced status code (RFC 3463), such as 5.1.1, where the other side gave one.
    """

    __tablename__ = "deliveries"
    __table_args__ = (CheckConstraint(f"result IN {RESULTS}", name="result"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    result: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), default="")
    detail: Mapped[str] = mapped_column(Text, default="")


def of_address(address: str) -> Suppression | None:
    """Why nothing is sent to this address; None where letters may leave."""
    return db.session.scalars(
        select(Suppression).where(
            Suppression.address == _plain(address), Suppression.lifted_at.is_(None)
        )
    ).first()


def suppress(address: str, reason: str, detail: str = "", letter_id: int | None = None) -> bool:
    """Send nothing more to this address, in the caller's transaction; whether that is new."""
    kept = db.session.scalars(
        select(Suppression).where(Suppression.address == _plain(address)).with_for_update()
    ).first()
    if kept is not None and kept.lifted_at is None:
        return False
    if kept is None:
        kept = Suppression(address=_plain(address))
        db.session.add(kept)
    kept.reason, kept.detail, kept.letter_id = reason, detail[:1000], letter_id
    kept.since, kept.lifted_at = clock.now(), None
    db.session.flush()
    return True


def lift(address: str) -> bool:
    """Let letters leave to this address again, in the caller's transaction; whether they could not.

    What was refused meanwhile stays so until it is sent again.
    """
    kept = of_address(address)
    if kept is None:
        return False
    kept.lifted_at = clock.now()
    return True


def _plain(address: str) -> str:
    return address.strip().lower()
