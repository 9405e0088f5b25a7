"""Speakers are asked whether they will, answer by a link of their own, and correct their names."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from integrations.mail import outbox
from integrations.mail.outbox import Letter
from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import SessionEdited
from sessions.models.audit import record
from sessions.models.people import Person
from sessions.models.session import Session, Speaker
from sessions.models.speaking import SpeakerLetter, by_person, told
from sessions.rules import lifecycle

__all__ = [
    "Asked",
    "Spelling",
    "answer",
    "ask",
    "by_person",
    "by_token",
    "is_answerable",
    "respell",
]

SPEAKER = "speaker"
_SPELT = ("family", "given", "patronymic", "post", "organisation")
_ANSWERABLE = lifecycle.MOVABLE | lifecycle.JOINABLE


@dataclass
class Asked:
    """The names of the people asked, and of those who have no address."""

    people: list[str] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Spelling:
    """How a person's name, post and organisation are to be written."""

    family: str
    given: str
    patronymic: str
    post: str
    organisation: str


def ask(session_id: int, by: int | None, sender: str, domain: str, *, again: bool = False) -> Asked:
    """Owe a letter to every speaker who was not asked yet, one a person, whatever they show.

    again: those who were asked and are silent are asked once more, by the link they have.
    Raises Refused("speaker.over"), or Refused("speaker.nobody_to_ask").
    """
    done = Asked()
    with transaction():
        session = Session.locked(session_id)
        if session.state not in _ANSWERABLE:
            raise Refused("speaker.over")
        wanted = {"named", "asked"} if again else {"named"}
        for speakers in by_person(session_id).values():
            if wanted.isdisjoint(one.state for one in speakers):
                continue
            person = speakers[0].person
            if not person.emails:
                done.unreachable.append(person.name)
                continue
            _owe_question(speakers, sender, domain)
            done.people.append(person.name)
        if not done.people:
            raise Refused("speaker.nobody_to_ask")
        record(by, "speaker.asked", f"session:{session.id}", people=done.people)
    return done


def _owe_question(speakers: Sequence[Speaker], sender: str, domain: str) -> None:
    bearer = next((one for one in speakers if one.token), speakers[0])
    if bearer.letter is not None and bearer.letter.state == "owed":
        bearer.letter.state = "superseded"
    address = bearer.person.emails[0].address
    letter = outbox.post(SPEAKER, sender, address, f"{uuid.uuid4()}@{domain}")
    bearer.token = bearer.token or secrets.token_urlsafe(16)
    bearer.letter_id = letter.id
    _remember(bearer, letter)
    for one in speakers:
        if one.state == "named":
            one.state = "asked"
        one.asked_at = clock.now()


def _remember(bearer: Speaker, letter: Letter) -> None:
    """Keep of which hour they are asked."""
    session = db.session.get_one(Session, bearer.item.session_id)
    db.session.add(
        SpeakerLetter(
            session_id=session.id, person_id=bearer.person_id, fact="asked",
            starts_at=session.starts_at, letter_id=letter.id,
        )
    )  # fmt: skip


def by_token(token: str) -> list[Speaker]:
    """What the person of this link shows in its session; nothing where the link is not good."""
    bearer = db.session.scalars(select(Speaker).where(Speaker.token == token)).first()
    if bearer is None:
        return []
    return by_person(bearer.item.session_id)[bearer.person_id]


def is_answerable(session: Session) -> bool:
    """Whether it still matters who will speak."""
    return session.state in _ANSWERABLE and session.ends_at > clock.now()


def answer(token: str, *, will: bool, note: str = "") -> None:
    """Keep what a speaker answered; the last answer counts. Raises Refused("speaker.over").

    Raises LookupError where the link leads nowhere any more.
    """
    with transaction():
        speakers = _answering(token)
        session = Session.locked(speakers[0].item.session_id)
        if not is_answerable(session):
            raise Refused("speaker.over")
        state = "confirmed" if will else "declined"
        for one in speakers:
            one.state, one.note, one.answered_at = state, note, clock.now()
        for row in told(session.id).get(speakers[0].person_id, [])[-1:]:
            row.answer = state
        person = speakers[0].person
        record(person.id, f"speaker.{state}", f"session:{session.id}", name=person.name, note=note)


def respell(token: str, spelling: Spelling) -> None:
    """Write a speaker's name, post and organisation as they say. Raises as `answer` does."""
    with transaction():
        speakers = _answering(token)
        session = Session.locked(speakers[0].item.session_id)
        if not is_answerable(session):
            raise Refused("speaker.over")
        person = db.session.get_one(Person, speakers[0].person_id, with_for_update={"of": Person})
        was = {
            name: getattr(person, name)
            for name in _SPELT
            if getattr(person, name) != getattr(spelling, name)
        }
        if not was:
            return
        for name in was:
            setattr(person, name, getattr(spelling, name))
        record(person.id, "person.respelt", f"person:{person.id}", was=was)
        record(person.id, "speaker.respelt", f"session:{session.id}", name=person.name)
        if session.state != "draft":
            publish(SessionEdited(session.id, person.id, tell=False))


def _answering(token: str) -> list[Speaker]:
    speakers = by_token(token)
    if not speakers:
        raise LookupError("a link that leads to no speaker")
    return speakers
