"""What speaks against the dates that a changed series would have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sessions.flows.planning import SeriesPlan
from sessions.flows.replanning import Outcome
from sessions.rules import timetable
from sessions.rules.conflicts import Conflict
from sessions.web import conflict_words, overlaps, reader
from sessions.web.conflict_words import Said
from sessions.web.overlaps import Near
from sessions.web.planner_hours import Member


def of_outcome(
    found: Outcome, plan: SeriesPlan, known: Sequence[Member]
) -> Mapping[int | date, list[Said]]:
    """The sentences for each session that moves, by id, and each new date, by the date.

    Sessions are looked at where they would be, not where they are.
    """
    length = timedelta(minutes=plan.duration_min)
    moves = {one.session.id: one.to.instant() for one in found.change if one.moves}
    new = {day.on: timetable.at(day.on, plan.wall_start, plan.tz).instant() for day in found.make}
    spans = [(at, at + length) for at in (*moves.values(), *new.values())]
    spans += [(one.session.starts_at, one.session.ends_at) for one in found.change if one.moves]
    around = _moved(overlaps.near(spans), moves, length, {one.id for one in found.drop})
    cities = {member.city.id: member.city for member in known}
    conflicts: dict[int | date, list[Conflict]] = {}
    for gathering in around.gatherings:
        if gathering.id is not None and gathering.id in moves:
            conflicts[gathering.id] = around.conflicts(gathering)
    for on, starts_at in new.items():
        conflicts[on] = around.conflicts(overlaps.of_plan(plan, starts_at, on, cities))
    names = conflict_words.names_of(
        [one for several in conflicts.values() for one in several],
        around.named,
        {id_: city.name_in(reader.locale()) for id_, city in cities.items()},
    )
    return {key: conflict_words.said(several, names) for key, several in conflicts.items()}


def _moved(
    around: Near, moves: Mapping[int, datetime], length: timedelta, dropped: set[int]
) -> Near:
    """The same sessions where they would be."""
    gatherings = [
        replace(one, starts_at=moves[one.id], ends_at=moves[one.id] + length)
        if one.id is not None and one.id in moves
        else one
        for one in around.gatherings
        if one.id not in dropped
    ]
    return replace(around, gatherings=gatherings)
