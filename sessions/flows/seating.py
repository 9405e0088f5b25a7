"""Free seats are offered to those who wait; hosts give, keep and take seats; letters say so."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from integrations.mail import outbox
from integrations.mail.outbox import Letter
from integrations.runtime import clock, jobs
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import SeatsChanged
from sessions.models import seating
from sessions.models.audit import record
from sessions.models.participation import HOLDING, Registration, SeatLetter
from sessions.models.seating import SeatChange
from sessions.models.session import Session
from sessions.rules import lifecycle, seats
from sessions.rules.seats import Hall, Standing

SEAT = "seat"
EXPIRE = "seats.expire"

Action = Literal["offer", "give", "keep", "let_go", "queue"]
_Rule = Callable[[Sequence[Standing], Hall, int, datetime], list[Standing] | None]
_RULES: dict[Action, _Rule] = {
    "offer": seats.offer, "give": seats.give, "keep": seats.keep, "let_go": seats.let_go,
    "queue": seats.back_to_queue,
}  # fmt: skip


def settle(session_id: int) -> None:
    """Do what is due about a session's seats: end offers, offer on; in a transaction of its own.

    While the session is off its offers rest: nobody loses theirs because of that.
    """
    with transaction():
        session = Session.locked(session_id)
        if session.state == "held":
            return
        before = seating.standings_of(session)
        if session.state in lifecycle.JOINABLE:
            after = seats.settle(before, seating.hall_of(session), clock.now())
        else:
            after = seats.suspend(before)
        changes = seating.write(session, before, after)
        if changes:
            publish(SeatsChanged(session_id, None, tuple(changes)))


@jobs.handles(EXPIRE)
def look_at_offers(running: jobs.Running) -> None:
    """End the offers of a session that ran out, and offer the seats on."""
    session_id = running.payload["session_id"]
    if db.session.get(Session, session_id) is not None:
        settle(session_id)


def act(registration_id: int, action: Action, by: int | None) -> str:
    """Do what a host wants about someone's seat; the state of their registration now.

    "offer": they have to confirm; "give": it is theirs; "keep": for someone who has not answered,
    "let_go": no longer; "queue": they wait again. Raises Refused("seats.over") for a session that
    is over or off, Refused("seats.full") where no seat is free, Refused("seats.nobody_waits").
    """
    with transaction():
        registration = db.session.get_one(Registration, registration_id)
        session = Session.locked(registration.session_id)
        db.session.refresh(registration)
        if session.state not in lifecycle.JOINABLE | {"draft"}:
            raise Refused("seats.over")
        if registration.state not in HOLDING:
            raise Refused("seats.not_invited")
        before = seating.standings_of(session, registration_id)
        after = _RULES[action](before, seating.hall_of(session), registration_id, clock.now())
        if after is None:
            raise Refused("seats.nobody_waits" if action == "queue" else "seats.full")
        changes = seating.write(session, before, after)
        if changes:
            record(by, f"seat.{action}", f"session:{session.id}", name=registration.person.name)
            publish(SeatsChanged(session.id, by, tuple(changes)))
        return registration.state


def owe_end_of_offers(session_id: int, changes: Sequence[SeatChange]) -> None:
    """Owe a look at each offer when it runs out; caller's transaction."""
    for until in {one.now.offered_until for one in changes}:
        if until is not None:
            # The instant is part of the key: every offer is owed a look of its own.
            key = f"{EXPIRE}:{session_id}:{until:%Y%m%dT%H%M%S%f}"
            jobs.enqueue(EXPIRE, key, {"session_id": session_id}, run_at=until)


def owe_letters(session_id: int, changes: Sequence[SeatChange], sender: str, domain: str) -> None:
    """Owe a letter to each whose seat became another, and take back what is no longer so.

    Who answered and got a seat at once sees that in their calendar: no letter repeats it. Caller's
    transaction.
    """
    session = db.session.get_one(Session, session_id)
    for change in changes:
        fact = _fact(change)
        if fact == "nothing new":
            continue
        _take_back(change.registration_id)
        if not fact or session.state not in lifecycle.JOINABLE:
            continue
        registration = db.session.get_one(Registration, change.registration_id)
        address = registration.invitation.attendee_email
        letter = outbox.post(SEAT, sender, address, f"{uuid.uuid4()}@{domain}")
        db.session.add(
            SeatLetter(
                registration_id=registration.id, fact=fact, place=change.place,
                until=change.now.offered_until, letter_id=letter.id,
            )
        )  # fmt: skip


def _fact(change: SeatChange) -> str:
    """What someone is to hear: "seated", "waiting", "offered", "expired"; empty for nothing."""
    was, now = change.was, change.now
    if (was.state, was.mode) == (now.state, now.mode):
        return "nothing new"
    if now.state == "confirmed":
        return "seated" if was.state in ("waiting", "offered", "expired") else ""
    return now.state if now.state in ("waiting", "offered", "expired") else ""


def _take_back(registration_id: int) -> None:
    """What was owed about the seat as it stood before never leaves."""
    letters = db.session.scalars(
        select(Letter)
        .join(SeatLetter, SeatLetter.letter_id == Letter.id)
        .where(SeatLetter.registration_id == registration_id, Letter.state == "owed")
        .with_for_update(of=Letter)
        .execution_options(populate_existing=True)
    )
    for letter in letters:
        letter.state = "superseded"
