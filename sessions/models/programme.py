"""What the programme consists of: seasons, member cities, series."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, Time
from sqlalchemy.orm import Mapped, mapped_column, relationship

from integrations.runtime.database import Model

SEASON_STATES = ("draft", "polling", "planned", "running", "closed")
HOLIDAY_POLICIES = ("skip", "shift", "ask")


class Season(Model):
    """A stretch of the programme. Dates are in the programme's zone, both included."""

    __tablename__ = "seasons"
    __table_args__ = (CheckConstraint(f"state IN {SEASON_STATES}", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    motto: Mapped[str] = mapped_column(Text, default="")
    motto_en: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), default="draft")

    def name_in(self, locale: str) -> str:
        """The name for a reader of this language."""
        return self.name_en if locale == "en" and self.name_en else self.name

    def motto_in(self, locale: str) -> str:
        """The motto for a reader of this language."""
        return self.motto_en if locale == "en" and self.motto_en else self.motto


class City(Model):
    """A member city. `dative` is the name after «по», as in «12:00 по Перми»."""

    __tablename__ = "cities"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    name_en: Mapped[str] = mapped_column(Text, default="")
    dative: Mapped[str] = mapped_column(Text, default="")
    region: Mapped[str] = mapped_column(Text, default="")
    region_en: Mapped[str] = mapped_column(Text, default="")
    tz: Mapped[str] = mapped_column(String(64))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    population: Mapped[int | None]
    joined_on: Mapped[date | None]

    def name_in(self, locale: str) -> str:
        """The name for a reader of this language."""
        return self.name_en if locale == "en" and self.name_en else self.name

    def region_in(self, locale: str) -> str:
        """The region for a reader of this language."""
        return self.region_en if locale == "en" and self.region_en else self.region


class Series(Model):
    """The rule by which sessions repeat, as the host wrote it down: wall time and zone."""

    __tablename__ = "series"
    __table_args__ = (CheckConstraint(f"holiday_policy IN {HOLIDAY_POLICIES}", name="policy"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("seasons.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    rule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tz: Mapped[str] = mapped_column(String(64))
    wall_start: Mapped[time] = mapped_column(Time)
    duration_min: Mapped[int]
    holiday_policy: Mapped[str] = mapped_column(String(10), default="ask")

    season: Mapped[Season] = relationship(lazy="joined")
