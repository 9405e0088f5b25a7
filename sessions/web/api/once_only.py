"""A call that is sent twice makes one thing: the header Idempotency-Key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from flask import g, request
from marshmallow import EXCLUDE, Schema, fields, validate

from sessions.web import once
from sessions.web.api import problems


class Key(Schema):
    """A name for this call; sent again with the same, it gives what it made the first time."""

    class Meta:
        unknown = EXCLUDE

    idempotency_key = fields.Str(
        data_key="Idempotency-Key", load_default="", validate=validate.Length(max=200)
    )


def once_only(given: Mapping[str, str], make: Callable[[], int]) -> int:
    """Make something unless this call made it before; its number either way.

    Ends the call with 422 where the key came with another body before.
    """
    key = given["idempotency_key"]
    whole = f"{g.token_person_id}\n{request.path}\n{key}"
    token = "api-" + hashlib.sha256(whole.encode()).hexdigest()[:60] if key else ""
    body = hashlib.sha256(request.get_data()).hexdigest()
    number, _, was = once.only(token, lambda: f"{make()} {body}").partition(" ")
    if was != body:
        problems.stop("key.reused")
    return int(number)
