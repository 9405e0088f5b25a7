"""Topics of a demo season, the ballot of the cities before it, and what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import insert, select

from integrations.runtime.database import db
from sessions.demo.repertoire import DemoTopic, Repertoire
from sessions.models.poll import Ballot, Topic, TopicDecision, Vote

QUOTA = 5
CHOSEN = 12
OPEN_FOR = timedelta(days=18)
# What the opening talk tells of the last vote; the topics of the conferences follow, then others.
FIRST = (
    "technology-education", "young-teacher", "functional-literacy", "class-tutor", "rural-school",
)  # fmt: skip
WON = {
    "last": (74, 61, 49, 47, 33, 31, 29, 28, 26, 25, 24, 23, 19, 17, 16, 14, 13, 11, 9, 6),
    "current": (66, 57, 54, 41, 38, 35, 32, 30, 27, 26, 22, 21, 20, 18, 15, 14, 12, 10, 7, 5),
}
# Of the member cities so many did not vote.
SILENT = {"last": 5, "current": 3}


def put(
    repertoire: Repertoire,
    which: str,
    season_id: int,
    cities: Mapping[str, int],
    closes_at: datetime,
) -> int:
    """The season's topics with every vote for them; the id of the ballot. cities: ids by name."""
    source = _by_favour(repertoire, which)
    chance = Random(f"ballot {closes_at.year}")  # noqa: S311 a story, no secret
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
        opens_at=closes_at - OPEN_FOR,
        closes_at=closes_at,
        electorate="city",
        quota=QUOTA,
    )
    db.session.add_all([*topics, ballot])
    db.session.flush()
    voters = chance.sample(list(cities.values()), len(cities) - SILENT[which])
    votes = _votes(chance, list(zip(topics, WON[which], strict=True)), voters, ballot)
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
    chance: Random, topics: list[tuple[Topic, int]], voters: list[int], ballot: Ballot
) -> list[dict[str, object]]:
    """One row for each city and topic it is for: as many as it won, nobody for more than QUOTA."""
    span = ballot.closes_at - ballot.opens_at
    cast_at = {
        city_id: (ballot.opens_at + span * chance.random()).replace(microsecond=0)
        for city_id in voters
    }
    left = dict.fromkeys(voters, QUOTA)
    rows: list[dict[str, object]] = []
    for topic, won in topics:
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
    """The ids of the topics that were chosen, by the season's year and the topic's key."""
    years = {season_id: year for year, season_id in seasons.items()}
    keys = {topic.title: topic.key for topic in repertoire.topics}
    rows = db.session.execute(
        select(Topic.season_id, Topic.title, Topic.id)
        .join(TopicDecision, TopicDecision.topic_id == Topic.id)
        .where(TopicDecision.is_chosen)
    ).all()
    return {(years[season_id], keys[title]): topic_id for season_id, title, topic_id in rows}
