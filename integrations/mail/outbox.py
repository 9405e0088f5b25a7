"""Letters that are owed: a row first, then the wire; frozen bytes make a repeat byte-equal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text, insert
from sqlalchemy.orm import Mapped, mapped_column

from integrations.mail import pace, refusals, suppression
from integrations.mail.port import Deferred, Mailer
from integrations.mail.suppression import Delivery
from integrations.mail.verp import bounce_address
from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import Model, db, transaction
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings

SEND = "letter.send"
MAILING = "letter.mailing"
ALL = "*"
_CHUNK = 1000

log = logging.getLogger(__name__)


class Letter(Model):
    """One letter to one address. States: owed, sent, superseded, refused.

    raw: the message, written at the first attempt to send and never again; read only where asked
    for. batch: the mailing it is part of, such as "session:42:7"; empty for a letter on its own.
    """

    __tablename__ = "letters"
    __table_args__ = (Index("ix_letters_mailing", "batch", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    sender: Mapped[str] = mapped_column(String(320))
    recipient: Mapped[str] = mapped_column(String(320), index=True)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[str] = mapped_column(String(20), default="owed")
    owed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    batch: Mapped[str] = mapped_column(String(60), default="")


class MailPause(Model):
    """A mailing that waits until someone lets it go on; batch "*" stops all letters.

    One that ends in a colon holds all mailings that begin like it, those to come too.

    All but those of kinds that always leave: a link to sign in with is how one gets to resume.
    """

    __tablename__ = "mail_pauses"

    batch: Mapped[str] = mapped_column(String(60), primary_key=True)
    since: Mapped[datetime]


@dataclass(frozen=True)
class Undeliverable:
    """A letter that was refused because nothing will ever be taken for its address."""

    letter_id: int
    recipient: str
    status: str
    detail: str


Writer = Callable[[Letter], bytes]
_writers: dict[str, Writer] = {}
_still_true: dict[str, Callable[[Letter], bool]] = {}
_told: list[Callable[[Undeliverable], None]] = []
_urgent: set[str] = set()


def writes(kind: str) -> Callable[[Writer], Writer]:
    """Make the decorated function write the letters of this kind when their turn comes."""

    def file(writer: Writer) -> Writer:
        _writers[kind] = writer
        return writer

    return file


def leaves_while(kind: str, is_true: Callable[[Letter], bool]) -> None:
    """Take back a letter of this kind whose turn comes when what it says is no longer so."""
    _still_true[kind] = is_true


def always_leaves(kind: str) -> None:
    """Letters of this kind leave while all others are stopped."""
    _urgent.add(kind)


def when_undeliverable(handler: Callable[[Undeliverable], None]) -> None:
    """Have `handler` write what follows, in the transaction that suppresses the address.

    Asking twice is once.
    """
    if handler not in _told:
        _told.append(handler)


def post(
    kind: str,
    sender: str,
    recipient: str,
    message_id: str,
    raw: bytes | None = None,
    batch: str = "",
) -> Letter:
    """Owe a letter, in the caller's transaction. Without `raw` the kind's writer makes it later."""
    letter = Letter(
        kind=kind, sender=sender, recipient=recipient, message_id=message_id, raw=raw,
        state="owed", owed_at=clock.now(), batch=batch,
    )  # fmt: skip
    db.session.add(letter)
    db.session.flush()
    owe_alone(letter.id)
    return letter


def post_many(
    kind: str, sender: str, addressed: Sequence[tuple[str, str]], batch: str
) -> list[int]:
    """Owe letters to many (recipient, message_id), in the caller's transaction; ids in order.

    They are one mailing, which has one job; a single letter is sent on its own, but is paused with
    the mailing.
    """
    if len(addressed) == 1:
        return [post(kind, sender, *addressed[0], batch=batch).id]
    fixed = {"kind": kind, "sender": sender, "state": "owed", "owed_at": clock.now(),
             "batch": batch}  # fmt: skip
    ids: list[int] = []
    for start in range(0, len(addressed), _CHUNK):
        rows = [
            {**fixed, "recipient": recipient, "message_id": message_id}
            for recipient, message_id in addressed[start : start + _CHUNK]
        ]
        owed = insert(Letter).returning(Letter.id, sort_by_parameter_order=True)
        ids.extend(db.session.scalars(owed, rows))
    if ids:
        owe_mailing(batch)
    return ids


def owe_alone(letter_id: int, run_at: datetime | None = None) -> None:
    """Owe the job of one letter, in the caller's transaction."""
    jobs.enqueue(SEND, alone_key(letter_id), {"letter_id": letter_id}, run_at)


def owe_mailing(batch: str, run_at: datetime | None = None) -> None:
    """Owe the job of a mailing, in the caller's transaction."""
    jobs.enqueue(MAILING, f"{MAILING}:{batch}", {"batch": batch}, run_at)


def alone_key(letter_id: int) -> str:
    """The key of the job of one letter."""
    return f"{SEND}:{letter_id}"


def send_again(letter_id: int) -> None:
    """Owe a letter once more, with the bytes it was written with; caller's transaction.

    Nothing happens to a letter that was superseded.
    """
    letter = db.session.get_one(Letter, letter_id, with_for_update=True, populate_existing=True)
    if letter.state != "superseded":
        letter.state, letter.answer = "owed", None
        owe_alone(letter.id)


def held_by(batch: str) -> list[str]:
    """The names of pauses that hold this mailing, but for that of all letters."""
    ends = [place + 1 for place, letter in enumerate(batch) if letter == ":"]
    return [name for name in dict.fromkeys((*(batch[:end] for end in ends), batch)) if name]


def is_stopped(batch: str) -> bool:
    """Whether the letters of this mailing, or all letters, wait until someone lets them go on."""
    pauses = db.select(MailPause.batch).where(MailPause.batch.in_((ALL, *held_by(batch))))
    return db.session.scalars(pauses.limit(1)).first() is not None


@dataclass(frozen=True)
class Parcel:
    """A letter about to be handed over. sender: the envelope's, which names the letter."""

    letter_id: int
    raw: bytes
    sender: str
    recipient: str


@dataclass(frozen=True)
class Outcome:
    """What became of it: "sent", "deferred" or "refused", and what the other side said."""

    parcel: Parcel
    result: str
    answer: str


@jobs.handles(SEND)
def send(running: jobs.Running) -> None:
    """Send a letter that is still owed; a crash repeats at most this one, with the same bytes."""
    settings = ports.get(Settings)
    with transaction():
        letter = db.session.get(Letter, running.payload["letter_id"], with_for_update=True)
        if letter is None or (letter.kind not in _urgent and is_stopped(letter.batch)):
            return  # whoever lets letters go on owes the job anew
        parcel = prepare(letter, settings)
        if parcel is None:
            return
        pace.count_one(int(settings.mail_per_minute))
    # No transaction stays open while the other side takes its time.
    try:
        outcome = hand_over(ports.get(Mailer), parcel)
    except Deferred as asked:
        with transaction():
            settle(Outcome(parcel, "deferred", asked.detail))
        raise
    with transaction():
        settle(outcome)


def prepare(letter: Letter, settings: Settings) -> Parcel | None:
    """The letter as it leaves, written if it was not; None where it is not to leave.

    In the caller's transaction, the row locked. A suppressed address gets nothing.
    """
    if letter.state != "owed":
        return None
    why = suppression.of_address(letter.recipient)
    if why is not None:
        letter.state, letter.answer = "refused", why.detail
        db.session.add(
            Delivery(letter_id=letter.id, at=clock.now(), result="suppressed", detail=why.detail)
        )
        return None
    if letter.kind in _still_true and not _still_true[letter.kind](letter):
        letter.state = "superseded"
        return None
    if letter.raw is None:
        letter.raw = _writers[letter.kind](letter)
    sender = letter.sender
    if settings.mail_subaddress == "yes":
        sender = bounce_address(sender, letter.id, settings.secret())
    return Parcel(letter.id, letter.raw, sender, letter.recipient)


def hand_over(mailer: Mailer, parcel: Parcel) -> Outcome:
    """Give a letter to the other side. Raises OutsideError where another attempt may succeed."""
    try:
        answer = mailer.send(parcel.raw, parcel.sender, parcel.recipient)
    except OutsideError as error:
        if error.temporary:
            raise
        return Outcome(parcel, "refused", error.detail)
    return Outcome(parcel, "sent", answer)


def settle(outcome: Outcome) -> None:
    """Write down what became of a letter, in the caller's transaction."""
    letter_id, answer = outcome.parcel.letter_id, outcome.answer[:1000]
    status = refusals.status_of(answer)
    db.session.add(
        Delivery(letter_id=letter_id, at=clock.now(), result=outcome.result, status=status,
                 detail=answer)
    )  # fmt: skip
    if outcome.result == "deferred":
        return
    letter = db.session.get_one(Letter, letter_id, with_for_update=True)
    letter.state, letter.answer = outcome.result, answer
    letter.sent_at = clock.now() if outcome.result == "sent" else None
    if outcome.result == "refused" and refusals.is_hard(status, answer):
        recipient = outcome.parcel.recipient
        suppression.suppress(recipient, "bounce", answer, letter_id)
        for handler in _told:
            handler(Undeliverable(letter_id, recipient, status, answer))
