"""Calling the API as a program does that speaks English."""

from __future__ import annotations

from sessions.flows import tokens
from sessions.models.people import Person

ENGLISH = {"Accept-Language": "en"}


def bearer(person: Person, *scopes: str) -> dict[str, str]:
    """The headers of a caller with a new token of this person."""
    secret = tokens.issue(person.id, "test", list(scopes), None)
    return {"Authorization": f"Bearer {secret}", **ENGLISH}
