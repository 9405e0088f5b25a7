"""What the programme consists of: seasons, member cities, series."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, Time, UniqueConstraint
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
    """The rule by which sessions repeat, as the host wrote it down: wall time and zone.

    template: what its sessions have in common, by the names of Session's columns; `presenting`
    holds city ids. left_out: original dates (ISO) that the host does not want, whatever the rule
    gives. is_visit: a visit of several days, registered for as a whole. reminders: of which kinds
    people are reminded, None for the programme's own.
    """

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
    template: Mapped[dict[str, Any]] = mapped_column(default=dict)
    left_out: Mapped[list[str]] = mapped_column(default=list)
    reminders: Mapped[list[str] | None] = mapped_column(JSON)
    is_visit: Mapped[bool] = mapped_column(default=False)

    season: Mapped[Season] = relationship(lazy="joined")


class DayOff(Model):
    """A day of the production calendar that the host may edit: off, or a working Saturday.

    source: "calendar" for what a year was filled with, "host" for what someone wrote.
    """

    __tablename__ = "days_off"
    __table_args__ = (CheckConstraint("source IN ('calendar', 'host')", name="source"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    is_off: Mapped[bool] = mapped_column(default=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(10), default="host")


class Blackout(Model):
    """Dates, both included, on which the programme, or a city, does not meet."""

    __tablename__ = "blackouts"
    __table_args__ = (CheckConstraint("first_on <= last_on", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    city_id: Mapped[int | None] = mapped_column(ForeignKey("cities.id"), index=True)
    first_on: Mapped[date]
    last_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)

    city: Mapped[City | None] = relationship()


class SeasonVersion(Model):
    """The plan of a season as it was announced, and what was different from the one before.

    snapshot: sessions by their id as text, each a dict of what the public sees. changes: a list of
    dicts (session, kind, and for most was and now); see rules/versions.py.
    """

    __tablename__ = "season_versions"
    __table_args__ = (UniqueConstraint("season_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("seasons.id"))
    number: Mapped[int]
    announced_at: Mapped[datetime]
    snapshot: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    season: Mapped[Season] = relationship(lazy="joined")
