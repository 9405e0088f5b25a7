"""The JSON API under /api/v1: bearer tokens only, and only therefore free of CSRF tokens."""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api
from flask_wtf import CSRFProtect

import archive.api
from integrations.runtime.settings import Settings
from sessions.web.api import bearer, docs, sessions

VERSION = "v1"


def config(settings: Settings) -> dict[str, object]:
    """flask-smorest's settings."""
    return {
        "API_TITLE": "Vzaimo",
        "API_VERSION": VERSION,
        "OPENAPI_VERSION": "3.0.3",
        "OPENAPI_URL_PREFIX": "/api/v1",
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "info": {
                "description": "Sessions, talks and the search. Without a token: what is public. "
                "With one (Authorization: Bearer …): what its owner may see, within its scopes."
            },
            "servers": [{"url": settings.base_url.rstrip("/")}],
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            },
            "security": [{}, {"bearer": []}],
        },
    }


class JsonApi(Api):
    """Leaves errors to the application, which answers pages with pages and the API with JSON."""

    def _register_error_handlers(self) -> None:
        """Registers none: the library's own would answer for every page as well."""


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Register the endpoints, their description and its page."""
    api = JsonApi(app)
    for endpoints in (sessions.endpoints, archive.api.endpoints):
        api.register_blueprint(endpoints)
        csrf.exempt(endpoints)
    app.before_request(bearer.look_up)
    app.register_blueprint(docs.pages)
