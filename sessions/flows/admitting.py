"""Someone gets a sign-in: a person, their role, an account."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from integrations.runtime.database import db, transaction
from sessions.models.audit import record
from sessions.models.people import Account, Person, PersonEmail, RoleGrant
from sessions.rules.addresses import split_name


def admit(
    email: str,
    *,
    name: str = "",
    role: str = "member",
    scope: str = "*",
    password_hash: str | None = None,
    by: int | None = None,
) -> tuple[int, bool]:
    """Let someone sign in; the account's id, and whether it is new.

    A person or account that is there keeps what it has and gets what is given: the role, and the
    password unless `password_hash` is None.
    """
    address = email.strip().lower()
    with transaction():
        person = _person(address, name)
        grant(person, role, scope)
        account = db.session.scalars(select(Account).where(Account.person_id == person.id)).first()
        is_new = account is None
        if account is None:
            account = Account(
                person_id=person.id, email=address, active=True, fs_uniquifier=uuid.uuid4().hex
            )
            db.session.add(account)
        if password_hash is not None:
            account.password = password_hash
        db.session.flush()
        record(by, "account.admitted", f"account:{account.id}", role=role, scope=scope)
        return account.id, is_new


def grant(person: Person, role: str, scope: str) -> None:
    """Give a person a role, in the caller's transaction; one they hold already is left as it is."""
    held = db.session.scalar(
        select(RoleGrant.id).where(
            RoleGrant.person_id == person.id, RoleGrant.role == role, RoleGrant.scope == scope
        )
    )
    if held is None:
        db.session.add(RoleGrant(person_id=person.id, role=role, scope=scope))


def _person(address: str, name: str) -> Person:
    known = db.session.scalars(select(PersonEmail).where(PersonEmail.address == address)).first()
    person = known.person if known else Person(emails=[PersonEmail(address=address)])
    if name:
        person.family, person.given, person.patronymic = split_name(name)
    db.session.add(person)
    db.session.flush()
    return person
