"""A form that is sent twice leads to what it made the first time."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from sessions.models.audit import TakenForm

FIELD = "once"
_LONGEST = 64


def token() -> str:
    """A new token for the hidden field `once` of one form; in templates `once_token()`."""
    return secrets.token_urlsafe(24)


def done(token: str) -> str | None:
    """Where this form led when it was sent before, None where it was not."""
    taken = db.session.get(TakenForm, token[:_LONGEST], populate_existing=True) if token else None
    return taken.url if taken else None


def take(token: str, url: str) -> None:
    """Remember where a form led, in the transaction of the change it asks for.

    Raises IntegrityError where the same form was taken meanwhile: the change must not be made.
    """
    if token:
        db.session.add(TakenForm(token=token[:_LONGEST], url=url, at=clock.now()))
        db.session.flush()


def only(token: str, change: Callable[[], str]) -> str:
    """Make the change a form asks for unless this form made it before; the address it leads to.

    change: makes it in one transaction with the token, and says the address. Of two forms sent at
    the same moment one makes the change and both get its address. Without a token it is made.
    """
    try:
        with transaction():
            url = done(token)
            if url is None:
                url = change()
                take(token, url)
    except IntegrityError:
        earlier = done(token)
        if earlier is None:
            raise
        return earlier
    return url
