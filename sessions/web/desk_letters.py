"""Who is invited to a session, and how far their letters came."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask_babel import gettext
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased, selectinload

from integrations.mail import outbox
from integrations.mail.outbox import Letter
from integrations.runtime.database import db
from integrations.runtime.jobs import Job
from sessions.models.participation import HOLDING, Invitation, InviteMessage, Registration
from sessions.models.people import Person

PER_PAGE = 50
State = Literal["none", "owed", "late", "sent", "refused"]
FILTERS = ("none", "owed", "sent", "refused")


@dataclass(frozen=True)
class Participant:
    """One who is invited. at: when the letter left or was refused; why: a reason in words."""

    registration: Registration
    state: State
    at: datetime | None
    why: str
    told_off: bool


def counts(session_id: int) -> Mapping[str, int]:
    """How many of those invited have a letter in each state; `none` has had no letter."""
    latest = _latest(session_id).subquery()
    rows = db.session.execute(
        select(func.coalesce(Letter.state, "none"), func.count())
        .select_from(Registration)
        .join(Invitation)
        .outerjoin(latest, latest.c.invitation_id == Invitation.id)
        .outerjoin(InviteMessage, InviteMessage.id == latest.c.message_id)
        .outerjoin(Letter, Letter.id == InviteMessage.letter_id)
        .where(Registration.session_id == session_id, Registration.state.in_(HOLDING))
        .group_by(Letter.state)
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
        .options(selectinload(Registration.invitation).selectinload(Invitation.messages))
        .order_by(nameless, Person.family, Person.given, Registration.id)
    )
    if only == "none":
        query = query.where(letter.id.is_(None))
    elif only in FILTERS:
        query = query.where(letter.state == only)
    page = db.paginate(query, per_page=PER_PAGE, max_per_page=PER_PAGE, error_out=False)
    registrations: Sequence[Registration] = page.items
    jobs = _jobs([m.letter_id for r in registrations for m in r.invitation.messages])
    return page, [_participant(registration, jobs) for registration in registrations]


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


def _participant(registration: Registration, jobs: Mapping[int, Job]) -> Participant:
    messages = [m for m in registration.invitation.messages if m.letter.state != "superseded"]
    if not messages:
        return Participant(registration, "none", None, "", told_off=False)
    message = messages[-1]
    letter, told_off = message.letter, message.method == "CANCEL"
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
