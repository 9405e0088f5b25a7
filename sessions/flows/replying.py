"""Those invited answer: by mail, on the page, or through a host who was told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.events import publish
from sessions.events import SeatsChanged
from sessions.models import seating, visits
from sessions.models.audit import record
from sessions.models.participation import HOLDING, Answer, Invitation, InviteMessage, Registration
from sessions.models.session import Session
from sessions.rules import lifecycle, seats

Source = Literal["page", "mail", "host"]
Why = Literal["", "older", "before_move", "over", "cancelled", "withdrawn"]

# Whoever took themselves back may think again; whom the host took off the list may not.
_MAY_ANSWER = frozenset({*HOLDING, "withdrawn"})
# Somebody may be asked by telephone before the session is announced.
_ANSWERABLE = lifecycle.JOINABLE | {"draft"}


@dataclass(frozen=True)
class Taken:
    """What became of an answer.

    state: the registration's state now. counted: whether the answer is the one that counts; `why`
    says why not: "older" than one there is, to the time "before_move", to a session that is "over",
    "cancelled" (or postponed), by someone "withdrawn" by the host. other_days: for how many more
    days of the visit it counts.
    """

    state: str
    counted: bool
    why: Why = ""
    other_days: int = 0


def answer(
    invitation_id: int,
    answer: str,
    *,
    source: Source,
    sequence: int | None,
    answered_at: datetime,
    comment: str = "",
    mode: str = "",
    by: int | None = None,
    seen_starts_at: datetime | None = None,
    only_this_day: bool = False,
) -> Taken:
    """Take an answer ("accepted", "tentative", "declined"); in a transaction of its own.

    sequence: of the letter that was answered, None where the client did not say. mode: "online" or
    "in_person", empty where they did not choose. by: the host who wrote it down. seen_starts_at:
    the time that the page showed, or the letter to another that they answered. The same answer
    taken twice is one answer.

    Of a visit it counts for all days to come, unless it is for `only_this_day`, and except for the
    days that were answered on their own.
    """
    with transaction():
        invitation = db.session.get_one(Invitation, invitation_id)
        session = visits.locked(invitation.registration.session_id)
        registration = db.session.get_one(
            Registration, invitation.registration_id, populate_existing=True
        )
        given = _given(invitation, session, answer, sequence, seen_starts_at)
        given.source, given.comment = source, comment
        # A client whose clock is ahead must not have the last word until then.
        given.answered_at = min(answered_at, clock.now())
        taken = _take(given, registration, session, mode, by)
        if taken is None:
            return Taken(registration.state, counted=True)
        if taken.why or only_this_day:
            return taken
        return replace(taken, other_days=_spread(given, registration, session, mode, by))


def _take(
    given: Answer, registration: Registration, session: Session, mode: str, by: int | None
) -> Taken | None:
    """What became of an answer to a locked session; None where it is known and counts already."""
    ledger = _ledger(given.invitation_id)
    why = _why_not(given, ledger, registration, session)
    known = any(_same(given, one) for one in ledger)
    if why in ("", "older", "before_move") and not known:
        db.session.add(given)
        db.session.flush()
    if why:
        return Taken(registration.state, counted=False, why=why)
    if known:
        return None
    if given.source == "host":
        # What people answer themselves is kept with their answers; what is done in their name
        # is kept here, too.
        name = registration.person.name
        record(by, f"answer.{given.answer}", f"session:{session.id}", name=name, source="host")
    _seat(session, registration, given.answer, mode, by)
    return Taken(registration.state, counted=True)


def _spread(
    given: Answer, registration: Registration, session: Session, mode: str, by: int | None
) -> int:
    """Have an answer count for the other days of the visit; for how many it does."""
    days = visits.days(session)
    rows = visits.registrations(registration.person_id, days)
    ledgers = {day: _ledger(row.invitation.id) for day, row in rows.items()}
    count = 0
    for day in sorted(visits.to_come(session), key=lambda one: one.id):
        if day.id == session.id or day.id not in rows:
            continue
        latest = ledgers[day.id][-1] if ledgers[day.id] else None
        others = [one for key, ledger in ledgers.items() if key != day.id for one in ledger]
        if latest and latest.is_of(day) and _stands(latest, given, others):
            continue
        row = rows[day.id]
        copy = _given(row.invitation, day, given.answer, None, None)
        copy.source, copy.comment, copy.answered_at = given.source, "", given.answered_at
        taken = _take(copy, row, day, mode, by)
        count += taken is not None and taken.counted
    return count


def _stands(latest: Answer, given: Answer, others: list[Answer]) -> bool:
    """Whether a day keeps its latest answer: a later one, or one that it has to itself.

    others: all answers to the other days; an answer that counted for the visit is there as well.
    """
    if latest.answered_at >= given.answered_at:
        return True
    same = [one for one in others if _is_copy(latest, one)]
    if given.source == "mail" and latest.source == "mail":
        # Calendars show the days one by one: what was pressed on this one was meant for it.
        return all(latest.id < one.id for one in same)
    # Whoever says on the page or to a host how it is with the visit means those days, too.
    return not same and latest.source != "mail"


def _is_copy(one: Answer, other: Answer) -> bool:
    return (one.answered_at, one.answer, one.source) == (
        other.answered_at, other.answer, other.source,
    )  # fmt: skip


def _ledger(invitation_id: int) -> list[Answer]:
    return list(
        db.session.scalars(
            select(Answer)
            .where(Answer.invitation_id == invitation_id)
            .order_by(Answer.sequence, Answer.answered_at, Answer.id)
        )
    )


def ask_again(session_id: int) -> None:
    """Invite anew whoever declined another time than the session's; in the caller's transaction.

    Where a move is undone, they have withdrawn as before.
    """
    session = db.session.get_one(Session, session_id)
    declined = select(Invitation.registration_id).join(Answer).where(Answer.answer == "declined")
    rows = db.session.scalars(
        select(Registration)
        .where(
            Registration.session_id == session_id,
            Registration.state.in_(("withdrawn", "invited")),
            Registration.id.in_(declined),
        )
        .options(selectinload(Registration.invitation).selectinload(Invitation.answers))
    ).all()
    for row in rows:
        given = row.invitation.current_answer
        if given is not None and given.answer == "declined":
            row.state = "withdrawn" if given.is_of(session) else "invited"
    db.session.flush()


def _given(
    invitation: Invitation,
    session: Session,
    answer: str,
    sequence: int | None,
    seen_starts_at: datetime | None,
) -> Answer:
    """The row of the answer, with the time it answers to."""
    letters = list(
        db.session.scalars(
            select(InviteMessage)
            .where(InviteMessage.invitation_id == invitation.id)
            .order_by(InviteMessage.id)
        )
    )
    heard = [one for one in letters if one.letter.state != "superseded"]
    if sequence is None:
        time = seen_starts_at or session.starts_at
        # As the calendar counts, where its letter speaks of the same time: then answers by mail and
        # on the page stand in the order in which they were given.
        told = heard and heard[-1].starts_at in (None, time)
        number = heard[-1].sequence if told else session.sequence + invitation.ahead
        return Answer(invitation_id=invitation.id, answer=answer, sequence=number, starts_at=time)
    number = min(sequence, session.sequence + invitation.ahead)
    answered = [one for one in letters if one.sequence <= number and one.letter.raw is not None]
    said = answered[-1].starts_at if answered else None
    time = said or seen_starts_at or session.starts_at
    return Answer(invitation_id=invitation.id, answer=answer, sequence=number, starts_at=time)


def _why_not(
    given: Answer, ledger: list[Answer], registration: Registration, session: Session
) -> Why:
    if session.state == "held":
        return "over"
    if session.state not in _ANSWERABLE:
        return "cancelled"
    if session.ends_at + lifecycle.GRACE <= clock.now():
        return "over"
    if registration.state not in _MAY_ANSWER:
        return "withdrawn"
    if not given.is_of(session):
        return "before_move"
    latest = ledger[-1] if ledger else None
    if latest and (given.sequence, given.answered_at) < (latest.sequence, latest.answered_at):
        return "older"
    return ""


def _same(one: Answer, other: Answer) -> bool:
    return (one.sequence, one.answered_at, one.answer, one.source) == (
        other.sequence, other.answered_at, other.answer, other.source,
    )  # fmt: skip


def _seat(
    session: Session, registration: Registration, answer: str, mode: str, by: int | None
) -> None:
    """What the answer means for seats."""
    hall, now = seating.hall_of(session), clock.now()
    before = seating.standings_of(session, registration.id)
    if answer == "accepted":
        after = seats.accept(before, hall, registration.id, now, mode)
    elif answer == "declined":
        after = seats.decline(before, hall, registration.id, now)
    else:
        after = seats.perhaps(before, hall, registration.id, now)
    publish(SeatsChanged(session.id, by, tuple(seating.write(session, before, after))))
