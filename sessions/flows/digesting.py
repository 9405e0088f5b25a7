"""Who prefers one letter a week is told on Monday what is to come and which recordings came."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, select
from sqlalchemy.orm import joinedload, selectinload

from archive.models import Talk
from integrations.mail import outbox
from integrations.mail.outbox import Letter
from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.models.correspondence import DigestRun, ReminderRun
from sessions.models.participation import Invitation, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.programme import City
from sessions.models.session import Session, SessionCity
from sessions.rules import reminders

DIGEST = "digest"
TELL = "digest.leave"
SWEEP = "digest.sweep"
_EVERY = timedelta(hours=12)
_CHUNK = 1000


@dataclass(frozen=True)
class Contents:
    """What a digest tells: sessions to come, by their start, and recordings that came."""

    coming: Sequence[Registration]
    recordings: Sequence[tuple[Registration, Talk]]

    def __bool__(self) -> bool:
        return bool(self.coming or self.recordings)


def owe_sweep() -> None:
    """Owe a look at who wants a digest, now and from then on every half day; own transaction."""
    with transaction():
        jobs.enqueue(SWEEP, f"{SWEEP}:0", {"turn": 0})


@jobs.handles(SWEEP)
def sweep(running: jobs.Running) -> None:
    """Owe the digest in every zone where someone wants it; then the next sweep."""
    turn = 1 - int(running.payload.get("turn", 0))
    zones = select(_zone()).outerjoin(City, City.id == Person.city_id)
    with transaction():
        for tz in db.session.scalars(zones.where(Person.reminders == "digest").distinct()).all():
            owe(tz)
        # Two keys take turns, so that a sweep can owe the next one and no row is left behind.
        jobs.enqueue(SWEEP, f"{SWEEP}:{turn}", {"turn": turn}, run_at=clock.now() + _EVERY)


def owe(tz: str) -> None:
    """Owe the digest of this week, or the next, to those of a zone; caller's transaction."""
    due_at = reminders.digest_at(clock.now(), tz)
    payload = {"tz": tz, "due_at": due_at.isoformat()}
    jobs.enqueue(TELL, f"{TELL}:{tz}:{_week(due_at, tz):%Y%m%d}", payload, run_at=due_at)


@jobs.handles(TELL)
def tell_zone(running: jobs.Running) -> None:
    """Owe the digest to all of a zone who want it and for whom there is something to tell."""
    tell(running.payload["tz"], datetime.fromisoformat(running.payload["due_at"]))


def tell(tz: str, due_at: datetime) -> int:
    """Owe the digest that is due; to how many. Own transaction."""
    now = clock.now()
    with transaction():
        if not reminders.is_digest_worth(due_at, now):
            return 0
        week_on = _week(due_at, tz)
        people = db.session.execute(_wanting(tz, due_at, now, week_on)).all()
        if not people:
            return 0
        settings = ports.get(Settings)
        addressed = [(one.address, f"{uuid.uuid4()}@{settings.domain}") for one in people]
        batch = f"{DIGEST}:{week_on:%Y%m%d}:{tz}"
        letter_ids = outbox.post_many(DIGEST, settings.mail_from, addressed, batch)
        rows = [
            {"person_id": one.id, "week_on": week_on, "due_at": due_at, "letter_id": letter_id}
            for one, letter_id in zip(people, letter_ids, strict=True)
        ]
        for start in range(0, len(rows), _CHUNK):
            db.session.execute(insert(DigestRun), rows[start : start + _CHUNK])
        return len(people)


def contents(run: DigestRun) -> Contents:
    """What the digest tells as things stand now; nothing where it is late or no longer wanted."""
    now = clock.now()
    wanted = run.person.reminders == "digest"
    if not wanted or not reminders.is_digest_worth(run.due_at, now):
        return Contents((), ())
    tz = run.person.zone or ports.get(Settings).timezone
    mine = (
        select(Registration)
        .join(Session, Session.id == Registration.session_id)
        .join(Invitation, Invitation.registration_id == Registration.id)
        .where(Registration.person_id == run.person_id)
        .options(
            joinedload(Registration.session)
            .selectinload(Session.cities)
            .joinedload(SessionCity.city),
            selectinload(Registration.invitation).selectinload(Invitation.answers),
        )
        .order_by(Session.starts_at, Session.id)
    )
    coming = db.session.scalars(mine.where(_is_coming(run.due_at, now, tz))).all()
    came = mine.where(_has_recording(run.due_at, tz))
    known = {one.session_id: one for one in db.session.scalars(came)}
    talks = db.session.scalars(
        select(Talk).where(
            Talk.source.in_([f"session:{one}" for one in known]), Talk.state == "published"
        )
    )
    by_source = {talk.source: talk for talk in talks}
    recordings = [
        (one, by_source[f"session:{session_id}"])
        for session_id, one in known.items()
        if f"session:{session_id}" in by_source
    ]
    return Contents(coming, recordings)


def is_still_true(letter: Letter) -> bool:
    """Whether a digest whose turn to leave has come has something to tell."""
    run = db.session.scalars(select(DigestRun).where(DigestRun.letter_id == letter.id)).first()
    return run is not None and bool(contents(run))


outbox.leaves_while(DIGEST, is_still_true)


def _zone() -> ColumnElement[str]:
    """The zone by which a person lives; the city is joined by the caller."""
    return func.coalesce(Person.tz, City.tz, ports.get(Settings).timezone)


def _week(due_at: datetime, tz: str) -> date:
    return due_at.astimezone(ZoneInfo(tz)).date()


def _wanting(tz: str, due_at: datetime, now: datetime, week_on: date) -> Select[int, str]:
    """(person, address) of those who want this digest and have not got it."""
    first = select(func.min(PersonEmail.id)).where(PersonEmail.person_id == Person.id)
    registered = (
        select(Registration.id)
        .join(Session, Session.id == Registration.session_id)
        .where(Registration.person_id == Person.id)
    )
    return (
        select(Person.id, PersonEmail.address)
        .outerjoin(City, City.id == Person.city_id)
        .join(PersonEmail, PersonEmail.id == first.correlate(Person).scalar_subquery())
        .where(
            Person.reminders == "digest",
            _zone() == tz,
            ~exists().where(DigestRun.person_id == Person.id, DigestRun.week_on == week_on),
            registered.where(_is_coming(due_at, now, tz)).correlate(Person).exists()
            | registered.where(_has_recording(due_at, tz)).correlate(Person).exists(),
        )
        .order_by(Person.id)
    )


def _is_coming(due_at: datetime, now: datetime, tz: str) -> ColumnElement[bool]:
    """Of a registration and its session: whether it begins before the next digest."""
    return and_(
        Registration.state.in_(reminders.REMINDED),
        Session.state == "scheduled",
        Session.starts_at > now,
        Session.starts_at < reminders.digest_after(due_at, tz),
    )


def _has_recording(due_at: datetime, tz: str) -> ColumnElement[bool]:
    """Of a registration: whether its recording came since the digest before."""
    return exists().where(
        ReminderRun.registration_id == Registration.id,
        ReminderRun.kind == "recording",
        ReminderRun.letter_id.is_(None),
        ReminderRun.run_at >= reminders.digest_before(due_at, tz),
        ReminderRun.run_at < due_at,
    )
