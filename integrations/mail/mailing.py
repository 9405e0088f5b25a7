"""Many letters of one occasion: they leave one after another, at a pace, and can be stopped.

A mailing is one job, done in short turns: between two letters it makes way for all other work.
What became of a letter is written down together with the bytes of the next, so that a crash
repeats at most the one in flight.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, String, cast, exists, func, literal, select

from integrations.mail import outbox, pace, refused_runs
from integrations.mail.outbox import ALL, MAILING, SEND, Letter, MailPause, Outcome, Parcel
from integrations.mail.port import Deferred, Mailer
from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.jobs import Job
from integrations.runtime.settings import Settings
from integrations.runtime.worker import back_off

TURN_S = 2.0
# A server that asks to wait with so many in a row means all of them.
_DEFERRED_IN_A_ROW = 10
_RATE_OVER = timedelta(minutes=1)
_ENOUGH_TO_TELL = 5

log = logging.getLogger(__name__)


class _CannotWrite(Exception):  # noqa: N818 - says what happened
    """A letter that its writer failed at."""

    def __init__(self, letter_id: int) -> None:
        super().__init__(letter_id)
        self.letter_id = letter_id


@jobs.handles(MAILING)
def mail(running: jobs.Running) -> None:
    """Send letters of a mailing for a short while; what is left is owed anew."""
    turn = _Turn(running.payload["batch"])
    with ports.get(Mailer).kept_open() as mailer:
        while (parcel := turn.next()) is not None:
            turn.hand_over(mailer, parcel)


class _Turn:
    """The letters that leave before other work has its chance."""

    def __init__(self, batch: str) -> None:
        self._batch = batch
        self._settings = ports.get(Settings)
        self._ends_at = time.monotonic() + TURN_S
        self._left = 0
        self._deferred = 0
        self._outcome: Outcome | None = None

    def next(self) -> Parcel | None:
        """The next letter, after writing down what became of the last; None: the turn ends."""
        while True:
            try:
                with transaction():
                    self._settle()
                    parcel = self._take()
            except _CannotWrite as failed:
                log.exception("letter not written", extra={"letter": failed.letter_id})
                with transaction():
                    # On its own it is tried again and given up, without stopping the others.
                    outbox.owe_alone(failed.letter_id)
                continue
            self._outcome = None
            return parcel

    def hand_over(self, mailer: Mailer, parcel: Parcel) -> None:
        """Send it. Raises OutsideError where the whole mailing has to wait."""
        try:
            self._outcome = outbox.hand_over(mailer, parcel)
            self._deferred = 0
        except Deferred as asked:
            self._outcome = Outcome(parcel, "deferred", asked.detail)
            self._deferred += 1
            if self._deferred >= _DEFERRED_IN_A_ROW:
                with transaction():
                    self._settle()
                raise
        self._left += 1

    def _settle(self) -> None:
        if self._outcome is None:
            return
        outbox.settle(self._outcome)
        if self._outcome.result == "refused":
            db.session.flush()
            refused_runs.stop_if_refused(self._batch)
        if self._outcome.result == "deferred":
            # It no longer belongs to the mailing: its own job tries again.
            outbox.owe_alone(self._outcome.parcel.letter_id, clock.now() + back_off(4))

    def _take(self) -> Parcel | None:
        """The next letter, or None where the turn ends; whoever ends it with letters owes a job."""
        per_minute = int(self._settings.mail_per_minute)
        if outbox.is_stopped(self._batch):
            return None  # whoever lets it go on owes the job
        if self._must_yield():
            outbox.owe_mailing(self._batch)
            return None
        while (letter := _first_owed(self._batch)) is not None:
            until = pace.wait_until(per_minute)
            if until is not None:
                outbox.owe_mailing(self._batch, until)
                return None
            try:
                parcel = outbox.prepare(letter, self._settings)
            except Exception as error:
                raise _CannotWrite(letter.id) from error
            if parcel is not None:
                pace.count_one(per_minute)
                return parcel
            db.session.flush()
        return None

    def _must_yield(self) -> bool:
        if not self._left:
            return False  # each turn comes on by a letter, else two of them yield for ever
        if time.monotonic() > self._ends_at:
            return True
        others = jobs.due(clock.now()).where(Job.kind != MAILING).limit(1)
        return db.session.scalars(others).first() is not None


def _first_owed(batch: str) -> Letter | None:
    """The next letter of a mailing, locked."""
    while True:
        letter = db.session.scalars(
            _owed(batch).order_by(Letter.id).limit(1).with_for_update(of=Letter)
            .execution_options(populate_existing=True)
        ).first()  # fmt: skip
        # PostgreSQL gives no row where the one it waited for is no longer owed; others may be.
        if letter is not None or db.session.scalars(_owed(batch).limit(1)).first() is None:
            return letter


def _owed(batch: str) -> Select[Letter]:
    """The letters of a mailing that have no job of their own."""
    own = literal(f"{SEND}:") + cast(Letter.id, String)
    return select(Letter).where(
        Letter.batch == batch, Letter.state == "owed", ~exists().where(Job.key == own)
    )


def pause(batch: str = ALL) -> None:
    """Let no further letter of a mailing leave, or no letter at all; own transaction.

    A name that ends in a colon holds all mailings that begin like it, those to come too.
    """
    with transaction():
        if db.session.get(MailPause, batch) is None:
            db.session.add(MailPause(batch=batch, since=clock.now()))


def resume(batch: str = ALL) -> None:
    """Let a mailing go on, or all letters that no pause of their own holds; own transaction.

    What held the mailing together with others lets those go on, too.
    """
    with transaction():
        lifted = _lift(batch)
        owed = select(Letter.batch).where(Letter.state == "owed").distinct()
        for one in db.session.scalars(owed).all():
            is_meant = batch == ALL or not lifted.isdisjoint(outbox.held_by(one))
            if is_meant and not outbox.is_stopped(one):
                _owe_jobs(one)


def _lift(batch: str) -> set[str]:
    """End the pauses that hold it, and those within it; the names of what goes on."""
    if batch == ALL:
        held = MailPause.batch == ALL
    else:
        held = MailPause.batch.in_(outbox.held_by(batch))
        if batch.endswith(":"):
            held |= MailPause.batch.startswith(batch, autoescape=True)
    pauses = db.session.scalars(select(MailPause).where(held)).all()
    for pause_of in pauses:
        db.session.delete(pause_of)
    db.session.flush()
    return {batch, *(one.batch for one in pauses)}


def _owe_jobs(batch: str) -> None:
    if batch:
        outbox.owe_mailing(batch)
    own = literal(f"{SEND}:") + cast(Letter.id, String)
    alone = select(Letter.id).where(Letter.batch == batch, Letter.state == "owed")
    if batch:
        alone = alone.where(exists().where(Job.key == own, Job.finished_at.is_not(None)))
    for letter_id in db.session.scalars(alone).all():
        outbox.owe_alone(letter_id)


@dataclass(frozen=True)
class Progress:
    """How far a mailing is. seconds_left: None where it cannot be told, as while it is paused."""

    batch: str
    total: int
    sent: int
    refused: int
    is_paused: bool
    seconds_left: float | None

    @property
    def done(self) -> int:
        return self.sent + self.refused

    @property
    def owed(self) -> int:
        return self.total - self.done


def progress(batch: str) -> Progress:
    """How far this mailing is; what was taken back does not count."""
    rows = db.session.execute(
        select(Letter.state, func.count()).where(Letter.batch == batch).group_by(Letter.state)
    )
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    sent, refused, owed = (found.get(state, 0) for state in ("sent", "refused", "owed"))
    paused = outbox.is_stopped(batch)
    left = None if paused or not owed else _seconds_left(batch, owed)
    return Progress(batch, sent + refused + owed, sent, refused, paused, left)


def under_way(begins_with: str = "") -> list[Progress]:
    """The mailings of which something is still owed, oldest first.

    begins_with: of these alone.
    """
    owed = (
        select(Letter.batch)
        .where(
            Letter.state == "owed",
            Letter.batch != "",
            Letter.batch.startswith(begins_with, autoescape=True),
        )
        .group_by(Letter.batch)
        .order_by(func.min(Letter.id))
    )
    return [progress(batch) for batch in db.session.scalars(owed).all()]


def _seconds_left(batch: str, owed: int) -> float | None:
    """By what left in the last minute; before enough did, by the pace that is set."""
    since = clock.now() - _RATE_OVER
    number, first = db.session.execute(
        select(func.count(), func.min(Letter.sent_at)).where(
            Letter.batch == batch, Letter.state == "sent", Letter.sent_at > since
        )
    ).one()
    if first is not None and number >= _ENOUGH_TO_TELL:
        took_s = (clock.now() - first).total_seconds()
        if took_s > 0:
            return float(owed * took_s / number)
    per_minute = int(ports.get(Settings).mail_per_minute)
    return owed * 60 / per_minute if per_minute else None
