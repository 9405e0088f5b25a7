"""People, their addresses, what they may do, and how they sign in."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from integrations.runtime.database import Model
from sessions.models.programme import City

REMINDED = ("each", "digest", "none")
ROLES = ("admin", "host", "session_host", "coordinator", "editor", "member")


class Person(Model):
    """Anyone we know of. `tz` is their own choice; else the city's zone, else the browser's.

    reminders: a letter for "each", one "digest" a week, or "none".
    """

    __tablename__ = "people"
    __table_args__ = (CheckConstraint(f"reminders IN {REMINDED}", name="reminders"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    family: Mapped[str] = mapped_column(Text, default="")
    given: Mapped[str] = mapped_column(Text, default="")
    patronymic: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(8), default="ru")
    tz: Mapped[str | None] = mapped_column(String(64))
    city_id: Mapped[int | None] = mapped_column(ForeignKey("cities.id"))
    post: Mapped[str] = mapped_column(Text, default="")
    organisation: Mapped[str] = mapped_column(Text, default="")
    reminders: Mapped[str] = mapped_column(String(10), default="each")

    city: Mapped[City | None] = relationship(lazy="joined")
    emails: Mapped[list[PersonEmail]] = relationship(
        back_populates="person", order_by="PersonEmail.id", cascade="all, delete-orphan"
    )
    grants: Mapped[list[RoleGrant]] = relationship(
        back_populates="person", cascade="all, delete-orphan"
    )

    @property
    def name(self) -> str:
        """Given and family name; the first address where no name is known."""
        full = f"{self.given} {self.family}".strip()
        return full or (self.emails[0].address if self.emails else "")

    @property
    def initials_name(self) -> str:
        """«Н. Орлова», or the whole name where a part is missing."""
        return f"{self.given[0]}. {self.family}" if self.given and self.family else self.name

    @property
    def zone(self) -> str | None:
        """The IANA zone this person lives by, as far as we know."""
        return self.tz or (self.city.tz if self.city else None)


class PersonEmail(Model):
    """An address, in lower case; it belongs to one person."""

    __tablename__ = "person_emails"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(320), unique=True)

    person: Mapped[Person] = relationship(back_populates="emails")


class RoleGrant(Model):
    """A role a person holds. scope: "*", or what it is limited to: "city:7", "session:42"."""

    __tablename__ = "role_grants"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "scope"),
        CheckConstraint(f"role IN {ROLES}", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(60), default="*")

    person: Mapped[Person] = relationship(back_populates="grants")


class Role(Model, RoleMixin):
    """Flask-Security wants a table of roles; ours are RoleGrants, and this one stays empty."""

    __tablename__ = "account_roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class Account(Model, UserMixin):
    """The sign-in of a person. Field names are Flask-Security's."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    last_sign_in_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")

    # None of Flask-Security's: what a person may do follows from the grants.
    roles: ClassVar[list[RoleMixin]] = []  # type: ignore[misc]


class FailedSignIn(Model):
    """One failed attempt, counted by address and by network."""

    __tablename__ = "failed_sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(340), index=True)
    at: Mapped[datetime]


class ApiToken(Model):
    """A bearer token of the JSON API; only its hash is kept. scopes: read, plan, archive."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")
