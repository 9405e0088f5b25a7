"""What speaks against a session's hour, for its desk and for the page that moves it."""

from __future__ import annotations

from sqlalchemy import func, select

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.participation import HOLDING, Registration
from sessions.models.people import Person
from sessions.models.programme import City
from sessions.models.session import Session
from sessions.rules import hours as rules
from sessions.rules import lifecycle
from sessions.rules.hours import Place, Shares
from sessions.rules.timetable import WallTime
from sessions.web import conflict_words, overlaps
from sessions.web.conflict_words import Said


def said(session: Session, at: WallTime | None = None) -> list[Said]:
    """The sentences, the gravest first. at: another hour than its own.

    Nothing is said of a session that is over, off, or past where it stands.
    """
    wall = at or session.wall
    if session.state not in lifecycle.MOVABLE or wall.instant() < clock.now():
        return []
    conflicts, near = overlaps.of_session(session, wall, _shares(session, wall))
    return conflict_words.said(conflicts, conflict_words.names_of(conflicts, near.named))


def checks(session: Session) -> list[str]:
    """The same, as checks of readiness: what is worth no more than a notice is left to the page."""
    return [one.text for one in said(session) if one.severity != "notice"]


def _shares(session: Session, wall: WallTime) -> Shares | None:
    """How many of those invited meet in which hours; None while nobody is."""
    query = (
        select(City.tz, func.count(Person.id))
        .join(Person, Person.city_id == City.id)
        .join(Registration, Registration.person_id == Person.id)
        .where(Registration.session_id == session.id, Registration.state.in_(HOLDING))
        .group_by(City.tz)
    )
    places = [Place(tz, people) for tz, people in db.session.execute(query)]
    if not places:
        return None
    length = session.ends_at - session.starts_at
    return rules.shares(rules.local_hours(wall.instant(), length, places, wall.tz))
