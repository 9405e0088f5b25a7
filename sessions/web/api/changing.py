"""Changing a session: its words, cities and agenda, its hour, its state. Scopes: plan, read.

Every call names the revision its caller has seen, in If-Match (the ETag of the session, or the bare
number) or as `revision`. 409 where somebody saved meanwhile, with both versions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, g, request
from marshmallow import EXCLUDE, Schema, fields, validate

from integrations.runtime import clock
from integrations.runtime.database import db
from integrations.runtime.errors import Refused, Stale
from sessions.flows import describing, scheduling
from sessions.rules import lifecycle
from sessions.rules.timetable import WallTime
from sessions.web.api import bearer, conditional, examples, problems, whole
from sessions.web.api.description import EditIn, described
from sessions.web.api.sessions import endpoints
from sessions.web.api.shapes import WholeSessionOut
from sessions.web.api.values import Zone, must_be_an_hour, wall_time

Answered = dict[str, Any] | Response
_STALE: dict[str, Any] = {"schema": problems.ProblemOut, "content_type": problems.MEDIA_TYPE}


class IfMatch(Schema):
    class Meta:
        unknown = EXCLUDE

    if_match = fields.Str(
        data_key="If-Match", load_default="", metadata={"description": "the session's ETag"}
    )


class StepIn(Schema):
    revision = fields.Int(
        strict=True,
        validate=validate.Range(0, 999_999_999),
        metadata={"description": "the one you have seen; or send If-Match"},
    )


class MoveIn(StepIn):
    wall_start = wall_time(required=True)
    tz = Zone(metadata={"description": "IANA zone; left out: the session's own"})
    past = fields.Bool(
        load_default=False,
        metadata={"description": "whether an hour that is past is meant so"},
    )
    beyond = fields.Bool(
        load_default=False,
        metadata={"description": "whether a date that no season holds is meant so"},
    )


class ChangeIn(StepIn, EditIn):
    tell = fields.Bool(
        load_default=True,
        metadata={"description": "whether those invited get a letter about words alone"},
    )


@endpoints.patch("/<int:session_id>")
@bearer.needs("plan", "read", managing=True)
@endpoints.arguments(IfMatch, location="headers")
@endpoints.arguments(ChangeIn, example=examples.EDIT)
@endpoints.response(200, WholeSessionOut)
@endpoints.alt_response(409, **_STALE)
@endpoints.alt_response(428, **_STALE)
def change(tags: dict[str, str], given: dict[str, Any], session_id: int) -> Answered:
    """Change what a session is. What is not sent stays; an agenda that is sent replaces the old."""
    sent = dict(given)
    tell = given.pop("tell")
    revision = given.pop("revision", None)

    def save(seen: int) -> None:
        wanted = described(session_id, given, seen)
        describing.describe(session_id, wanted, seen, g.viewer.person_id, tell=tell)

    return _changed(session_id, tags, revision, sent, save)


@endpoints.post("/<int:session_id>/move")
@bearer.needs("plan", "read", managing=True)
@endpoints.arguments(IfMatch, location="headers")
@endpoints.arguments(MoveIn, example=examples.MOVE)
@endpoints.response(200, WholeSessionOut)
@endpoints.alt_response(409, **_STALE)
@endpoints.alt_response(428, **_STALE)
def move(tags: dict[str, str], given: dict[str, Any], session_id: int) -> Answered:
    """Move a session to another hour; everyone invited gets an updated invitation."""
    return _placed(session_id, tags, given, scheduling.move)


@endpoints.post("/<int:session_id>/reschedule")
@bearer.needs("plan", "read", managing=True)
@endpoints.arguments(IfMatch, location="headers")
@endpoints.arguments(MoveIn, example=examples.MOVE)
@endpoints.response(200, WholeSessionOut)
@endpoints.alt_response(409, **_STALE)
@endpoints.alt_response(428, **_STALE)
def reschedule(tags: dict[str, str], given: dict[str, Any], session_id: int) -> Answered:
    """Give a postponed session its new date, under the same UID."""
    return _placed(session_id, tags, given, scheduling.reschedule)


def _placed(
    session_id: int,
    tags: dict[str, str],
    given: dict[str, Any],
    flow: Callable[[int, WallTime, int, int | None], None],
) -> Answered:
    at = given["wall_start"].replace(second=0, microsecond=0)

    def save(seen: int) -> None:
        session = whole.session(session_id)
        to = WallTime(at, given.get("tz") or session.tz)
        must_be_an_hour(to)
        is_told = session.state in lifecycle.TO_COME
        if is_told and to.instant() < clock.now() and not given["past"] and to != session.wall:
            raise Refused("session.past_hour")
        is_new = to.local.date() != session.wall.local.date()
        if is_new and not given["beyond"] and scheduling.is_beyond_seasons(session, to):
            raise Refused("session.beyond_season")
        flow(session_id, to, seen, g.viewer.person_id)

    return _changed(session_id, tags, given.get("revision"), given, save)


def _step(name: str, words: str, flow: Callable[[int, int, int | None], None]) -> None:
    """An endpoint that takes a session from one state to another."""

    @bearer.needs("plan", "read", managing=True)
    @endpoints.arguments(IfMatch, location="headers")
    @endpoints.arguments(StepIn, required=False, example={"revision": 3})
    @endpoints.response(200, WholeSessionOut)
    @endpoints.alt_response(409, **_STALE)
    @endpoints.alt_response(428, **_STALE)
    def take(tags: dict[str, str], given: dict[str, Any], session_id: int) -> Answered:
        def save(seen: int) -> None:
            flow(session_id, seen, g.viewer.person_id)

        return _changed(session_id, tags, given.get("revision"), given, save)

    take.__name__, take.__doc__ = name, words
    endpoints.post(f"/<int:session_id>/{name}", endpoint=name)(take)


_step("schedule", "Make a draft public; whoever is invited gets the letter.", scheduling.schedule)
_step("postpone", "Take a session off its date while no other is known.", scheduling.postpone)
_step("cancel", "Call a session off; it leaves the calendars.", scheduling.cancel)
_step("reinstate", "Bring a cancelled session back, under the same UID.", scheduling.reinstate)
_step("end", "Say that a session took place.", scheduling.say_held)


def _changed(
    session_id: int,
    tags: dict[str, str],
    told: int | None,
    sent: dict[str, Any],
    save: Callable[[int], None],
) -> Answered:
    """Do it and answer with the session; or with what hinders it."""
    whole.shown(session_id)
    seen = told if told is not None else conditional.revision_in(tags["if_match"])
    if seen is None:
        problems.stop("edit.revision_missing")
    try:
        save(seen)
    except Stale as stale:
        db.session.rollback()
        theirs = WholeSessionOut().dump(whole.shown(session_id))
        yours = request.get_json(silent=True) or {}
        return problems.of_refusal(stale, yours=yours if sent else {}, theirs=theirs)
    except Refused as refused:
        db.session.rollback()
        return problems.of_refusal(refused)
    return whole.shown(session_id)
