"""What follows what came by mail, and what a host decided about it; only writes rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from integrations.mail import outbox
from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.events import publish, react
from integrations.runtime.settings import Settings
from sessions import inbox_letters
from sessions.events import (
    AddressFailed,
    AddressMended,
    AnswerArrived,
    LetterCameBack,
    PersonInvited,
    StrangerAllowed,
    StrangerAnswered,
    TimeDeclined,
    TimeTaken,
)
from sessions.flows import bounces, deciding, inviting, receiving, replying, scheduling, tasking
from sessions.models.correspondence import Counter, Forwarded, IncomingMail
from sessions.models.participation import HOLDING, Invitation, Registration
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.rules.timetable import WallTime


def install() -> None:
    """Register every reaction; asking twice is once."""
    for fact, reactions in WHAT_FOLLOWS.items():
        for reaction in reactions:
            react(fact, reaction)
    outbox.when_undeliverable(bounces.refused)


def take_the_answer(event: AnswerArrived) -> None:
    """The answer counts as one on the page does; the mail's row says whether it did."""
    taken = replying.answer(
        event.invitation_id, event.answer, source="mail", sequence=event.sequence,
        answered_at=event.answered_at, comment=event.comment,
    )  # fmt: skip
    row = db.session.get_one(IncomingMail, event.mail_id)
    outcome = "taken" if taken.counted else "ignored"
    code = f"reply.{event.answer}" if taken.counted else f"reply.{taken.why}"
    receiving.write_down(row, outcome, code)


def follow_the_setting(event: StrangerAnswered) -> None:
    """An answer by somebody uninvited waits for the host, counts or does not, by the setting.

    Whoever wrote it themselves is told once how it stands. Where very many answer to one
    invitation, the host is asked whatever the setting says.
    """
    setting = ports.get(Settings).forwarded
    row = db.session.get_one(Forwarded, event.forwarded_id)
    if row.state != "open":
        return
    if setting == "allow" and event.wrote and deciding.may_let_in(row):
        deciding.decide_stranger(row.id, allowed=True, by=None)
    elif setting == "reject":
        deciding.decide_stranger(row.id, allowed=False, by=None)
    elif event.wrote and deciding.may_write_to(row, inbox_letters.STRANGER):
        inbox_letters.post_to_stranger(row)


def invite_with_their_answer(event: StrangerAllowed) -> None:
    """Whoever is allowed gets an invitation of their own, answered as they did when they wrote.

    Where they have answered for themselves since, that stands.
    """
    row = db.session.get_one(Forwarded, event.forwarded_id)
    session_id = row.invitation.registration.session_id
    inviting.invite(session_id, [(row.name, row.address)], event.by)
    person = inviting.person_at(row.address)
    invitation = db.session.scalars(
        select(Invitation)
        .join(Registration)
        .where(Registration.session_id == session_id, Registration.person_id == person.id)
    ).one()
    given = invitation.current_answer
    if given is not None and given.answered_at >= row.received_at:
        return
    replying.answer(
        invitation.id, row.answer, source="mail", sequence=row.sequence,
        answered_at=row.received_at, comment=row.comment, by=event.by,
        seen_starts_at=_hour_told(row),
    )  # fmt: skip


def _hour_told(row: Forwarded) -> datetime | None:
    """The hour in the letter that somebody uninvited answered."""
    told = [
        one.starts_at
        for one in row.invitation.messages
        if row.sequence is None or one.sequence <= row.sequence
    ]
    return told[-1] if told else None


def move_to_the_time(event: TimeTaken) -> None:
    """The session moves to the time that was proposed, and everyone hears of it."""
    counter = db.session.get_one(Counter, event.counter_id)
    session = db.session.get_one(Session, counter.invitation.registration.session_id)
    local = counter.starts_at.astimezone(ZoneInfo(session.tz)).replace(tzinfo=None)
    scheduling.move(session.id, WallTime(local, session.tz), event.seen_revision, event.by)


def tell_that_the_time_stays(event: TimeDeclined) -> None:
    """Whoever proposed another time hears that it was not taken, and so does their calendar."""
    inbox_letters.post_time_declined(db.session.get_one(Counter, event.counter_id))


def look_at_the_report(event: LetterCameBack) -> None:
    """What a mail server reports is written down beside the letter; the mail's row says what."""
    code = bounces.came_back(
        event.letter_id, event.action, event.status, event.detail, is_hard=event.is_hard
    )
    row = db.session.get_one(IncomingMail, event.mail_id)
    receiving.write_down(row, "taken", code, f"{event.status} {event.detail}".strip())


def ask_the_coordinator(event: AddressFailed) -> None:
    """The coordinator of the person's city is asked to find out what their address is."""
    tasking.ask_for_address(event.address, event.status, event.detail)


def bring_up_to_date(event: AddressMended) -> None:
    """The last letters about what is to come go to the address that works."""
    invitations = db.session.scalars(
        select(Invitation)
        .join(Registration)
        .join(Session)
        .where(
            Registration.person_id == event.person_id,
            Registration.state.in_(HOLDING),
            Session.state.in_(lifecycle.JOINABLE),
            Session.starts_at > clock.now(),
            Invitation.attendee_email == event.old,
        )
        .order_by(Session.starts_at)
    ).all()
    for invitation in invitations:
        if event.new == event.old and invitation.messages:
            outbox.send_again(invitation.messages[-1].letter_id)
            continue
        invitation.attendee_email = event.new
        invitation.make_newer("REQUEST")
        publish(PersonInvited(invitation.id, event.by))


WHAT_FOLLOWS: Mapping[type[Any], Sequence[Callable[[Any], None]]] = {
    AnswerArrived: (take_the_answer,),
    StrangerAnswered: (follow_the_setting,),
    StrangerAllowed: (invite_with_their_answer,),
    TimeTaken: (move_to_the_time,),
    TimeDeclined: (tell_that_the_time_stays,),
    LetterCameBack: (look_at_the_report,),
    AddressFailed: (ask_the_coordinator,),
    AddressMended: (bring_up_to_date,),
}
