"""A session becomes public, changes, is called off, comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from integrations.runtime import clock
from integrations.runtime.database import transaction
from integrations.runtime.errors import Refused, Stale
from integrations.runtime.events import publish
from sessions.events import (
    DraftChanged,
    SessionCancelled,
    SessionEdited,
    SessionEnded,
    SessionMoved,
    SessionPostponed,
    SessionReinstated,
    SessionRescheduled,
    SessionScheduled,
)
from sessions.models import speaking
from sessions.models.audit import record
from sessions.models.drafting import season_holding
from sessions.models.session import Session, SessionCity
from sessions.rules import lifecycle, quiet
from sessions.rules.lifecycle import Action
from sessions.rules.timetable import WallTime


@dataclass(frozen=True)
class Details:
    """What a host may change of a session's words."""

    title: str
    title_en: str
    summary: str
    format: str
    mode: str
    visibility: str
    place: str
    duration_min: int
    presenting: tuple[int, ...] = ()


def schedule(session_id: int, seen_revision: int, by: int | None) -> None:
    """Make a draft public; whoever is invited gets the letter. Raises Refused or Stale."""
    with transaction():
        session = Session.locked(session_id)
        _step(session, "schedule", seen_revision, by)
        if session.season.state == "draft":
            session.season.state = "planned"
        publish(SessionScheduled(session.id, by))


def move(
    session_id: int, to: WallTime, seen_revision: int, by: int | None, *, by_hand: bool = True
) -> None:
    """Move a session; everyone invited gets an updated invitation. Raises Refused or Stale.

    A postponed one has a date again; a live one that is moved ahead is to come again. On a date of
    another season it belongs to that one; on a date of none it stays in its own.
    by_hand: the session stays there whatever the rule of its series gives.
    """
    with transaction():
        session = Session.locked(session_id)
        _check_fresh(session, seen_revision)
        if session.state not in lifecycle.MOVABLE:
            raise Refused("session.not_movable", state=session.state)
        if session.state == "postponed":
            reschedule(session_id, to, seen_revision, by)
            return
        was, before = session.starts_at, session.wall
        if before == to:
            return
        speaking.remember(session)
        _place(session, to)
        session.is_moved = session.is_moved or by_hand
        session.revise(sequence=session.state != "draft")
        if session.state == "live" and session.starts_at > clock.now():
            session.state = "scheduled"
        record(by, "session.moved", f"session:{session.id}", was=before.local.isoformat(),
               now=to.local.isoformat(), tz=to.tz)  # fmt: skip
        if session.state != "draft":
            urgent = quiet.is_urgent(clock.now(), was, session.starts_at)
            publish(SessionMoved(session.id, by, urgent))
        else:
            publish(DraftChanged(session.id, by))


def postpone(session_id: int, seen_revision: int, by: int | None) -> None:
    """Take a session off its date while no other is known; it leaves the calendars told of it.

    Raises Refused or Stale.
    """
    with transaction():
        session = Session.locked(session_id)
        _step(session, "postpone", seen_revision, by, sequence=True)
        publish(SessionPostponed(session.id, by, _is_near(session)))


def reschedule(session_id: int, to: WallTime, seen_revision: int, by: int | None) -> None:
    """Give a postponed session its new date, under the same UID. Raises Refused or Stale."""
    with transaction():
        session = Session.locked(session_id)
        _check_fresh(session, seen_revision)
        _change_state(session, "reschedule", by, at=to.local.isoformat(), tz=to.tz)
        session.is_moved = session.is_moved or session.wall != to
        _place(session, to)
        session.revise(sequence=True)
        publish(SessionRescheduled(session.id, by, _is_near(session)))


def edit(
    session_id: int, details: Details, seen_revision: int, by: int | None, *, tell: bool = True
) -> None:
    """Change a session's words and cities. Raises Stale, with the values as they are now.

    tell: whether those invited get a letter; a change of length, place or mode is always told.
    Nothing happens where nothing is different.
    """
    with transaction():
        session = Session.locked(session_id)
        _check_fresh(session, seen_revision)
        was = _differences(session, details)
        if not was:
            return
        for name in was.keys() - {"presenting"}:
            setattr(session, name, getattr(details, name))
        if "presenting" in was:
            _present(session, details.presenting)
        is_in_calendars = session.state in lifecycle.JOINABLE
        is_elsewhere = not was.keys().isdisjoint({"duration_min", "place", "mode"})
        session.revise(sequence=is_elsewhere and is_in_calendars)
        record(by, "session.edited", f"session:{session.id}", was=was)
        if session.state != "draft":
            matters = is_elsewhere or (tell and was.keys() != {"visibility"})
            urgent = is_elsewhere and _is_near(session)
            publish(SessionEdited(session.id, by, is_in_calendars and matters, urgent))


def _differences(session: Session, details: Details) -> dict[str, object]:
    """The values that the details would replace, by name."""
    was: dict[str, object] = {
        name: getattr(session, name)
        for name in vars(details)
        if name != "presenting" and getattr(session, name) != getattr(details, name)
    }
    present = [part.city_id for part in session.cities if part.role == "presenting"]
    if set(present) != set(details.presenting):
        was["presenting"] = [part.city.name for part in session.cities if part.role == "presenting"]
    return was


def cancel(session_id: int, seen_revision: int, by: int | None) -> None:
    """Call a session off; it leaves the calendars of those told of it. Raises Refused or Stale."""
    with transaction():
        session = Session.locked(session_id)
        was_public = session.state in lifecycle.OPEN_TO_PEOPLE
        _step(session, "cancel", seen_revision, by, sequence=was_public)
        if was_public:
            publish(SessionCancelled(session.id, by, _is_near(session)))
        else:
            publish(DraftChanged(session.id, by))


def reinstate(session_id: int, seen_revision: int, by: int | None) -> None:
    """Bring a cancelled session back, under the same UID; one never announced is a draft again.

    Raises Refused or Stale.
    """
    with transaction():
        session = Session.locked(session_id)
        was_announced = session.shown_state != "draft"
        _step(session, "reinstate", seen_revision, by, sequence=was_announced)
        if was_announced:
            publish(SessionReinstated(session.id, by, _is_near(session)))
        else:
            session.state = "draft"
            publish(DraftChanged(session.id, by))


def end(session_id: int, seen_revision: int, by: int | None) -> None:
    """Say that a session took place. Calendars keep what they have. Raises Refused or Stale."""
    with transaction():
        session = Session.locked(session_id)
        _check_fresh(session, seen_revision)
        _change_state(session, "end", by)
        publish(SessionEnded(session.id, by))


def say_held(session_id: int, seen_revision: int, by: int | None) -> None:
    """The same, said by hand: not of a session that has not begun. Raises Refused or Stale."""
    with transaction():
        session = Session.locked(session_id)
        if session.state in lifecycle.JOINABLE and session.starts_at > clock.now():
            raise Refused("session.not_begun")
        end(session_id, seen_revision, by)


def is_beyond_seasons(session: Session, to: WallTime) -> bool:
    """Whether a move takes a session out of its season, and into no other."""
    on = to.local.date()
    return not _holds(session, on) and season_holding(on) is None


def _holds(session: Session, on: date) -> bool:
    return session.season.starts_on <= on <= session.season.ends_on


def _place(session: Session, to: WallTime) -> None:
    """Put a session at its new hour, in the season of that date."""
    session.place_at(to)
    on = to.local.date()
    other = None if _holds(session, on) else season_holding(on)
    if other is None:
        return
    session.season = other
    if other.state == "draft" and session.state in lifecycle.OPEN_TO_PEOPLE:
        other.state = "planned"


def _is_near(session: Session) -> bool:
    return quiet.is_urgent(clock.now(), session.starts_at)


def _step(
    session: Session, action: Action, seen_revision: int, by: int | None, sequence: bool = False
) -> None:
    _check_fresh(session, seen_revision)
    _change_state(session, action, by)
    session.revise(sequence=sequence)


def _change_state(session: Session, action: Action, by: int | None, **facts: object) -> None:
    target = lifecycle.after(session.state, action)
    if target is None:
        raise Refused(f"session.cannot_{action}", state=session.state)
    speaking.remember(session)
    record(by, f"session.{action}", f"session:{session.id}", was=session.state, now=target, **facts)
    session.state = target


def _check_fresh(session: Session, seen_revision: int) -> None:
    if seen_revision != session.revision:
        raise Stale(
            {
                "title": session.title,
                "title_en": session.title_en,
                "summary": session.summary,
                "wall_start": session.wall_start,
                "tz": session.tz,
                "duration_min": session.duration_min,
                "format": session.format,
                "mode": session.mode,
                "place": session.place,
                "visibility": session.visibility,
                "state": session.state,
                "revision": session.revision,
            }
        )


def _present(session: Session, city_ids: tuple[int, ...]) -> None:
    """Keep the rows of cities that go on presenting: their ids may be referred to."""
    others = [part for part in session.cities if part.role != "presenting"]
    known = {part.city_id: part for part in session.cities if part.role == "presenting"}
    presenting = [
        known.get(city) or SessionCity(city_id=city, role="presenting") for city in city_ids
    ]
    session.cities = others + presenting
