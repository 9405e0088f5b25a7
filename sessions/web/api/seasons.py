"""Seasons as JSON: their figures, their ballot and its topics, their series."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy import Select, select

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.poll import ELECTORATES
from sessions.models.programme import SEASON_STATES, Season
from sessions.rules import permissions
from sessions.web import schedule_found, voting
from sessions.web.api import problems, series_found
from sessions.web.api.paging import PageOut, Paging, paged
from sessions.web.api.series_found import SeriesListOut
from sessions.web.api.shapes import CityName, SeasonName, TopicName, one_of
from sessions.web.api.values import Address, instant

endpoints = Blueprint("api_seasons", __name__, url_prefix="/api/v1/seasons", description="Seasons")


class SeasonOut(SeasonName):
    """A season. Dates are in the programme's zone, both included."""

    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    motto = fields.Str(required=True)
    motto_en = fields.Str(required=True)
    state = one_of(SEASON_STATES, required=True)
    url = Address("schedule", words="its schedule")


class SeasonsOut(PageOut):
    items = fields.List(fields.Nested(SeasonOut), required=True)


class FiguresOut(Schema):
    """In numbers, as far as the caller may open what they count."""

    held = fields.Int(required=True)
    to_come = fields.Int(required=True)
    cities = fields.Int(required=True, metadata={"description": "that present"})
    recordings = fields.Int(required=True)


class BallotOut(Schema):
    opens_at = instant(required=True)
    closes_at = instant(required=True)
    electorate = one_of(ELECTORATES, required=True)
    quota = fields.Int(required=True, metadata={"description": "topics for each voter"})


class TopicOut(TopicName):
    """won: null while the ballot is not over."""

    abstract = fields.Str(required=True)
    abstract_en = fields.Str(required=True)
    city = fields.Nested(
        CityName, allow_none=True, required=True, metadata={"description": "that proposed it"}
    )


class WholeSeasonOut(SeasonOut):
    figures = fields.Nested(FiguresOut, required=True)
    ballot = fields.Nested(BallotOut, allow_none=True, required=True)
    topics = fields.List(fields.Nested(TopicOut), required=True)


@endpoints.get("/")
@endpoints.arguments(Paging, location="query")
@endpoints.response(200, SeasonsOut)
@endpoints.alt_response(304, description="What you have is still so")
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """The seasons, the latest first; those in draft are the team's."""
    return paged(_seasons().order_by(Season.starts_on.desc(), Season.id.desc()), asked)


@endpoints.get("/<int:season_id>")
@endpoints.response(200, WholeSeasonOut)
@endpoints.alt_response(304, description="What you have is still so")
def show(season_id: int) -> dict[str, Any]:
    """One season with its figures and topics."""
    season = _season(season_id)
    known = schedule_found.known_of(season_id, g.viewer, None)
    cities = schedule_found.cities_of(season_id, g.viewer)
    ballot, topics = voting.ballot_of(season_id), voting.topics_of(season_id)
    won = {one.topic.id: one for one in voting.results(season_id, ballot, topics)}
    own = ("id", "name", "name_en", "starts_on", "ends_on", "motto", "motto_en", "state")
    of_topic = ("id", "title", "title_en", "abstract", "abstract_en", "city")
    return {
        **{name: getattr(season, name) for name in own},
        "figures": schedule_found.figures(season_id, g.viewer, known, cities, clock.now()),
        "ballot": ballot,
        "topics": [
            {**{name: getattr(topic, name) for name in of_topic}, "won": won.get(topic.id)}
            for topic in topics
        ],
    }


@endpoints.get("/<int:season_id>/series")
@endpoints.arguments(Paging, location="query")
@endpoints.response(200, SeriesListOut)
@endpoints.alt_response(304, description="What you have is still so")
def series(asked: dict[str, Any], season_id: int) -> dict[str, Any]:
    """The series of a season of which the caller may open a session; all of them for the team."""
    _season(season_id)
    return series_found.listed(season_id, asked)


def _seasons() -> Select[Season]:
    query = select(Season)
    return query if permissions.TEAM in g.viewer.keys else query.where(Season.state != "draft")


def _season(season_id: int) -> Season:
    season = db.session.scalars(_seasons().where(Season.id == season_id)).first()
    return season or problems.stop("not_found")
