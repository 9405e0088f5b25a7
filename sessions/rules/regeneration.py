"""A series meets its changed rule: what is made, moved, dropped, and what stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sessions.rules.days_off import PlannedDate

Scope = Literal["one", "following", "all"]

# A session that its rule no longer gives becomes the nearest new date within a week, or another of
# its month: people keep their invitation and their seat where only the weekday changed.
NEAR = timedelta(days=7)
GONE = frozenset({"cancelled", "removed"})
RUN = frozenset({"live", "held"})
POSTPONED = "postponed"


@dataclass(frozen=True)
class Occurrence:
    """A session of a series as it is now.

    original: the rule's date by which it is known; on: where it stands; state: the session's, or
    "removed" for one that was taken out of the series; past: whether its start has passed.
    """

    original: date
    on: date
    state: str
    moved_by_hand: bool = False
    past: bool = False


@dataclass(frozen=True)
class Step:
    """What becomes of an occurrence. planned: the date of the rule that is its own from now on.

    reason: kept because "unchanged", "past", "live", "held", "postponed", "cancelled", "removed",
    "moved_by_hand" or "day_taken"; moved because of a "day_off", because the day is "free_again",
    as "asked", or by the "rule"; dropped because it is "not_in_rule".
    """

    occurrence: Occurrence
    reason: str
    planned: PlannedDate | None = None


@dataclass(frozen=True)
class LeftOut:
    """A date of the rule that no occurrence bears, and for which none is made.

    reason: "past", "day_taken", or why the occurrence that stands for it is kept as it is.
    """

    planned: PlannedDate
    reason: str


@dataclass(frozen=True)
class Regenerated:
    """What is to be done with a series, each list in order of dates."""

    make: Sequence[PlannedDate]
    keep: Sequence[Step]
    move: Sequence[Step]
    drop: Sequence[Step]
    left_out: Sequence[LeftOut]


def regenerated(
    planned: Iterable[PlannedDate],
    existing: Iterable[Occurrence],
    *,
    today: date,
    moved_too: bool = False,
    anew: Collection[date] = (),
) -> Regenerated:
    """What a series must change to follow its rule again.

    An occurrence belongs to the planned date with the same original date; those left over on both
    sides are paired where they are near. What is past, live, held, postponed, cancelled or removed
    is never touched nor made again, what was moved by hand only with `moved_too`. No day gets two.
    today: nothing is made before it. anew: original dates to be made although something near them
    was cancelled or took place, as when a host wrote down one more date.
    """
    dates, before = list(planned), sorted(existing, key=lambda one: (one.original, one.on))
    pairs = _paired(dates, before, moved_too, anew)
    steps = [_step(one, pairs.get(one), moved_too) for one in before]
    keep = [step for step in steps if not _moves(step) and step.reason != "not_in_rule"]
    move = [step for step in steps if _moves(step)]
    standing = {step.occurrence.on for step in keep if _stands(step.occurrence)}
    # One that cannot leave its day may bar another from coming there, and so on.
    while barred := [step for step in move if step.planned and step.planned.on in standing]:
        move = [step for step in move if step not in barred]
        keep += [Step(step.occurrence, "day_taken", step.planned) for step in barred]
        standing |= {step.occurrence.on for step in barred}
    standing |= {step.planned.on for step in move if step.planned}
    make, left_out = _new(dates, pairs, moved_too, today, standing)
    return Regenerated(
        make=make,
        keep=sorted(keep, key=lambda step: step.occurrence.original),
        move=move,
        drop=[step for step in steps if step.reason == "not_in_rule"],
        left_out=left_out,
    )


def concerned(
    existing: Iterable[Occurrence], scope: Scope, from_original: date
) -> list[Occurrence]:
    """The occurrences that a change made at one of them is to reach, in order of original dates.

    scope: that one, it and those that follow by the rule, or all; never one whose start has passed,
    and none that is live, held, cancelled or removed.
    """
    return [
        one
        for one in sorted(existing, key=lambda one: one.original)
        if not (one.past or one.state in GONE or one.state in RUN)
        and (scope != "one" or one.original == from_original)
        and (scope != "following" or one.original >= from_original)
    ]


def _fixed(one: Occurrence, moved_too: bool) -> str | None:
    """Why an occurrence is not to be touched, if it is not."""
    if one.state in GONE or one.state in RUN or one.state == POSTPONED:
        return one.state
    if one.past:
        return "past"
    return "moved_by_hand" if one.moved_by_hand and not moved_too else None


def _stands(one: Occurrence) -> bool:
    """Whether it fills its day. One that is postponed waits for another."""
    return one.state not in GONE and one.state != POSTPONED


def _step(one: Occurrence, planned: PlannedDate | None, moved_too: bool) -> Step:
    fixed = _fixed(one, moved_too)
    if fixed is not None:
        return Step(one, fixed)
    if planned is None:
        return Step(one, "not_in_rule")
    if planned.on == one.on:
        return Step(one, "unchanged", planned)
    if one.moved_by_hand:
        return Step(one, "asked", planned)
    if planned.original != one.original:
        return Step(one, "rule", planned)
    return Step(one, "day_off" if planned.shifted_from else "free_again", planned)


def _moves(step: Step) -> bool:
    return step.planned is not None and step.planned.on != step.occurrence.on


def _paired(
    dates: Sequence[PlannedDate],
    before: Sequence[Occurrence],
    moved_too: bool,
    anew: Collection[date],
) -> dict[Occurrence, PlannedDate]:
    """Which occurrence stands for which planned date: its own, else the nearest."""
    known = {day.original: day for day in dates}
    pairs = {one: known[one.original] for one in before if one.original in known}
    filled = {one.original for one in pairs}
    alone = _alone(one.original for one in before) & _alone(day.original for day in dates)
    near = [
        (class_, abs(day.original - one.original), day.original, number)
        for number, one in enumerate(before)
        for day in dates
        if one.original not in known and day.original not in filled
        if not (day.original in anew and _fixed(one, moved_too))
        if (class_ := _class(one, day, alone, _fixed(one, moved_too))) is not None
    ]
    for _, _, original, number in sorted(near):
        if before[number] not in pairs and original not in filled:
            pairs[before[number]] = known[original]
            filled.add(original)
    return pairs


def _alone(days: Iterable[date]) -> set[tuple[int, int]]:
    """The months (year, month) that have one of these days."""
    counted = Counter((day.year, day.month) for day in days)
    return {month for month, number in counted.items() if number == 1}


def _class(
    one: Occurrence, day: PlannedDate, alone: Collection[tuple[int, int]], fixed: str | None
) -> int | None:
    """How well an occurrence and a date suit each other: 0 is best, None not at all.

    alone: months that have one session, before and after: there it stays whatever the day. Where a
    series meets more often, what is near goes first, also over the end of a month.
    """
    ours, its = one.original, day.original
    is_same_month = (ours.year, ours.month) == (its.year, its.month)
    if is_same_month and (its.year, its.month) in alone:
        return 0
    if abs(its - ours) <= NEAR:
        return 1
    # One that took place or was called off stands for no date weeks away from it.
    return 2 if is_same_month and fixed is None else None


def _new(
    dates: Sequence[PlannedDate],
    pairs: Mapping[Occurrence, PlannedDate],
    moved_too: bool,
    today: date,
    standing: Collection[date],
) -> tuple[list[PlannedDate], list[LeftOut]]:
    """The dates to make a session for, and those for which none is made."""
    make, left_out = [], []
    bearers = {day.original: one for one, day in pairs.items()}
    for day in dates:
        one = bearers.get(day.original)
        if one is not None:
            fixed = _fixed(one, moved_too)
            if fixed is not None and one.original != day.original:
                left_out.append(LeftOut(day, fixed))
        elif day.on < today:
            left_out.append(LeftOut(day, "past"))
        elif day.on in standing:
            left_out.append(LeftOut(day, "day_taken"))
        else:
            make.append(day)
    return make, left_out
