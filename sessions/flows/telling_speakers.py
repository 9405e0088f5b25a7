"""Speakers hear what became of their session, and are asked once more where its time is another."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from integrations.mail import outbox
from integrations.mail.outbox import Letter
from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.models import speaking
from sessions.models.audit import record
from sessions.models.participation import Invitation, InviteMessage, Registration
from sessions.models.people import Person
from sessions.models.session import Session, Speaker
from sessions.models.speaking import SpeakerLetter
from sessions.rules import quiet

SPEAKER_NEWS = "speaker_news"
TELL = "speakers.tell"
# After these somebody counts on speaking.
_ON = frozenset({"asked", "moved"})
_OFF = frozenset({"postponed", "cancelled"})


def owe(session_id: int, at: datetime) -> None:
    """Look at that time what the speakers must hear; caller's transaction."""
    if not speaking.told(session_id):
        return
    key = f"{TELL}:{session_id}:{at:%Y%m%dT%H%M%S}"
    jobs.enqueue(TELL, key, {"session_id": session_id}, run_at=at)


@jobs.handles(TELL)
def tell_when_quiet(running: jobs.Running) -> None:
    """Tell the speakers, unless more changes: then they hear of all of it later."""
    settings = ports.get(Settings)
    with transaction():
        session = db.session.get(
            Session, running.payload["session_id"], with_for_update={"of": Session}
        )
        if session is None or (session.quiet_until and session.quiet_until > clock.now()):
            return
        length = timedelta(minutes=int(settings.quiet_minutes))
        until = quiet.over_at(min(session.revised_at, clock.now()), length)
        if until > clock.now():
            owe(session.id, until)
        else:
            tell(session.id, settings.mail_from, settings.domain)


def tell(session_id: int, sender: str, domain: str) -> None:
    """Owe each speaker the letter about what they do not know yet; caller's transaction.

    Whoever hears the same from the letter for their calendar gets none, unless they are asked.
    """
    session = db.session.get_one(Session, session_id)
    known = speaking.told(session_id)
    if not known:
        return
    shows, invited = speaking.by_person(session_id), _told_by_calendar(session)
    again: list[str] = []
    for person_id, rows in known.items():
        speakers = shows.get(person_id, [])
        fact = _fact(session, speakers)
        last = _last_heard(rows, fact, session, speakers)
        if last is None or not _is_news(fact, last, session, speakers):
            continue
        is_asked = fact == "moved" and any(one.state == "confirmed" for one in speakers)
        needs_letter = is_asked or fact == "withdrawn" or person_id not in invited
        _owe(last, fact, session, speakers, (sender, domain) if needs_letter else None)
        again += [last.person.name] if is_asked else []
    if again:
        record(None, "speaker.asked", f"session:{session_id}", people=again)


def _fact(session: Session, speakers: Sequence[Speaker]) -> str:
    """What a speaker is to know of the session as it is; empty where it is over."""
    if session.state in _OFF:
        return session.state
    if session.state == "held" or session.ends_at <= clock.now():
        return ""
    return "moved" if speakers else "withdrawn"


def _is_news(fact: str, last: SpeakerLetter, session: Session, speakers: Sequence[Speaker]) -> bool:
    """Whether somebody who heard `last` does not know the fact."""
    if not fact or fact == last.fact != "moved" or last.answer == "declined":
        return False
    if fact == "moved":
        counts = any(one.state in ("asked", "confirmed") for one in speakers)
        return counts and (last.fact in _OFF or last.starts_at != session.starts_at)
    return last.fact in _ON or last.fact == "postponed"


def _last_heard(
    rows: Sequence[SpeakerLetter], fact: str, session: Session, speakers: Sequence[Speaker]
) -> SpeakerLetter | None:
    """The last that has left. What is owed still and no longer true never leaves."""
    left = list(rows)
    while left and (letter := left[-1].letter) is not None and _is_here(letter):
        last = left[-1]
        if letter.state == "superseded":
            left.pop()
            continue
        if last.fact == "asked" and fact == "moved":
            # It is written when it leaves, with the hour of then.
            last.starts_at = session.starts_at
            return last
        if last.fact == fact and last.starts_at == session.starts_at:
            return last
        letter.state = "superseded"
        left.pop()
        db.session.delete(last)
        if left and left[-1].answer == "confirmed":
            for one in speakers:
                one.state = "confirmed" if one.state == "asked" else one.state
    return left[-1] if left else None


def _is_here(letter: Letter) -> bool:
    """Whether nobody can have read it."""
    return letter.state in ("owed", "superseded") and letter.raw is None


def _owe(
    last: SpeakerLetter,
    fact: str,
    session: Session,
    speakers: Sequence[Speaker],
    by: tuple[str, str] | None,
) -> None:
    """Keep what they are told now, with a letter where `by` says (sender, domain)."""
    letter = _letter(last.person, *by) if by else None
    db.session.add(
        SpeakerLetter(
            session_id=session.id, person_id=last.person_id, fact=fact,
            starts_at=session.starts_at, was_starts_at=last.starts_at,
            letter_id=letter.id if letter else None,
        )
    )  # fmt: skip
    if fact != "moved":
        return
    for one in speakers:
        if one.state == "confirmed":
            one.state, one.asked_at = "asked", clock.now()
    bearer = next((one for one in speakers if one.token), speakers[0])
    bearer.token = bearer.token or secrets.token_urlsafe(16)
    bearer.letter_id = letter.id if letter else bearer.letter_id


def _letter(person: Person, sender: str, domain: str) -> Letter | None:
    if not person.emails:
        return None
    address = person.emails[0].address
    return outbox.post(SPEAKER_NEWS, sender, address, f"{uuid.uuid4()}@{domain}")


def _told_by_calendar(session: Session) -> set[int]:
    """The people whose calendar gets a letter about the session as it is now."""
    return set(
        db.session.scalars(
            select(Registration.person_id)
            .join(Invitation)
            .join(InviteMessage)
            .join(Letter, Letter.id == InviteMessage.letter_id)
            .where(
                Registration.session_id == session.id,
                InviteMessage.revision == session.revision,
                Letter.state.not_in(("superseded", "refused")),
            )
        )
    )
