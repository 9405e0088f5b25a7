"""Which reminders of a session are to leave, which left and which stay away, for its host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from integrations.mail.outbox import Letter
from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.flows import reminding
from sessions.models.correspondence import ReminderRun
from sessions.models.participation import Registration
from sessions.models.session import Session
from sessions.rules import reminders
from sessions.rules.reminders import Kind
from sessions.web import reminder_words


@dataclass(frozen=True)
class Planned:
    """One reminder. at: when it is due, None where nobody can say; said: how it stands, in words.

    mark: of the line: "ok" it left, "info" it is on its way or to come, "" it stays away.
    """

    words: str
    at: datetime | None
    said: str
    mark: str


def of_session(session: Session) -> list[Planned]:
    """The reminders of a session in the order in which they leave; none for a draft."""
    if session.state == "draft":
        return []
    left = _left(session)
    words = reminder_words.kinds()
    return [
        _planned(session, kind, words[kind], left.get(kind, {}))
        for kind in reminding.kinds_of(session)
    ]


def _left(session: Session) -> Mapping[str, Mapping[str, int]]:
    """How many letters of each reminder are in each state, of the time at which it stands."""
    rows = db.session.execute(
        select(ReminderRun.kind, Letter.state, func.count())
        .join(Letter, Letter.id == ReminderRun.letter_id)
        .join(Registration, Registration.id == ReminderRun.registration_id)
        .where(Registration.session_id == session.id, ReminderRun.starts_at == session.starts_at)
        .group_by(ReminderRun.kind, Letter.state)
    )
    found: dict[str, dict[str, int]] = {}
    for kind, state, number in rows:
        found.setdefault(kind, {})[state] = number
    return found


def _planned(session: Session, kind: Kind, words: str, left: Mapping[str, int]) -> Planned:
    due_at = reminders.due(kind, session.starts_at, session.ends_at)
    sent, owed = left.get("sent", 0), left.get("owed", 0)
    at = None if kind == "recording" else due_at
    if sent or owed:
        text = ngettext("%(num)s letter left", "%(num)s letters left", sent)
        if owed:
            text = ngettext(
                "%(sent)s, %(num)s is on its way", "%(sent)s, %(num)s are on their way", owed,
                sent=text,
            )  # fmt: skip
        return Planned(words, at, text, "info" if owed else "ok")
    until = reminders.worth_until(kind, session.starts_at, session.ends_at)
    is_off = session.state in ("cancelled", "postponed")
    if is_off or clock.now() >= until:
        return Planned(words, at, gettext("nobody was reminded"), "")
    if kind == "recording":
        return Planned(words, None, gettext("as soon as it is published"), "info")
    if clock.now() >= due_at:
        return Planned(words, at, gettext("all were told later than this"), "")
    number = reminding.recipients(session, kind)
    text = ngettext("to %(num)s person", "to %(num)s people", number)
    return Planned(words, at, text, "info")
