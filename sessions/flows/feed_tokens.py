"""The secret address at which a person's calendar fetches that person's sessions."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from sessions.models.audit import record
from sessions.models.correspondence import FeedToken
from sessions.models.people import Person

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SEEN_EVERY = timedelta(hours=1)


def make(person_id: int) -> str:
    """A new address for a person's calendar; the one they had leads nowhere from now on."""
    with transaction():
        db.session.get_one(Person, person_id, with_for_update={"of": Person})
        revoke(person_id)
        token = FeedToken(person_id=person_id, token=secrets.token_urlsafe(24), made_at=clock.now())
        db.session.add(token)
        db.session.flush()
        record(person_id, "feed.made", f"person:{person_id}", feed=token.id)
        return token.token


def revoke(person_id: int) -> None:
    """Have the address of a person's calendar lead nowhere; revoking twice is once."""
    with transaction():
        for token in db.session.scalars(_working().where(FeedToken.person_id == person_id)):
            token.revoked_at = clock.now()
            record(person_id, "feed.revoked", f"person:{person_id}", feed=token.id)


def of_person(person_id: int) -> FeedToken | None:
    """The address that works, with when a calendar last came; None where there is none."""
    return db.session.scalars(_working().where(FeedToken.person_id == person_id)).first()


def find(secret: str) -> FeedToken | None:
    """Whose calendar an address is, also a revoked one's; None for one that never was."""
    if not _TOKEN.fullmatch(secret):
        return None
    return db.session.scalars(select(FeedToken).where(FeedToken.token == secret)).first()


def note(token: FeedToken, digest: str) -> datetime:
    """Since when the calendar has been as it is now; notes that it was fetched, once an hour.

    digest: of its bytes. It writes only where there is something to tell.
    """
    now = clock.now()
    is_new = token.digest != digest
    if is_new or token.fetched_at is None or now - token.fetched_at >= _SEEN_EVERY:
        token_id = token.id
        with transaction():
            token = db.session.get_one(FeedToken, token_id, with_for_update={"of": FeedToken})
            token.fetched_at = now
            if token.digest != digest:
                token.digest, token.changed_at = digest, _later(token.changed_at, now)
    return token.changed_at or token.made_at


def _later(before: datetime | None, now: datetime) -> datetime:
    """Now; where that is the very second of the change before, the second after."""
    at = now.replace(microsecond=0)
    return max(at, before + timedelta(seconds=1)) if before else at


def _working() -> Select[FeedToken]:
    return select(FeedToken).where(FeedToken.revoked_at.is_(None))
