"""What concerns the owner of the token: who they are, and the sessions they are invited to."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.participation import ANSWERS, HOLDING, Invitation, Registration
from sessions.models.people import Person
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.web.api import bearer
from sessions.web.api.paging import PageOut, Paging, paged
from sessions.web.api.shapes import CityName, SessionOut, one_of
from sessions.web.api.values import base
from sessions.web.me import LASTS

endpoints = Blueprint("api_me", __name__, url_prefix="/api/v1/me", description="My own")


class MeOut(Schema):
    id = fields.Int(required=True)
    name = fields.Str(required=True)
    post = fields.Str(required=True)
    organisation = fields.Str(required=True)
    locale = fields.Str(required=True)
    tz = fields.Str(allow_none=True, required=True, metadata={"description": "IANA zone"})
    city = fields.Nested(CityName, allow_none=True, required=True)
    scopes = fields.List(fields.Str(), required=True)


class MySessionOut(Schema):
    session = fields.Nested(SessionOut, required=True)
    registration = one_of(HOLDING, required=True)
    head_count = fields.Int(required=True)
    answer = fields.Str(
        allow_none=True, required=True,
        metadata={"enum": [*ANSWERS, None], "description": "the latest; null where none came"},
    )  # fmt: skip
    join_url = fields.Str(
        allow_none=True, required=True,
        metadata={"description": "your own way in, for you alone; null where there is none now"},
    )  # fmt: skip


class MySessionsOut(PageOut):
    items = fields.List(fields.Nested(MySessionOut), required=True)


class MineAsked(Paging):
    when = fields.Str(load_default="all", validate=validate.OneOf(("to_come", "over", "all")))


@endpoints.get("/")
@bearer.needs("read")
@endpoints.response(200, MeOut)
@endpoints.alt_response(304, description="What you have is still so")
def me() -> dict[str, Any]:
    """The owner of the token, and what the token may do."""
    person = db.session.get_one(Person, g.viewer.person_id)
    return {
        "id": person.id,
        "name": f"{person.given} {person.family}".strip(),
        "post": person.post,
        "organisation": person.organisation,
        "locale": person.locale,
        "tz": person.zone,
        "city": person.city,
        "scopes": sorted(g.scopes),
    }


@endpoints.get("/sessions")
@bearer.needs("read")
@endpoints.arguments(MineAsked, location="query")
@endpoints.response(200, MySessionsOut)
@endpoints.alt_response(304, description="What you have is still so")
def sessions(asked: dict[str, Any]) -> dict[str, Any]:
    """The sessions one is invited to: those to come by their start, those over the latest first."""
    since = clock.now() - LASTS
    query = (
        select(Registration)
        .join(Registration.session)
        .where(
            Registration.person_id == g.viewer.person_id,
            Registration.state.in_(HOLDING),
            Session.state != "draft",
        )
        .options(
            contains_eager(Registration.session).selectinload(Session.cities),
            selectinload(Registration.invitation).selectinload(Invitation.answers),
        )
    )
    order = (Session.starts_at, Session.id)
    if asked["when"] == "to_come":
        query = query.where(and_(Session.starts_at >= since, Session.state != "held"))
    elif asked["when"] == "over":
        query = query.where(or_(Session.starts_at < since, Session.state == "held"))
        order = (Session.starts_at.desc(), Session.id.desc())  # type: ignore[assignment]
    page = paged(query.order_by(*order), asked)
    return {**page, "items": [_mine(one) for one in page["items"]]}


def _mine(registration: Registration) -> dict[str, Any]:
    session, invitation = registration.session, registration.invitation
    over = session.state == "held" or session.starts_at < clock.now() - LASTS
    enters = invitation is not None and not over and session.state in lifecycle.JOINABLE
    answers = invitation.answers if invitation is not None else []
    return {
        "session": session,
        "registration": registration.state,
        "head_count": registration.head_count,
        "answer": answers[-1].answer if answers else None,
        "join_url": f"{base()}/j/{invitation.token}" if enters else None,
    }
