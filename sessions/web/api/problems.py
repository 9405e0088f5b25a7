"""What went wrong, as RFC 9457 has it: a stable code, and words in the caller's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Response, jsonify
from flask_babel import gettext, lazy_gettext
from flask_smorest import abort
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from integrations.runtime import ports
from integrations.runtime.errors import Refused, Stale
from integrations.runtime.settings import Settings
from sessions.web import words
from sessions.web.api import complaints
from sessions.web.headers import request_id

MEDIA_TYPE = "application/problem+json"

# Code to (status, title). The first of a status stands for it where nothing more is known.
PROBLEMS: Mapping[str, tuple[int, str]] = {
    "request.malformed": (400, lazy_gettext("The request cannot be read as JSON.")),
    "token.needed": (401, lazy_gettext("This call needs a token.")),
    "token.unknown": (401, lazy_gettext("This token is unknown or was revoked.")),
    "access.denied": (403, lazy_gettext("The owner of this token may not do this.")),
    "token.scope": (403, lazy_gettext("This token lacks a scope.")),
    "not_found": (404, lazy_gettext("There is no such thing, or it is not open to you.")),
    "method.not_allowed": (405, lazy_gettext("This address does not take this method.")),
    "state.conflict": (409, lazy_gettext("Its state does not allow this.")),
    "edit.stale": (409, lazy_gettext("Someone changed it meanwhile.")),
    "request.too_large": (413, lazy_gettext("The request is too large.")),
    "input.invalid": (422, lazy_gettext("Some of what was sent cannot be used.")),
    "key.reused": (422, lazy_gettext("This Idempotency-Key was sent with something else before.")),
    "edit.revision_missing": (428, lazy_gettext("Say which revision you have seen.")),
    "rate.limited": (429, lazy_gettext("Too many calls. Wait a minute.")),
    "unexpected": (500, lazy_gettext("Something went wrong here. It is written in the log.")),
    "database.unavailable": (503, lazy_gettext("The database does not answer. Try again later.")),
}
_OF_STATUS = {status: code for code, (status, _) in reversed(list(PROBLEMS.items()))}
# Refusals because of the state that the thing is in now; the rest are because of what was sent.
_BY_STATE = ("session.cannot_", "session.not_movable", "session.not_begun", "session.over")


class ComplaintOut(Schema):
    detail = fields.Str(required=True)
    pointer = fields.Str(metadata={"description": "where in the body, as RFC 6901 has it"})
    parameter = fields.Str(metadata={"description": "which parameter of the query or header"})


class ProblemOut(Schema):
    """An error. `code` stays the same whatever the language."""

    type = fields.Str(required=True, metadata={"description": "leads to the list of codes"})
    title = fields.Str(required=True)
    status = fields.Int(required=True)
    detail = fields.Str(required=True)
    code = fields.Str(required=True, metadata={"example": "edit.stale"})
    errors = fields.List(fields.Nested(ComplaintOut), required=True)
    request_id = fields.Str(required=True, metadata={"description": "as it stands in the log"})
    yours = fields.Dict(metadata={"description": "of a stale edit: what was sent"})
    theirs = fields.Dict(metadata={"description": "of a stale edit: the thing as it is now"})


def stop(code: str, **errors: Any) -> NoReturn:
    """End the call with a problem of this code. errors: complaints as marshmallow nests them."""
    abort(PROBLEMS[code][0], code=code, errors=errors)
    raise AssertionError(code)


def answer(
    status: int,
    code: str = "",
    detail: str = "",
    errors: Any = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """The answer for a problem; without a code, that of its status."""
    code = code or _OF_STATUS.get(status, "unexpected" if status >= 500 else "request.malformed")
    title = str(PROBLEMS.get(code, PROBLEMS[_OF_STATUS.get(status, "request.malformed")])[1])
    base = ports.get(Settings).base_url.rstrip("/")
    body = {
        "type": f"{base}/api/v1/docs/#{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "errors": list(_flat(errors or {})),
        "request_id": request_id(),
        **more,
    }
    response = jsonify(body)
    response.status_code, response.mimetype = status, MEDIA_TYPE
    response.headers.update(headers or {})
    return response


def of_http(error: HTTPException) -> Response:
    """What abort() was given, of flask-smorest or of webargs, as a problem."""
    told = getattr(error, "data", None) or {}
    status = error.code or 500
    code = told.get("code", "")
    errors = told.get("errors") or told.get("messages")
    kept = ("Allow", "Retry-After", "WWW-Authenticate")
    headers = {name: value for name, value in error.get_headers() if name in kept}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return answer(status, code, told.get("detail", ""), errors, headers)


def of_refusal(refused: Refused, **more: Any) -> Response:
    """What the rules do not allow: 409 for a stale edit or the wrong state, else 422."""
    by_state = isinstance(refused, Stale) or refused.reason.startswith(_BY_STATE)
    sentence = words.refusal(refused.reason, **refused.details)
    status = 409 if by_state else 422
    return answer(status, refused.reason, sentence, **more)


def codes() -> Iterator[tuple[str, int, str]]:
    """Every code with its status and what it means, for the page that describes the API."""
    for code, (status, title) in PROBLEMS.items():
        yield code, status, str(title)
    for reason in words.REFUSALS:
        if reason.startswith(("session.", "series.", "topic.")):
            status = 409 if reason.startswith(_BY_STATE) else 422
            yield reason, status, words.refusal(reason)


def lacking(scope: str, held: frozenset[str]) -> NoReturn:
    """End the call because the token lacks a scope."""
    detail = gettext(
        "This token lacks the scope %(scope)s; it has %(held)s.",
        scope=scope,
        held=", ".join(sorted(held)),
    )
    abort(403, code="token.scope", detail=detail)
    raise AssertionError(scope)


def _flat(errors: Any) -> Iterator[dict[str, str]]:
    """marshmallow's nested complaints one by one: {location: {field: [complaint]}}."""
    if not isinstance(errors, Mapping):
        return
    for location, within in errors.items():
        for path, complaint in _leaves(within, ()):
            said = complaints.said(complaint)
            if location == "json":
                pointer = "".join(f"/{step}" for step in path if step != "_schema")
                yield {"detail": said, "pointer": f"#{pointer}"}
            else:
                yield {"detail": said, "parameter": ".".join(path)}


def _leaves(within: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(within, Mapping):
        for name, inner in within.items():
            yield from _leaves(inner, (*path, str(name)))
    elif isinstance(within, list):
        for inner in within:
            yield from _leaves(inner, path)
    else:
        yield path, str(within)
