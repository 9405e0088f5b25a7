"""Who calls: the owner of the bearer token, within its scopes; a cookie counts for nothing here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g, request
from flask_smorest import abort

from integrations.runtime.viewer import Viewer
from sessions.flows import tokens
from sessions.web import guard

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

API = "/api/"


def look_up() -> None:
    """Set the viewer of an API call; 401 for a token that is unknown, revoked or may not read."""
    if not request.path.startswith(API):
        return
    g.viewer, g.scopes = Viewer(), frozenset[str]()
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return
    token = tokens.find(secret.strip()) if kind.lower() == "bearer" else None
    if token is None:
        abort(401, message="This token is unknown or was revoked.")
    g.scopes = frozenset(token.scopes)
    g.token_person_id = token.person_id
    if "read" in g.scopes:
        g.viewer = guard.viewer_of(token.person)


def needs(scope: str) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """The decorated endpoint takes a token of this scope: else 401 without one, 403 with one."""

    def guarding(endpoint: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @wraps(endpoint)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            if not g.scopes:
                abort(401, message="This call needs a token.")
            if scope not in g.scopes:
                held = ", ".join(sorted(g.scopes))
                abort(403, message=f"This token lacks the scope {scope}; it has {held}.")
            return endpoint(*args, **kwargs)

        return guarded

    return guarding
