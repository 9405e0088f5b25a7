"""Which sessions of a season the schedule shows: those this reader may open, filtered as asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import request
from sqlalchemy import String, case, cast, func, literal, select
from sqlalchemy.orm import selectinload

from archive import shelf
from archive.models import Talk
from archive.views import row_id
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.poll import Topic
from sessions.models.programme import City
from sessions.models.session import FORMATS, Session, SessionCity
from sessions.rules import lifecycle
from sessions.web import reader, visible


@dataclass(frozen=True)
class Filters:
    """What the reader narrowed the schedule to; nothing where they did not."""

    format: str = ""
    city: int | None = None
    topic: int | None = None

    @property
    def given(self) -> dict[str, str | int]:
        """The filters as arguments of an address."""
        asked = {"format": self.format, "city": self.city, "topic": self.topic}
        return {name: value for name, value in asked.items() if value}

    def without(self, name: str) -> dict[str, str | int]:
        """The same arguments but one."""
        return {key: value for key, value in self.given.items() if key != name}


@dataclass(frozen=True)
class Known:
    """As much of a session as is needed to count it and to put it on its day."""

    id: int
    format: str
    state: str
    starts_at: datetime
    minutes: int
    topic_id: int | None
    is_of_city: bool

    def is_over(self, now: datetime) -> bool:
        return self.state == "held" or self.starts_at + timedelta(minutes=self.minutes) < now

    def on(self, zone: ZoneInfo) -> date:
        """The date on which it begins, on the clock of a zone."""
        return self.starts_at.astimezone(zone).date()


@dataclass(frozen=True)
class Option:
    """A city or a topic that one can narrow the schedule to."""

    id: int
    name: str
    is_presenting: bool = False


@dataclass(frozen=True)
class Figures:
    """A season in numbers: sessions held and to come, cities that present, recordings."""

    held: int
    to_come: int
    cities: int
    recordings: int


def asked() -> Filters:
    """The filters that the address names; what cannot be meant is left out."""
    format_ = request.args.get("format", "")
    return Filters(format_ if format_ in FORMATS else "", row_id("city"), row_id("topic"))


def known_of(season_id: int, viewer: Viewer, city_id: int | None) -> list[Known]:
    """Every session of a season that opens to the viewer, by time. city_id: whose are marked."""
    of_city = select(SessionCity.session_id).where(SessionCity.city_id == city_id)
    rows = db.session.execute(
        select(
            Session.id, Session.format, Session.state, Session.starts_at,
            Session.duration_min, Session.topic_id, Session.id.in_(of_city),
        )
        .where(Session.season_id == season_id, visible.may_open(viewer))
        .order_by(Session.starts_at, Session.id)
    )  # fmt: skip
    return [
        Known(id_, kind, state, starts_at, minutes, topic_id, bool(is_of_city))
        for id_, kind, state, starts_at, minutes, topic_id, is_of_city in rows
    ]


def narrowed(known: Iterable[Known], filters: Filters) -> list[Known]:
    """Those that pass every filter."""
    return [
        one
        for one in known
        if filters.format in ("", one.format)
        and (filters.city is None or one.is_of_city)
        and filters.topic in (None, one.topic_id)
    ]


def formats_of(known: Iterable[Known], filters: Filters) -> dict[str, int]:
    """How many there are of each format, the other filters applied."""
    counts = Counter(one.format for one in narrowed(known, replace(filters, format="")))
    return {kind: counts[kind] for kind in FORMATS if counts[kind]}


def loaded(ids: Sequence[int]) -> Sequence[Session]:
    """These sessions with their cities, in the order of the ids."""
    if not ids:
        return ()
    places = {id_: place for place, id_ in enumerate(ids)}
    return db.session.scalars(
        select(Session)
        .where(Session.id.in_(ids))
        .options(selectinload(Session.cities))
        .order_by(case(places, value=Session.id))
    ).all()


def cities_of(season_id: int, viewer: Viewer) -> list[Option]:
    """The cities that take part in sessions of the season, by name."""
    presents = func.max(case((SessionCity.role == "presenting", 1), else_=0))
    rows = db.session.execute(
        select(City.id, City.name, City.name_en, presents)
        .join(SessionCity, SessionCity.city_id == City.id)
        .join(Session, Session.id == SessionCity.session_id)
        .where(Session.season_id == season_id, visible.may_open(viewer))
        .group_by(City.id, City.name, City.name_en)
    )
    return _by_name(Option(id_, _said(name, en), bool(does)) for id_, name, en, does in rows)


def topics_of(season_id: int, known: Iterable[Known]) -> list[Option]:
    """The topics that sessions of the season are about, by name."""
    about = {one.topic_id for one in known}
    rows = db.session.execute(
        select(Topic.id, Topic.title, Topic.title_en).where(Topic.season_id == season_id)
    )
    return _by_name(Option(id_, _said(name, en)) for id_, name, en in rows if id_ in about)


def figures(
    season_id: int, viewer: Viewer, known: Sequence[Known], cities: Iterable[Option], now: datetime
) -> Figures:
    """The numbers of a season as this reader may open what they count."""
    due = [one for one in known if one.state in lifecycle.TO_COME]
    sources = select(literal("session:") + cast(Session.id, String)).where(
        Session.season_id == season_id
    )
    return Figures(
        held=held(known, now),
        to_come=sum(not one.is_over(now) for one in due),
        cities=sum(city.is_presenting for city in cities),
        recordings=db.session.scalar(
            select(func.count(Talk.id)).where(
                Talk.state == "published", shelf.open_to(viewer), Talk.source.in_(sources)
            )
        )
        or 0,
    )


def held(known: Iterable[Known], now: datetime) -> int:
    """How many took place: held, or scheduled and over."""
    return sum(one.is_over(now) and one.state in ("scheduled", "live", "held") for one in known)


def _said(name: str, name_en: str) -> str:
    return name_en if reader.locale() == "en" and name_en else name


def _by_name(options: Iterable[Option]) -> list[Option]:
    return sorted(options, key=lambda one: one.name.casefold().replace("ё", "е"))
