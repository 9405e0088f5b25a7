"""Which sessions a reader may open, said to the database."""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, and_, cast, false, literal, not_, or_, select, true

from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.participation import HOLDING, Registration
from sessions.models.people import RoleGrant
from sessions.models.programme import Season
from sessions.models.session import Session
from sessions.rules import permissions


def seasons(viewer: Viewer) -> ColumnElement[bool]:
    """The condition under which a season is shown to this viewer: a draft to the team alone."""
    return true() if permissions.TEAM in viewer.keys else Season.state != "draft"


def season_or_404(season_id: int, viewer: Viewer) -> Season:
    """The season, where it is shown to this viewer."""
    found: Season = db.one_or_404(select(Season).where(Season.id == season_id, seasons(viewer)))
    return found


def may_open(viewer: Viewer) -> ColumnElement[bool]:
    """The condition under which a session opens to this viewer.

    The same as `permissions.session_keys` of `shown_state` against the viewer's keys, for a list in
    one query.
    """
    if permissions.TEAM in viewer.keys:
        return true()
    open_to = ["public"]
    takes_part: ColumnElement[bool] = false()
    runs: ColumnElement[bool] = false()
    if viewer.person_id is not None:
        open_to.append("members")
        takes_part = Session.id.in_(
            select(Registration.session_id).where(
                Registration.person_id == viewer.person_id, Registration.state.in_(HOLDING)
            )
        )
        runs = (literal("session:") + cast(Session.id, String)).in_(
            select(RoleGrant.scope).where(
                RoleGrant.person_id == viewer.person_id, RoleGrant.role == "session_host"
            )
        )
    never_announced = and_(Session.state == "cancelled", Session.announced_revision == 0)
    is_public = and_(Session.state != "draft", not_(never_announced))
    return or_(runs, and_(is_public, or_(Session.visibility.in_(open_to), takes_part)))
