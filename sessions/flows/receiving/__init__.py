"""Mail comes in: answers, proposed times, bounces; each message is taken once and written down."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from integrations.calendaring import reply
from integrations.calendaring.reply import Reply
from integrations.mail import incoming, outbox, suppression, verp
from integrations.mail.incoming import Incoming, Unreadable
from integrations.runtime import clock, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.events import publish
from integrations.runtime.settings import Settings
from sessions.events import AnswerArrived, LetterCameBack, StrangerAllowed, StrangerAnswered
from sessions.flows.receiving import found
from sessions.flows.receiving.ledger import keep, key_of, taken, write_down
from sessions.models.correspondence import Counter, Forwarded, IncomingMail
from sessions.models.participation import Invitation
from sessions.rules import claims

ANSWERS = {"ACCEPTED": "accepted", "TENTATIVE": "tentative", "DECLINED": "declined"}
_LONGEST_COMMENT = 2000
# One who asks for the letter anew gets it; one who asks and asks is a machine.
_REFRESH_EVERY = timedelta(minutes=10)

__all__ = ["keep", "read_again", "receive", "write_down"]

log = logging.getLogger(__name__)


@dataclass
class _Message:
    """One message while it is taken: what it says, its row, and what it turned out to be."""

    raw: bytes
    told: Incoming
    row: IncomingMail

    def becomes(self, outcome: str, why: str, detail: str = "") -> None:
        write_down(self.row, outcome, why, detail)


def receive(raw: bytes, received_at: datetime) -> IncomingMail:
    """Take one message; its row says what was made of it. The same message again changes nothing.

    raw: the whole message, or its beginning where it is huge. Own transaction.
    """
    key = key_of(raw)
    earlier = taken(key)
    if earlier is not None:
        return earlier
    try:
        with transaction():
            row = IncomingMail(key=key, received_at=received_at, kind="other", outcome="ignored")
            db.session.add(row)
            db.session.flush()  # of two who take it at the same moment one stops here
            _take(raw, row)
    except IntegrityError:
        earlier = taken(key)
        if earlier is None:
            raise
        return earlier
    log.info("mail taken", extra={"mail": row.id, "kind": row.kind, "outcome": row.outcome})
    return row


def read_again(mail_id: int) -> IncomingMail | None:
    """Take a message that was kept once more, after something was mended; None where it is gone."""
    with transaction():
        row = db.session.get(IncomingMail, mail_id, with_for_update=True, populate_existing=True)
        if row is None or row.raw is None:
            return row
        raw, row.raw = row.raw, None
        row.kind, row.outcome, row.detail = "other", "ignored", ""
        _take(raw, row)
        return row


def _take(raw: bytes, row: IncomingMail) -> None:
    settings = ports.get(Settings)
    try:
        told = incoming.read(raw, authserv_id=settings.authserv_id)
    except Unreadable as strange:
        row.raw = raw
        write_down(row, "quarantined", "mail.unreadable", str(strange))
        return
    row.message_id, row.sender = told.message_id[:998], told.sender[:320]
    row.recipient, row.subject = ", ".join(told.recipients)[:1000], told.subject[:998]
    _sort(_Message(raw, told, row), settings)
    if row.outcome == "quarantined" or (row.outcome == "queued" and row.kind == "other"):
        row.raw = raw


def _sort(message: _Message, settings: Settings) -> None:
    """Bounces first: a report may enclose the very invitation it is about."""
    told = message.told
    if told.is_complaint:
        _complaint(message, settings)
    elif told.bounces:
        message.row.kind = "bounce"
        for bounce in told.bounces:
            _bounce(message, bounce, settings)
    elif told.calendars:
        _calendars(message, settings)
    elif told.is_auto_reply:
        message.row.kind = "auto_reply"
        message.becomes("ignored", "auto_reply")
    elif claims.is_same(told.sender, [settings.mail_from]):
        message.becomes("ignored", "own")
    elif told.has_tnef:
        message.becomes("quarantined", "mail.tnef")
    elif told.return_path == "":
        message.becomes("quarantined", "bounce.unreadable")
    else:
        # Whoever writes words to us wants a person to read them.
        message.becomes("queued", "words", told.text[:300])


def _complaint(message: _Message, settings: Settings) -> None:
    message.row.kind = "complaint"
    letter = _letter(message, settings)
    if letter is None:
        message.becomes("quarantined", "complaint.unknown_letter")
        return
    suppression.suppress(letter.recipient, "complaint", "", letter.id)
    message.becomes("taken", "complaint", letter.recipient)


def _letter(
    message: _Message, settings: Settings, more: Iterable[str] = ()
) -> outbox.Letter | None:
    told = message.told
    ids = [*more, told.original_message_id]
    return found.letter_of(told.recipients, ids, settings.secret())


def _bounce(message: _Message, bounce: incoming.Bounce, settings: Settings) -> None:
    letter = _letter(message, settings, [bounce.original_message_id])
    if letter is None:
        forged = any(verp.is_made_up(one, settings.secret()) for one in message.told.recipients)
        why = "bounce.made_up_address" if forged else "bounce.unknown_letter"
        message.becomes("quarantined", why, bounce.recipient)
        return
    detail = bounce.diagnostic.removeprefix("smtp;").strip()[:500]
    publish(
        LetterCameBack(
            message.row.id, letter.id, bounce.action, bounce.status, detail, bounce.is_hard
        )
    )


def _calendars(message: _Message, settings: Settings) -> None:
    answers: list[Reply] = []
    for calendar in message.told.calendars:
        try:
            answers.extend(reply.read(calendar))
        except Unreadable as strange:
            message.becomes("quarantined", "calendar.unreadable", str(strange))
    if not answers and not message.row.detail:
        message.becomes("ignored", "calendar.no_answer")
    ids = found.answered_ids(message.raw)
    for answer in dict.fromkeys(answers):  # the same part, inline and attached, is one answer
        message.row.kind = answer.method.lower()
        _answer(message, answer, ids, settings)


def _answer(message: _Message, told: Reply, ids: list[str], settings: Settings) -> None:
    session = found.session_of(told.uid)
    if session is None:
        message.becomes("ignored", "reply.unknown_uid")
        return
    if told.recurrence_at is not None and told.recurrence_at not in found.starts_told(session):
        message.becomes("ignored", "reply.other_instance")
        return
    mail = message.told
    attendee = told.attendee or mail.sender
    holder = found.holder(session, mail.recipients, ids, settings)
    invited = found.invited_at(session, attendee)
    is_vouched = mail.aligned_from and claims.is_same(mail.sender, [attendee])
    is_holders = holder is not None and claims.is_same(attendee, found.addresses_of(holder))
    standing = claims.standing(
        is_holders=is_holders,
        is_proven=holder is not None,
        is_vouched=is_vouched and invited is not None,
        is_invited=invited is not None,
    )
    if standing == "unproven":
        why = "reply.unproven" if holder is None else "reply.for_another"
        message.becomes("quarantined", why, attendee)
    elif standing == "forwarded" and holder is not None:
        _forwarded(message, told, holder, attendee, ANSWERS.get(told.partstat, ""))
    else:
        whose = holder if is_holders else invited
        assert whose is not None
        _theirs(message, told, whose)


def _theirs(message: _Message, told: Reply, invitation: Invitation) -> None:
    """The answer of the one invited."""
    if told.method == "REFRESH":
        _refresh(message, invitation)
        return
    if told.method == "COUNTER":
        _counter(message, told, invitation)
    if told.partstat == "DELEGATED":
        for delegate in told.delegated_to or ("",):
            _forwarded(message, told, invitation, delegate, "accepted", "delegated")
    elif told.partstat in ANSWERS:
        publish(
            AnswerArrived(
                message.row.id, invitation.id, ANSWERS[told.partstat], told.sequence,
                _answered_at(message, told), told.comment[:_LONGEST_COMMENT],
            )
        )  # fmt: skip
    elif told.method == "REPLY":
        message.becomes("ignored", "reply.no_answer", told.partstat)


def _answered_at(message: _Message, told: Reply) -> datetime:
    at = told.stamped_at or message.told.sent_at or message.row.received_at
    return min(at, message.row.received_at)


def _counter(message: _Message, told: Reply, invitation: Invitation) -> None:
    if told.starts_at is None:
        message.becomes("quarantined", "counter.no_time")
        return
    at = _answered_at(message, told)
    earlier = db.session.scalars(
        select(Counter).where(Counter.invitation_id == invitation.id).with_for_update()
    ).all()
    if any(one.proposed_at >= at for one in earlier):
        message.becomes("ignored", "counter.older")
        return
    for one in earlier:
        if one.state == "open":  # they thought of another one meanwhile
            db.session.delete(one)
    db.session.add(
        Counter(
            invitation_id=invitation.id, mail_id=message.row.id, sequence=told.sequence or 0,
            starts_at=told.starts_at, ends_at=told.ends_at,
            comment=told.comment[:_LONGEST_COMMENT], proposed_at=at,
        )
    )  # fmt: skip
    message.becomes("queued", "counter")


def _refresh(message: _Message, invitation: Invitation) -> None:
    letters = [one.letter for one in invitation.messages if one.letter.state == "sent"]
    if not letters:
        message.becomes("ignored", "refresh.none")
    elif letters[-1].sent_at and letters[-1].sent_at > clock.now() - _REFRESH_EVERY:
        message.becomes("ignored", "refresh.just_sent")
    else:
        outbox.send_again(letters[-1].id)
        message.becomes("taken", "refresh")


def _forwarded(
    message: _Message, told: Reply, holder: Invitation, address: str, answer: str, why: str = ""
) -> None:
    """Somebody who was not invited answers, or is named by one who was; the host decides."""
    if told.method == "REFRESH" or not answer or "@" not in address or len(address) > 320:
        message.becomes("ignored", "reply.stranger", address)
        return
    if found.invited_at(holder.registration.session, address) is not None:
        message.becomes("ignored", "delegated.invited", address)  # they answer for themselves
        return
    row = db.session.scalars(
        select(Forwarded)
        .where(Forwarded.invitation_id == holder.id, Forwarded.address == address)
        .with_for_update()
    ).first()
    if row is None:
        row = Forwarded(invitation_id=holder.id, address=address)
        db.session.add(row)
    elif row.state == "rejected" or row.received_at >= _answered_at(message, told):
        message.becomes("ignored", "forwarded.decided", address)
        return
    row.mail_id, row.answer, row.sequence = message.row.id, answer, told.sequence
    row.comment, row.received_at = told.comment[:_LONGEST_COMMENT], _answered_at(message, told)
    db.session.flush()
    if row.state == "allowed":
        message.becomes("taken", "forwarded.allowed", address)
        publish(StrangerAllowed(row.id, None))
        return
    message.becomes("queued", why or "forwarded", address)
    wrote = not why and claims.is_same(message.told.sender, [address])
    publish(StrangerAnswered(row.id, wrote))
