"""What speaks against holding a session at its hour: a host is told, and decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Literal

from sessions.rules.hours import Shares

Kind = Literal[
    "speaker_twice", "host_twice", "city_twice", "account_full", "same_audience", "day_off",
    "outside_hours", "travel_person", "travel_city",
]  # fmt: skip
Severity = Literal["grave", "warning", "notice"]
Fact = str | int | float | bool | None

# So far apart, two sessions have nothing to do with one another: nobody travels longer.
NEAR = timedelta(days=2)
# The audience is the same where so many invited or registered cities, or people, are in both.
SHARED_CITIES, SHARED_PEOPLE = 3, 5
OUTSIDE_SHARE = 1 / 3
# By road or rail up to FLIGHT_FROM_KM; beyond, a flight with the ways to and from it.
ROAD_KMH, FLIGHT_FROM_KM, FLIGHT_KMH = 60, 400, 600
FLIGHT_EXTRA = timedelta(hours=4)
EARTH_RADIUS_KM = 6371.0
LEADING = frozenset({"host", "presenting"})
_ORDER: Sequence[Severity] = ("grave", "warning", "notice")


@dataclass(frozen=True)
class Spot:
    """The city where people come together, and where it lies, in degrees."""

    city_id: int
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True)
class Gathering:
    """What matters here of a session that is to take place.

    on: the date on the wall of its zone; cities: (city, role) pairs; hosts: the people who lead it
    on the day; account: the service account of its room; people: those invited or registered,
    audience: the cities they are of; spot: None for a session that is online only.
    """

    id: int | None
    starts_at: datetime
    ends_at: datetime
    on: date
    format: str
    mode: str = "online"
    cities: frozenset[tuple[int, str]] = frozenset()
    speakers: frozenset[int] = frozenset()
    hosts: frozenset[int] = frozenset()
    account: int | None = None
    topic: int | None = None
    people: frozenset[int] = frozenset()
    audience: frozenset[int] = frozenset()
    spot: Spot | None = None

    def overlaps(self, other: Gathering) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def leading(self) -> frozenset[int]:
        """The cities that host or present."""
        return frozenset(city for city, role in self.cities if role in LEADING)

    @property
    def travelling(self) -> frozenset[int]:
        """The cities that come to its spot: in a hybrid session the others watch from home."""
        if self.mode == "hybrid":
            return self.leading
        return frozenset(city for city, _ in self.cities)


@dataclass(frozen=True)
class Conflict:
    """One reason. with_sessions: the other sessions concerned; facts: what its sentence needs.

    speaker_twice, host_twice, city_twice: overlap_s. account_full: capacity, at_once.
    same_audience: same_format, same_topic, shared_cities, shared_people. day_off: name, on
    (YYYY-MM-DD). outside_hours: outside, night (shares, 0 to 1). travel_person, travel_city:
    gap_s, needed_s, distance_km (None: unknown), from_city and to_city (ids).
    """

    kind: Kind
    severity: Severity
    with_sessions: tuple[int, ...] = ()
    person_id: int | None = None
    city_id: int | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


def conflicts(
    session: Gathering,
    others: Iterable[Gathering],
    *,
    capacity: int | None = None,
    days_off: Mapping[date, str] | None = None,
    shares: Shares | None = None,
) -> list[Conflict]:
    """All that speaks against a session, the gravest first; nothing of it forbids anything.

    others: sessions within NEAR of it; the session itself may be among them. capacity: how many
    rooms its account runs at once, None for any number. shares: of its audience, at its hour.
    """
    near = [one for one in others if one.id is None or one.id != session.id]
    found = [*_account_full(session, near, capacity), *_of_the_day(session, days_off, shares)]
    for other in near:
        if session.overlaps(other):
            found += _twice(session, other)
            found += _same_audience(session, other)
        found += _travel(session, other)
    return sorted(found, key=lambda one: (_ORDER.index(one.severity), one.kind, one.with_sessions))


def distance_km(one: Spot, other: Spot) -> float | None:
    """The way between two spots over the globe; None where it is not known where one lies."""
    if one.city_id == other.city_id:
        return 0.0
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    lat, other_lat = radians(one.lat), radians(other.lat)
    across = sin((other_lat - lat) / 2) ** 2
    along = sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(across + cos(lat) * cos(other_lat) * along))


def travel_time(distance: float | None) -> timedelta:
    """How long the way takes; where it is not known, at least a flight's time besides flying."""
    if distance is None:
        return FLIGHT_EXTRA
    if distance < FLIGHT_FROM_KM:
        return timedelta(hours=distance / ROAD_KMH)
    return FLIGHT_EXTRA + timedelta(hours=distance / FLIGHT_KMH)


def _twice(session: Gathering, other: Gathering) -> Iterator[Conflict]:
    """People and cities that would have to be in both at once."""
    overlap = min(session.ends_at, other.ends_at) - max(session.starts_at, other.starts_at)
    facts = {"overlap_s": overlap.total_seconds()}
    sessions = _ids(other)
    speaking = session.speakers | other.speakers
    for person in sorted(_both(session, other)):
        if person in speaking:
            yield Conflict("speaker_twice", "grave", sessions, person_id=person, facts=facts)
        else:
            yield Conflict("host_twice", "warning", sessions, person_id=person, facts=facts)
    for city in sorted(session.leading & other.leading):
        yield Conflict("city_twice", "warning", sessions, city_id=city, facts=facts)


def _account_full(
    session: Gathering, near: Collection[Gathering], capacity: int | None
) -> Iterator[Conflict]:
    """More rooms at one moment than the account runs."""
    if session.account is None or capacity is None:
        return
    same = [one for one in near if one.account == session.account and session.overlaps(one)]
    moments = {max(one.starts_at, session.starts_at) for one in (session, *same)}
    crowds = [
        [one for one in same if one.starts_at <= moment < one.ends_at]
        for moment in sorted(moments)
    ]  # fmt: skip
    crowd = max(crowds, key=len)
    if len(crowd) + 1 > capacity:
        facts = {"capacity": capacity, "at_once": len(crowd) + 1}
        yield Conflict("account_full", "grave", _ids(*crowd), facts=facts)


def _same_audience(session: Gathering, other: Gathering) -> Iterator[Conflict]:
    """Two sessions that call the same people at the same hour."""
    cities = len(session.audience & other.audience)
    people = len(session.people & other.people)
    same_topic = session.topic is not None and session.topic == other.topic
    same_format = session.format == other.format
    many = cities >= SHARED_CITIES or people >= SHARED_PEOPLE or same_topic
    if many or same_format:
        facts = {
            "same_format": same_format,
            "same_topic": same_topic,
            "shared_cities": cities,
            "shared_people": people,
        }
        yield Conflict("same_audience", "warning" if many else "notice", _ids(other), facts=facts)


def _of_the_day(
    session: Gathering, days_off: Mapping[date, str] | None, shares: Shares | None
) -> Iterator[Conflict]:
    """What is against the date or the hour itself."""
    name = (days_off or {}).get(session.on)
    if name is not None:
        facts: dict[str, Fact] = {"name": name, "on": session.on.isoformat()}
        yield Conflict("day_off", "warning", facts=facts)
    if shares is not None and shares.outside > OUTSIDE_SHARE:
        facts = {"outside": shares.outside, "night": shares.night}
        yield Conflict("outside_hours", "warning", facts=facts)


def _travel(session: Gathering, other: Gathering) -> Iterator[Conflict]:
    """People and cities that cannot get from one to the other in time."""
    first, then = sorted((session, other), key=lambda one: (one.starts_at, one.ends_at))
    if first.spot is None or then.spot is None or first.spot.city_id == then.spot.city_id:
        return
    gap = then.starts_at - first.ends_at
    distance = distance_km(first.spot, then.spot)
    needed = travel_time(distance)
    if gap >= needed:
        return
    facts: dict[str, Fact] = {
        "gap_s": gap.total_seconds(),
        "needed_s": needed.total_seconds(),
        "distance_km": distance,
        "from_city": first.spot.city_id,
        "to_city": then.spot.city_id,
    }
    people, cities = _both(first, then), first.travelling & then.travelling
    if first.overlaps(then):
        # Being wanted twice at once was said already.
        people, cities = frozenset(), cities - (first.leading & then.leading)
    severity: Severity = "grave" if first.mode == then.mode == "in_person" else "warning"
    for person in sorted(people):
        yield Conflict("travel_person", severity, _ids(other), person_id=person, facts=facts)
    for city in sorted(cities):
        # A city has many people: perhaps others go.
        yield Conflict("travel_city", "notice", _ids(other), city_id=city, facts=facts)


def _both(one: Gathering, other: Gathering) -> frozenset[int]:
    return (one.speakers | one.hosts) & (other.speakers | other.hosts)


def _ids(*sessions: Gathering) -> tuple[int, ...]:
    return tuple(sorted(one.id for one in sessions if one.id is not None))
