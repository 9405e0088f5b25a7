"""Rooms at conferencing services, and which session meets in which."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from integrations.runtime.database import Model

MEETING_STATES = ("pending", "creating", "unknown", "ready", "failed", "closed", "gone")


class Meeting(Model):
    """A room. service: a driver's name, or "link" for a pasted one; `key` names it there."""

    __tablename__ = "meetings"
    __table_args__ = (CheckConstraint(f"state IN {MEETING_STATES}", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    external_id: Mapped[str] = mapped_column(Text, default="")
    join_url: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), default="pending")
    error: Mapped[str] = mapped_column(Text, default="")


class SessionMeeting(Model):
    """The room of a session. role: primary or fallback."""

    __tablename__ = "session_meetings"
    __table_args__ = (UniqueConstraint("session_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    role: Mapped[str] = mapped_column(String(10), default="primary")

    meeting: Mapped[Meeting] = relationship(lazy="joined")
