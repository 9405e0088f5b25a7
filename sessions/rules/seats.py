"""Who has a seat in a session, who waits for one, and to whom a free one is offered.

Someone holds seats, as many as heads they come with, when they are confirmed, have an offer, or the
host keeps seats for them. An invitation alone, and a "perhaps", hold nothing. A host who lowers the
number of seats throws nobody out: until enough people withdraw nothing is free.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ONLINE, IN_PERSON = "online", "in_person"

LONGEST_OFFER = timedelta(hours=24)
SHORTEST_OFFER = timedelta(minutes=30)
_SHARE_OF_WHAT_IS_LEFT = 4

_UNANSWERED = frozenset({"invited", "registered"})


@dataclass(frozen=True)
class Hall:
    """The seats of a session by way of taking part; None: as many as come."""

    seats: Mapping[str, int | None]
    starts_at: datetime

    def mode(self, wished: str) -> str:
        """The way in which someone takes part who wished for this one, or said nothing."""
        return wished if wished in self.seats else next(iter(self.seats))


@dataclass(frozen=True)
class Standing:
    """How someone stands. state: of the registration; heads: how many come with them.

    is_kept: the host keeps a seat for them before they answer.
    """

    id: int
    state: str = "invited"
    mode: str = ""
    heads: int = 1
    asked_at: datetime | None = None
    offered_until: datetime | None = None
    is_kept: bool = False

    @property
    def holds(self) -> bool:
        """Whether seats are theirs, for now or for good."""
        return self.state in ("confirmed", "offered") or (
            self.is_kept and self.state in _UNANSWERED
        )


Standings = Sequence[Standing]


def hall(mode: str, online: int | None, in_person: int | None, starts_at: datetime) -> Hall:
    """The seats of a session of this mode ("online", "in_person" or "hybrid")."""
    seats = {ONLINE: online, IN_PERSON: in_person}
    if mode in seats:
        seats = {mode: seats[mode]}
    return Hall(seats, starts_at)


def held(everyone: Standings, hall: Hall, mode: str) -> int:
    """How many seats of this mode are taken, offered or kept."""
    return sum(one.heads for one in everyone if one.holds and hall.mode(one.mode) == mode)


def free(everyone: Standings, hall: Hall, mode: str) -> int | None:
    """How many seats are free; None where there are as many as come."""
    number = hall.seats[mode]
    return None if number is None else max(0, number - held(everyone, hall, mode))


def queue(everyone: Standings, hall: Hall, mode: str) -> list[Standing]:
    """Those who wait for a seat of this mode, in the order in which they asked."""
    waiting = [one for one in everyone if one.state == "waiting" and hall.mode(one.mode) == mode]
    return sorted(waiting, key=lambda one: (one.asked_at is None, one.asked_at, one.id))


def place_in_queue(everyone: Standings, hall: Hall, person: int) -> int | None:
    """The place of someone in their waiting list, from 1; None for who does not wait."""
    me = _of(everyone, person)
    line = [one.id for one in queue(everyone, hall, hall.mode(me.mode))]
    return line.index(person) + 1 if person in line else None


def offered_until(now: datetime, starts_at: datetime) -> datetime:
    """To when a seat that is offered now is kept.

    A day; less as the session nears, a quarter of what is left, but half an hour at least; never
    longer than to its start.
    """
    share = (starts_at - now) / _SHARE_OF_WHAT_IS_LEFT
    return min(starts_at, now + min(LONGEST_OFFER, max(SHORTEST_OFFER, share)))


def settle(everyone: Standings, hall: Hall, now: datetime) -> list[Standing]:
    """Everyone after what is due: offers that ran out are over, free seats are offered on.

    A free seat goes to whoever waits longest among those whose heads it suffices for. Where there
    are seats for all, whoever waited has one. Nothing is offered once the session has begun.
    """
    after = [_expired(one, hall, now) for one in everyone]
    for mode, number in hall.seats.items():
        if number is None:
            after = [
                _confirmed(one)
                if one.state in ("waiting", "offered") and hall.mode(one.mode) == mode
                else one
                for one in after
            ]
        elif now < hall.starts_at:
            after = _offered_on(after, hall, mode, now)
    return after


def accept(
    everyone: Standings, hall: Hall, person: int, now: datetime, wished: str = ""
) -> list[Standing]:
    """Everyone after someone said they come: a seat is theirs if one is free, else they wait.

    wished: "online" or "in_person"; empty: as they stand. Who has an offer takes it. Who wishes to
    take part in another way than they have a seat for, and finds none free, keeps the one they
    have where seats are few there, too.
    """
    before = settle(everyone, hall, now)
    me = _of(before, person)
    has, wants = hall.mode(me.mode), hall.mode(wished or me.mode)
    stays = has == wants
    if stays and me.holds:
        return settle(_with(before, replace(_confirmed(me), mode=wants)), hall, now)
    others = [one for one in before if one.id != person]
    is_free = _fits(me, free(others, hall, wants))
    has_begun = now >= hall.starts_at
    if stays and me.state == "waiting" and not (has_begun and is_free):
        return before
    if is_free:
        seated = replace(_confirmed(me), mode=wants, asked_at=now, is_kept=me.is_kept and stays)
        return settle(_with(before, seated), hall, now)
    if me.holds and hall.seats[has] is not None:
        return before
    waits = replace(
        me, state="waiting", mode=wants, asked_at=now, offered_until=None, is_kept=False
    )
    return settle(_with(before, waits), hall, now)


def decline(everyone: Standings, hall: Hall, person: int, now: datetime) -> list[Standing]:
    """Everyone after someone said they do not come; their seat is offered on."""
    return _gives_up(everyone, hall, person, now, "withdrawn", keeps=False)


def perhaps(everyone: Standings, hall: Hall, person: int, now: datetime) -> list[Standing]:
    """Everyone after someone said they may come: that holds no seat but one the host keeps."""
    return _gives_up(everyone, hall, person, now, "invited", keeps=True)


def offer(everyone: Standings, hall: Hall, person: int, now: datetime) -> list[Standing] | None:
    """Everyone after the host offers someone a seat; None where none is free or it has begun."""
    before = settle(everyone, hall, now)
    me = _of(before, person)
    if me.holds:
        return before
    if now >= hall.starts_at or not _fits(me, free(before, hall, hall.mode(me.mode))):
        return None
    return _with(before, _offered(me, hall, now))


def give(everyone: Standings, hall: Hall, person: int, now: datetime) -> list[Standing] | None:
    """Everyone after the host gives someone a seat for good; None where none is free."""
    before = settle(everyone, hall, now)
    me = _of(before, person)
    if not me.holds and not _fits(me, free(before, hall, hall.mode(me.mode))):
        return None
    return _with(before, replace(_confirmed(me), asked_at=me.asked_at or now))


def keep(everyone: Standings, hall: Hall, person: int, now: datetime) -> list[Standing] | None:
    """Everyone after the host keeps a seat for someone who has not said; None: none is free."""
    before = settle(everyone, hall, now)
    me = _of(before, person)
    if me.holds or me.state not in _UNANSWERED:
        return before
    if not _fits(me, free(before, hall, hall.mode(me.mode))):
        return None
    return _with(before, replace(me, is_kept=True))


def let_go(everyone: Standings, hall: Hall, person: int, now: datetime) -> list[Standing]:
    """Everyone after the host keeps a seat for someone no longer."""
    me = _of(everyone, person)
    return settle(_with(everyone, replace(me, is_kept=False)), hall, now)


def back_to_queue(
    everyone: Standings, hall: Hall, person: int, now: datetime
) -> list[Standing] | None:
    """Everyone after the host has someone wait again, behind all others.

    None where nobody else waits for whom the seat suffices: it would come straight back.
    """
    before = settle(everyone, hall, now)
    me = _of(before, person)
    waits = replace(me, state="waiting", asked_at=now, offered_until=None, is_kept=False)
    if not me.holds:
        return _with(before, waits)
    after = settle(_with(before, waits), hall, now)
    return after if _of(after, person).state == "waiting" else None


def suspend(everyone: Standings) -> list[Standing]:
    """Everyone while the session is off: who had an offer waits where they waited before."""
    return [
        replace(one, state="waiting", offered_until=None) if one.state == "offered" else one
        for one in everyone
    ]


def _gives_up(
    everyone: Standings, hall: Hall, person: int, now: datetime, state: str, *, keeps: bool
) -> list[Standing]:
    before = settle(everyone, hall, now)
    me = _of(before, person)
    without = replace(
        me, state=state, asked_at=None, offered_until=None, is_kept=me.is_kept and keeps
    )
    return settle(_with(before, without), hall, now)


def _expired(one: Standing, hall: Hall, now: datetime) -> Standing:
    if one.state != "offered":
        return one
    # A session that was moved ahead takes its offers along.
    until = min(one.offered_until or hall.starts_at, hall.starts_at)
    if until <= now:
        return replace(one, state="expired", asked_at=None, offered_until=None)
    return replace(one, offered_until=until)


def _offered_on(everyone: Standings, hall: Hall, mode: str, now: datetime) -> list[Standing]:
    left = free(everyone, hall, mode) or 0
    lucky = {}
    for one in queue(everyone, hall, mode):
        if one.heads <= left:
            left -= one.heads
            lucky[one.id] = _offered(one, hall, now)
    return [lucky.get(one.id, one) for one in everyone]


def _offered(one: Standing, hall: Hall, now: datetime) -> Standing:
    until = offered_until(now, hall.starts_at)
    return replace(one, state="offered", offered_until=until, asked_at=one.asked_at or now)


def _confirmed(one: Standing) -> Standing:
    return replace(one, state="confirmed", offered_until=None)


def _fits(one: Standing, left: int | None) -> bool:
    return left is None or one.heads <= left


def _of(everyone: Collection[Standing], person: int) -> Standing:
    return next(one for one in everyone if one.id == person)


def _with(everyone: Standings, changed: Standing) -> list[Standing]:
    return [changed if one.id == changed.id else one for one in everyone]
