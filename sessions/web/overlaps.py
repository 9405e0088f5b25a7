"""What takes place near some dates, gathered with a fixed number of queries, and what conflicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from integrations.runtime.database import db
from sessions.flows.planning import SeriesPlan
from sessions.models import days_off
from sessions.models.meeting import Meeting, SessionMeeting
from sessions.models.participation import HOLDING, Registration
from sessions.models.people import Person, RoleGrant
from sessions.models.programme import City
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.rules import conflicts as rules
from sessions.rules.conflicts import NEAR, Conflict, Gathering, Spot
from sessions.rules.hours import Shares
from sessions.rules.timetable import WallTime

_DAY = timedelta(days=1)
# What is off, over or without a date stands in nobody's way.
_NOT_COMING = ("cancelled", "postponed", "held")
# A link that was pasted is one room; a service makes as many as are asked for.
_ROOMS_OF_LINK = 1
_SCOPE = "session:"

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Named:
    """What a sentence says of another session."""

    id: int
    title: str
    title_en: str
    ends_at: datetime
    tz: str

    def title_in(self, locale: str) -> str:
        return self.title_en if locale == "en" and self.title_en else self.title


@dataclass(frozen=True)
class Near:
    """The sessions near some dates. links: accounts that are one pasted room each."""

    gatherings: Sequence[Gathering] = ()
    named: Mapping[int, Named] = field(default_factory=dict)
    links: frozenset[int] = frozenset()

    def of(self, session_id: int) -> Gathering | None:
        """The session itself as it was gathered; None where it is off or over."""
        return next((one for one in self.gatherings if one.id == session_id), None)

    def conflicts(
        self, one: Gathering, off: Mapping[date, str] | None = None, shares: Shares | None = None
    ) -> list[Conflict]:
        """All that speaks against a gathering, the gravest first."""
        begins, ends = one.starts_at - NEAR, one.ends_at + NEAR
        near = [it for it in self.gatherings if it.starts_at < ends and it.ends_at > begins]
        capacity = _ROOMS_OF_LINK if one.account in self.links else None
        return rules.conflicts(one, near, capacity=capacity, days_off=off, shares=shares)


def near(spans: Iterable[Span], *, planned: bool = False) -> Near:
    """What takes place near these spans, in six queries, or one where it is nothing.

    planned: for sessions of which only the cities are known yet: two queries.
    """
    wanted = list(spans)
    if not wanted:
        return Near()
    rows = [row for row in _rows(wanted) if _is_near(row, wanted)]
    if not rows:
        return Near()
    ids = [row.id for row in rows]
    cities, spots = _cities(ids)
    if planned:
        ids = []
    speakers, leaders = _speakers(ids), _leaders(ids)
    accounts, links = _accounts(ids)
    people, audience = _people(ids)
    gatherings = [
        Gathering(
            id=row.id,
            starts_at=row.starts_at,
            ends_at=row.starts_at + timedelta(minutes=row.duration_min),
            on=row.wall_start.date(),
            format=row.format,
            mode=row.mode,
            cities=frozenset(cities[row.id]),
            speakers=frozenset(speakers[row.id]),
            hosts=frozenset(leaders[row.id]),
            account=accounts.get(row.id),
            topic=row.topic_id,
            people=frozenset(people[row.id]),
            audience=frozenset(audience[row.id]),
            spot=_spot(row.mode, cities[row.id], spots),
        )
        for row in rows
    ]
    named = {
        row.id: Named(
            row.id,
            row.title,
            row.title_en,
            row.starts_at + timedelta(minutes=row.duration_min),
            row.tz,
        )
        for row in rows
    }
    return Near(gatherings, named, links)


def of_plan(
    plan: SeriesPlan, starts_at: datetime, on: date, cities: Mapping[int, City]
) -> Gathering:
    """A session that is only planned so far. cities: the member cities by id."""
    presenting = [(city, "presenting") for city in plan.presenting]
    spots = {id_: Spot(id_, city.lat, city.lon) for id_, city in cities.items()}
    return Gathering(
        id=None,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=plan.duration_min),
        on=on,
        format=plan.format,
        mode=plan.mode,
        cities=frozenset(presenting),
        spot=_spot(plan.mode, presenting, spots),
    )


def of_session(
    session: Session, at: WallTime | None = None, shares: Shares | None = None
) -> tuple[list[Conflict], Near]:
    """What speaks against a session where it stands, or at another hour."""
    wall = at or session.wall
    starts_at = wall.instant()
    ends_at = starts_at + timedelta(minutes=session.duration_min)
    around = near([(starts_at, ends_at), (session.starts_at, session.ends_at)])
    own = around.of(session.id)
    if own is None:
        return [], around
    on = wall.local.date()
    moved = replace(own, starts_at=starts_at, ends_at=ends_at, on=on)
    off = days_off.between(on, on)
    closed = closed_for(on, on, [city for city, _ in own.cities])
    return around.conflicts(moved, {**closed, **off}, shares), around


def closed_for(first: date, last: date, cities: Iterable[int]) -> dict[date, str]:
    """The dates on which one of these cities does not meet, with why."""
    wanted = list(cities)
    if not wanted:
        return {}
    return {
        day: blackout.reason
        for blackout in days_off.blackouts_between(first, last, wanted)
        for day in days_off.days_of(blackout, first, last)
    }


def _rows(spans: Sequence[Span]) -> list[Any]:
    first, last = min(begins for begins, _ in spans), max(ends for _, ends in spans)
    columns = (
        Session.id, Session.title, Session.title_en, Session.starts_at, Session.duration_min,
        Session.wall_start, Session.tz, Session.format, Session.mode, Session.topic_id,
    )  # fmt: skip
    query = (
        select(*columns)
        .where(
            Session.state.not_in(_NOT_COMING),
            Session.starts_at > first - NEAR - _DAY,
            Session.starts_at < last + NEAR,
        )
        .order_by(Session.starts_at, Session.id)
    )
    return [*db.session.execute(query)]


def _is_near(row: Any, spans: Sequence[Span]) -> bool:
    ends_at = row.starts_at + timedelta(minutes=row.duration_min)
    return any(row.starts_at < ends + NEAR and ends_at > begins - NEAR for begins, ends in spans)


def _cities(ids: Sequence[int]) -> tuple[dict[int, list[tuple[int, str]]], dict[int, Spot]]:
    cities: dict[int, list[tuple[int, str]]] = defaultdict(list)
    spots = {}
    for session_id, city_id, role, lat, lon in db.session.execute(
        select(SessionCity.session_id, SessionCity.city_id, SessionCity.role, City.lat, City.lon)
        .join(City, City.id == SessionCity.city_id)
        .where(SessionCity.session_id.in_(ids))
        .order_by(SessionCity.id)
    ):
        cities[session_id].append((city_id, role))
        spots[city_id] = Spot(city_id, lat, lon)
    return cities, spots


def _spot(mode: str, cities: Sequence[tuple[int, str]], spots: Mapping[int, Spot]) -> Spot | None:
    """Where people come together: in the city that hosts, else in the first that presents."""
    if mode == "online":
        return None
    ranked = [city for city, role in cities if role == "host"]
    ranked += [city for city, role in cities if role == "presenting"]
    return spots.get(ranked[0]) if ranked else None


def _speakers(ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    if not ids:
        return found
    for session_id, person_id in db.session.execute(
        select(AgendaItem.session_id, Speaker.person_id)
        .join(Speaker, Speaker.item_id == AgendaItem.id)
        .where(AgendaItem.session_id.in_(ids), Speaker.state != "declined")
    ):
        found[session_id].append(person_id)
    return found


def _leaders(ids: Sequence[int]) -> dict[int, list[int]]:
    """Who leads each on the day: its session hosts."""
    found: dict[int, list[int]] = defaultdict(list)
    if not ids:
        return found
    scopes = [f"{_SCOPE}{session_id}" for session_id in ids]
    for person_id, scope in db.session.execute(
        select(RoleGrant.person_id, RoleGrant.scope).where(
            RoleGrant.role == "session_host", RoleGrant.scope.in_(scopes)
        )
    ):
        found[int(scope.removeprefix(_SCOPE))].append(person_id)
    return found


def _accounts(ids: Sequence[int]) -> tuple[dict[int, int], frozenset[int]]:
    """The account of each room as a number of ours, and which of them are single rooms."""
    numbers: dict[tuple[str, str], int] = {}
    accounts: dict[int, int] = {}
    links = set()
    if not ids:
        return accounts, frozenset()
    for session_id, service, url in db.session.execute(
        select(SessionMeeting.session_id, Meeting.service, Meeting.join_url)
        .join(Meeting, Meeting.id == SessionMeeting.meeting_id)
        .where(SessionMeeting.session_id.in_(ids), SessionMeeting.role == "primary")
    ):
        is_link = service == "link"
        number = numbers.setdefault((service, url if is_link else ""), len(numbers) + 1)
        accounts[session_id] = number
        if is_link:
            links.add(number)
    return accounts, frozenset(links)


def _people(ids: Sequence[int]) -> tuple[dict[int, list[int]], dict[int, set[int]]]:
    """Who holds a place in each, and the cities they are of."""
    people: dict[int, list[int]] = defaultdict(list)
    audience: dict[int, set[int]] = defaultdict(set)
    if not ids:
        return people, audience
    for session_id, person_id, city_id in db.session.execute(
        select(Registration.session_id, Registration.person_id, Person.city_id)
        .join(Person, Person.id == Registration.person_id)
        .where(Registration.session_id.in_(ids), Registration.state.in_(HOLDING))
    ):
        people[session_id].append(person_id)
        if city_id is not None:
            audience[session_id].add(city_id)
    return people, audience
