"""When letters about a change leave: at once, or when nothing more changes for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

# Whoever is on the way to a session within a day must hear of its fate now.
URGENT_WITHIN = timedelta(hours=24)


def is_urgent(now: datetime, *starts: datetime) -> bool:
    """Whether a change of time, place or state cannot wait: a start, old or new, is so near."""
    return min(starts) <= now + URGENT_WITHIN


def over_at(now: datetime, quiet: timedelta) -> datetime:
    """When the quiet that begins now is over: on a whole minute, as people are told it."""
    end = now + quiet
    whole = end.replace(second=0, microsecond=0)
    return whole if whole == end else whole + timedelta(minutes=1)
