"""A form that came from nobody, or too late: its words wait until they can be sent again."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from sessions.web import guard, look, once, words
from sessions.web.headers import request_id

_NOT_KEPT = ("csrf_token",)


def keep_forms(pages: Blueprint) -> None:
    """Have the forms of these pages kept where their token is no longer good.

    A token dies with the browser's session, so it is missing after signing out beside the form.
    """
    pages.register_error_handler(CSRFError, _forged)


def _forged(_error: CSRFError) -> ResponseReturnValue:
    if request.method != "POST" or not _is_from_here():
        reason = words.refusal("form.expired")
        return look.error_page(400, reason=reason, request_id=request_id())
    return kept(400)


def _is_from_here() -> bool:
    """Whether the form stood on a page of ours: another site's must not be offered again."""
    origin = urlsplit(request.headers.get("Origin", ""))
    return bool(origin.netloc) and origin.netloc == request.host


def kept(status: int = 401) -> Response:
    """The page that holds what was sent; for one who is signed out, with the way to sign in."""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _NOT_KEPT and value
    ]
    written = (value for name, value in fields if name != once.FIELD)
    page = render_template(
        "pages/kept.html",
        fields=fields,
        longest=max(written, key=len, default=""),
        sign_in=url_for("security.login", next=request.path) if guard.person() is None else "",
    )
    return make_response(page, status if guard.person() else 401)
