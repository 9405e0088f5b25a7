"""Topics of a demo season, the ballot of the cities before it, and what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random

from sqlalchemy import insert, select

from integrations.runtime.database import db
from sessions.demo.repertoire import DemoTopic, Repertoire
from sessions.models.poll import Ballot, Topic, TopicDecision, Vote

QUOTA = 5
CHOSEN = 12
# Of the member cities so many did not vote.
SILENT = 5
# What the opening talk tells of the vote; the topics of the conferences follow, then the others.
FIRST = (
    "technology-education",
    "young-teacher",
    "functional-literacy",
    "class-tutor",
    "rural-school",
)
WON = (74, 61, 49, 47, 33, 31, 29, 28, 26, 25, 24, 23, 19, 17, 16, 14, 13, 11, 9, 6)


def put(
    repertoire: Repertoire, which: str, year: int, season_id: int, cities: Mapping[str, int]
) -> int:
    """The season's topics with every vote for them; the id of the ballot. cities: ids by name."""
    source = _by_favour(repertoire, which)
    chance = Random(f"ballot {year}")  # noqa: S311 a story, no secret
    topics = [
        Topic(
            season_id=season_id,
            title=one.title,
            title_en=one.title_en,
            abstract=one.abstract,
            abstract_en=one.abstract_en,
            city_id=cities.get(one.proposed_by),
        )
        for one in source
    ]
    ballot = Ballot(
        season_id=season_id,
        opens_at=datetime(year, 6, 1, 6, tzinfo=UTC),
        closes_at=datetime(year, 8, 20, 18, tzinfo=UTC),
        electorate="city",
        quota=QUOTA,
    )
    db.session.add_all([*topics, ballot])
    db.session.flush()
    votes = _votes(chance, topics, list(cities.values()), ballot)
    db.session.execute(insert(Vote), votes)
    _decide(topics, votes, len(cities), ballot.closes_at)
    return ballot.id


def _by_favour(repertoire: Repertoire, which: str) -> list[DemoTopic]:
    """The topics of the season, dearest first."""
    told = [
        one.content.topic for one in repertoire.conferences if one.season == which and one.content
    ]
    ranks = {key: rank for rank, key in reversed(list(enumerate((*FIRST, *told))))}
    found = [topic for topic in repertoire.topics if which in topic.seasons]
    return sorted(found, key=lambda topic: ranks.get(topic.key, len(ranks)))


def _votes(
    chance: Random, topics: list[Topic], cities: list[int], ballot: Ballot
) -> list[dict[str, object]]:
    """One row for each city and topic it is for: as many as WON, nobody for more than QUOTA."""
    span = ballot.closes_at - ballot.opens_at
    voters = chance.sample(cities, len(cities) - SILENT)
    cast_at = {
        city_id: (ballot.opens_at + span * chance.random()).replace(microsecond=0)
        for city_id in voters
    }
    left = dict.fromkeys(voters, QUOTA)
    rows: list[dict[str, object]] = []
    for topic, won in zip(topics, WON, strict=True):
        chance.shuffle(voters)
        voters.sort(key=lambda city_id: left[city_id], reverse=True)
        for city_id in voters[:won]:
            left[city_id] -= 1
            rows.append({"topic_id": topic.id, "city_id": city_id, "cast_at": cast_at[city_id]})
    return rows


def _decide(
    topics: list[Topic], votes: list[dict[str, object]], electorate: int, at: datetime
) -> None:
    won = Counter(row["topic_id"] for row in votes)
    ranked = sorted(topics, key=lambda topic: (-won[topic.id], topic.id))
    db.session.add_all(
        TopicDecision(
            topic_id=topic.id,
            votes=won[topic.id],
            electorate=electorate,
            place=place,
            is_chosen=place <= CHOSEN,
            decided_at=at,
        )
        for place, topic in enumerate(ranked, start=1)
    )


def ids(seasons: Mapping[int, int], repertoire: Repertoire) -> dict[tuple[int, str], int]:
    """The topics' ids by the season's year and the topic's key."""
    years = {season_id: year for year, season_id in seasons.items()}
    keys = {topic.title: topic.key for topic in repertoire.topics}
    rows = db.session.execute(select(Topic.season_id, Topic.title, Topic.id)).all()
    return {(years[season_id], keys[title]): topic_id for season_id, title, topic_id in rows}
