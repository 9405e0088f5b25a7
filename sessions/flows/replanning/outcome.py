"""What a change of a series would come to, session by session; nothing is changed here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models import days_off as days
from sessions.models.drafting import TEMPLATE, SeriesPlan
from sessions.models.programme import Series
from sessions.models.session import Session
from sessions.rules import days_off as dates_off
from sessions.rules import regeneration, timetable
from sessions.rules.days_off import PlannedDate
from sessions.rules.recurrence import DatesRule, Rule
from sessions.rules.regeneration import LeftOut, Occurrence, Scope, Step
from sessions.rules.timetable import WallTime


@dataclass(frozen=True)
class Wish:
    """What a host wants of a series, and for which of its sessions.

    from_original: the rule's date of the session from which on it is wanted. The host's ticks:
    moved_too: sessions that follow although they were moved by hand; spared: sessions that stay
    although the rule gives them no more; unwanted: dates of which nothing is to be made.
    """

    plan: SeriesPlan
    scope: Scope = "all"
    from_original: date | None = None
    moved_too: frozenset[int] = frozenset()
    spared: frozenset[int] = frozenset()
    unwanted: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Changed:
    """A session that is to change. words: the columns that change, with their new values."""

    session: Session
    step: Step
    to: WallTime
    words: Mapping[str, object]

    @property
    def moves(self) -> bool:
        return self.to != self.session.wall


@dataclass(frozen=True)
class Outcome:
    """What a wish comes to.

    change: sessions that move or get other words; keep: those that stay as they are, with why;
    drop: those to be called off; make: dates to make drafts for; left_out: dates for which none is
    made, with why. unwanted: those among `make` for which the host wants nothing.
    """

    change: Sequence[Changed]
    keep: Sequence[tuple[Session, Step]]
    drop: Sequence[Session]
    make: Sequence[PlannedDate]
    left_out: Sequence[LeftOut]
    unwanted: frozenset[date]

    @property
    def shown(self) -> str:
        """What a page says it showed, so that a change made meanwhile is noticed."""
        facts = [
            *(f"{c.session.id}.{c.session.revision}:{c.to}:{sorted(c.words)}" for c in self.change),
            *(f"{session.id}.{session.revision}" for session, _ in self.keep),
            *(f"-{session.id}.{session.revision}" for session in self.drop),
            *(f"+{day.on}" for day in self.make),
        ]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:32]


def outcome(series: Series, wish: Wish) -> Outcome:
    """What the wish would come to; nothing is changed."""
    sessions = sessions_of(series.id)
    if wish.scope == "one":
        return _of_one(sessions, wish)
    reached = [one for one in sessions if is_reached(one, wish)]
    known = {_occurrence(one, wish.moved_too): one for one in reached}
    common = common_of(series, sessions)
    found = regeneration.regenerated(
        _planned(wish),
        known,
        today=clock.now().astimezone(ZoneInfo(wish.plan.tz)).date(),
        anew=wish.plan.rule.dates if isinstance(wish.plan.rule, DatesRule) else (),
    )
    change, keep = [], []
    for step in [*found.keep, *found.move]:
        session = known[step.occurrence]
        changed = _changed(common, session, step, wish) if _may_change(step) else None
        if changed is not None and (changed.moves or changed.words):
            change.append(changed)
        else:
            keep.append((session, step))
    return Outcome(
        change=sorted(change, key=lambda one: one.session.starts_at),
        keep=sorted(keep, key=lambda pair: pair[0].starts_at),
        drop=[known[step.occurrence] for step in found.drop],
        make=found.make,
        left_out=found.left_out,
        unwanted=wish.unwanted | {date.fromisoformat(day) for day in series.left_out},
    )


def _of_one(sessions: Sequence[Session], wish: Wish) -> Outcome:
    change: list[Changed] = []
    keep: list[tuple[Session, Step]] = []
    known = {_occurrence(one, frozenset()): one for one in sessions}
    concerned = regeneration.concerned(known, "one", wish.from_original or date.min)
    for occurrence in concerned:
        step = Step(occurrence, "unchanged", PlannedDate(occurrence.on))
        changed = _changed({}, known[occurrence], step, wish)
        if changed.moves or changed.words:
            change.append(changed)
        else:
            keep.append((known[occurrence], step))
    return Outcome(change, keep, (), (), (), frozenset())


def _changed(common: Mapping[str, Any], session: Session, step: Step, wish: Wish) -> Changed:
    """What becomes of a session: a word of its own, that is not the series', stays."""
    on = step.planned.on if step.planned else session.wall_start.date()
    to = timetable.at(on, wish.plan.wall_start, wish.plan.tz)
    cities = [part.city_id for part in session.cities if part.role == "presenting"]
    was = common
    if wish.scope == "one":
        was = {name: getattr(session, name) for name in (*TEMPLATE, "duration_min")}
        was = {**was, "presenting": cities}
    now = {**wish.plan.template(), "duration_min": wish.plan.duration_min}
    words: dict[str, object] = {}
    for name in (*TEMPLATE, "duration_min"):
        own = getattr(session, name)
        if name in was and now[name] != was[name] and own == was[name]:
            words[name] = now[name]
    if "presenting" in was and set(cities) == set(was["presenting"]) != set(now["presenting"]):
        words["presenting"] = tuple(now["presenting"])
    return Changed(session, step, to, words)


def _may_change(step: Step) -> bool:
    return step.planned is not None and step.reason in (
        "unchanged", "rule", "day_off", "free_again", "asked",
    )  # fmt: skip


def _planned(wish: Wish) -> list[PlannedDate]:
    found = dates_off.planned(wish.plan.rule, off_for(wish.plan.rule), wish.plan.policy)
    return [day for day in found if not _before(day.original, wish)]


def off_for(rule: Rule) -> dict[date, str]:
    """The days off that may matter to a rule, in Russian: what a session keeps of its date."""
    return days.between(rule.first_on, rule.last_on + timedelta(days=366))


def is_reached(session: Session, wish: Wish) -> bool:
    """Whether the wish is about this session's place in the series."""
    return not _before(session.original_wall_start.date(), wish)


def _before(original: date, wish: Wish) -> bool:
    is_part = wish.scope == "following" and wish.from_original is not None
    return is_part and original < (wish.from_original or date.min)


def _occurrence(session: Session, moved_too: Collection[int]) -> Occurrence:
    return Occurrence(
        original=session.original_wall_start.date(),
        on=session.wall_start.date(),
        state=session.state,
        moved_by_hand=session.is_moved and session.id not in moved_too,
        past=session.starts_at <= clock.now(),
    )


def common_of(series: Series, sessions: Sequence[Session]) -> dict[str, Any]:
    """What the sessions of a series have in common, by the names of its template, and their length.

    What the template does not say is what most of them have.
    """
    found: dict[str, Any] = {"title": series.title, "presenting": []}
    for name in TEMPLATE[1:]:
        most = Counter(getattr(one, name) for one in sessions).most_common(1)
        if most:
            found[name] = most[0][0]
    return {**found, **series.template, "duration_min": series.duration_min}


def sessions_of(series_id: int) -> Sequence[Session]:
    """The sessions of a series in order of time, cancelled ones among them."""
    return db.session.scalars(
        select(Session)
        .where(Session.series_id == series_id)
        .options(selectinload(Session.cities))
        .order_by(Session.starts_at, Session.id)
    ).all()
