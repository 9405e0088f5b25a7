"""Who sits where at the hour that is planned: the strip of zones, shares, and better hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from integrations.runtime.database import db
from sessions.flows.planning import SeriesPlan
from sessions.models.participation import HOLDING, Registration
from sessions.models.people import Person
from sessions.models.programme import City
from sessions.rules import hours as rules
from sessions.rules import timetable
from sessions.rules.hours import Hours, Place, Shares, Slot
from sessions.web import reader, typography
from sessions.web.hours import ELEVEN

OFFERED = 3
STEP = timedelta(minutes=30)


@dataclass(frozen=True)
class Member:
    """A member city with how many people of it take part in something."""

    city: City
    people: int


@dataclass(frozen=True)
class Zone:
    """The session on one clock. share: of the people, 0 to 1, or of the cities; names: who has it,
    the largest first; on: the date there where it is another than the programme's."""

    tz: str
    starts: datetime
    ends: datetime
    kind: str
    share: float
    names: tuple[str, ...]
    on: date | None

    @property
    def bar(self) -> int:
        """The share in whole per cent, at least one where there is anyone."""
        return max(1, round(self.share * 100)) if self.share else 0


@dataclass(frozen=True)
class Offer:
    """A start that suits, or the one that is chosen, with the zones that it suits least."""

    slot: Slot
    chosen: bool

    @property
    def at(self) -> str:
        return typography.clock(self.slot.wall.local)

    def zones(self, *kinds: str) -> int:
        """On how many clocks it is an hour of these kinds."""
        return len({one.starts.utcoffset() for one in self.slot.hours if one.kind in kinds})


@dataclass(frozen=True)
class Strip:
    """The hour of a plan for everyone. people: how many the shares are of, 0 if of cities.

    best: the start that suits most.
    """

    zones: Sequence[Zone]
    shares: Shares
    offers: Sequence[Offer]
    people: int
    cities: int
    best: str = ""

    @property
    def chosen(self) -> Offer:
        return next(offer for offer in self.offers if offer.chosen)


def members() -> list[Member]:
    """The member cities, the largest first, in two queries."""
    query = (
        select(Person.city_id, func.count(func.distinct(Person.id)))
        .join(Registration, Registration.person_id == Person.id)
        .where(Registration.state.in_(HOLDING), Person.city_id.is_not(None))
        .group_by(Person.city_id)
    )
    counted: dict[int | None, int] = dict(db.session.execute(query).all())
    cities = db.session.scalars(
        select(City).order_by(City.population.desc().nulls_last(), City.id)
    ).all()
    return [Member(city, counted.get(city.id, 0)) for city in cities]


def strip(plan: SeriesPlan, on: date, known: Sequence[Member]) -> Strip:
    """What a plan's hour means on a date for the members, or in eleven zones without any."""
    places = places_of(known)
    length = timedelta(minutes=plan.duration_min)
    wall = timetable.at(on, plan.wall_start, plan.tz)
    found = rules.local_hours(wall.instant(), length, places, plan.tz)
    chosen = Slot(wall, found, rules.shares(found))
    best = rules.best_slots(on, length, places, STEP, plan.tz, OFFERED + 1)
    others = [slot for slot in best if slot.wall.local != wall.local][:OFFERED]
    offers = [Offer(chosen, True), *(Offer(slot, False) for slot in others)]
    return Strip(
        zones=_zones(found, known),
        shares=chosen.shares,
        offers=sorted(offers, key=lambda offer: offer.slot.wall.local),
        people=sum(place.people for place in places),
        cities=len(known),
        best=typography.clock(best[0].wall.local) if best else "",
    )


def places_of(known: Sequence[Member]) -> list[Place]:
    """Where the members are."""
    if not known:
        return [Place(tz) for tz in ELEVEN]
    return [Place(member.city.tz, member.people) for member in known]


def _zones(found: Sequence[Hours], known: Sequence[Member]) -> list[Zone]:
    """One line for each offset, west to east."""
    said = reader.locale()
    whole = sum(one.people for one in found)
    cities = sum(one.cities for one in found)
    lines: dict[timedelta, list[Hours]] = {}
    for one in found:
        lines.setdefault(one.starts.utcoffset() or timedelta(), []).append(one)
    zones = []
    for offset in sorted(lines):
        here = lines[offset]
        tzs = {one.tz for one in here}
        weight = sum(one.people if whole else one.cities for one in here)
        names = [member.city.name_in(said) for member in known if member.city.tz in tzs]
        first = here[0]
        zones.append(
            Zone(
                tz=first.tz,
                starts=first.starts,
                ends=first.ends,
                kind=first.kind,
                share=weight / ((whole or cities) or 1),
                names=tuple(names) or tuple(typography.zone_city(tz, said) for tz in sorted(tzs)),
                on=first.starts.date() if first.day_shift else None,
            )
        )
    return zones
