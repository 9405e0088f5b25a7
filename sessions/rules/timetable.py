"""Wall time: what a clock on the wall of a zone shows, and the instants that follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class WallTime:
    """What a clock on the wall of a zone shows: `local` is naive, `tz` an IANA name."""

    local: datetime
    tz: str

    def instant(self) -> datetime:
        """The same moment in UTC, by the zone's rules as known today.

        A wall time that occurs twice means the first of the two; one that is skipped when clocks go
        forward means as long after the gap's start as it was written (PEP 495, fold=0).
        """
        return self.local.replace(tzinfo=ZoneInfo(self.tz)).astimezone(UTC)

    def is_shown(self) -> bool:
        """Whether the clock ever shows it: False for what is skipped when clocks go forward."""
        back = self.instant().astimezone(ZoneInfo(self.tz))
        return back.replace(tzinfo=None) == self.local


@dataclass(frozen=True)
class Kept:
    """The wall time that was written down for a session, and the instant once derived from it."""

    session_id: int
    wall: WallTime
    starts_at: datetime


def at(day: date, wall_start: time, tz: str) -> WallTime:
    """The wall time of a day."""
    return WallTime(datetime.combine(day, wall_start), tz)


def instants_changed(kept: Iterable[Kept], now: datetime) -> dict[int, datetime]:
    """The sessions to come whose instant is another by today's rules of the zones: id to the new.

    What began by the instant that was kept stays as it was.
    """
    return {
        one.session_id: new
        for one in kept
        if one.starts_at > now and (new := one.wall.instant()) != one.starts_at
    }
