"""A series follows its changed rule: shown first, then done; what was called off stays off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import select

from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused, Stale
from sessions.flows.replanning.outcome import (
    Changed,
    Outcome,
    Wish,
    common_of,
    is_reached,
    off_for,
    outcome,
    sessions_of,
)
from sessions.models import days_off as days
from sessions.models.audit import record
from sessions.models.drafting import draft_of
from sessions.models.programme import Series
from sessions.rules import written_rules
from sessions.rules.recurrence import DatesRule, Rule
from sessions.rules.timetable import WallTime

__all__ = ["Changed", "Hands", "Outcome", "Wish", "common_of", "outcome", "replan", "sessions_of"]


class _Moves(Protocol):
    def __call__(
        self, session_id: int, to: WallTime, seen_revision: int, by: int | None, *, by_hand: bool
    ) -> None: ...


@dataclass(frozen=True)
class Hands:
    """How one session is moved, given other words (by columns, cities under `presenting`), and
    called off: so that those invited hear of it as of any other change."""

    move: _Moves
    edit: Callable[[int, Mapping[str, object], int, int | None], None]
    cancel: Callable[[int, int, int | None], None]


def replan(
    series_id: int, wish: Wish, shown: str, hands: Hands, by: int | None, domain: str
) -> int:
    """Make a series what the host wants; the id of the series that goes on by it.

    From a later date on it becomes a series of its own. Raises Stale where what the host was shown
    has changed, Refused("series.no_dates") where nothing would be left.
    """
    with transaction():
        series = _locked(series_id)
        # What was shown was shown before anything was ticked.
        if outcome(series, replace(wish, moved_too=frozenset())).shown != shown:
            raise Stale({})
        found = outcome(series, wish)
        if wish.scope == "one":
            _follow(found, wish, {}, hands, by)
            return series_id
        make = [day for day in found.make if day.original not in wish.unwanted]
        if not (found.change or found.keep or make):
            raise Refused("series.no_dates")
        rule = wish.plan.rule
        days.fill(range(rule.first_on.year, rule.last_on.year + 1))
        off = off_for(rule)
        target = _split(series, wish) if wish.scope == "following" else series
        _write(target, wish, found)
        _follow(found, wish, off, hands, by)
        for day in make:
            draft_of(target, wish.plan, day, off, by, domain)
        record(by, "series.replanned", f"series:{target.id}", scope=wish.scope,
               changed=len(found.change), made=len(make), dropped=len(found.drop))  # fmt: skip
        return target.id


def _follow(
    found: Outcome, wish: Wish, off: Mapping[date, str], hands: Hands, by: int | None
) -> None:
    """Change the sessions one by one, and call off those that the rule gives no more."""
    for changed in found.change:
        session, planned = changed.session, changed.step.planned
        if wish.scope != "one" and planned is not None:
            if planned.original != changed.step.occurrence.original:
                session.original_wall_start = datetime.combine(
                    planned.original, wish.plan.wall_start
                )
            session.holiday = off.get(planned.original, "")
            session.is_moved = False
            db.session.flush()
        if changed.moves:
            by_hand = wish.scope == "one"
            hands.move(session.id, changed.to, session.revision, by, by_hand=by_hand)
        if changed.words:
            hands.edit(session.id, changed.words, session.revision, by)
    for session in found.drop:
        if session.id not in wish.spared:
            hands.cancel(session.id, session.revision, by)


def _locked(series_id: int) -> Series:
    return db.session.execute(
        select(Series).where(Series.id == series_id).with_for_update(of=Series)
    ).scalar_one()


def _split(series: Series, wish: Wish) -> Series:
    """The series that takes the sessions from the wanted date on; the old one ends before it."""
    begins = wish.from_original or date.min
    sessions = sessions_of(series.id)
    following = [one for one in sessions if is_reached(one, wish)]
    if len(following) == len(sessions):
        return series
    part = Series(
        season_id=series.season_id, title=series.title, rule=series.rule, tz=series.tz,
        wall_start=series.wall_start, duration_min=series.duration_min, is_visit=series.is_visit,
        holiday_policy=series.holiday_policy, template=dict(series.template),
        left_out=[day for day in series.left_out if date.fromisoformat(day) >= begins],
        reminders=series.reminders,
    )  # fmt: skip
    db.session.add(part)
    db.session.flush()
    for one in following:
        one.series_id = part.id
    series.rule = written_rules.to_json(_ended(written_rules.from_json(series.rule), begins))
    series.left_out = [day for day in series.left_out if date.fromisoformat(day) < begins]
    db.session.flush()
    return part


def _ended(rule: Rule, begins: date) -> Rule:
    """The rule without its dates from one on."""
    if isinstance(rule, DatesRule):
        earlier = tuple(day for day in rule.dates if day < begins)
        return DatesRule(earlier or rule.dates[:1])
    last = max(rule.first_on, begins - timedelta(days=1))
    return replace(rule, last_on=min(rule.last_on, last))


def _write(series: Series, wish: Wish, found: Outcome) -> None:
    plan = wish.plan
    series.title, series.tz, series.wall_start = plan.title, plan.tz, plan.wall_start
    series.duration_min, series.holiday_policy = plan.duration_min, plan.policy
    series.rule, series.template = written_rules.to_json(plan.rule), plan.template()
    series.is_visit = plan.is_visit
    offered: Iterable[date] = (day.original for day in found.make)
    before = {date.fromisoformat(day) for day in series.left_out} - set(offered)
    series.left_out = [day.isoformat() for day in sorted(before | wish.unwanted)]
    db.session.flush()
