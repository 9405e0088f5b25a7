"""Who is invited to a session, how far their letters came, and what they answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from flask_babel import gettext
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased, selectinload

from integrations.mail import outbox
from integrations.mail.outbox import Letter
from integrations.mail.suppression import Delivery, Suppression
from integrations.runtime.database import db
from integrations.runtime.jobs import Job
from sessions.models.participation import (
    ANSWERS,
    HOLDING,
    Answer,
    Invitation,
    InviteMessage,
    Registration,
)
from sessions.models.people import Person

PER_PAGE = 50
State = Literal["none", "owed", "late", "sent", "refused", "bounced"]
FILTERS = ("none", "owed", "sent", "refused", "bounced")
SILENT = "silent"


@dataclass(frozen=True)
class Participant:
    """One who is invited. at: when the letter left or will; why: a reason in words.

    "sent" means that a server took the letter; that it was read shows by the answer alone.
    is_stopped: nothing is sent to the address until someone lifts that.
    """

    registration: Registration
    state: State
    at: datetime | None
    why: str
    told_off: bool
    answer: Answer | None = None
    is_stopped: bool = False


def counts(session_id: int) -> Mapping[str, int]:
    """How many of those invited have a letter in each state; `none` has had no letter."""
    latest = _latest(session_id).subquery()
    rows = db.session.execute(
        select(_standing(Letter).label("standing"), func.count())
        .select_from(Registration)
        .join(Invitation)
        .outerjoin(latest, latest.c.invitation_id == Invitation.id)
        .outerjoin(InviteMessage, InviteMessage.id == latest.c.message_id)
        .outerjoin(Letter, Letter.id == InviteMessage.letter_id)
        .where(Registration.session_id == session_id, Registration.state.in_(HOLDING))
        .group_by("standing")  # by its name: PostgreSQL takes two equal expressions for different
    ).all()
    found = dict.fromkeys(FILTERS, 0)
    for state, number in rows:
        found[state] = found.get(state, 0) + number
    return found


def participants(session_id: int, only: str = "") -> tuple[Pagination, list[Participant]]:
    """A page of those invited, by name, those known by address only last.

    only: keeps those whose letter is in one state.
    """
    latest = _latest(session_id).subquery()
    letter = aliased(Letter)
    nameless = case((and_(Person.family == "", Person.given == ""), 1), else_=0)
    query = (
        select(Registration)
        .join(Invitation)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(latest, latest.c.invitation_id == Invitation.id)
        .outerjoin(InviteMessage, InviteMessage.id == latest.c.message_id)
        .outerjoin(letter, letter.id == InviteMessage.letter_id)
        .where(Registration.session_id == session_id, Registration.state.in_(HOLDING))
        .options(
            selectinload(Registration.invitation).selectinload(Invitation.messages),
            selectinload(Registration.invitation).selectinload(Invitation.answers),
        )
        .order_by(nameless, Person.family, Person.given, Registration.id)
    )
    if only in FILTERS:
        query = query.where(_standing(letter) == only)
    elif only == SILENT:
        query = query.where(~exists().where(Answer.invitation_id == Invitation.id))
    elif only in ANSWERS:
        query = query.where(
            exists().where(
                Answer.invitation_id == Invitation.id, Answer.answer == only, _is_last(Answer)
            )
        )
    page = db.paginate(query, per_page=PER_PAGE, max_per_page=PER_PAGE, error_out=False)
    registrations: Sequence[Registration] = page.items
    letter_ids = [m.letter_id for r in registrations for m in r.invitation.messages]
    jobs, back = _jobs(letter_ids), _came_back(letter_ids)
    stopped = _stopped([one.invitation.attendee_email for one in registrations])
    return page, [
        replace(
            _participant(one, jobs, back),
            answer=one.invitation.current_answer,
            is_stopped=one.invitation.attendee_email.lower() in stopped,
        )
        for one in registrations
    ]


def answers(session_id: int) -> Mapping[str, int]:
    """How many of those invited answered what; SILENT: how many did not."""
    rows = db.session.execute(
        select(func.coalesce(Answer.answer, SILENT).label("given"), func.count())
        .select_from(Registration)
        .join(Invitation)
        .outerjoin(Answer, and_(Answer.invitation_id == Invitation.id, _is_last(Answer)))
        .where(Registration.session_id == session_id, Registration.state.in_(HOLDING))
        .group_by("given")
    ).all()
    found = dict.fromkeys((*ANSWERS, SILENT), 0)
    for answer, number in rows:
        found[answer] = number
    return found


def _standing(letter: Any) -> ColumnElement[str]:
    """How a letter fares: its state, unless it left and came back; "none" where there is none."""
    came_back = exists().where(Delivery.letter_id == letter.id, Delivery.result == "bounced")
    found: ColumnElement[str] = case(
        (letter.id.is_(None), "none"),
        (and_(letter.state == "sent", came_back), "bounced"),
        else_=letter.state,
    )
    return found


def _is_last(answer: Any) -> ColumnElement[bool]:
    """Whether no later answer to the same invitation counts instead."""
    later = aliased(Answer)
    order = (later.sequence, later.answered_at, later.id)
    return ~exists().where(
        later.invitation_id == answer.invitation_id,
        tuple_(*order) > tuple_(answer.sequence, answer.answered_at, answer.id),
    )


def _came_back(letter_ids: list[int]) -> dict[int, Delivery]:
    rows = db.session.scalars(
        select(Delivery)
        .where(Delivery.letter_id.in_(letter_ids), Delivery.result == "bounced")
        .order_by(Delivery.id)
    )
    return {one.letter_id: one for one in rows}


def _stopped(addresses: list[str]) -> set[str]:
    return set(
        db.session.scalars(
            select(Suppression.address).where(
                Suppression.address.in_([one.lower() for one in addresses]),
                Suppression.lifted_at.is_(None),
            )
        )
    )


def _latest(session_id: int) -> Select[int, int]:
    """The last letter of each invitation that was not taken back."""
    return (
        select(InviteMessage.invitation_id, func.max(InviteMessage.id).label("message_id"))
        .join(Letter, Letter.id == InviteMessage.letter_id)
        .join(Invitation, Invitation.id == InviteMessage.invitation_id)
        .join(Registration, Registration.id == Invitation.registration_id)
        .where(Registration.session_id == session_id, Letter.state != "superseded")
        .group_by(InviteMessage.invitation_id)
    )


def _jobs(letter_ids: list[int]) -> dict[int, Job]:
    keys = {f"{outbox.SEND}:{letter_id}": letter_id for letter_id in letter_ids}
    jobs = db.session.scalars(
        select(Job).where(
            Job.key.in_(keys),
            or_(Job.given_up, and_(Job.finished_at.is_(None), Job.error.is_not(None))),
        )
    ).all()
    return {keys[job.key]: job for job in jobs}


def _participant(
    registration: Registration, jobs: Mapping[int, Job], back: Mapping[int, Delivery]
) -> Participant:
    messages = [m for m in registration.invitation.messages if m.letter.state != "superseded"]
    if not messages:
        return Participant(registration, "none", None, "", told_off=False)
    message = messages[-1]
    letter, told_off = message.letter, message.method == "CANCEL"
    if letter.state == "sent" and letter.id in back:
        one = back[letter.id]
        why = refusal(f"{one.status.replace('.', '')[:1]}50 {one.status} {one.detail}")
        return Participant(registration, "bounced", one.at, why, told_off)
    if letter.state == "sent":
        return Participant(registration, "sent", letter.sent_at, "", told_off)
    if letter.state == "refused":
        return Participant(registration, "refused", None, refusal(letter.answer or ""), told_off)
    job = jobs.get(letter.id)
    if job is None:
        return Participant(registration, "owed", None, "", told_off)
    if job.given_up:
        why = gettext("The letter could not be written. Tell those who run this site.")
        return Participant(registration, "refused", None, why, told_off)
    return Participant(registration, "late", job.run_at, refusal(job.error or ""), told_off)


_CODES = re.compile(r"\b(?P<code>[45]\d\d)[ -](?:(?P<status>[45]\.\d{1,3}\.\d{1,3}))?")


def refusal(answer: str) -> str:
    """Why a letter did not arrive, in words (RFC 3463 where the server gives such a status)."""
    found = _CODES.search(answer)
    if found is None:
        return gettext("The mail server does not answer.")
    subject, _, detail = (found["status"] or "").partition(".")[2].partition(".")
    if (subject == "2" and detail == "2") or found["code"] == "552":
        return gettext("The mailbox is full.")
    if subject == "2" and detail == "1":
        return gettext("The mailbox is closed.")
    if subject == "7" or (not subject and found["code"] == "554"):
        return gettext("The server took the letter for unwanted mail.")
    if found["code"].startswith("4"):
        return gettext("The recipient's server asks to wait.")
    if subject == "1" or found["code"] in ("550", "551", "553"):
        return gettext("There is no such address.")
    return gettext("The recipient's server refused the letter.")
