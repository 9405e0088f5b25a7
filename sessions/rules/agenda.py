"""An agenda against the clock of its session: when items begin, and which of them collide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from sessions.rules.timetable import WallTime

Kind = Literal["overlap", "before", "after"]


@dataclass(frozen=True)
class Slot:
    """A stretch of a session, in minutes after its start. place: its room, empty for the main."""

    offset_min: int
    duration_min: int
    place: str = ""

    @property
    def end_min(self) -> int:
        return self.offset_min + self.duration_min


@dataclass(frozen=True)
class Trouble:
    """What is odd about an item: it shares time with `other`, or lies outside by `minutes`."""

    kind: Kind
    minutes: int
    other: int | None = None


def offset_min(start: WallTime, duration_min: int, at: time) -> int:
    """How many minutes after the start of a session the clock on its wall shows `at`.

    An hour before the start is one of the next day where the session lasts until then, and negative
    where it does not.
    """
    begins = start.instant()
    same_day = WallTime(datetime.combine(start.local.date(), at), start.tz).instant()
    next_day = WallTime(
        datetime.combine(start.local.date() + timedelta(days=1), at), start.tz
    ).instant()
    ends = begins + timedelta(minutes=duration_min)
    chosen = next_day if same_day < begins and next_day < ends else same_day
    return int((chosen - begins).total_seconds() // 60)


def troubles(slots: Sequence[Slot], duration_min: int) -> list[list[Trouble]]:
    """What is odd about each item, in their order; none of it forbids anything.

    Two items in two named rooms may share an hour.
    """
    found: list[list[Trouble]] = []
    for number, slot in enumerate(slots):
        odd = [
            Trouble("overlap", shared, other)
            for other, earlier in enumerate(slots[:number])
            if (shared := _shared(slot, earlier)) > 0
        ]
        if slot.offset_min < 0:
            odd.append(Trouble("before", -slot.offset_min))
        if slot.end_min > duration_min:
            odd.append(Trouble("after", slot.end_min - duration_min))
        found.append(odd)
    return found


def _shared(one: Slot, other: Slot) -> int:
    """The minutes that two items have in common, 0 where they are in two rooms."""
    if one.place and other.place and one.place != other.place:
        return 0
    return min(one.end_min, other.end_min) - max(one.offset_min, other.offset_min)
