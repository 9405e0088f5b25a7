"""What one city presents, showed, chose and proposed, and who speaks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import load_only, selectinload

from archive import shelf
from archive.models import Talk
from integrations.runtime import clock
from integrations.runtime.database import db, is_sqlite
from integrations.runtime.viewer import Viewer
from sessions.models.participation import HOLDING, Registration
from sessions.models.people import Person, RoleGrant
from sessions.models.poll import Ballot, Topic, Vote
from sessions.models.programme import City, Season
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.rules import lifecycle, permissions
from sessions.web import visible, voting
from sessions.web.city_list import PRESENTING, began

MOST_SHOWN = 40
MOST_SPEAKERS = 60


@dataclass(frozen=True)
class Shown:
    """What was shown on a day: a session, its recording where there is one, or that alone."""

    on: date | None
    session: Session | None
    talk: Talk | None


@dataclass(frozen=True)
class Voice:
    """Someone of the city who spoke, and in how many sessions."""

    name: str
    initials: str
    post: str
    organisation: str
    times: int


@dataclass(frozen=True)
class Team:
    """What the team and the city's coordinators see: who coordinates, how many take part."""

    coordinators: Sequence[Person]
    people: int
    registrations: int


def sessions_of(city: City, viewer: Viewer) -> tuple[list[Session], list[Session]]:
    """(to come, soonest first; those that began, the latest first), as far as the viewer may know.

    One that is on now stands with those to come.
    """
    now = clock.now()
    part = select(SessionCity.session_id).where(
        SessionCity.city_id == city.id, SessionCity.role.in_(PRESENTING)
    )
    ours = db.session.scalars(
        select(Session)
        .where(
            Session.id.in_(part),
            or_(Session.state.in_(lifecycle.TO_COME), began()),
            visible.may_open(viewer),
        )
        .options(selectinload(Session.cities))
        .order_by(Session.starts_at, Session.id)
    ).all()
    coming = [one for one in ours if _is_to_come(one, now)]
    return coming, [one for one in reversed(ours) if one not in coming]


def _is_to_come(session: Session, now: datetime) -> bool:
    over = session.ends_at <= now and session.state != "postponed"
    return session.state in lifecycle.TO_COME and not over


def shown_of(
    city: City, held: Sequence[Session], viewer: Viewer, zone: str
) -> tuple[list[Shown], int]:
    """(The city's sessions and recordings, the latest first; how many recordings there are)."""
    elements = func.json_each if is_sqlite() else func.json_array_elements_text
    name = elements(Talk.cities).table_valued("value")
    of_city = select(1).select_from(name).where(name.c.value == city.name).exists()
    sources = {f"session:{one.id}": one for one in held}
    talks = db.session.scalars(
        select(Talk)
        .where(
            Talk.state == "published",
            or_(of_city, Talk.source.in_(sources)),
            shelf.open_to(viewer),
        )
        .options(load_only(Talk.source, Talk.title, Talk.title_en, Talk.held_on, Talk.duration_s))
    ).all()
    by_source = {talk.source: talk for talk in talks}
    of_sessions = [
        Shown(one.starts_at.astimezone(ZoneInfo(zone)).date(), one, by_source.get(source))
        for source, one in sources.items()
    ]
    alone = [Shown(talk.held_on, None, talk) for talk in talks if talk.source not in sources]
    return (
        sorted([*of_sessions, *alone], key=lambda one: one.on or date.min, reverse=True),
        len(talks),
    )


def voices_of(city: City, viewer: Viewer) -> list[Voice]:
    """Those of the city who spoke in sessions that the viewer may open, most often first."""
    times = func.count(Session.id.distinct())
    spoke = db.session.execute(
        select(Person.given, Person.family, Person.post, Person.organisation, times)
        .select_from(Speaker)
        .join(Person, Person.id == Speaker.person_id)
        .join(AgendaItem, AgendaItem.id == Speaker.item_id)
        .join(Session, Session.id == AgendaItem.session_id)
        .where(Person.city_id == city.id, began(), visible.may_open(viewer))
        .group_by(Person.id, Person.given, Person.family, Person.post, Person.organisation)
        .order_by(times.desc(), Person.family, Person.given)
        .limit(MOST_SPEAKERS)
    )
    return [
        Voice(f"{given} {family}".strip(), given[:1] + family[:1], post, organisation, count)
        for given, family, post, organisation, count in spoke
    ]


def chosen_by(city: City, viewer: Viewer) -> list[tuple[Season, list[Topic]]]:
    """The topics the city was for by season, the latest first; only of ballots that are over."""
    topics = db.session.scalars(
        select(Topic)
        .join(Vote, Vote.topic_id == Topic.id)
        .join(Ballot, Ballot.season_id == Topic.season_id)
        .where(
            Vote.city_id == city.id,
            Ballot.electorate == "city",
            Ballot.closes_at <= clock.now(),
            voting.may_read(viewer),
        )
    ).all()
    return _by_season(topics)


def proposed_by(city: City, viewer: Viewer) -> list[tuple[Season, list[Topic]]]:
    """The topics the city proposed, by season, the latest first."""
    topics = db.session.scalars(
        select(Topic).where(Topic.city_id == city.id, voting.may_read(viewer))
    ).all()
    return _by_season(topics)


def _by_season(topics: Sequence[Topic]) -> list[tuple[Season, list[Topic]]]:
    in_order = sorted(
        topics,
        key=lambda topic: (
            -topic.season.starts_on.toordinal(),
            topic.season_id,
            topic.decision.place if topic.decision else 0,
            topic.title,
        ),
    )
    return [(season, list(group)) for season, group in groupby(in_order, lambda one: one.season)]


def team_of(city: City, viewer: Viewer) -> Team | None:
    """What the team and the city's coordinators see; None for everyone else."""
    if not viewer.may_open(permissions.city_keys(city.id)):
        return None
    coordinators = db.session.scalars(
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == "coordinator", RoleGrant.scope == f"city:{city.id}")
        .order_by(Person.family, Person.given, Person.id)
    ).all()
    people = select(func.count(Person.id)).where(Person.city_id == city.id).scalar_subquery()
    registrations = (
        select(func.count(Registration.id))
        .join(Person, Person.id == Registration.person_id)
        .join(Session, Session.id == Registration.session_id)
        .where(
            Person.city_id == city.id,
            Registration.state.in_(HOLDING),
            visible.may_open(viewer),
        )
        .scalar_subquery()
    )
    counted = db.session.execute(select(people, registrations)).one()
    return Team(coordinators, counted[0], counted[1])
