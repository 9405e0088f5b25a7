"""People are reminded of a session before it begins, and told when its recording is there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, insert, select

from archive.models import MediaFile, Talk
from integrations.mail import outbox
from integrations.mail.outbox import Letter
from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.models import reminded
from sessions.models.audit import record
from sessions.models.correspondence import ReminderRun
from sessions.models.programme import Series
from sessions.models.session import Session
from sessions.rules import reminders
from sessions.rules.reminders import Kind

REMINDER = "reminder"
REMIND = "reminders.leave"
SWEEP = "reminders.sweep"
_EVERY = timedelta(hours=12)
_CHUNK = 1000
# What of a talk can be watched or heard.
_RECORDED = ("video", "audio")
_USABLE = ("read", "partial", "unexamined")


def kinds_of(session: Session) -> list[Kind]:
    """Of what people are reminded about this session."""
    own = session.series.reminders if session.series else None
    return reminders.kinds(own, ports.get(Settings).reminder_kinds)


def owe(session_id: int) -> None:
    """Owe the reminders of a session for when they are due; caller's transaction.

    Those of another time that are owed already find that it is no longer so.
    """
    session = db.session.get_one(Session, session_id)
    if session.state != "scheduled":
        return
    for kind in kinds_of(session):
        if kind == "recording":
            continue
        if clock.now() < reminders.worth_until(kind, session.starts_at, session.ends_at):
            # The instant is part of the key: what moves is owed reminders of its new start.
            key = f"{REMIND}:{session.id}:{kind}:{session.starts_at:%Y%m%dT%H%M%S}"
            due_at = reminders.due(kind, session.starts_at, session.ends_at)
            jobs.enqueue(REMIND, key, {"session_id": session.id, "kind": kind}, run_at=due_at)


def owe_recording(session_id: int) -> None:
    """Owe the letters about a recording, now or when the session is over; caller's transaction."""
    session = db.session.get(Session, session_id)
    if session is not None:
        key, payload = f"{REMIND}:{session_id}:recording", {"session_id": session_id}
        jobs.enqueue(REMIND, key, {**payload, "kind": "recording"}, run_at=session.ends_at)


@jobs.handles(REMIND)
def remind_now(running: jobs.Running) -> None:
    """Owe everyone the reminder that is due."""
    remind(running.payload["session_id"], running.payload["kind"])


def remind(session_id: int, kind: Kind) -> int:
    """Owe this reminder to all who are to have it and do not; to how many. Own transaction."""
    with transaction():
        session = db.session.scalars(
            select(Session)
            .where(Session.id == session_id)
            .with_for_update(of=Session)
            .execution_options(populate_existing=True)
        ).first()
        if session is None or not _is_true(session, kind):
            return 0
        reminded.forget_taken_back(session, kind)
        people = db.session.execute(reminded.lacking(session, kind)).all()
        by_letter = [(one.id, one.attendee_email) for one in people if one.reminders == "each"]
        by_digest = [one.id for one in people if one.reminders == "digest"]
        _owe_letters(session, kind, by_letter)
        _write_runs(session, kind, [(one, None) for one in by_digest])
        return len(people)


def recipients(session: Session, kind: Kind) -> int:
    """How many would get the letter of this reminder if it were due now."""
    found = reminded.invited(session, kind, ("each",)).subquery()
    return db.session.scalar(select(func.count()).select_from(found)) or 0


def is_still_true(letter: Letter) -> bool:
    """Whether a reminder whose turn to leave has come says what is so, to one who wants it."""
    run = db.session.scalars(select(ReminderRun).where(ReminderRun.letter_id == letter.id)).first()
    if run is None:
        return False
    registration, kind = run.registration, _kind(run.kind)
    return (
        registration.state in reminded.states(kind)
        and registration.person.reminders == "each"
        and run.starts_at == registration.session.starts_at
        and _is_true(registration.session, kind)
    )


outbox.leaves_while(REMINDER, is_still_true)


def recording_of(session_id: int) -> Talk | None:
    """The session's talk where it is published and can be watched or heard."""
    recorded = exists().where(
        MediaFile.talk_id == Talk.id, MediaFile.kind.in_(_RECORDED), MediaFile.state.in_(_USABLE)
    )
    return db.session.scalars(
        select(Talk).where(
            Talk.source == f"session:{session_id}", Talk.state == "published", recorded
        )
    ).first()


def choose(series_id: int, kinds: Sequence[str] | None, by: int | None) -> None:
    """Remind of a series' sessions of these kinds; None: as the programme does. Own transaction."""
    with transaction():
        series = db.session.get_one(Series, series_id, with_for_update={"of": Series})
        wanted: list[str] | None = None if kinds is None else [*reminders.kinds(kinds, ())]
        if wanted == series.reminders:
            return
        record(by, "series.reminders", f"series:{series.id}", was=series.reminders, now=wanted)
        series.reminders = wanted
        db.session.flush()
        to_come = select(Session.id).where(
            Session.series_id == series_id, Session.starts_at > clock.now()
        )
        for session_id in db.session.scalars(to_come).all():
            owe(session_id)


def owe_sweep() -> None:
    """Owe a look at what is to come, now and from then on every half day; own transaction."""
    with transaction():
        jobs.enqueue(SWEEP, f"{SWEEP}:0", {"turn": 0})


@jobs.handles(SWEEP)
def sweep(running: jobs.Running) -> None:
    """Owe the reminders of the coming days, whatever was missed before; then the next sweep."""
    now, turn = clock.now(), 1 - int(running.payload.get("turn", 0))
    until = now + reminders.BEFORE["week"] + 2 * _EVERY
    with transaction():
        coming = select(Session.id).where(
            Session.state == "scheduled", Session.starts_at > now, Session.starts_at <= until
        )
        for session_id in db.session.scalars(coming.order_by(Session.starts_at)).all():
            owe(session_id)
        # Two keys take turns, so that a sweep can owe the next one and no row is left behind.
        jobs.enqueue(SWEEP, f"{SWEEP}:{turn}", {"turn": turn}, run_at=now + _EVERY)


def _is_true(session: Session, kind: Kind) -> bool:
    """Whether this reminder about the session may leave now."""
    if kind not in kinds_of(session):
        return False
    if not reminders.is_worth(kind, session.starts_at, session.ends_at, clock.now()):
        return False
    if kind == "recording":
        is_off = session.state in ("draft", "cancelled", "postponed")
        return not is_off and recording_of(session.id) is not None
    return session.state == "scheduled"


def _kind(text: str) -> Kind:
    return next(kind for kind in reminders.KINDS if kind == text)


def _owe_letters(session: Session, kind: Kind, to: Sequence[tuple[int, str]]) -> None:
    if not to:
        return
    settings = ports.get(Settings)
    letter_ids = outbox.post_many(
        REMINDER,
        settings.mail_from,
        [(address, f"{uuid.uuid4()}@{settings.domain}") for _, address in to],
        batch_of(session.id, kind, session.starts_at),
    )
    rows = [(one, letter) for (one, _), letter in zip(to, letter_ids, strict=True)]
    _write_runs(session, kind, rows)


def _write_runs(session: Session, kind: Kind, rows: Sequence[tuple[int, int | None]]) -> None:
    fixed = {"kind": kind, "starts_at": session.starts_at, "run_at": clock.now()}
    values = [{**fixed, "registration_id": one, "letter_id": letter} for one, letter in rows]
    for start in range(0, len(values), _CHUNK):
        db.session.execute(insert(ReminderRun), values[start : start + _CHUNK])


def batch_of(session_id: int, kind: str, starts_at: datetime) -> str:
    """The mailing of a reminder."""
    return f"reminder:{session_id}:{kind}:{starts_at:%Y%m%dT%H%M}"
