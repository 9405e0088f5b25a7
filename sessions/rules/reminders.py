"""When people are reminded of a session, and until when that is still worth a letter.

A reminder says what is at hand; one that comes late says it wrongly, or tells what a letter of the
same hour told already. So each has an hour at which it is due and one after which it stays away,
and it is for those alone who had heard of that very time before it was due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Kind = Literal["week", "day", "hour", "recording"]
Nearness = Literal["week", "tomorrow", "today", "hour", "soon", "ahead"]

# In the order in which they leave.
KINDS: Sequence[Kind] = ("week", "day", "hour", "recording")
BEFORE: dict[Kind, timedelta] = {
    "week": timedelta(days=7), "day": timedelta(days=1), "hour": timedelta(hours=1),
}  # fmt: skip
# How late each may come. That of an hour before is of use to the start itself, which ends all.
_LATE: dict[Kind, timedelta] = {
    "week": timedelta(days=2), "day": timedelta(hours=12), "hour": timedelta(hours=1),
}  # fmt: skip
# A recording that comes later is found by search; it is no news.
RECORDING_WITHIN = timedelta(days=30)
# Less than this before the start, "in an hour" would be a lie.
_ABOUT_AN_HOUR = timedelta(minutes=40)

# Whoever has a place, or has not said yet that they do not want one.
REMINDED = frozenset({"invited", "registered", "confirmed"})
# Whoever found no place may watch what they missed.
TOLD_OF_RECORDING = frozenset({*REMINDED, "waiting", "offered", "expired"})

DIGEST_AT = time(8, 0)
DIGEST_SPAN = timedelta(days=7)
# On Tuesday it still says what the week brings.
DIGEST_LATE = timedelta(hours=30)


def kinds(own: Sequence[str] | None, usual: Iterable[str]) -> list[Kind]:
    """Of what people are reminded: what the series says, the programme's own where it says nothing.

    What is no kind of ours is left out.
    """
    wanted = set(usual if own is None else own)
    return [kind for kind in KINDS if kind in wanted]


def due(kind: Kind, starts_at: datetime, ends_at: datetime) -> datetime:
    """When this reminder leaves; that of the recording not before the end."""
    return ends_at if kind == "recording" else starts_at - BEFORE[kind]


def worth_until(kind: Kind, starts_at: datetime, ends_at: datetime) -> datetime:
    """From when on this reminder stays away."""
    if kind == "recording":
        return ends_at + RECORDING_WITHIN
    return min(starts_at, starts_at - BEFORE[kind] + _LATE[kind])


def is_worth(kind: Kind, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether this reminder may leave now: neither early nor late."""
    return due(kind, starts_at, ends_at) <= now < worth_until(kind, starts_at, ends_at)


def nearness(starts_at: datetime, now: datetime, tz: str) -> Nearness:
    """How near the session is for one who lives by this zone, as a letter written now says it."""
    left = starts_at - now
    if left <= BEFORE["hour"]:
        return "hour" if left >= _ABOUT_AN_HOUR else "soon"
    zone = ZoneInfo(tz)
    days = (starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    near: dict[int, Nearness] = {0: "today", 1: "tomorrow", 7: "week"}
    return near.get(days, "ahead")


def digest_at(now: datetime, tz: str) -> datetime:
    """When the digest of this week is due in a zone: on Monday morning; it may be over.

    At the week's end the next one is meant, so that it is owed before it is due.
    """
    local = now.astimezone(ZoneInfo(tz))
    monday = local.date() - timedelta(days=local.weekday())
    at = _morning(monday, tz)
    return at if now < at + DIGEST_LATE else _morning(monday + timedelta(days=7), tz)


def digest_before(at: datetime, tz: str) -> datetime:
    """When the digest before this one was due: what came since is told in this one."""
    return _morning(at.astimezone(ZoneInfo(tz)).date() - timedelta(days=7), tz)


def digest_after(at: datetime, tz: str) -> datetime:
    """When the digest after this one is due: what begins before is told in this one."""
    return _morning(at.astimezone(ZoneInfo(tz)).date() + timedelta(days=7), tz)


def is_digest_worth(at: datetime, now: datetime) -> bool:
    """Whether the digest that was due then may leave now."""
    return at <= now < at + DIGEST_LATE


def _morning(day: date, tz: str) -> datetime:
    # In UTC: two hours of one zone are compared and subtracted by the wall, not by the clock.
    return datetime.combine(day, DIGEST_AT, ZoneInfo(tz)).astimezone(UTC)
