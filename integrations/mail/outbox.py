"""Letters that are owed: a row first, then the wire; frozen bytes make a repeat byte-equal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from integrations.mail.port import Mailer
from integrations.mail.suppression import Delivery
from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import Model, db, transaction
from integrations.runtime.errors import OutsideError

SEND = "letter.send"


class Letter(Model):
    """One letter to one address. States: owed, sent, superseded, refused.

    raw: the message, written at the first attempt to send and never again. batch: the mailing it is
    part of, such as "session:42:7"; empty for a letter on its own.
    """

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    sender: Mapped[str] = mapped_column(String(320))
    recipient: Mapped[str] = mapped_column(String(320), index=True)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(20), default="owed")
    owed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    batch: Mapped[str] = mapped_column(String(60), default="", index=True)


class MailPause(Model):
    """A mailing that waits until someone lets it go on; batch "*" stops all letters."""

    __tablename__ = "mail_pauses"

    batch: Mapped[str] = mapped_column(String(60), primary_key=True)
    since: Mapped[datetime]


Writer = Callable[[Letter], bytes]
_writers: dict[str, Writer] = {}


def writes(kind: str) -> Callable[[Writer], Writer]:
    """Make the decorated function write the letters of this kind when their turn comes."""

    def file(writer: Writer) -> Writer:
        _writers[kind] = writer
        return writer

    return file


def post(
    kind: str, sender: str, recipient: str, message_id: str, raw: bytes | None = None
) -> Letter:
    """Owe a letter, in the caller's transaction. Without `raw` the kind's writer makes it later."""
    letter = Letter(
        kind=kind, sender=sender, recipient=recipient, message_id=message_id, raw=raw,
        state="owed", owed_at=clock.now(),
    )  # fmt: skip
    db.session.add(letter)
    db.session.flush()
    jobs.enqueue(SEND, f"{SEND}:{letter.id}", {"letter_id": letter.id})
    return letter


def send_again(letter_id: int) -> None:
    """Owe a letter once more, with the bytes it was written with; caller's transaction.

    Nothing happens to a letter that was superseded.
    """
    letter = db.session.get_one(Letter, letter_id, with_for_update=True, populate_existing=True)
    if letter.state != "superseded":
        letter.state, letter.answer = "owed", None
        jobs.enqueue(SEND, f"{SEND}:{letter.id}", {"letter_id": letter.id})


@jobs.handles(SEND)
def send(running: jobs.Running) -> None:
    """Send a letter that is still owed; a crash repeats at most this one, with the same bytes."""
    letter = db.session.get(Letter, running.payload["letter_id"])
    if letter is None or letter.state != "owed":
        return
    if letter.raw is None:
        with transaction():
            letter = db.session.get_one(Letter, letter.id, with_for_update=True)
            if letter.state == "owed":
                letter.raw = _writers[letter.kind](letter)
    letter_id, raw = letter.id, letter.raw
    sender, recipient = letter.sender, letter.recipient
    if letter.state != "owed" or raw is None:
        return
    db.session.rollback()  # no transaction stays open while the other side takes its time
    try:
        answer = ports.get(Mailer).send(raw, sender, recipient)
    except OutsideError as error:
        if error.temporary:
            raise
        _mark(letter_id, "refused", error.detail)
    else:
        _mark(letter_id, "sent", answer)


def _mark(letter_id: int, state: str, answer: str) -> None:
    with transaction():
        letter = db.session.get_one(Letter, letter_id, with_for_update=True)
        letter.state, letter.answer = state, answer[:1000]
        letter.sent_at = clock.now() if state == "sent" else None
        db.session.add(
            Delivery(letter_id=letter_id, at=clock.now(), result=state, detail=answer[:1000])
        )
