"""Who works at a session's desk."""

from __future__ import annotations

from flask import abort, g, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.session import Session, SessionCity
from sessions.rules import permissions
from sessions.web import guard, kept


def managed(session_id: int) -> Session:
    """The session, for who may change it; others see the sign-in page, a 403 or a 404."""
    keys = permissions.managing_keys(session_id)
    viewer: Viewer = g.viewer
    if request.method == "POST" and viewer.person_id is None and not viewer.may_open(keys):
        abort(kept.kept())
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
    return permissions.hosted(viewer.keys)
