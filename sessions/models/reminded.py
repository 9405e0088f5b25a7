"""Whom a reminder concerns, who has it, and who knew of the time it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, exists, func, select

from integrations.mail.outbox import Letter
from integrations.runtime.database import db
from sessions.models.correspondence import ReminderRun
from sessions.models.participation import Invitation, InviteMessage, Registration
from sessions.models.people import Person
from sessions.models.session import Session
from sessions.rules import reminders
from sessions.rules.reminders import Kind


def states(kind: Kind) -> frozenset[str]:
    """How a registration stands that this reminder concerns."""
    return reminders.TOLD_OF_RECORDING if kind == "recording" else reminders.REMINDED


def invited(session: Session, kind: Kind, choices: Sequence[str]) -> Select[int, str, str]:
    """(registration, address, choice) of those whom this reminder concerns."""
    return (
        select(Registration.id, Invitation.attendee_email, Person.reminders)
        .join(Invitation, Invitation.registration_id == Registration.id)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Registration.session_id == session.id,
            Registration.state.in_(states(kind)),
            Person.reminders.in_(choices),
        )
        .order_by(Registration.id)
    )


def lacking(session: Session, kind: Kind) -> Select[int, str, str]:
    """Those of them who have not got it, and knew of this time before the reminder was due."""
    told = _told(session).subquery()
    # A digest tells by itself what is to come.
    choices = ("each", "digest") if kind == "recording" else ("each",)
    query = (
        invited(session, kind, choices)
        .join(told, told.c.invitation_id == Invitation.id)
        .where(
            ~exists().where(
                ReminderRun.registration_id == Registration.id,
                ReminderRun.kind == kind,
                ReminderRun.starts_at == session.starts_at,
            )
        )
    )
    if kind == "recording":
        return query
    return query.where(told.c.since <= reminders.due(kind, session.starts_at, session.ends_at))


def _told(session: Session) -> Select[int, datetime | None]:
    """(invitation, since when) of those whose latest letters tell the time of today."""
    says_so = func.coalesce(InviteMessage.starts_at, session.starts_at) == session.starts_at
    otherwise = (
        select(InviteMessage.invitation_id, func.max(InviteMessage.id).label("last"))
        .join(Letter, Letter.id == InviteMessage.letter_id)
        .join(Invitation, Invitation.id == InviteMessage.invitation_id)
        .join(Registration, Registration.id == Invitation.registration_id)
        .where(
            Registration.session_id == session.id,
            Letter.sent_at.is_not(None),
            ~says_so | (InviteMessage.method == "CANCEL"),
        )
        .group_by(InviteMessage.invitation_id)
        .subquery()
    )
    return (
        select(InviteMessage.invitation_id, func.min(Letter.sent_at).label("since"))
        .join(Letter, Letter.id == InviteMessage.letter_id)
        .join(Invitation, Invitation.id == InviteMessage.invitation_id)
        .join(Registration, Registration.id == Invitation.registration_id)
        .outerjoin(otherwise, otherwise.c.invitation_id == InviteMessage.invitation_id)
        .where(
            Registration.session_id == session.id,
            Letter.sent_at.is_not(None),
            InviteMessage.method == "REQUEST",
            says_so,
            InviteMessage.id > func.coalesce(otherwise.c.last, 0),
        )
        .group_by(InviteMessage.invitation_id)
    )


def forget_taken_back(session: Session, kind: Kind) -> None:
    """A reminder that was taken back before it left was none; caller's transaction."""
    taken_back = (
        select(ReminderRun.id)
        .join(Letter, Letter.id == ReminderRun.letter_id)
        .join(Registration, Registration.id == ReminderRun.registration_id)
        .where(
            Registration.session_id == session.id,
            ReminderRun.kind == kind,
            ReminderRun.starts_at == session.starts_at,
            Letter.state == "superseded",
        )
    )
    db.session.execute(
        delete(ReminderRun)
        .where(ReminderRun.id.in_(taken_back))
        .execution_options(synchronize_session=False)
    )
