"""Which sessions a caller asks for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g
from marshmallow import fields, validate
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from integrations.runtime.database import db
from sessions.models.session import FORMATS, MODES, STATES, Session, SessionCity
from sessions.web.api.paging import Paging
from sessions.web.api.values import day, row_id
from sessions.web.visible import may_open


class SessionsAsked(Paging):
    """Filters; all that are given apply. Dates are days of the programme's zone, both included."""

    season = row_id()
    series = row_id()
    city = row_id(metadata={"description": "that takes part, in whatever role"})
    topic = row_id()
    format = fields.Str(validate=validate.OneOf(FORMATS))
    mode = fields.Str(validate=validate.OneOf(MODES))
    state = fields.Str(validate=validate.OneOf(STATES))
    starts_from = day(data_key="from")
    starts_to = day(data_key="to")
    q = fields.Str(
        validate=validate.Length(max=200),
        metadata={"description": "words, all of which stand in title or summary"},
    )


def query(asked: dict[str, Any]) -> Select[Session]:
    """The sessions that open to the caller and pass every filter, by their start."""
    found = (
        select(Session)
        .where(may_open(g.viewer))
        .options(selectinload(Session.cities).joinedload(SessionCity.city))
        .order_by(Session.starts_at, Session.id)
    )
    columns = {"season": Session.season_id, "series": Session.series_id, "topic": Session.topic_id,
               "format": Session.format, "mode": Session.mode, "state": Session.state}  # fmt: skip
    for name, column in columns.items():
        if name in asked:
            found = found.where(column == asked[name])
    if "city" in asked:
        of_city = select(SessionCity.session_id).where(SessionCity.city_id == asked["city"])
        found = found.where(Session.id.in_(of_city))
    if "starts_from" in asked:
        found = found.where(Session.starts_at >= _midnight(asked["starts_from"]))
    if "starts_to" in asked:
        after = asked["starts_to"] + timedelta(days=1)
        found = found.where(Session.starts_at < _midnight(after))
    words = _same(asked.get("q", "")).split()
    return found.where(Session.id.in_(_with_words(found, words))) if words else found


def _with_words(found: Select[Session], words: list[str]) -> list[int]:
    """Compared here: SQLite takes Л and л for two letters."""
    rows = db.session.execute(
        found.options().order_by(None).with_only_columns(
            Session.id, Session.title, Session.title_en, Session.summary, Session.summary_en
        )
    )  # fmt: skip
    return [id_ for id_, *texts in rows if all(one in _same(" ".join(texts)) for one in words)]


def _same(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), tzinfo=ZoneInfo(current_app.config["TIMEZONE"]))
