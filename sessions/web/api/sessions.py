"""Sessions as JSON: what is planned, what was; and planning one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import available_timezones

from flask import g
from flask_smorest import Blueprint, abort
from marshmallow import Schema, fields, pre_load, validate
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.flows import planning
from sessions.flows.planning import SeriesPlan
from sessions.models.session import FORMATS, MODES, VISIBILITIES, Session, SessionCity
from sessions.rules import permissions, wording
from sessions.rules.recurrence import MonthlyRule
from sessions.web.api.bearer import needs
from sessions.web.api.paging import Paging, paged
from sessions.web.visible import may_open

endpoints = Blueprint(
    "api_sessions", __name__, url_prefix="/api/v1/sessions", description="Sessions"
)


class CityPart(Schema):
    name = fields.Str(attribute="city.name")
    tz = fields.Str(attribute="city.tz", metadata={"description": "IANA zone"})
    role = fields.Str(metadata={"description": "host, presenting or receiving"})


class SessionOut(Schema):
    id = fields.Int()
    uid = fields.Str(metadata={"description": "the UID in calendars"})
    title = fields.Str()
    title_en = fields.Str()
    summary = fields.Str()
    format = fields.Str()
    mode = fields.Str()
    state = fields.Str()
    visibility = fields.Str()
    language = fields.Str()
    place = fields.Str()
    wall_start = fields.NaiveDateTime(metadata={"description": "wall time in tz"})
    tz = fields.Str(metadata={"description": "IANA zone of wall_start"})
    starts_at = fields.AwareDateTime(default_timezone=UTC, metadata={"description": "UTC"})
    ends_at = fields.AwareDateTime(default_timezone=UTC, metadata={"description": "UTC"})
    duration_min = fields.Int()
    revision = fields.Int()
    season = fields.Str(attribute="season.name")
    cities = fields.List(fields.Nested(CityPart))
    url = fields.Function(lambda session: f"{_base()}/sessions/{session.id}")


class SessionsOut(Schema):
    items = fields.List(fields.Nested(SessionOut))
    total = fields.Int()
    page = fields.Int()
    pages = fields.Int()


class SessionsAsked(Paging):
    starts_from = fields.Date(metadata={"description": "not before this day (UTC)"})
    starts_to = fields.Date(metadata={"description": "not after this day (UTC)"})
    format = fields.Str(validate=validate.OneOf(FORMATS))
    state = fields.Str(
        validate=validate.OneOf(("scheduled", "postponed", "live", "held", "cancelled"))
    )


class SessionIn(Schema):
    @pre_load
    def clean(self, given: Any, **_: Any) -> Any:
        """The words without the characters that nobody sees; what is no text is judged later."""
        if not isinstance(given, Mapping):
            return given
        ways = {"title": wording.one_line, "summary": wording.lines}
        return {
            name: ways[name](value) if name in ways and isinstance(value, str) else value
            for name, value in given.items()
        }

    title = fields.Str(required=True, validate=validate.Length(1, 500))
    summary = fields.Str(load_default="", validate=validate.Length(max=8000))
    wall_start = fields.NaiveDateTime(required=True, metadata={"description": "wall time in tz"})
    tz = fields.Str(required=True, metadata={"description": "IANA zone"})
    duration_min = fields.Int(required=True, validate=validate.Range(5, 24 * 60))
    format = fields.Str(load_default="seminar", validate=validate.OneOf(FORMATS))
    mode = fields.Str(load_default="online", validate=validate.OneOf(MODES))
    visibility = fields.Str(load_default="public", validate=validate.OneOf(VISIBILITIES))


def _base() -> str:
    return ports.get(Settings).base_url.rstrip("/")


@endpoints.get("/")
@endpoints.arguments(SessionsAsked, location="query")
@endpoints.response(200, SessionsOut)
def index(asked: dict[str, object]) -> dict[str, object]:
    """Sessions by their start, those the caller may see."""
    query = (
        select(Session)
        .where(may_open(g.viewer))
        .options(selectinload(Session.cities).joinedload(SessionCity.city))
        .order_by(Session.starts_at, Session.id)
    )
    if isinstance(first := asked.get("starts_from"), date):
        query = query.where(Session.starts_at >= datetime.combine(first, datetime.min.time(), UTC))
    if isinstance(last := asked.get("starts_to"), date):
        query = query.where(Session.starts_at <= datetime.combine(last, datetime.max.time(), UTC))
    for name in ("format", "state"):
        if asked.get(name):
            query = query.where(getattr(Session, name) == asked[name])
    return paged(query, asked)


@endpoints.get("/<int:session_id>")
@endpoints.response(200, SessionOut)
def show(session_id: int) -> Session:
    """One session; 404 for one that is not there or that the caller may not see."""
    session = db.session.scalars(
        select(Session).where(Session.id == session_id, may_open(g.viewer))
    ).first()
    if session is None:
        abort(404, message="There is no such session, or it is not open to you.")
    return session


@endpoints.post("/")
@endpoints.arguments(SessionIn)
@endpoints.response(201, SessionOut)
@needs("plan")
@needs("read")
def plan(given: dict[str, object]) -> Session:
    """Plan one session as a draft. The token's owner must be a host; scopes: plan, read."""
    if permissions.TEAM not in g.viewer.keys:
        lacking = "Only hosts and administrators plan sessions; the owner of this token is neither."
        abort(403, message=lacking)
    if given["tz"] not in available_timezones():
        abort(422, errors={"json": {"tz": ["This is no IANA zone."]}})
    at = given.pop("wall_start")
    assert isinstance(at, datetime)
    rule = MonthlyRule(1, at.weekday(), at.date(), at.date())
    plan = SeriesPlan(rule=rule, wall_start=at.time(), **given)  # type: ignore[arg-type]
    session_id = planning.plan_one(plan, at, g.viewer.person_id, ports.get(Settings).domain)
    return db.session.get_one(Session, session_id)
