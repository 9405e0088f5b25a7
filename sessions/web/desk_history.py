"""What happened to a session, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext
from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.audit import AuditLog
from sessions.rules.timetable import WallTime
from sessions.web import reader, typography

LATEST = 12
_DROPPED = frozenset({"account.signed_in"})


@dataclass(frozen=True)
class Happened:
    """One line of the history. who: empty for the system itself."""

    at: datetime
    who: str
    what: str


def of_session(session_id: int, limit: int = LATEST) -> list[Happened]:
    """The latest that happened to a session, newest first."""
    rows = db.session.scalars(
        select(AuditLog)
        .where(AuditLog.subject == f"session:{session_id}", AuditLog.action.not_in(_DROPPED))
        .order_by(AuditLog.id.desc())
        .limit(limit)
    ).all()
    return [
        Happened(row.at, row.person.initials_name if row.person else "", sentence(row))
        for row in rows
    ]


def last_changed_by(session_id: int) -> str:
    """Who changed the session last, empty where it was the system or nobody."""
    rows = of_session(session_id, 1)
    return rows[0].who if rows else ""


def sentence(row: AuditLog) -> str:
    """What one row of the log says, in the reader's language."""
    words = _SENTENCES.get(row.action)
    return words(row.details) if words else gettext("Something else changed.")


def _moved(facts: Mapping[str, Any]) -> str:
    said = reader.locale()
    try:
        was, now = (datetime.fromisoformat(facts[name]) for name in ("was", "now"))
        zone = typography.zone_words(facts["tz"], said)
        ZoneInfo(facts["tz"])
    except (KeyError, ValueError, OSError):
        return gettext("The session was moved.")
    return gettext(
        "Moved from %(was)s to %(now)s %(zone)s.",
        was=f"{typography.date_near(was, clock.now(), said)}, {typography.clock(was)}",
        now=f"{typography.date_near(now, clock.now(), said)}, {typography.clock(now)}",
        zone=zone,
    )


def _rescheduled(facts: Mapping[str, Any]) -> str:
    try:
        wall = WallTime(datetime.fromisoformat(facts["at"]), facts["tz"])
        return gettext("The session has its new date: %(when)s.", when=wall_words(wall))
    except (KeyError, ValueError, OSError):
        return gettext("The session has its new date.")


def _edited(facts: Mapping[str, Any]) -> str:
    names = field_names()
    changed = [names[name] for name in facts.get("was", {}) if name in names]
    if not changed:
        return gettext("The session was edited.")
    return gettext("Changed: %(fields)s.", fields=", ".join(_lowfirst(name) for name in changed))


def _lowfirst(words: str) -> str:
    return words[:1].lower() + words[1:]


def field_names() -> Mapping[str, str]:
    """What the fields of a session are called."""
    return {
        "title": gettext("Title"),
        "title_en": gettext("Title in English"),
        "summary": gettext("Summary"),
        "summary_en": gettext("Summary in English"),
        "language": gettext("Language"),
        "format": gettext("Format"),
        "mode": gettext("How people take part"),
        "visibility": gettext("Who may open it"),
        "place": gettext("Place"),
        "duration_min": gettext("Length"),
        "capacity_online": gettext("Places online"),
        "capacity_in_person": gettext("Places on site"),
        "topic_id": gettext("Topic of the season"),
        "owner_id": gettext("Who runs it"),
        "host": gettext("Host city"),
        "presenting": gettext("Presenting cities"),
        "receiving": gettext("Cities that take the practice home"),
        "agenda": gettext("Agenda"),
        "speakers": gettext("Speakers"),
        "wall_start": gettext("Start"),
        "tz": gettext("Time zone"),
        "state": gettext("State"),
    }


def _answered(facts: Mapping[str, Any]) -> str:
    name, note = str(facts.get("name", "")), str(facts.get("note", ""))
    if facts.get("will"):
        said = gettext("%(name)s will speak.", name=name)
    else:
        said = gettext("%(name)s cannot speak.", name=name)
    return f"{said} «{note}»" if note else said


def _asked(facts: Mapping[str, Any]) -> str:
    number = len(facts.get("people", []))
    return ngettext("%(num)s speaker was asked.", "%(num)s speakers were asked.", number)


def _invited(facts: Mapping[str, Any]) -> str:
    number = int(facts.get("people", 0))
    return ngettext("%(num)s person was invited.", "%(num)s people were invited.", number)


def wall_words(wall: WallTime) -> str:
    """A wall time with its zone: четверг, 15 октября 2026, 10:00 по Москве."""
    said = reader.locale()
    return (
        f"{typography.date_full(wall.local, said)}, {typography.clock(wall.local)} "
        f"{typography.zone_words(wall.tz, said)}"
    )


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "registrations.exported": lambda _: gettext("The list of registrations was downloaded."),
    "session.planned": lambda _: gettext("The draft was made."),
    "session.schedule": lambda _: gettext("The session was published."),
    "session.cancel": lambda _: gettext("The session was cancelled."),
    "session.reinstate": lambda _: gettext("The session was brought back."),
    "session.end": lambda _: gettext("The session was marked as held."),
    "session.postpone": lambda _: gettext("The session was postponed."),
    "session.reschedule": _rescheduled,
    "session.start": lambda _: gettext("The session began."),
    "session.announced": lambda _: gettext("The letters that waited were sent at once."),
    "session.tzdata": lambda _: gettext(
        "The rules of the time zone changed: the hour on the wall stays, elsewhere it is another."
    ),
    "session.moved": _moved,
    "session.edited": _edited,
    "session.invited": _invited,
    "session.withdrawn": lambda _: gettext("A person was taken off the list."),
    "session.sent_again": lambda _: gettext("A letter was sent once more."),
    "session.copied": lambda _: gettext("The draft was made after another session."),
    "speaker.asked": _asked,
    "speaker.confirmed": lambda facts: _answered({**facts, "will": True}),
    "speaker.declined": _answered,
    "speaker.respelt": lambda facts: gettext(
        "%(name)s corrected how they are written.", name=facts.get("name", "")
    ),
    "answer.accepted": lambda facts: gettext(
        "%(name)s said by telephone: I come.", name=facts.get("name", "")
    ),
    "answer.tentative": lambda facts: gettext(
        "%(name)s said by telephone: perhaps.", name=facts.get("name", "")
    ),
    "answer.declined": lambda facts: gettext(
        "%(name)s said by telephone: I do not come.", name=facts.get("name", "")
    ),
    "seat.offer": lambda facts: gettext("%(name)s was offered a seat.", name=facts.get("name", "")),
    "seat.give": lambda facts: gettext("%(name)s was given a seat.", name=facts.get("name", "")),
    "seat.keep": lambda facts: gettext("A seat is kept for %(name)s.", name=facts.get("name", "")),
    "seat.let_go": lambda facts: gettext(
        "No seat is kept for %(name)s any more.", name=facts.get("name", "")
    ),
    "seat.queue": lambda facts: gettext(
        "%(name)s waits for a seat again.", name=facts.get("name", "")
    ),
    "meeting.link": lambda facts: gettext(
        "The room is now a link to %(host)s.", host=facts.get("host", "")
    ),
    "meeting.service": lambda facts: gettext(
        "The room is now made by %(service)s.", service=str(facts.get("service", "")).capitalize()
    ),
}
