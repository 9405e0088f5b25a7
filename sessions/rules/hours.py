"""At what hour a session finds people at their places, and which start suits most of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sessions.rules.timetable import WallTime

# The working day, and the night in which nobody is to be woken, on the clock of the place.
WORK_BEGINS, WORK_ENDS = time(9, 0), time(18, 0)
NIGHT_ENDS, NIGHT_BEGINS = time(7, 0), time(22, 0)
NOON = time(12, 0)

Kind = Literal["working", "early", "late", "night"]


@dataclass(frozen=True)
class Place:
    """Where people are: a zone, how many of them, and in how many cities."""

    tz: str
    people: int = 0
    cities: int = 1


@dataclass(frozen=True)
class Hours:
    """A session on the clock of one zone, for all who are in it.

    starts, ends: in that zone. kind: "working" lies wholly within the working day, "early" begins
    before it, "late" ends after it, "night" begins before seven or ends after ten in the evening.
    day_shift: 1 where it begins on the day after the programme's, -1 on the day before, else 0.
    """

    tz: str
    starts: datetime
    ends: datetime
    kind: Kind
    day_shift: int
    people: int
    cities: int


@dataclass(frozen=True)
class Shares:
    """Which part of the people, 0 to 1, meets in hours of each kind; of the cities if no people.

    outside: those not wholly within working hours, by day or by night.
    """

    working: float
    early: float
    late: float
    night: float
    outside: float
    other_day: float


@dataclass(frozen=True)
class Slot:
    """A start on offer, on the clock of the programme, with what it means elsewhere."""

    wall: WallTime
    hours: Sequence[Hours]
    shares: Shares


def local_hours(
    starts_at: datetime, duration: timedelta, places: Iterable[Place], home: str
) -> list[Hours]:
    """The session on the clock of each zone, west to east. home: the programme's zone."""
    home_day = starts_at.astimezone(ZoneInfo(home)).date()
    found = []
    for place in _by_zone(places):
        zone = ZoneInfo(place.tz)
        starts = starts_at.astimezone(zone)
        ends = (starts_at + duration).astimezone(zone)
        kind = _kind(starts.replace(tzinfo=None), ends.replace(tzinfo=None))
        shift = (starts.date() - home_day).days
        found.append(Hours(place.tz, starts, ends, kind, shift, place.people, place.cities))
    return sorted(found, key=lambda one: (one.starts.replace(tzinfo=None), one.tz))


def shares(hours: Sequence[Hours]) -> Shares:
    """Which part of the people meets in hours of each kind; all 0 where there are no places."""
    weights = _weights(hours)
    whole = sum(weights) or 1
    elsewhen = sum(weight for one, weight in zip(hours, weights, strict=True) if one.day_shift)
    return Shares(
        working=_weight(hours, "working") / whole,
        early=_weight(hours, "early") / whole,
        late=_weight(hours, "late") / whole,
        night=_weight(hours, "night") / whole,
        outside=_outside(hours) / whole,
        other_day=elsewhen / whole,
    )


def best_slots(
    day: date,
    duration: timedelta,
    places: Iterable[Place],
    step: timedelta,
    home: str,
    most: int = 5,
) -> list[Slot]:
    """The best starts on a day of the programme's zone, every `step` from midnight, best first.

    Best is the start with the fewest people outside working hours, then the fewest at night, then
    the one whose middle is nearest to noon in the programme's zone, then the earlier.
    Raises ValueError where step is not positive.
    """
    where = list(_by_zone(places))
    noon = datetime.combine(day, NOON)
    ranked = []
    for wall in _starts(day, step, home):
        hours = local_hours(wall.instant(), duration, where, home)
        off_noon = abs(wall.local + duration / 2 - noon)
        ranked.append((_outside(hours), _weight(hours, "night"), off_noon, wall.local, wall, hours))
    ranked.sort(key=lambda one: one[:4])
    return [Slot(wall, hours, shares(hours)) for *_, wall, hours in ranked[:most]]


def _starts(day: date, step: timedelta, home: str) -> Iterator[WallTime]:
    if step <= timedelta():
        raise ValueError("step: not positive")
    for number in range(-(-timedelta(days=1) // step)):
        local = datetime.combine(day, time()) + number * step
        wall = WallTime(local, home)
        # An hour that the clocks jump over is no start.
        if wall.instant().astimezone(ZoneInfo(home)).replace(tzinfo=None) == local:
            yield wall


def _kind(starts: datetime, ends: datetime) -> Kind:
    """What hours these are, by the clock on the wall."""
    day = starts.date()
    if starts.time() < NIGHT_ENDS or ends > datetime.combine(day, NIGHT_BEGINS):
        return "night"
    if starts.time() < WORK_BEGINS:
        return "early"
    return "late" if ends > datetime.combine(day, WORK_ENDS) else "working"


def _by_zone(places: Iterable[Place]) -> Iterable[Place]:
    """The places with those of one zone as one."""
    found: dict[str, Place] = {}
    for place in places:
        known = found.get(place.tz, Place(place.tz, 0, 0))
        found[place.tz] = Place(place.tz, known.people + place.people, known.cities + place.cities)
    return found.values()


def _weights(hours: Sequence[Hours]) -> list[int]:
    """How much each counts: by people, or by cities while nobody is known anywhere."""
    people = [one.people for one in hours]
    return people if any(people) else [one.cities for one in hours]


def _weight(hours: Sequence[Hours], kind: Kind) -> int:
    weights = zip(hours, _weights(hours), strict=True)
    return sum(weight for one, weight in weights if one.kind == kind)


def _outside(hours: Sequence[Hours]) -> int:
    return sum(_weights(hours)) - _weight(hours, "working")
