"""A form that is sent twice leads to what it made the first time.

The same form with other words in it, as after the browser's way back, is another form: a change is
then met by the revision it has seen, and what makes something makes one more.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable

from flask import has_request_context, request
from sqlalchemy.exc import IntegrityError

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from sessions.models.audit import TakenForm

FIELD = "once"
_LONGEST = 64
# Told anew by each page, whatever is written in its form.
_NOT_WRITTEN = (FIELD, "csrf_token")


def token() -> str:
    """A new token for the hidden field `once` of one form; in templates `once_token()`."""
    return secrets.token_urlsafe(24)


def done(token: str) -> str | None:
    """Where this form led when it was sent before, None where it was not."""
    taken = db.session.get(TakenForm, _key(token), populate_existing=True) if token else None
    return taken.url if taken else None


def take(token: str, url: str) -> None:
    """Remember where a form led, in the transaction of the change it asks for.

    Raises IntegrityError where the same form was taken meanwhile: the change must not be made.
    """
    if token:
        db.session.add(TakenForm(token=_key(token), url=url, at=clock.now()))
        db.session.flush()


def _key(token: str) -> str:
    """What a form is known by: its token, and what this request brings in it."""
    written = sorted(
        (name, value)
        for name, value in (request.form.items(multi=True) if has_request_context() else ())
        if name not in _NOT_WRITTEN
    )
    whole = json.dumps([token[:_LONGEST], written])
    return hashlib.sha256(whole.encode()).hexdigest()


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
