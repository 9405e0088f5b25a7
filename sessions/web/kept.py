"""A form that came from nobody, or too late: its words wait until they can be sent again."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
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
    """Whether the form stood on a page of ours: another site's must not be offered again.

    A browser tells Origin with every form that is posted; the others count where it is withheld.
    """
    fetched = request.headers.get("Sec-Fetch-Site", "")
    if fetched and fetched != "same-origin":
        return False
    told = request.headers.get("Origin") or request.headers.get("Referer", "")
    try:
        page = urlsplit(told)
    except ValueError:
        return False
    return page.netloc == request.host if told else fetched == "same-origin"


def can_be_sent_again() -> bool:
    """Whether the page that keeps what was posted would hold all of it: files it cannot hold."""
    return request.method == "POST" and _is_from_here() and not request.files


def needs_signing_in() -> bool:
    """Whether the page that was posted to is for those who signed in."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "needs_signing_in", False))


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
