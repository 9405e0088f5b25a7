"""Who takes part, and what their calendars were told."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from integrations.mail.outbox import Letter
from integrations.runtime import clock
from integrations.runtime.database import Model, db
from sessions.models.people import Person
from sessions.models.session import Session

REGISTRATION_STATES = (
    "invited", "registered", "confirmed", "waiting", "offered", "expired", "withdrawn", "declined",
)  # fmt: skip

ANSWERS = ("accepted", "tentative", "declined")
ANSWER_SOURCES = ("page", "mail", "host")

# Whoever is in these states is told of the session; in the others the link lets nobody in.
HOLDING = ("invited", "registered", "confirmed", "waiting", "offered", "expired")

SEAT_FACTS = ("seated", "waiting", "offered", "expired")


class Registration(Model):
    """A person takes part in a session, at most once.

    mode: "online" or "in_person"; empty where the session has one mode, or they have not said.
    asked_at: when they asked for a place, which orders the waiting list; offered_until: when the
    place that is offered to them goes to the next. has_seat: the host keeps a place for them before
    they answer.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        CheckConstraint(f"state IN {REGISTRATION_STATES}", name="state"),
        Index("ix_registrations_seats", "session_id", "state", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default="invited")
    head_count: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    mode: Mapped[str] = mapped_column(String(20), default="")
    asked_at: Mapped[datetime | None]
    offered_until: Mapped[datetime | None]
    has_seat: Mapped[bool] = mapped_column(default=False)

    session: Mapped[Session] = relationship()
    person: Mapped[Person] = relationship(lazy="joined")
    invitation: Mapped[Invitation] = relationship(back_populates="registration")


class Invitation(Model):
    """The calendar letter of a registration. `token`: the secret in join link and ORGANIZER.

    organizer: the address that answers go to, as the first letter had it: calendars take a later
    letter for another meeting's where it differs (RFC 5546, section 3.2.2). Empty before that.
    ahead: by how much its SEQUENCE is higher than the session's. Who is taken off the list, or
    invited again, hears of a change (RFC 5546, section 3.2.5) that is none for anybody else.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), unique=True
    )
    token: Mapped[str] = mapped_column(String(64), unique=True)
    attendee_email: Mapped[str] = mapped_column(String(320))
    organizer: Mapped[str] = mapped_column(String(320), default="")
    ahead: Mapped[int] = mapped_column(default=0, server_default="0")

    registration: Mapped[Registration] = relationship(back_populates="invitation")
    messages: Mapped[list[InviteMessage]] = relationship(
        back_populates="invitation", order_by="InviteMessage.id"
    )
    answers: Mapped[list[Answer]] = relationship(
        back_populates="invitation", order_by="Answer.sequence, Answer.answered_at, Answer.id"
    )

    @property
    def current_answer(self) -> Answer | None:
        """The answer that counts, None where there is none."""
        return self.answers[-1] if self.answers else None

    def make_newer(self, method: str) -> None:
        """Have the next letter newer than those before, for the calendar and for us."""
        session = self.registration.session
        if any((m.revision, m.method) == (session.revision, method) for m in self.messages):
            self._step_ahead_of(session)
        if self.messages:
            self.ahead += 1
            earliest = session.revised_at + timedelta(seconds=1)
            session.revised_at = max(clock.now().replace(microsecond=0), earliest)

    def _step_ahead_of(self, session: Session) -> None:
        """Count a revision for this person's sake, which is none that others have to hear of."""
        before = session.revision
        session.revision += 1
        if session.announced_revision == before:
            session.announced_revision = session.revision
        others = select(Invitation.id).join(Registration)
        others = others.where(Registration.session_id == session.id, Invitation.id != self.id)
        db.session.execute(
            update(InviteMessage)
            .where(InviteMessage.revision == before, InviteMessage.invitation_id.in_(others))
            .values(revision=session.revision)
            .execution_options(synchronize_session="fetch")
        )


class InviteMessage(Model):
    """What one calendar was told: the letter for a revision of the session, and its method.

    because: why a CANCEL says that it will not be: "cancelled", "postponed", or "withdrawn" for the
    one person alone. starts_at: when the session was to begin as the letter says.
    """

    __tablename__ = "invite_messages"
    __table_args__ = (UniqueConstraint("invitation_id", "revision", "method"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"))
    revision: Mapped[int]
    sequence: Mapped[int]
    method: Mapped[str] = mapped_column(String(10))
    because: Mapped[str] = mapped_column(String(20), default="")
    starts_at: Mapped[datetime | None]
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), unique=True)

    invitation: Mapped[Invitation] = relationship(back_populates="messages")
    letter: Mapped[Letter] = relationship(lazy="joined")


class Answer(Model):
    """What someone answered to an invitation; never changed, the latest counts.

    The latest is the one of the highest (sequence, answered_at), as RFC 5546, section 2.1.5 orders
    replies by SEQUENCE and DTSTAMP. starts_at: the time they answered to; one who answered to
    another than the session's is asked anew. None counts as the session's.
    """

    __tablename__ = "answers"
    __table_args__ = (
        CheckConstraint(f"answer IN {ANSWERS}", name="answer"),
        CheckConstraint(f"source IN {ANSWER_SOURCES}", name="source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), index=True
    )
    answer: Mapped[str] = mapped_column(String(20))
    sequence: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(10))
    comment: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[datetime | None]

    invitation: Mapped[Invitation] = relationship(back_populates="answers")

    def is_of(self, session: Session) -> bool:
        """Whether it answers to the session at the time at which it stands."""
        return self.starts_at is None or self.starts_at == session.starts_at


class SeatLetter(Model):
    """A letter about someone's seat.

    place: in the waiting list when it was owed. until: to when the seat is kept for them.
    """

    __tablename__ = "seat_letters"
    __table_args__ = (CheckConstraint(f"fact IN {SEAT_FACTS}", name="fact"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    fact: Mapped[str] = mapped_column(String(20))
    place: Mapped[int | None]
    until: Mapped[datetime | None]
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), unique=True)

    registration: Mapped[Registration] = relationship()
    letter: Mapped[Letter] = relationship(lazy="joined")


class JoinClick(Model):
    """Someone pressed the join button."""

    __tablename__ = "join_clicks"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registrations.id"), index=True)
    at: Mapped[datetime]
