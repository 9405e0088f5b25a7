"""Who changed what, when; and which posted forms were already taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from integrations.runtime import clock
from integrations.runtime.database import Model, db
from sessions.models.people import Person


class AuditLog(Model):
    """One change of state or time. subject: what was changed, such as "session:42"."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)

    person: Mapped[Person | None] = relationship()


class TakenForm(Model):
    """A form that was posted; posting it again leads to what it made the first time."""

    __tablename__ = "taken_forms"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


def record(by: int | None, action: str, subject: str, **details: Any) -> None:
    """Write one audit row, in the caller's transaction. by: a person's id, None for the system."""
    db.session.add(
        AuditLog(at=clock.now(), person_id=by, action=action, subject=subject, details=details)
    )


class ImportJob(Model):
    """A spreadsheet that someone gave us: what its rows would do, what they did, how to undo it.

    rows: what the sheet holds and how its questions were answered; undo: what an import made and
    changed, and what undoing it left; see sheets/importing.py.
    """

    __tablename__ = "import_jobs"
    __table_args__ = (CheckConstraint("state IN ('shown', 'applied', 'undone')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="shown")
    rows: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undo: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))

    person: Mapped[Person | None] = relationship()
