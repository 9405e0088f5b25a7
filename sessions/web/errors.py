"""Errors as pages, in the reader's language, or as JSON for the API."""

from __future__ import annotations

import logging

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from integrations.runtime.database import db
from integrations.runtime.errors import Refused, Stale
from sessions.web import guard, kept, look, words
from sessions.web.api import problems
from sessions.web.headers import request_id

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(Stale, _stale)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unexpected)


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _answer(status: int, reason: str = "", **facts: object) -> ResponseReturnValue:
    if _is_api():
        return problems.answer(status, detail=reason)
    if reason:
        facts["reason"] = reason
    return look.error_page(status, request_id=request_id(), **facts)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response  # a redirect to the sign-in page
    facts: dict[str, object] = {}
    if error.code == 413:
        facts["limit_bytes"] = request.max_content_length
    if _is_api():
        return problems.of_http(error)
    page, status = look.error_page(error.code or 500, request_id=request_id(), **facts)
    headers = {
        name: value
        for name, value in error.get_headers()
        if name in ("Allow", "Retry-After", "WWW-Authenticate", "Content-Range")
    }
    return page, status, headers


def _forged(_error: CSRFError) -> ResponseReturnValue:
    """Leads one who is signed out to sign in where the page needs it; else keeps the words."""
    if not _is_api() and guard.person() is None and kept.needs_signing_in():
        return guard.to_sign_in()
    if not _is_api() and guard.person() is not None and kept.can_be_sent_again():
        return kept.kept(400)
    return _answer(400, words.refusal("form.expired"))


def _stale(error: Stale) -> ResponseReturnValue:
    if _is_api():
        return problems.of_refusal(error)
    return _answer(409, words.refusal(error.reason), changes=words.changes(error.changed))


def _refused(error: Refused) -> ResponseReturnValue:
    if _is_api():
        return problems.of_refusal(error)
    return _answer(400, words.refusal(error.reason, **error.details))


def _database(error: OperationalError) -> ResponseReturnValue:
    log.error("database unavailable", exc_info=error)
    db.session.rollback()
    return _answer(503)


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected", exc_info=error)
    db.session.rollback()
    return _answer(500)
