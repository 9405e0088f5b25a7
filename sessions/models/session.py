"""One dated gathering, its cities and what is shown in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from integrations.calendaring import tz_database
from integrations.mail.outbox import Letter
from integrations.runtime import clock
from integrations.runtime.database import Model, db
from sessions.models.people import Person
from sessions.models.poll import Topic
from sessions.models.programme import City, Season, Series
from sessions.rules import permissions
from sessions.rules.timetable import WallTime

FORMATS = ("video_conference", "internship", "seminar", "project_session", "consultation")
MODES = ("online", "in_person", "hybrid")
STATES = ("draft", "scheduled", "postponed", "live", "held", "cancelled")
VISIBILITIES = ("public", "members", "participants")
SPEAKER_STATES = ("named", "asked", "confirmed", "declined")


class Session(Model):
    """One session. What a host wrote is wall time and zone; `starts_at` is derived from it.

    sequence, revised_at: what calendars see (RFC 5546); `revision` counts every saved edit, and an
    edit that names a lower one is stale. `announced_revision` is the last that went out in letters.
    quiet_until: when letters about the latest changes leave, unless more changes before; None where
    none wait. announced: whether and when it takes place, as those letters last said; empty where
    they said something else, too.
    is_moved: by hand, so that its series leaves it where it is. holiday: the day off on which it
    falls, or from which the rule moved it. copied_from_id: the session it was made after.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("series_id", "original_wall_start"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"format IN {FORMATS}", name="format"),
        CheckConstraint(f"mode IN {MODES}", name="mode"),
        CheckConstraint(f"visibility IN {VISIBILITIES}", name="visibility"),
        Index("ix_sessions_starts_at", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("seasons.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    summary_en: Mapped[str] = mapped_column(Text, default="")
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), index=True)
    language: Mapped[str] = mapped_column(String(8), default="ru")
    format: Mapped[str] = mapped_column(String(20), default="video_conference")
    mode: Mapped[str] = mapped_column(String(20), default="online")
    visibility: Mapped[str] = mapped_column(String(20), default="public")
    place: Mapped[str] = mapped_column(Text, default="")
    capacity_online: Mapped[int | None]
    capacity_in_person: Mapped[int | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    copied_from_id: Mapped[int | None] = mapped_column(
        ForeignKey("sessions.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[str] = mapped_column(String(20), default="draft")
    wall_start: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    tz: Mapped[str] = mapped_column(String(64))
    duration_min: Mapped[int]
    starts_at: Mapped[datetime]
    tzdata_version: Mapped[str] = mapped_column(String(20), default="")
    original_wall_start: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    is_moved: Mapped[bool] = mapped_column(default=False)
    holiday: Mapped[str] = mapped_column(Text, default="")
    uid: Mapped[str] = mapped_column(String(200), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)
    announced_revision: Mapped[int] = mapped_column(default=0)
    revised_at: Mapped[datetime]
    quiet_until: Mapped[datetime | None]
    announced: Mapped[dict[str, Any]] = mapped_column(default=dict)

    season: Mapped[Season] = relationship(lazy="joined")
    series: Mapped[Series | None] = relationship()
    owner: Mapped[Person | None] = relationship()
    topic: Mapped[Topic | None] = relationship()
    cities: Mapped[list[SessionCity]] = relationship(
        order_by="SessionCity.id", cascade="all, delete-orphan"
    )
    agenda: Mapped[list[AgendaItem]] = relationship(
        order_by="AgendaItem.offset_min, AgendaItem.id", cascade="all, delete-orphan"
    )

    @classmethod
    def locked(cls, session_id: int) -> Self:
        """The session, its row locked for the rest of the transaction. Raises NoResultFound."""
        return db.session.execute(
            select(cls)
            .where(cls.id == session_id)
            .with_for_update(of=cls)
            .execution_options(populate_existing=True)
        ).scalar_one()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.duration_min)

    @property
    def shown_state(self) -> str:
        """The state as others see it: a draft that was called off was never more than a draft."""
        never_announced = self.state == "cancelled" and self.announced_revision == 0
        return "draft" if never_announced else self.state

    @property
    def access_keys(self) -> frozenset[str]:
        """The keys that open the session's page."""
        return permissions.session_keys(self.id, self.shown_state, self.visibility)

    @property
    def wall(self) -> WallTime:
        return WallTime(self.wall_start, self.tz)

    def place_at(self, wall: WallTime) -> None:
        """Put the session at a wall time; the instant follows from the zone's rules of today."""
        self.wall_start, self.tz = wall.local, wall.tz
        self.starts_at = wall.instant()
        self.tzdata_version = tz_database.version()

    def revise(self, *, sequence: bool) -> None:
        """Count an edit; `sequence` where calendars must take it for a change of time or state."""
        self.revision += 1
        # A calendar drops what is no newer than what it has: two edits in a second need two stamps.
        earliest = self.revised_at + timedelta(seconds=1 if self.announced_revision else 0)
        self.revised_at = max(clock.now().replace(microsecond=0), earliest)
        if sequence:
            self.sequence += 1

    def title_in(self, locale: str) -> str:
        """The title for a reader of this language."""
        return self.title_en if locale == "en" and self.title_en else self.title

    def summary_in(self, locale: str) -> str:
        """The summary for a reader of this language."""
        return self.summary_en if locale == "en" and self.summary_en else self.summary


class SessionCity(Model):
    """A city's part in a session: host, presenting or receiving."""

    __tablename__ = "session_cities"
    __table_args__ = (UniqueConstraint("session_id", "city_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    city_id: Mapped[int] = mapped_column(ForeignKey("cities.id"), index=True)
    role: Mapped[str] = mapped_column(String(20), default="presenting")

    city: Mapped[City] = relationship(lazy="joined")


class AgendaItem(Model):
    """What is shown within a session, so many minutes after its start."""

    __tablename__ = "agenda_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    offset_min: Mapped[int]
    duration_min: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(Text, default="")

    speakers: Mapped[list[Speaker]] = relationship(
        back_populates="item", order_by="Speaker.position, Speaker.id", cascade="all, delete-orphan"
    )

    def title_in(self, locale: str) -> str:
        """The title for a reader of this language."""
        return self.title_en if locale == "en" and self.title_en else self.title


class Speaker(Model):
    """Who shows an agenda item, in the order of `position`.

    token: the secret of the letter that asks whether they will; note: what they answered in words.
    """

    __tablename__ = "speakers"
    __table_args__ = (
        UniqueConstraint("item_id", "person_id"),
        CheckConstraint(f"state IN {SPEAKER_STATES}", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(20), default="speaker")
    state: Mapped[str] = mapped_column(String(20), default="named")
    token: Mapped[str | None] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"), index=True)

    item: Mapped[AgendaItem] = relationship(back_populates="speakers")
    person: Mapped[Person] = relationship(lazy="joined")
    letter: Mapped[Letter | None] = relationship()
