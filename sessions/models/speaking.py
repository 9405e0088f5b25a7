"""What speakers know of the session in which they are to speak."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from integrations.mail.outbox import Letter
from integrations.runtime.database import Model, db
from sessions.models.people import Person
from sessions.models.session import AgendaItem, Session, Speaker

SPEAKER_FACTS = ("asked", "moved", "postponed", "cancelled", "withdrawn")


class SpeakerLetter(Model):
    """What someone who speaks was told: that they are asked, or what became of the session.

    starts_at: when the session was to begin as they were told; was_starts_at: as they knew before.
    answer: what they answered to it, empty where nothing. letter_id: None where another letter
    told them, such as the one for their calendar.
    """

    __tablename__ = "speaker_letters"
    __table_args__ = (CheckConstraint(f"fact IN {SPEAKER_FACTS}", name="fact"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    fact: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    was_starts_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(20), default="")
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"), unique=True)

    session: Mapped[Session] = relationship()
    person: Mapped[Person] = relationship(lazy="joined")
    letter: Mapped[Letter | None] = relationship(lazy="joined")


def by_person(session_id: int) -> dict[int, list[Speaker]]:
    """What each person shows in a session, in the order of the agenda; keys are ids of people."""
    found: dict[int, list[Speaker]] = {}
    rows = db.session.scalars(
        select(Speaker)
        .join(AgendaItem)
        .where(AgendaItem.session_id == session_id)
        .order_by(AgendaItem.offset_min, AgendaItem.id, Speaker.position, Speaker.id)
    )
    for speaker in rows:
        found.setdefault(speaker.person_id, []).append(speaker)
    return found


def told(session_id: int) -> dict[int, list[SpeakerLetter]]:
    """What each speaker was told of a session, in order; keys are ids of people."""
    found: dict[int, list[SpeakerLetter]] = {}
    rows = db.session.scalars(
        select(SpeakerLetter)
        .where(SpeakerLetter.session_id == session_id)
        .order_by(SpeakerLetter.id)
    )
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def remember(session: Session) -> None:
    """Keep what those asked or confirmed know of a session, before it becomes another."""
    speaking = by_person(session.id)
    if not speaking:
        return
    known = told(session.id)
    for person_id, speakers in speaking.items():
        states = {one.state for one in speakers}
        if person_id not in known and states & {"asked", "confirmed"}:
            answer = "confirmed" if "confirmed" in states else ""
            db.session.add(
                SpeakerLetter(
                    session_id=session.id, person_id=person_id, fact="asked",
                    starts_at=session.starts_at, answer=answer,
                )
            )  # fmt: skip
    db.session.flush()
