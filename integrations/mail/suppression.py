"""Addresses that get no letters, and what became of each letter that left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from integrations.runtime.database import Model

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
