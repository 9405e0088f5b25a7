"""Who works at a session's desk; and the form of someone signed out, kept until they are back."""

from __future__ import annotations

import re

from flask import Response, abort, g, make_response, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.session import Session, SessionCity
from sessions.rules import permissions
from sessions.web import guard, once

_HOST = re.compile(r"session:(\d{1,9}):host")
_NOT_KEPT = ("csrf_token",)


def managed(session_id: int) -> Session:
    """The session, for who may change it; others see the sign-in page, a 403 or a 404."""
    keys = permissions.managing_keys(session_id)
    viewer: Viewer = g.viewer
    if request.method == "POST" and viewer.person_id is None and not viewer.may_open(keys):
        abort(_kept(session_id))
    guard.must_hold(keys)
    session = db.session.scalars(
        select(Session)
        .where(Session.id == session_id)
        .options(selectinload(Session.cities).joinedload(SessionCity.city))
        .execution_options(populate_existing=True)
    ).first()
    if session is None:
        abort(404)
    return session


def my_sessions(viewer: Viewer) -> frozenset[int] | None:
    """The sessions this viewer runs: None for all of them, an empty set for none."""
    if permissions.TEAM in viewer.keys:
        return None
    found = (_HOST.fullmatch(key) for key in viewer.keys)
    return frozenset(int(match[1]) for match in found if match)


def _kept(session_id: int) -> Response:
    """The page that holds what was written, while its writer signs in beside it."""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _NOT_KEPT and value
    ]
    page = render_template(
        "pages/desk_kept.html",
        fields=fields,
        longest=max((value for name, value in fields if name != once.FIELD), key=len, default=""),
        sign_in=url_for("security.login", next=url_for("desk.show", session_id=session_id)),
    )
    return make_response(page, 401)
