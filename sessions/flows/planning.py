"""A host plans a series: dates first, then drafts that only the team sees."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import SeriesPlanned
from sessions.models import days_off as days
from sessions.models.audit import record
from sessions.models.drafting import SeriesPlan, draft, draft_of, season_for
from sessions.models.programme import Series
from sessions.rules import days_off as dates_off
from sessions.rules import timetable, written_rules
from sessions.rules.days_off import PlannedDate
from sessions.rules.recurrence import Rule

__all__ = [
    "SeriesPlan", "days_off", "draft", "off_for", "plan_one", "plan_series", "preview", "season_for"
]  # fmt: skip


def days_off(first: date, last: date, locale: str = "ru") -> dict[date, str]:
    """The days on which the programme does not meet, both ends included, by name.

    Days off by law with transferred ones among them, as the host keeps them; and blackouts.
    """
    return days.between(first, last, locale)


def off_for(rule: Rule, locale: str = "ru") -> dict[date, str]:
    """The days off that may matter to a rule."""
    # A date moved off a day off may pass the rule's end, and there meet another.
    return days_off(rule.first_on, rule.last_on + timedelta(days=366), locale)


def preview(
    plan: SeriesPlan, locale: str = "ru", off: Mapping[date, str] | None = None
) -> list[PlannedDate]:
    """The dates the plan gives, days off looked at; nothing is made.

    off: days off, where the caller has looked them up already.
    """
    known = off_for(plan.rule, locale) if off is None else off
    return dates_off.planned(plan.rule, known, plan.policy)


def plan_series(
    plan: SeriesPlan,
    dates: Sequence[PlannedDate],
    by: int | None,
    domain: str,
    left_out: Collection[date] = (),
) -> int:
    """Make a draft for each date; the id of the series. Raises Refused("series.no_dates").

    left_out: dates the rule gives and the host does not want. The calendars of the years concerned
    are kept from now on as they are today.
    """
    if not dates:
        raise Refused("series.no_dates")
    with transaction():
        days.fill(range(dates[0].original.year, dates[-1].on.year + 1))
        off = days_off(min(day.original for day in dates), max(day.on for day in dates))
        series = Series(
            season_id=season_for(dates[0].on).id,
            title=plan.title,
            rule=written_rules.to_json(plan.rule),
            tz=plan.tz,
            wall_start=plan.wall_start,
            duration_min=plan.duration_min,
            holiday_policy=plan.policy,
            template=plan.template(),
            left_out=[day.isoformat() for day in sorted(left_out)],
            is_visit=plan.is_visit,
            reminders=None if plan.reminders is None else list(plan.reminders),
        )  # fmt: skip
        db.session.add(series)
        db.session.flush()
        for planned in dates:
            draft_of(series, plan, planned, off, by, domain)
        record(by, "series.planned", f"series:{series.id}", dates=len(dates), title=plan.title)
        publish(SeriesPlanned(series.id, by))
        return series.id


def plan_one(plan: SeriesPlan, at: datetime, by: int | None, domain: str) -> int:
    """Make one draft at a wall time of the plan's zone, outside any series; its id."""
    with transaction():
        wall = timetable.WallTime(at, plan.tz)
        session = draft(plan, wall, season_for(at.date()).id, by, domain, None)
        session.holiday = days_off(at.date(), at.date()).get(at.date(), "")
        record(by, "session.planned", f"session:{session.id}", title=plan.title)
        return session.id
