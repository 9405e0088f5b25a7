"""Who calls: the owner of the bearer token, within its scopes; a cookie counts for nothing here."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g, request

from integrations.runtime import language
from integrations.runtime.viewer import Viewer
from sessions.flows import tokens
from sessions.rules import permissions
from sessions.web import guard
from sessions.web.api import problems

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

API = "/api/"
DOCS = "/api/v1/docs/"
_TEAM = frozenset({permissions.TEAM})


def look_up() -> None:
    """Set the viewer of an API call; 401 for a token that is unknown, revoked or may not read."""
    if not request.path.startswith(API):
        return
    g.viewer, g.scopes = Viewer(), frozenset[str]()
    if not request.path.startswith(DOCS):
        g.language = _asked_for() or language.DEFAULT
    _must_be_shallow()
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return
    token = tokens.find(secret.strip()) if kind.lower() == "bearer" else None
    if token is None:
        problems.stop("token.unknown")
    g.scopes = frozenset(token.scopes)
    g.token_person_id = token.person_id
    g.language = _asked_for() or token.person.locale
    if "read" in g.scopes:
        g.viewer = guard.viewer_of(token.person)


def _must_be_shallow() -> None:
    """End the call with 400 where its JSON is nested deeper than anything we take."""
    if not request.is_json:
        return
    try:
        json.loads(request.get_data())
    except RecursionError:
        problems.stop("request.malformed")
    except ValueError:
        return  # which is said where the body is read


def _asked_for() -> str | None:
    return request.accept_languages.best_match(language.LANGUAGES)


def needs(
    *scopes: str, team: bool = False, managing: bool = False
) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """The decorated endpoint takes a token of these scopes: else 401 without one, 403 with one.

    team: of a host or administrator; managing: of one who may change the session of `session_id`.
    Stands above what reads the arguments: who may not, is told nothing of what they sent.
    """

    def guarding(endpoint: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @wraps(endpoint)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            if not g.scopes:
                problems.stop("token.needed")
            for scope in scopes:
                if scope not in g.scopes:
                    problems.lacking(scope, g.scopes)
            keys = permissions.managing_keys(kwargs["session_id"]) if managing else _TEAM  # type: ignore[arg-type]
            if (team or managing) and not g.viewer.may_open(keys):
                problems.stop("access.denied")
            return endpoint(*args, **kwargs)

        guarded._apidoc = {  # type: ignore[attr-defined]
            **getattr(endpoint, "_apidoc", {}),
            "manual_doc": {"security": [{"bearer": list[str]()}]},
        }
        return guarded

    return guarding
