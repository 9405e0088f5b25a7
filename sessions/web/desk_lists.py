"""Which sessions need something from their hosts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased, selectinload

from archive.models import MediaFile, Talk
from integrations.mail.outbox import Letter
from integrations.runtime.database import db
from sessions.models.meeting import Meeting, SessionMeeting
from sessions.models.participation import HOLDING, Invitation, InviteMessage, Registration
from sessions.models.session import Session, SessionCity

MOST = 20
LONGEST = timedelta(hours=8)  # what the planner offers at most: then a session is surely over
NEAR = timedelta(days=30)  # further off, a room or a recording is nobody's work of today


@dataclass(frozen=True)
class Needs:
    """Sessions that need the same thing: the first of them, and how many there are.

    far: how many more need it that are too far off to be counted.
    """

    first: Sequence[Session]
    number: int
    far: int = 0

    @property
    def more(self) -> int:
        return self.number - len(self.first)


@dataclass(frozen=True)
class Desk:
    """What stands on the desk today."""

    today: Needs
    drafts: Needs
    without_room: Needs
    undelivered: Needs
    not_marked: Needs
    without_recording: Needs

    @property
    def is_clear(self) -> bool:
        return not any(needs.number for needs in vars(self).values())


def of(mine: frozenset[int] | None, now: datetime, home: str) -> Desk:
    """The desk of one who runs the sessions `mine`, None for all; home: the programme's zone."""
    local = now.astimezone(ZoneInfo(home))
    morning = datetime.combine(local.date(), time(), tzinfo=local.tzinfo)
    own = Session.id.in_(mine) if mine is not None else literal(True)
    to_come = and_(Session.state.in_(("scheduled", "live")), Session.starts_at > now)
    begun = and_(Session.state.in_(("scheduled", "live")), Session.starts_at < now - LONGEST)
    is_today = and_(
        Session.state.in_(("scheduled", "live", "held")),
        Session.starts_at >= morning,
        Session.starts_at < morning + timedelta(days=1),
    )
    room = and_(to_come, Session.mode != "in_person", ~_has_room())
    soon = Session.starts_at < now + NEAR
    recording = and_(Session.state == "held", ~_has_files())
    lately = Session.starts_at > now - NEAR
    return Desk(
        today=_needs(own, is_today),
        drafts=_needs(own, Session.state == "draft"),
        without_room=_needs(own, room, near=soon),
        undelivered=_needs(own, _has_refused(), Session.state != "held"),
        not_marked=_needs(own, begun),
        without_recording=_needs(own, recording, near=lately, latest_first=True),
    )


def _needs(
    *conditions: ColumnElement[bool],
    near: ColumnElement[bool] | None = None,
    latest_first: bool = False,
) -> Needs:
    within = conditions if near is None else (*conditions, near)
    number = _count(*within)
    far = 0 if near is None else _count(*conditions) - number
    order = Session.starts_at.desc() if latest_first else Session.starts_at
    first = db.session.scalars(
        select(Session)
        .where(*within)
        .options(selectinload(Session.cities).joinedload(SessionCity.city))
        .order_by(order, Session.id)
        .limit(MOST)
    ).all()
    return Needs(first, number, far)


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Session).where(*conditions)) or 0


def _has_room() -> ColumnElement[bool]:
    return exists(
        select(SessionMeeting.id)
        .join(Meeting)
        .where(SessionMeeting.session_id == Session.id, Meeting.state == "ready")
    )


def _has_refused() -> ColumnElement[bool]:
    """Whether somebody's last letter was refused; one that was taken back is not the last."""
    later, its_letter = aliased(InviteMessage), aliased(Letter)
    was_followed = exists(
        select(later.id)
        .join(its_letter, its_letter.id == later.letter_id)
        .where(
            later.invitation_id == InviteMessage.invitation_id,
            later.id > InviteMessage.id,
            its_letter.state != "superseded",
        )
    )
    return exists(
        select(InviteMessage.id)
        .join(Letter, Letter.id == InviteMessage.letter_id)
        .join(Invitation, Invitation.id == InviteMessage.invitation_id)
        .join(Registration, Registration.id == Invitation.registration_id)
        .where(
            Registration.session_id == Session.id,
            Registration.state.in_(HOLDING),
            Letter.state == "refused",
            ~was_followed,
        )
    )


def _has_files() -> ColumnElement[bool]:
    """Whether the archive has a file of the session, or somebody decided that there is none."""
    source = literal("session:") + cast(Session.id, String)
    return exists(
        select(Talk.id)
        .outerjoin(MediaFile, MediaFile.talk_id == Talk.id)
        .where(Talk.source == source, or_(MediaFile.id.is_not(None), Talk.state == "missing"))
    )
