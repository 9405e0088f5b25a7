"""Series as JSON: looked at, and planned by a rule."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g
from flask_smorest import Blueprint
from marshmallow import fields, validate

from integrations.runtime import ports
from integrations.runtime.errors import Refused
from integrations.runtime.settings import Settings
from sessions.flows import planning
from sessions.flows.planning import SeriesPlan
from sessions.models.programme import HOLIDAY_POLICIES, City
from sessions.web.api import (
    bearer,
    examples,
    finding,
    problems,
    rules,
    series_found,
    series_preview,
)
from sessions.web.api.once_only import Key, once_only
from sessions.web.api.paging import Paging, paged
from sessions.web.api.series_found import SeriesOut
from sessions.web.api.series_preview import PreviewOut
from sessions.web.api.sessions import WhatIn
from sessions.web.api.shapes import SessionsOut
from sessions.web.api.values import day, must_exist

endpoints = Blueprint("api_series", __name__, url_prefix="/api/v1/series", description="Series")


class SeriesIn(WhatIn):
    """What a host says of a series. Times are wall times in tz."""

    rule = fields.Nested(rules.RuleIn, required=True)
    wall_start = fields.Time(
        format="%H:%M",
        required=True,
        metadata={"format": "hour", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "example": "10:00"},
    )
    holiday_policy = fields.Str(
        load_default="ask",
        validate=validate.OneOf(HOLIDAY_POLICIES),
        metadata={"description": "skip and shift act on days off; ask keeps and names them"},
    )
    is_visit = fields.Bool(load_default=False)
    left_out = fields.List(
        day(),
        load_default=list,
        validate=validate.Length(max=rules.MOST_DATES),
        metadata={"description": "dates of the rule that are not wanted"},
    )


@endpoints.get("/<int:series_id>")
@endpoints.response(200, SeriesOut)
@endpoints.alt_response(304, description="What you have is still so")
def show(series_id: int) -> dict[str, Any]:
    """One series."""
    return series_found.shown(series_id)


@endpoints.get("/<int:series_id>/sessions")
@endpoints.arguments(Paging, location="query")
@endpoints.response(200, SessionsOut)
@endpoints.alt_response(304, description="What you have is still so")
def sessions(asked: dict[str, Any], series_id: int) -> dict[str, Any]:
    """The sessions of a series by their start, those the caller may see."""
    series_found.shown(series_id)
    return paged(finding.query({"series": series_id}), asked)


@endpoints.post("/preview")
@bearer.needs("plan", "read", team=True)
@endpoints.arguments(SeriesIn, example=examples.SERIES)
@endpoints.response(200, PreviewOut)
def preview(given: dict[str, Any]) -> dict[str, Any]:
    """The dates a rule gives: hours elsewhere, days off, conflicts. Nothing is made. Hosts only."""
    plan, left_out = _plan(given)
    return series_preview.of(plan, left_out)


@endpoints.post("/")
@bearer.needs("plan", "read", team=True)
@endpoints.arguments(Key, location="headers")
@endpoints.arguments(SeriesIn, example=examples.SERIES)
@endpoints.response(201, SeriesOut)
def make(key: dict[str, str], given: dict[str, Any]) -> Any:
    """Make a draft for every date of the preview that is to be made. Hosts only."""
    plan, left_out = _plan(given)
    dates = [one for one in planning.preview(plan) if series_preview.is_made(plan, one, left_out)]
    domain = ports.get(Settings).domain

    def draft() -> int:
        return planning.plan_series(plan, dates, g.viewer.person_id, domain, left_out)

    try:
        series_id = once_only(key, draft)
    except Refused as refused:
        return problems.of_refusal(refused)
    return series_found.shown(series_id), 201, {"Location": f"/api/v1/series/{series_id}"}


def _plan(given: dict[str, Any]) -> tuple[SeriesPlan, frozenset[date]]:
    """The plan, and the dates of it that are not wanted."""
    must_exist(City, given.get("presenting", ()), "presenting")
    what = dict(given)
    rule, left_out = rules.read(what.pop("rule")), frozenset(what.pop("left_out"))
    policy = what.pop("holiday_policy")
    return SeriesPlan(rule=rule, policy=policy, **what), left_out
