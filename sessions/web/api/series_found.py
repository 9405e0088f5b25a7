"""Which series a caller may see, and how much of each."""

from __future__ import annotations

from typing import Any

from flask import g
from marshmallow import Schema, fields
from sqlalchemy import ColumnElement, func, select, true

from integrations.runtime.database import db
from sessions.models.programme import HOLIDAY_POLICIES, Series
from sessions.models.session import Session
from sessions.rules import permissions
from sessions.web.api import problems
from sessions.web.api.paging import PageOut, paged
from sessions.web.api.rules import RuleOut
from sessions.web.api.shapes import SeasonName, one_of
from sessions.web.visible import may_open


class SeriesOut(Schema):
    """A series. Rule, policy, left_out and is_visit tell of drafts too: they are the team's."""

    id = fields.Int(required=True)
    title = fields.Str(required=True)
    season = fields.Nested(SeasonName, required=True)
    tz = fields.Str(required=True, metadata={"description": "IANA zone"})
    wall_start = fields.Time(
        format="%H:%M", required=True, metadata={"format": "hour", "example": "10:00"}
    )
    duration_min = fields.Int(required=True)
    sessions = fields.Int(required=True, metadata={"description": "those the caller may open"})
    rule = fields.Nested(RuleOut)
    holiday_policy = one_of(HOLIDAY_POLICIES)
    left_out = fields.List(
        fields.Str(metadata={"format": "date"}),
        metadata={"description": "dates that are not wanted"},
    )
    is_visit = fields.Bool(metadata={"description": "of several days, taken part in as a whole"})


class SeriesListOut(PageOut):
    items = fields.List(fields.Nested(SeriesOut), required=True)


def listed(season_id: int, asked: dict[str, Any]) -> dict[str, Any]:
    """A page of the series of a season."""
    page = paged(
        select(Series).where(Series.season_id == season_id, _opens()).order_by(Series.id), asked
    )
    counts = _counts([one.id for one in page["items"]])
    return {**page, "items": [_shown(one, counts) for one in page["items"]]}


def shown(series_id: int) -> dict[str, Any]:
    """One series; ends the call where it does not open to the caller."""
    series = db.session.scalars(select(Series).where(Series.id == series_id, _opens())).first()
    if series is None:
        problems.stop("not_found")
    return _shown(series, _counts([series_id]))


def _opens() -> ColumnElement[bool]:
    if permissions.TEAM in g.viewer.keys:
        return true()
    return (
        select(1)
        .where(Session.series_id == Series.id, may_open(g.viewer))
        .correlate(Series)
        .exists()
    )


def _counts(ids: list[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(Session.series_id, func.count())
        .where(Session.series_id.in_(ids), may_open(g.viewer))
        .group_by(Session.series_id)
    )
    return {id_: number for id_, number in rows if id_ is not None}


def _shown(series: Series, counts: dict[int, int]) -> dict[str, Any]:
    names = ["id", "title", "season", "tz", "wall_start", "duration_min"]
    found = {name: getattr(series, name) for name in names}
    found["sessions"] = counts.get(series.id, 0)
    if permissions.TEAM in g.viewer.keys:
        found |= {
            # A rule of old was written without its kind.
            "rule": {"kind": "monthly", **series.rule},
            "holiday_policy": series.holiday_policy,
            "left_out": series.left_out,
            "is_visit": series.is_visit,
        }
    return found
