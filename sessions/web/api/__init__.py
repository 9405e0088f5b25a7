"""The JSON API under /api/v1: bearer tokens only, and only therefore free of CSRF tokens."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api
from flask_wtf import CSRFProtect

import archive.api
from integrations.runtime.settings import Settings
from sessions.web.api import (
    bearer,
    changing,  # noqa: F401 adds its endpoints to those of sessions
    cities,
    conditional,
    docs,
    mine,
    problems,
    seasons,
    series,
    sessions,
)

VERSION = "v1"
_DESCRIPTION = """\
Seasons, cities, series, sessions, talks and the search. Without a token: what is public. With one
(`Authorization: Bearer …`): what its owner may see, within its scopes — `read` to read, `plan` with
`read` to plan and to change.

    curl -H "Authorization: Bearer $TOKEN" "{base}/api/v1/sessions/?from=2026-10-01&format=seminar"

Times are ISO 8601 with an offset; beside them stand `wall_start` and `tz`, what the host wrote.
A list says `total`, `page` and `pages`; ask with `page` and `per_page`.

Every answer to a GET has an ETag: send it as If-None-Match, and what is still so answers 304.
A change names the revision you have seen, with If-Match (the session's ETag) or `revision`; where
somebody saved meanwhile the answer is 409 with both versions, `yours` and `theirs`.
A POST with an Idempotency-Key that is sent twice makes one thing.

Errors are `application/problem+json` (RFC 9457) in the language of Accept-Language, else of the
token's owner; `code` is the same in every language.
"""


def config(settings: Settings) -> dict[str, object]:
    """flask-smorest's settings."""
    base = settings.base_url.rstrip("/")
    return {
        "API_TITLE": "Vzaimo",
        "API_VERSION": VERSION,
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api/v1",
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "info": {"description": _DESCRIPTION.replace("{base}", base)},
            "servers": [{"url": base}],
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            },
            "security": [{}, {"bearer": []}],
        },
    }


class JsonApi(Api):
    """Leaves errors to the application, which answers pages with pages and the API with JSON."""

    ERROR_SCHEMA = problems.ProblemOut

    def _register_error_handlers(self) -> None:
        """Registers none: the library's own would answer for every page as well."""

    def _register_responses(self) -> None:
        """The usual ones, all of them errors, described with the type that errors have."""
        usual = self.DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE = problems.MEDIA_TYPE
        super()._register_responses()
        self.DEFAULT_RESPONSE_CONTENT_TYPE = usual


class Shallow(DefaultJSONProvider):
    """Takes JSON that is nested too deeply for what is not JSON, which every reader expects."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError as deep:
            raise ValueError("nested too deeply") from deep


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Register the endpoints, their description and its page."""
    app.json = Shallow(app)
    api = JsonApi(app)
    for own in (seasons, cities, series, sessions, mine, archive.api):
        api.register_blueprint(own.endpoints)
        csrf.exempt(own.endpoints)
    app.before_request(bearer.look_up)
    app.after_request(conditional.finish)
    app.register_blueprint(docs.pages)
