"""The topics of a season, what they won in its ballot, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, current_app, g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from archive import shelf
from archive.models import Talk
from integrations.runtime import clock
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.poll import Ballot, Topic
from sessions.models.programme import Season
from sessions.models.session import Session
from sessions.rules import permissions
from sessions.web import guard, reader, schedule, visible, voting, whose_time
from sessions.web.voting import Won

pages = Blueprint("topics", __name__, url_prefix="/topics")

SHOWN = 3  # sessions of a topic on the page of all topics; the topic's own page shows the rest


@dataclass(frozen=True)
class Voting:
    """The ballot of a season as its pages tell of it. stage: none, before, open or over."""

    ballot: Ballot | None
    stage: str
    electorate: int
    turnout: int


@dataclass(frozen=True)
class Outcome:
    """A session on a topic, and its recording where there is one to watch."""

    session: Session
    talk: Talk | None


@dataclass(frozen=True)
class Came:
    """What came of a topic: how many sessions, and the first of them."""

    total: int
    first: list[Outcome]


@pages.get("", defaults={"season_id": None})
@pages.get("/<int:season_id>")
def season(season_id: int | None) -> ResponseReturnValue:
    """The topics of a season, by default of the one that is on, with what they won."""
    seasons = _seasons(g.viewer)
    chosen = _among(seasons, season_id) if season_id is not None else schedule.current(seasons)
    if chosen is None:
        return render_template("pages/topics.html", season=None, seasons=[])
    ballot, topics = voting.ballot_of(chosen.id), voting.topics_of(chosen.id)
    results = voting.results(chosen.id, ballot, topics)
    return render_template(
        "pages/topics.html",
        season=chosen,
        seasons=seasons,
        topics=topics,
        results=results,
        voting=_voting(chosen, ballot, results),
        outcomes=_outcomes([topic.id for topic in topics], g.viewer, SHOWN),
        home=current_app.config["TIMEZONE"],
    )


@pages.get("/<int:season_id>/<int:topic_id>")
def show(season_id: int, topic_id: int) -> ResponseReturnValue:
    """One topic: who proposed it, which cities chose it, what came of it."""
    viewer: Viewer = g.viewer
    topic = db.session.scalars(
        select(Topic)
        .where(Topic.id == topic_id, Topic.season_id == season_id, voting.may_read(viewer))
        .options(joinedload(Topic.city))
    ).first()
    if topic is None:
        abort(404)
    ballot = voting.ballot_of(topic.season_id)
    won = voting.won_by(topic.id, topic.season_id, ballot)
    return render_template(
        "pages/topic.html",
        topic=topic,
        season=topic.season,
        won=won,
        voting=_voting(topic.season, ballot, [won] if won else []),
        outcomes=_of_one(topic.id, viewer),
        words=whose_time.words_of(guard.person(), reader.locale()),
        home=current_app.config["TIMEZONE"],
        section="topics.season",
    )


def _seasons(viewer: Viewer) -> Sequence[Season]:
    """The seasons whose topics this viewer may read, the latest first."""
    query = select(Season).order_by(Season.starts_on.desc(), Season.id.desc())
    if permissions.TEAM not in viewer.keys:
        query = query.where(Season.state != "draft")
    return db.session.scalars(query).all()


def _among(seasons: Sequence[Season], season_id: int) -> Season:
    found = next((one for one in seasons if one.id == season_id), None)
    return found or abort(404)


def _voting(season: Season, ballot: Ballot | None, results: Sequence[Won]) -> Voting:
    """Who voted when; where votes were counted, of those who might have been then."""
    by_cities = ballot is None or ballot.electorate == "city"
    stage = "over" if results else "none"
    if ballot is not None:
        now = clock.now()
        stage = "before" if now < ballot.opens_at else "open" if now < ballot.closes_at else "over"
    if stage in ("none", "before"):
        return Voting(ballot, stage, 0, 0)
    could = results[0].electorate if results else voting.electorate(by_cities=by_cities)
    return Voting(ballot, stage, could, voting.turnout(season.id, by_cities=by_cities))


def _of_one(topic_id: int, viewer: Viewer) -> list[Outcome]:
    """All sessions on a topic that the viewer may open, in order of time; no drafts."""
    sessions = db.session.scalars(
        select(Session)
        .where(Session.topic_id == topic_id, *_announced(viewer))
        .options(selectinload(Session.cities))
        .order_by(Session.starts_at, Session.id)
    ).all()
    talks = _talks(sessions, viewer)
    return [Outcome(one, talks.get(f"session:{one.id}")) for one in sessions]


def _outcomes(topic_ids: Sequence[int], viewer: Viewer, at_most: int) -> dict[int, Came]:
    """The first sessions on each of the topics, and how many there are."""
    topic, order = Session.topic_id, (Session.starts_at, Session.id)
    ranked = (
        select(
            Session.id,
            func.row_number().over(partition_by=topic, order_by=order).label("n"),
            func.count().over(partition_by=topic).label("total"),
        )
        .where(Session.topic_id.in_(topic_ids), *_announced(viewer))
        .subquery()
    )
    rows = db.session.execute(
        select(Session, ranked.c.total)
        .join(ranked, ranked.c.id == Session.id)
        .where(ranked.c.n <= at_most)
        .options(selectinload(Session.cities))
        .order_by(Session.starts_at, Session.id)
    ).all()
    talks = _talks([one for one, _ in rows], viewer)
    found: dict[int, Came] = {}
    for one, total in rows:
        came = found.setdefault(one.topic_id, Came(total, []))
        came.first.append(Outcome(one, talks.get(f"session:{one.id}")))
    return found


def _announced(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return Session.state.not_in(("draft", "cancelled")), visible.may_open(viewer)


def _talks(sessions: Sequence[Session], viewer: Viewer) -> dict[str, Talk]:
    """The recordings of these sessions that the viewer may watch, by their source."""
    return {
        talk.source: talk
        for talk in db.session.scalars(
            select(Talk)
            .where(
                Talk.source.in_([f"session:{one.id}" for one in sessions]),
                Talk.state == "published",
                shelf.open_to(viewer),
            )
            .options(load_only(Talk.source, Talk.title, Talk.title_en, Talk.duration_s))
        )
    }
