"""Letters that came back: a dead address gets no more of them, a full one is tried again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from integrations.mail import outbox, suppression
from integrations.mail.outbox import Letter, Undeliverable
from integrations.mail.suppression import Delivery
from integrations.runtime import clock, jobs
from integrations.runtime.database import db, transaction
from integrations.runtime.events import publish
from sessions.events import AddressFailed
from sessions.models.participation import HOLDING, InviteMessage
from sessions.rules import lifecycle

AGAIN = "letter.again"
# After a soft bounce: the other side has tried for days already, a mailbox is emptied by hand.
RETRY_AFTER = (timedelta(hours=6), timedelta(hours=24))
# So many letters that came back softly within so long, and the address is as good as none.
SOFT_LIMIT, SOFT_SPAN = 3, timedelta(days=30)
_RESULTS = {
    "failed": "bounced", "delayed": "delayed", "delivered": "delivered", "relayed": "delivered",
    "expanded": "delivered",
}  # fmt: skip


def came_back(letter_id: int, action: str, status: str, detail: str, *, is_hard: bool) -> str:
    """Write down what a mail server reports of a letter, and what follows; caller's transaction.

    The code of what was made of it: "bounce.hard", "bounce.soft", "bounce.suspended" after so many
    soft ones, "bounce.delayed" or "bounce.delivered".
    """
    letter = db.session.get_one(Letter, letter_id, with_for_update=True)
    result = _RESULTS.get(action.lower(), "bounced")
    db.session.add(
        Delivery(
            letter_id=letter.id, at=clock.now(), result=result, status=status[:20],
            detail=detail[:1000],
        )
    )  # fmt: skip
    db.session.flush()
    if result != "bounced":
        return f"bounce.{result}"
    if is_hard:
        suppression.suppress(letter.recipient, "bounce", detail or status, letter.id)
        publish(AddressFailed(letter.recipient, status, detail))
        return "bounce.hard"
    if _soft_ones(letter.recipient) >= SOFT_LIMIT:
        suppression.suppress(letter.recipient, "bounce", detail or status, letter.id)
        publish(AddressFailed(letter.recipient, status, detail))
        return "bounce.suspended"
    tries = db.session.scalar(
        select(func.count(Delivery.id)).where(
            Delivery.letter_id == letter.id, Delivery.result == "bounced"
        )
    )
    if tries and tries <= len(RETRY_AFTER):
        at = clock.now() + RETRY_AFTER[tries - 1]
        jobs.enqueue(AGAIN, f"{AGAIN}:{letter.id}:{tries}", {"letter_id": letter.id}, run_at=at)
    return "bounce.soft"


def _soft_ones(address: str) -> int:
    """How many letters to an address came back of late, since someone last let letters leave."""
    since = clock.now() - SOFT_SPAN
    lifted = db.session.scalar(
        select(suppression.Suppression.lifted_at).where(
            suppression.Suppression.address == address.lower()
        )
    )
    since = max(since, lifted) if lifted else since
    return (
        db.session.scalar(
            select(func.count(func.distinct(Delivery.letter_id)))
            .join(Letter, Letter.id == Delivery.letter_id)
            .where(
                func.lower(Letter.recipient) == address.lower(),
                Delivery.result == "bounced",
                Delivery.at >= since,
            )
        )
        or 0
    )


def refused(letter: Undeliverable) -> None:
    """The other side refused a letter for good while it was handed over; caller's transaction."""
    publish(AddressFailed(letter.recipient, letter.status, letter.detail))


@jobs.handles(AGAIN)
def again(running: jobs.Running) -> None:
    """Send a letter that came back softly once more, if it is still the news."""
    with transaction():
        letter = db.session.get(Letter, running.payload["letter_id"], with_for_update=True)
        if letter is None or letter.state != "sent" or not _is_news(letter.id):
            return
        outbox.send_again(letter.id)


def _is_news(letter_id: int) -> bool:
    """Whether a letter is the last about a session that its reader may still come to."""
    message = db.session.scalars(
        select(InviteMessage).where(InviteMessage.letter_id == letter_id)
    ).first()
    if message is None:  # a link to sign in, a reminder: its hour is over
        return False
    registration = message.invitation.registration
    session = registration.session
    return (
        message.invitation.messages[-1].id == message.id
        and registration.state in HOLDING
        and (session.state in lifecycle.JOINABLE or message.method == "CANCEL")
        and session.ends_at > clock.now()
    )
