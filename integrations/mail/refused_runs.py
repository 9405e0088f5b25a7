"""Many letters of a mailing refused one after another: it stops before it is wasted on the rest."""

from __future__ import annotations

from sqlalchemy import select

from integrations.mail import refusals
from integrations.mail.outbox import Letter, MailPause
from integrations.mail.suppression import Delivery
from integrations.runtime import clock
from integrations.runtime.database import db

# So many recipients are not gone all at once: the relay, or the list, is at fault.
IN_A_ROW = 10


def _last(batch: str) -> list[tuple[Delivery, Letter]]:
    """The latest attempts of a mailing, each with its letter, if all were refused."""
    rows = db.session.execute(
        select(Delivery, Letter)
        .join(Letter, Letter.id == Delivery.letter_id)
        .where(Letter.batch == batch, Delivery.result.in_(("sent", "deferred", "refused")))
        .order_by(Delivery.id.desc())
        .limit(IN_A_ROW)
    )
    found = [(row[0], row[1]) for row in rows]
    recipients = {letter.recipient for one, letter in found if one.result == "refused"}
    return found if len(recipients) == IN_A_ROW else []


def is_refused(batch: str) -> bool:
    """Whether the latest letters of a mailing were all refused."""
    return bool(_last(batch))


def stop_if_refused(batch: str) -> None:
    """Pause the mailing if its latest letters were all refused; in the caller's transaction.

    What was refused for another reason than its address is owed again.
    """
    found = _last(batch)
    if not found:
        return
    for one, letter in found:
        if letter.state == "refused" and not refusals.is_hard(one.status, one.detail):
            letter.state, letter.answer = "owed", None
    if db.session.get(MailPause, batch) is None:
        db.session.add(MailPause(batch=batch, since=clock.now()))
    db.session.flush()
