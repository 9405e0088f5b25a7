"""What topics won in their season's ballot: told once it is closed, and not before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import joinedload

from integrations.runtime import clock
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.people import Person
from sessions.models.poll import Ballot, Topic, Vote
from sessions.models.programme import City, Season
from sessions.rules import permissions


@dataclass(frozen=True)
class Won:
    """What the ballot came to for one topic.

    votes of electorate: how many are for it, of how many who might have been. place of topics: 1 is
    most. is_chosen: None until it was decided. cities: those for it by name, where they were asked
    for and cities voted.
    """

    topic: Topic
    votes: int
    electorate: int
    place: int
    topics: int
    by_cities: bool
    is_chosen: bool | None
    cities: tuple[City, ...] = ()


def votes_of(topic_id: int) -> Won | None:
    """What a topic won and which cities are for it; None where its ballot is not over, or was none.

    Takes the same number of queries however many topics and votes there are.
    """
    season_id = db.session.scalar(select(Topic.season_id).where(Topic.id == topic_id))
    return won_by(topic_id, season_id, ballot_of(season_id)) if season_id is not None else None


def won_by(topic_id: int, season_id: int, ballot: Ballot | None) -> Won | None:
    """The same for who knows the topic's season and its ballot."""
    every = results(season_id, ballot, topics_of(season_id))
    won = next((one for one in every if one.topic.id == topic_id), None)
    if won is None or not won.by_cities:
        return won
    cities = db.session.scalars(
        select(City).join(Vote, Vote.city_id == City.id).where(Vote.topic_id == topic_id)
    ).all()
    return replace(won, cities=tuple(sorted(cities, key=lambda city: city.name)))


def results(season_id: int, ballot: Ballot | None, topics: Sequence[Topic]) -> list[Won]:
    """What each topic of a season won, most votes first; empty while the ballot is not over.

    ballot, topics: those of the season.
    """
    decided = any(topic.decision for topic in topics)
    if not decided and (ballot is None or clock.now() < ballot.closes_at):
        return []
    by_cities = ballot is None or ballot.electorate == "city"
    undecided = any(topic.decision is None for topic in topics)
    counted = _counted(season_id) if undecided else {}
    voters = electorate(by_cities=by_cities) if undecided else 0
    votes = {topic.id: _votes(topic, counted) for topic in topics}
    found = [
        Won(
            topic=topic,
            votes=votes[topic.id],
            electorate=topic.decision.electorate if topic.decision else voters,
            place=topic.decision.place if topic.decision else _place(votes, topic.id),
            topics=len(topics),
            by_cities=by_cities,
            is_chosen=topic.decision.is_chosen if topic.decision else None,
        )
        for topic in topics
    ]
    return sorted(found, key=lambda won: (won.place, -won.votes, won.topic.title))


def ballot_of(season_id: int) -> Ballot | None:
    """The ballot of a season, where it has one."""
    return db.session.scalars(select(Ballot).where(Ballot.season_id == season_id)).first()


def topics_of(season_id: int) -> Sequence[Topic]:
    """The topics of a season by title, with who proposed them and what was decided."""
    return db.session.scalars(
        select(Topic)
        .where(Topic.season_id == season_id)
        .options(joinedload(Topic.city))
        .order_by(Topic.title, Topic.id)
    ).all()


def electorate(*, by_cities: bool) -> int:
    """How many may vote today: the member cities, or the people we know."""
    return db.session.scalar(select(func.count(City.id if by_cities else Person.id))) or 0


def may_read(viewer: Viewer) -> ColumnElement[bool]:
    """The condition under which a topic opens to this viewer: a draft season is the team's."""
    if permissions.TEAM in viewer.keys:
        return true()
    return Topic.season_id.in_(select(Season.id).where(Season.state != "draft"))


def turnout(season_id: int, *, by_cities: bool) -> int:
    """How many cities, or people, voted for at least one topic of a season."""
    voter = Vote.city_id if by_cities else Vote.person_id
    query = select(func.count(voter.distinct())).join(Topic).where(Topic.season_id == season_id)
    return db.session.scalar(query) or 0


def _counted(season_id: int) -> Mapping[int, int]:
    rows = db.session.execute(
        select(Vote.topic_id, func.count())
        .join(Topic)
        .where(Topic.season_id == season_id)
        .group_by(Vote.topic_id)
    )
    return {row[0]: row[1] for row in rows}


def _votes(topic: Topic, counted: Mapping[int, int]) -> int:
    return topic.decision.votes if topic.decision else counted.get(topic.id, 0)


def _place(votes: Mapping[int, int], topic_id: int) -> int:
    """One more than there are topics with more votes, so that equals share a place."""
    return 1 + sum(other > votes[topic_id] for other in votes.values())
