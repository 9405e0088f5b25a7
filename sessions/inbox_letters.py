"""Letters that answer what came by mail: you are not invited yet; the time stays."""

from __future__ import annotations

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from flask_babel import gettext

from integrations.calendaring.decline_counter import decline_counter
from integrations.calendaring.invite import Party
from integrations.mail import outbox, suppression
from integrations.mail.message import Draft, compose, wire_address
from integrations.runtime import clock, ports
from integrations.runtime.language import speaking
from integrations.runtime.settings import Settings
from sessions import letters
from sessions.flows import tasking
from sessions.letter_words import programme_name
from sessions.models.correspondence import Counter, Forwarded
from sessions.models.people import Person
from sessions.models.session import Session
from sessions.rules import permissions
from sessions.web import typography
from sessions.web.whose_time import words_of

STRANGER = "stranger"
TIME_DECLINED = "time_declined"


def post_to_stranger(row: Forwarded) -> None:
    """Owe the letter that tells somebody uninvited how to take part; caller's transaction.

    The letter says that a machine wrote it, so that no machine answers it (RFC 3834).
    """
    if suppression.of_address(row.address) is not None:
        return
    settings, at = ports.get(Settings), clock.now()
    holder = row.invitation.registration.person
    known = tasking.person_at(row.address)
    session = row.invitation.registration.session
    with speaking((known or holder).locale):
        facts = _facts(session, known, (known or holder).locale, settings)
        facts["is_open"] = permissions.PUBLIC in session.access_keys
        message_id = f"{uuid.uuid4()}@{settings.domain}"
        draft = Draft(
            to_address=wire_address(row.address), to_name="", from_address=settings.mail_from,
            from_name=facts["programme"],
            subject=letters.plain(gettext("Your answer has come: %(title)s", title=facts["title"])),
            text=letters.without_joiners(render_template("letters/stranger.txt", **facts)),
            html=letters.without_joiners(render_template("letters/stranger.html", **facts)),
            message_id=message_id, written_at=at,
        )  # fmt: skip
        outbox.post(STRANGER, settings.mail_from, row.address, message_id, raw=compose(draft))
    row.asked_at = at


def post_time_declined(counter: Counter) -> None:
    """Owe the letter that the time stays as it is, for the reader and their calendar."""
    settings, at = ports.get(Settings), clock.now()
    invitation = counter.invitation
    person, session = invitation.registration.person, invitation.registration.session
    address = invitation.attendee_email
    with speaking(person.locale):
        facts = _facts(session, person, person.locale, settings)
        zone = ZoneInfo(person.zone or settings.timezone)
        start = counter.starts_at.astimezone(zone)
        facts["proposed"] = (
            f"{typography.date_full(start, person.locale)}, {typography.clock(start)} "
            f"{facts['theirs'].zone}"
        )
        organizer = Party(facts["programme"], letters.organizer_of(settings, invitation.token))
        message_id = f"{uuid.uuid4()}@{settings.domain}"
        calendar = decline_counter(
            session.uid, counter.sequence, at, facts["title"], organizer,
            Party(letters.name_of(person), wire_address(address)),
        )  # fmt: skip
        draft = Draft(
            to_address=wire_address(address), to_name=letters.name_of(person),
            from_address=organizer.address, from_name=organizer.name,
            subject=letters.plain(gettext("The time stays: %(title)s, %(moment)s",
                                          title=facts["title"], moment=facts["theirs"].line)),
            text=letters.without_joiners(render_template("letters/time_declined.txt", **facts)),
            html=letters.without_joiners(render_template("letters/time_declined.html", **facts)),
            message_id=message_id, written_at=at, calendar=calendar, method="DECLINECOUNTER",
        )  # fmt: skip
        outbox.post(TIME_DECLINED, settings.mail_from, address, message_id, raw=compose(draft))


def _facts(
    session: Session, person: Person | None, locale: str, settings: Settings
) -> dict[str, Any]:
    tz = (person.zone if person else None) or settings.timezone
    words = words_of(person, locale) if person else ""
    theirs = letters.when(session, tz, locale, words)
    ours = letters.when(session, settings.timezone, locale)
    return {
        "session": session, "title": session.title_in(locale), "theirs": theirs,
        "ours": ours if (ours.date, ours.hours) != (theirs.date, theirs.hours) else None,
        "session_url": f"{settings.base_url.rstrip('/')}/sessions/{session.id}",
        "programme": programme_name(settings, locale), "locale": locale,
        "plain": typography.typo,
    }  # fmt: skip
