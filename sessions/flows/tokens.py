"""Tokens with which programs use the JSON API in a person's name."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.models.audit import record
from sessions.models.people import ApiToken

SCOPES = ("read", "plan", "archive")
PREFIX = "vz_"
_SEEN_EVERY = timedelta(minutes=5)


def issue(person_id: int, name: str, scopes: list[str], by: int | None) -> str:
    """A new token, in clear for the only time; what is kept is its hash.

    Raises Refused("token.scopes") for none or an unknown scope, "token.name" for an empty name.
    """
    if not name.strip():
        raise Refused("token.name")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Refused("token.scopes")
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction():
        token = ApiToken(
            person_id=person_id, name=name.strip(), sha256=_hash(secret),
            scopes=sorted(set(scopes)), made_at=clock.now(),
        )  # fmt: skip
        db.session.add(token)
        db.session.flush()
        record(by, "token.issued", f"token:{token.id}", scopes=token.scopes)
    return secret


def revoke(token_id: int, person_id: int) -> None:
    """Make a token of this person worthless from now on; revoking twice is once."""
    with transaction():
        token = db.session.scalars(
            select(ApiToken).where(ApiToken.id == token_id, ApiToken.person_id == person_id)
        ).first()
        if token is not None and token.revoked_at is None:
            token.revoked_at = clock.now()
            record(person_id, "token.revoked", f"token:{token.id}")


def of_person(person_id: int) -> list[ApiToken]:
    """The tokens of a person that still work, newest first."""
    return list(
        db.session.scalars(
            select(ApiToken)
            .where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
            .order_by(ApiToken.id.desc())
        )
    )


def find(secret: str) -> ApiToken | None:
    """The token of this secret, or None for an unknown or revoked one."""
    token = db.session.scalars(
        select(ApiToken).where(ApiToken.sha256 == _hash(secret), ApiToken.revoked_at.is_(None))
    ).first()
    now = clock.now()
    if token is not None and (token.used_at is None or now - token.used_at > _SEEN_EVERY):
        token_id = token.id
        with transaction():
            db.session.get_one(ApiToken, token_id).used_at = now
    return token


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
