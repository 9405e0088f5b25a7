"""A session becomes public, changes, is called off, comes back."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.runtime import clock
from integrations.runtime.database import transaction
from integrations.runtime.errors import Refused, Stale
from integrations.runtime.events import publish
from sessions.events import (
    SessionCancelled,
    SessionEdited,
    SessionMoved,
    SessionReinstated,
    SessionScheduled,
)
from sessions.models.audit import record
from sessions.models.session import Session, SessionCity
from sessions.rules import lifecycle
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
        publish(SessionScheduled(session.id, by))


def move(session_id: int, to: WallTime, seen_revision: int, by: int | None) -> None:
    """Move a session; everyone invited gets an updated invitation. Raises Refused or Stale."""
    with transaction():
        session = Session.locked(session_id)
        _check_fresh(session, seen_revision)
        if session.state not in lifecycle.MOVABLE:
            raise Refused("session.not_movable", state=session.state)
        before = session.wall
        session.place_at(to)
        _revise(session, sequence=session.state != "draft")
        record(by, "session.moved", f"session:{session.id}", was=before.local.isoformat(),
               now=to.local.isoformat(), tz=to.tz)  # fmt: skip
        if session.state != "draft":
            publish(SessionMoved(session.id, by))


def edit(session_id: int, details: Details, seen_revision: int, by: int | None) -> None:
    """Change a session's words and cities. Raises Stale, with the values as they are now."""
    with transaction():
        session = Session.locked(session_id)
        _check_fresh(session, seen_revision)
        longer = session.duration_min != details.duration_min
        was = {
            name: getattr(session, name)
            for name in vars(details)
            if name != "presenting" and getattr(session, name) != getattr(details, name)
        }
        for name in was:
            setattr(session, name, getattr(details, name))
        _present(session, details.presenting)
        _revise(session, sequence=longer and session.state != "draft")
        record(by, "session.edited", f"session:{session.id}", was=was)
        if session.state != "draft":
            publish(SessionEdited(session.id, by))


def cancel(session_id: int, seen_revision: int, by: int | None) -> None:
    """Call a session off; it leaves the calendars of everyone told of it. Raises Refused or Stale."""
    with transaction():
        session = Session.locked(session_id)
        was_public = session.state in lifecycle.OPEN_TO_PEOPLE
        _step(session, "cancel", seen_revision, by, sequence=was_public)
        if was_public:
            publish(SessionCancelled(session.id, by))


def reinstate(session_id: int, seen_revision: int, by: int | None) -> None:
    """Bring a cancelled session back, under the same UID. Raises Refused or Stale."""
    with transaction():
        session = Session.locked(session_id)
        _step(session, "reinstate", seen_revision, by, sequence=True)
        publish(SessionReinstated(session.id, by))


def end(session_id: int, seen_revision: int, by: int | None) -> None:
    """Say that a session took place. Calendars keep what they have. Raises Refused or Stale."""
    with transaction():
        session = Session.locked(session_id)
        _check_fresh(session, seen_revision)
        _change_state(session, "end", by)


def _step(
    session: Session, action: Action, seen_revision: int, by: int | None, sequence: bool = False
) -> None:
    _check_fresh(session, seen_revision)
    _change_state(session, action, by)
    _revise(session, sequence=sequence)


def _change_state(session: Session, action: Action, by: int | None) -> None:
    target = lifecycle.after(session.state, action)
    if target is None:
        raise Refused(f"session.cannot_{action}", state=session.state)
    record(by, f"session.{action}", f"session:{session.id}", was=session.state, now=target)
    session.state = target


def _check_fresh(session: Session, seen_revision: int) -> None:
    if seen_revision != session.revision:
        raise Stale(
            {
                "title": session.title,
                "summary": session.summary,
                "wall_start": session.wall_start,
                "tz": session.tz,
                "duration_min": session.duration_min,
                "state": session.state,
                "revision": session.revision,
            }
        )


def _present(session: Session, city_ids: tuple[int, ...]) -> None:
    kept = [part for part in session.cities if part.role != "presenting" or part.city_id in city_ids]
    present = {part.city_id for part in kept if part.role == "presenting"}
    added = [SessionCity(city_id=city, role="presenting") for city in city_ids if city not in present]
    session.cities = kept + added


def _revise(session: Session, *, sequence: bool) -> None:
    """Count the edit; `sequence` where calendars must take it for a change of time or state."""
    session.revision += 1
    session.revised_at = max(clock.now().replace(microsecond=0), session.revised_at)
    if sequence:
        session.sequence += 1
