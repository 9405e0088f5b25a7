"""At what hour a session begins for whom: one line for each offset from UTC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.models.programme import City
from sessions.rules.hours import WORK_BEGINS, WORK_ENDS
from sessions.web import reader, typography

# One city for each of Russia's eleven zones, for a programme that has no cities yet.
ELEVEN = (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk",
    "Asia/Novosibirsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan",
    "Asia/Kamchatka",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A name on the clock of a zone."""

    name: str
    tz: str


@dataclass(frozen=True)
class Hour:
    """The start on the clock of some places, the best known first.

    on: the date there, where it is not the date in the programme's zone.
    """

    at: time
    names: tuple[str, ...]
    late: bool
    mine: bool
    on: date | None


def member_places() -> list[Place]:
    """The member cities, the largest first."""
    said = reader.locale()
    cities = db.session.execute(
        select(City.name, City.name_en, City.tz).order_by(
            City.population.desc().nulls_last(), City.id
        )
    ).all()
    return [
        Place(name_en if said == "en" and name_en else name, tz) for name, name_en, tz in cities
    ]


def of_session(starts_at: datetime, length: timedelta, places: Sequence[Place] = ()) -> list[Hour]:
    """The hours at the places given, or in eleven zones, with the reader and the programme."""
    said, home = reader.locale(), current_app.config["TIMEZONE"]
    who = reader.current()
    mine = Place(who.place or typography.zone_city(who.tz, said), who.tz) if who.tz else None
    listed = list(places) or [Place(typography.zone_city(tz, said), tz) for tz in ELEVEN]
    if all(place.tz != home for place in listed):
        listed.append(Place(typography.zone_city(home, said), home))
    return local_hours(starts_at, length, listed, mine, home)


def local_hours(
    starts_at: datetime, length: timedelta, places: Iterable[Place], mine: Place | None, home: str
) -> list[Hour]:
    """The start on the clock of each place, west to east, places of one offset together.

    mine: where the reader is; their place leads its line. home: the programme's zone.
    """
    lines: dict[timedelta, list[Place]] = {}
    for place in [*([mine] if mine else []), *places]:
        line = lines.setdefault(_offset(starts_at, place.tz), [])
        if all(place.name != other.name for other in line):
            line.append(place)
    at_home = starts_at.astimezone(ZoneInfo(home)).date()
    found = []
    for offset in sorted(lines):
        local = starts_at.astimezone(ZoneInfo(lines[offset][0].tz))
        found.append(
            Hour(
                at=local.time(),
                names=tuple(place.name for place in lines[offset]),
                late=out_of_hours(local, length),
                mine=mine is not None and mine in lines[offset],
                on=local.date() if local.date() != at_home else None,
            )
        )
    return found


def out_of_hours(local: datetime, length: timedelta) -> bool:
    """Whether it begins before the working day or ends after it, on the clock of `local`."""
    # Wall time throughout: people go home by the clock, also in the night when it is changed.
    start = local.replace(tzinfo=None)
    return start.time() < WORK_BEGINS or start + length > datetime.combine(start, WORK_ENDS)


def _offset(moment: datetime, tz: str) -> timedelta:
    return moment.astimezone(ZoneInfo(tz)).utcoffset() or timedelta()
