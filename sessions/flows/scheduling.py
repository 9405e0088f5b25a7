"""A session becomes public, changes, is called off, comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

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
        if before == to:
            return
        session.place_at(to)
        _revise(session, sequence=session.state != "draft")
        record(by, "session.moved", f"session:{session.id}", was=before.local.isoformat(),
               now=to.local.isoformat(), tz=to.tz)  # fmt: skip
        if session.state != "draft":
            publish(SessionMoved(session.id, by))


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
        is_public = session.state in lifecycle.TO_COME
        is_elsewhere = not was.keys().isdisjoint({"duration_min", "place", "mode"})
        _revise(session, sequence=is_elsewhere and is_public)
        record(by, "session.edited", f"session:{session.id}", was=was)
        if session.state != "draft":
            matters = is_elsewhere or (tell and was.keys() != {"visibility"})
            publish(SessionEdited(session.id, by, tell=is_public and matters))


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
            publish(SessionCancelled(session.id, by))


def reinstate(session_id: int, seen_revision: int, by: int | None) -> None:
    """Bring a cancelled session back, under the same UID; one never announced is a draft again.

    Raises Refused or Stale.
    """
    with transaction():
        session = Session.locked(session_id)
        was_announced = session.shown_state != "draft"
        _step(session, "reinstate", seen_revision, by, sequence=was_announced)
        if was_announced:
            publish(SessionReinstated(session.id, by))
        else:
            session.state = "draft"


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


def _revise(session: Session, *, sequence: bool) -> None:
    """Count the edit; `sequence` where calendars must take it for a change of time or state."""
    session.revision += 1
    # A calendar drops what is no newer than what it has: two edits in one second need two stamps.
    earliest = session.revised_at + timedelta(seconds=1 if session.announced_revision else 0)
    session.revised_at = max(clock.now().replace(microsecond=0), earliest)
    if sequence:
        session.sequence += 1
