"""The library of talks: files, slides, spoken lines, chapters, and what the index holds of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from integrations.runtime.database import Model

TALK_STATES = ("expected", "fetched", "read", "indexed", "published", "withheld", "missing")


class Talk(Model):
    """A session, or anything older, kept in the archive.

    source: where it comes from, such as "session:42" or "import:2024/opening"; unique.
    """

    __tablename__ = "talks"
    __table_args__ = (
        CheckConstraint(f"state IN {TALK_STATES}", name="state"),
        Index("ix_talks_held_on", "held_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(500), unique=True)
    title: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    summary_en: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(8), default="")
    held_on: Mapped[date | None]
    cities: Mapped[list[str]] = mapped_column(default=list)
    speakers: Mapped[list[str]] = mapped_column(default=list)
    facets: Mapped[dict[str, Any]] = mapped_column(default=dict)
    access_keys: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(20), default="expected")
    duration_s: Mapped[float | None]
    made_at: Mapped[datetime]

    files: Mapped[list[MediaFile]] = relationship(
        back_populates="talk", order_by="MediaFile.id", cascade="all, delete-orphan"
    )
    slides: Mapped[list[Slide]] = relationship(
        back_populates="talk", order_by="Slide.file_id, Slide.page", cascade="all, delete-orphan"
    )
    chapters: Mapped[list[Chapter]] = relationship(
        order_by="Chapter.start_s", cascade="all, delete-orphan"
    )

    @property
    def keys(self) -> frozenset[str]:
        """The access keys; whoever holds one may open the talk and everything in it."""
        return frozenset(self.access_keys)

    def title_in(self, locale: str) -> str:
        """The title for a reader of this language."""
        return self.title_en if locale == "en" and self.title_en else self.title

    def summary_in(self, locale: str) -> str:
        """The summary for a reader of this language."""
        return self.summary_en if locale == "en" and self.summary_en else self.summary


class MediaFile(Model):
    """One deposited file. States: waiting, read, partial, empty, refused, unexamined.

    key: where the storage keeps it. `problem` is a stable code, `details` fill its sentence.
    """

    __tablename__ = "media_files"
    __table_args__ = (UniqueConstraint("talk_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talks.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    media_type: Mapped[str] = mapped_column(String(120), default="application/octet-stream")
    original_name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int]
    key: Mapped[str] = mapped_column(String(200))
    poster_key: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    problem: Mapped[str | None] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    added_at: Mapped[datetime]

    talk: Mapped[Talk] = relationship(back_populates="files")


class Slide(Model):
    """One page of a deck. `from_s` and `to_s` say when it was shown, where that is known."""

    __tablename__ = "slides"
    __table_args__ = (UniqueConstraint("file_id", "page"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talks.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"))
    page: Mapped[int]
    title: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    picture_key: Mapped[str | None] = mapped_column(String(200))
    width: Mapped[int | None]
    height: Mapped[int | None]
    from_s: Mapped[float | None]
    to_s: Mapped[float | None]

    talk: Mapped[Talk] = relationship(back_populates="slides")


class Cue(Model):
    """One spoken line. Times are seconds from the start of the recording."""

    __tablename__ = "cues"
    __table_args__ = (
        UniqueConstraint("file_id", "position"),
        Index("ix_cues_talk", "talk_id", "start_s"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talks.id", ondelete="CASCADE"))
    file_id: Mapped[int] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"))
    position: Mapped[int]
    lang: Mapped[str] = mapped_column(String(8), default="")
    start_s: Mapped[float]
    end_s: Mapped[float]
    speaker: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


class Chapter(Model):
    """A named stretch of a talk."""

    __tablename__ = "chapters"

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talks.id", ondelete="CASCADE"), index=True)
    start_s: Mapped[float]
    title: Mapped[str] = mapped_column(Text)


class Entry(Model):
    """What may be found: a passage of a talk, or what the layer above hands us (a session to come).

    source: what it belongs to, such as "talk:7" or "session:42"; replaced as a whole.
    """

    __tablename__ = "entries"
    # The index knows entries by id: one that was used must not come to mean another.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(200), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    talk_id: Mapped[int | None] = mapped_column(
        ForeignKey("talks.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    names: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str] = mapped_column(String(8), default="")
    facets: Mapped[dict[str, Any]] = mapped_column(default=dict)
    access_keys: Mapped[list[str]] = mapped_column(default=list)
    url: Mapped[str] = mapped_column(Text)
    start_s: Mapped[float | None]
    end_s: Mapped[float | None]
    slide_id: Mapped[int | None] = mapped_column(ForeignKey("slides.id", ondelete="SET NULL"))


class IndexDebt(Model):
    """A source whose entries changed and that the index has yet to take in, or to forget."""

    __tablename__ = "index_debts"

    source: Mapped[str] = mapped_column(String(200), primary_key=True)
    stamp: Mapped[int] = mapped_column(default=1)
    owed_at: Mapped[datetime]
