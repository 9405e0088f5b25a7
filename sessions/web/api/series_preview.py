"""What a rule comes to: its dates, the hours they have elsewhere, and what speaks against them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from marshmallow import Schema, fields

from integrations.runtime import clock
from sessions.flows import planning
from sessions.flows.planning import SeriesPlan
from sessions.rules import days_off, hours, timetable
from sessions.rules.conflicts import Conflict
from sessions.rules.days_off import PlannedDate
from sessions.rules.hours import Place
from sessions.web import conflict_words, overlaps, planner_hours, reader
from sessions.web.api.shapes import one_of
from sessions.web.api.values import LOCAL, instant
from sessions.web.conflict_words import Names
from sessions.web.planner_hours import Member


class HoursOut(Schema):
    """The session on the clock of one zone with member cities."""

    tz = fields.Str(required=True)
    starts_at = instant("with the offset of this zone", attribute="starts", required=True)
    ends_at = instant("with the offset of this zone", attribute="ends", required=True)
    kind = one_of(("working", "early", "late", "night"), required=True)
    day_shift = fields.Int(
        required=True, metadata={"description": "1 where it is on the day after, -1 before"}
    )
    cities = fields.Int(required=True)
    people = fields.Int(required=True, metadata={"description": "known to take part in sessions"})


class ConflictOut(Schema):
    kind = fields.Str(required=True, metadata={"example": "same_audience"})
    severity = one_of(("grave", "warning", "notice"), required=True)
    sessions = fields.List(fields.Int(), attribute="with_sessions", required=True)
    city_id = fields.Int(allow_none=True, required=True)
    text = fields.Str(required=True, metadata={"description": "in the caller's language"})


class DateOut(Schema):
    on = fields.Date(required=True)
    wall_start = fields.NaiveDateTime(required=True, metadata={"format": LOCAL})
    starts_at = instant(required=True)
    holiday = fields.Str(
        allow_none=True, required=True, metadata={"description": "the day off it falls on, or fell"}
    )
    moved_from = fields.Date(
        allow_none=True, required=True, metadata={"description": "the rule's own date"}
    )
    is_past = fields.Bool(required=True)
    is_made = fields.Bool(
        required=True, metadata={"description": "false where it is past or left out"}
    )
    hours = fields.List(fields.Nested(HoursOut), required=True)
    conflicts = fields.List(fields.Nested(ConflictOut), required=True)


class DayOffOut(Schema):
    on = fields.Date(required=True)
    holiday = fields.Str(required=True, allow_none=True)


class PreviewOut(Schema):
    dates = fields.List(fields.Nested(DateOut), required=True)
    days_off = fields.List(
        fields.Nested(DayOffOut), required=True,
        metadata={"description": "dates of the rule that the policy leaves out"},
    )  # fmt: skip
    sessions = fields.Int(required=True, metadata={"description": "how many would be made"})


def of(plan: SeriesPlan, left_out: Collection[date]) -> dict[str, Any]:
    """The preview of a plan, in as many queries however many dates there are."""
    off = planning.off_for(plan.rule, reader.locale())
    dates = planning.preview(plan, off=off)
    known = planner_hours.members()
    places = planner_hours.places_of(known) if known else []
    said = _conflicts(plan, dates, known)
    shown = [_date(plan, one, left_out, places, said[one.on]) for one in dates]
    return {
        "dates": shown,
        "days_off": days_off.left_out(plan.rule, off, dates),
        "sessions": sum(one["is_made"] for one in shown),
    }


def is_made(plan: SeriesPlan, planned: PlannedDate, left_out: Collection[date]) -> bool:
    """Whether a draft is made for a date: not where it is past or not wanted."""
    wanted = left_out.__contains__
    return _starts_at(plan, planned) >= clock.now() and not (
        wanted(planned.on) or wanted(planned.original)
    )


def _date(
    plan: SeriesPlan,
    planned: PlannedDate,
    left_out: Collection[date],
    places: Collection[Place],
    conflicts: list[dict[str, Any]],
) -> dict[str, Any]:
    starts_at = _starts_at(plan, planned)
    length = timedelta(minutes=plan.duration_min)
    return {
        "on": planned.on,
        "wall_start": datetime.combine(planned.on, plan.wall_start),
        "starts_at": starts_at,
        "holiday": planned.holiday,
        "moved_from": planned.shifted_from,
        "is_past": starts_at < clock.now(),
        "is_made": is_made(plan, planned, left_out),
        "hours": hours.local_hours(starts_at, length, places, plan.tz),
        "conflicts": conflicts,
    }


def _conflicts(
    plan: SeriesPlan, dates: Collection[PlannedDate], known: Collection[Member]
) -> dict[date, list[dict[str, Any]]]:
    """What speaks against each date, besides its being a day off."""
    if not dates:
        return {}
    length = timedelta(minutes=plan.duration_min)
    starts = {one.on: _starts_at(plan, one) for one in dates}
    around = overlaps.near([(at, at + length) for at in starts.values()], planned=True)
    closed = overlaps.closed_for(min(starts), max(starts), plan.presenting)
    cities = {member.city.id: member.city for member in known}
    found = {
        on: around.conflicts(overlaps.of_plan(plan, at, on, cities), closed)
        for on, at in starts.items()
    }
    every = [one for several in found.values() for one in several]
    names = {id_: city.name_in(reader.locale()) for id_, city in cities.items()}
    known_names = conflict_words.names_of(every, around.named, names)
    return {on: [_conflict(one, known_names) for one in several] for on, several in found.items()}


def _conflict(one: Conflict, names: Names) -> dict[str, Any]:
    said = conflict_words.said([one], names)
    return {
        "kind": one.kind,
        "severity": one.severity,
        "with_sessions": one.with_sessions,
        "city_id": one.city_id,
        "text": said[0].text.striptags(),
    }


def _starts_at(plan: SeriesPlan, planned: PlannedDate) -> datetime:
    return timetable.at(planned.on, plan.wall_start, plan.tz).instant()
