"""What came back by mail, what it asks people to decide, and who is reminded of what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from integrations.runtime.database import Model
from sessions.models.participation import ANSWERS, Invitation, Registration
from sessions.models.people import Person
from sessions.models.programme import City

MAIL_KINDS = ("reply", "counter", "refresh", "bounce", "auto_reply", "complaint", "other")
MAIL_OUTCOMES = ("taken", "ignored", "queued", "quarantined")
DECISIONS = ("open", "allowed", "rejected")
REMINDERS = ("week", "day", "hour", "recording")


class IncomingMail(Model):
    """One message that came to our address, and what was made of it.

    key: what tells it from all others (SHA-256 of the message), so that none is worked off twice.
    detail: why, in words for the operator. raw: kept for the quarantined alone.
    """

    __tablename__ = "incoming_mail"
    __table_args__ = (
        CheckConstraint(f"kind IN {MAIL_KINDS}", name="kind"),
        CheckConstraint(f"outcome IN {MAIL_OUTCOMES}", name="outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    message_id: Mapped[str] = mapped_column(Text, default="")
    sender: Mapped[str] = mapped_column(Text, default="")
    recipient: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text, default="")
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)


class Counter(Model):
    """Another time that someone invited proposed (RFC 5546, section 3.2.7); the host decides."""

    __tablename__ = "counters"
    __table_args__ = (
        UniqueConstraint("invitation_id", "sequence", "proposed_at"),
        CheckConstraint(f"state IN {DECISIONS}", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), index=True
    )
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_mail.id", ondelete="SET NULL"))
    sequence: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    proposed_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))

    invitation: Mapped[Invitation] = relationship()


class Forwarded(Model):
    """An answer from an address that was not invited, to somebody else's invitation.

    Nobody gets a seat by it until the host allows it (RFC 5546, section 3.2.3). sequence: of the
    letter that was answered, None where the client did not say.
    """

    __tablename__ = "forwarded_answers"
    __table_args__ = (
        UniqueConstraint("invitation_id", "address"),
        CheckConstraint(f"answer IN {ANSWERS}", name="answer"),
        CheckConstraint(f"state IN {DECISIONS}", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), index=True
    )
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_mail.id", ondelete="SET NULL"))
    address: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(String(20))
    sequence: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10), default="open")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))

    invitation: Mapped[Invitation] = relationship()


class Task(Model):
    """Something that a city's coordinator is asked to do. subject: about what, as "person:42"."""

    __tablename__ = "tasks"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    city_id: Mapped[int | None] = mapped_column(ForeignKey("cities.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))

    city: Mapped[City | None] = relationship()


class FeedToken(Model):
    """The secret address of a person's own calendar feed; a new one revokes the one before.

    digest: of what was last found there, and changed_at: when that was first found; so a calendar
    that asks by time alone is told the truth.
    """

    __tablename__ = "feed_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    digest: Mapped[str] = mapped_column(String(64), default="")
    changed_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")


class ReminderRun(Model):
    """A reminder that a person is owed or got, once for each time at which a session stood.

    run_at: when it was owed. letter_id: None where a digest is to say it.
    """

    __tablename__ = "reminder_runs"
    __table_args__ = (
        UniqueConstraint("registration_id", "kind", "starts_at"),
        CheckConstraint(f"kind IN {REMINDERS}", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    run_at: Mapped[datetime]
    letter_id: Mapped[int | None] = mapped_column(
        ForeignKey("letters.id", ondelete="SET NULL"), unique=True
    )

    registration: Mapped[Registration] = relationship()


class DigestRun(Model):
    """The digest that a person is owed or got, once a week. week_on: the Monday of the week.

    due_at: when it was due where they live, from which it follows what it tells.
    """

    __tablename__ = "digest_runs"
    __table_args__ = (UniqueConstraint("person_id", "week_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    week_on: Mapped[date]
    due_at: Mapped[datetime]
    letter_id: Mapped[int | None] = mapped_column(
        ForeignKey("letters.id", ondelete="SET NULL"), unique=True
    )

    person: Mapped[Person] = relationship()
