"""Sessions as JSON: what is planned, what was; and planning one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from integrations.runtime import ports
from integrations.runtime.settings import Settings
from sessions.flows import planning
from sessions.flows.planning import SeriesPlan
from sessions.models.programme import City
from sessions.models.session import FORMATS, MODES, VISIBILITIES
from sessions.rules.recurrence import DatesRule
from sessions.rules.timetable import WallTime
from sessions.web.api import bearer, examples, finding, whole
from sessions.web.api.once_only import Key, once_only
from sessions.web.api.paging import paged
from sessions.web.api.shapes import SessionsOut, WholeSessionOut
from sessions.web.api.values import (
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    Line,
    Lines,
    Zone,
    must_be_an_hour,
    must_exist,
    row_ids,
    wall_time,
)

endpoints = Blueprint(
    "api_sessions", __name__, url_prefix="/api/v1/sessions", description="Sessions"
)


class WhatIn(Schema):
    """What a session is, whenever it takes place."""

    title = Line(required=True, validate=validate.Length(1, LONGEST_TITLE))
    summary = Lines(load_default="", validate=validate.Length(max=LONGEST_SUMMARY))
    language = fields.Str(load_default="ru", validate=validate.OneOf(("ru", "en")))
    tz = Zone(required=True, metadata={"description": "IANA zone"})
    duration_min = fields.Int(strict=True, required=True, validate=validate.Range(5, 24 * 60))
    format = fields.Str(load_default="seminar", validate=validate.OneOf(FORMATS))
    mode = fields.Str(load_default="online", validate=validate.OneOf(MODES))
    visibility = fields.Str(load_default="public", validate=validate.OneOf(VISIBILITIES))
    presenting = row_ids()


class SessionIn(WhatIn):
    wall_start = wall_time(required=True)


@endpoints.get("/")
@endpoints.arguments(finding.SessionsAsked, location="query")
@endpoints.response(200, SessionsOut)
@endpoints.alt_response(304, description="What you have is still so")
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """Sessions by their start, those the caller may see."""
    return paged(finding.query(asked), asked)


@endpoints.get("/<int:session_id>")
@endpoints.response(200, WholeSessionOut)
@endpoints.alt_response(304, description="What you have is still so")
def show(session_id: int) -> dict[str, Any]:
    """One session with cities, agenda, topic and materials; its ETag is what If-Match takes."""
    return whole.shown(session_id)


@endpoints.post("/")
@bearer.needs("plan", "read", team=True)
@endpoints.arguments(Key, location="headers")
@endpoints.arguments(SessionIn, example=examples.SESSION)
@endpoints.response(201, WholeSessionOut)
def plan(key: dict[str, str], given: dict[str, Any]) -> tuple[Any, int, dict[str, str]]:
    """Plan one session as a draft. The token's owner must be a host; scopes: plan, read."""
    must_exist(City, given.get("presenting", ()), "presenting")
    at: datetime = given.pop("wall_start").replace(second=0, microsecond=0)
    must_be_an_hour(WallTime(at, given["tz"]))
    plan = SeriesPlan(rule=DatesRule((at.date(),)), wall_start=at.time(), **given)
    domain = ports.get(Settings).domain
    session_id = once_only(key, lambda: planning.plan_one(plan, at, g.viewer.person_id, domain))
    return whole.shown(session_id), 201, {"Location": f"/api/v1/sessions/{session_id}"}
