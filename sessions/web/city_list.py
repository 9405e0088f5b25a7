"""The member cities as a list: what each showed, how they are sorted, filtered and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select

from archive import shelf
from archive.models import Talk
from integrations.runtime import clock
from integrations.runtime.database import db, is_sqlite
from integrations.runtime.viewer import Viewer
from sessions.models.programme import City
from sessions.models.session import Session, SessionCity
from sessions.rules import lifecycle
from sessions.web import city_map, typography, visible

ORDERS = ("name", "hour", "joined")
PRESENTING = ("presenting", "host")


@dataclass(frozen=True)
class Row:
    """A city with what it showed so far, as far as the viewer may know."""

    city: City
    name: str
    words: str
    shown: int
    recordings: int


def rows(viewer: Viewer, said: str) -> list[Row]:
    """All member cities by name."""
    shown, recordings = _shown(viewer), _recordings(viewer)
    found = [
        Row(
            city=city,
            name=city.name_in(said),
            words=words_of(city, said),
            shown=shown.get(city.id, 0),
            recordings=recordings.get(city.name, 0),
        )
        for city in db.session.scalars(select(City))
    ]
    return sorted(found, key=lambda row: in_order(row.name))


def words_of(city: City, said: str) -> str:
    """Whose time a city's is: «по Перми»; empty where the zone's own words serve."""
    name = city.name_en if said == "en" else city.dative
    if not name:
        return ""
    return f"{name}{typography.NBSP}time" if said == "en" else f"по{typography.NBSP}{name}"


def began() -> ColumnElement[bool]:
    """The condition under which a session was shown, or is being shown."""
    under_way = and_(Session.state.in_(lifecycle.JOINABLE), Session.starts_at <= clock.now())
    return or_(Session.state == "held", under_way)


def _shown(viewer: Viewer) -> Mapping[int, int]:
    """How many sessions each city presented, by its id."""
    counted = db.session.execute(
        select(SessionCity.city_id, func.count(Session.id.distinct()))
        .join(Session, Session.id == SessionCity.session_id)
        .where(SessionCity.role.in_(PRESENTING), began(), visible.may_open(viewer))
        .group_by(SessionCity.city_id)
    )
    return {row[0]: row[1] for row in counted}


def _recordings(viewer: Viewer) -> Mapping[str, int]:
    """How many recordings of each city there are, by its name as the archive keeps it."""
    elements = func.json_each if is_sqlite() else func.json_array_elements_text
    name = elements(Talk.cities).table_valued("value")
    counted = db.session.execute(
        select(name.c.value, func.count(Talk.id.distinct()))
        .select_from(Talk)
        .join(name, onclause=Talk.state == "published")
        .where(shelf.open_to(viewer))
        .group_by(name.c.value)
    )
    return {row[0]: row[1] for row in counted}


def matching(listed: Sequence[Row], asked: str) -> list[Row]:
    """The cities whose name or region holds what was asked for, in either language."""
    wanted = in_order(asked)

    def fits(city: City) -> bool:
        names = (city.name, city.name_en, city.region, city.region_en)
        return any(wanted in in_order(name) for name in names)

    return [row for row in listed if fits(row.city)]


def in_order(name: str) -> str:
    """A name as it is compared: without case, ё beside е."""
    return name.casefold().replace("ё", "е").strip()


def grouped(listed: Sequence[Row], order: str, now: datetime) -> list[list[Row]]:
    """The cities, sorted by name, in groups: all, those of one hour, or of one year of joining."""
    if order == "hour":
        return _in_groups(listed, lambda row: offset_s(row, now))
    if order == "joined":
        joined = sorted(listed, key=lambda row: (row.city.joined_on is None, row.city.joined_on))
        return _in_groups(joined, _year)
    return [list(listed)] if listed else []


def _in_groups(listed: Sequence[Row], key: Callable[[Row], float]) -> list[list[Row]]:
    """Stable: within a group the order stays."""
    return [list(members) for _, members in groupby(sorted(listed, key=key), key=key)]


def _year(row: Row) -> float:
    return row.city.joined_on.year if row.city.joined_on else 9999


def offset_s(row: Row, now: datetime) -> float:
    """How far the city's clock is ahead of UTC now."""
    away = now.astimezone(ZoneInfo(row.city.tz)).utcoffset()
    return away.total_seconds() if away else 0.0


def map_of(listed: Sequence[Row]) -> city_map.CityMap | None:
    """The cities on the map, those without coordinates left out."""
    most = max((row.city.population or 0 for row in listed), default=0) or 1
    return city_map.drawn(
        tuple(
            city_map.Place(
                row.city.id, row.name, row.city.lat, row.city.lon, (row.city.population or 0) / most
            )
            for row in listed
            if row.city.lat is not None and row.city.lon is not None
        )
    )
