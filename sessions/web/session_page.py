"""The page of one session."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from archive.models import Talk
from integrations.runtime import clock
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.participation import HOLDING, Invitation, Registration
from sessions.models.session import AgendaItem, Session, SessionCity
from sessions.rules import permissions
from sessions.web import guard, hours, look, reader, whose_time
from sessions.web.headers import request_id

pages = Blueprint("session", __name__, url_prefix="/sessions")


@pages.get("/<int:session_id>")
def show(session_id: int) -> ResponseReturnValue:
    """The session, for whoever may open it; others learn that it is not there, or whom to ask."""
    session = _with_everything(session_id)
    viewer: Viewer = g.viewer
    if session is None:
        abort(404)
    if not viewer.may_open(session.access_keys):
        return _closed(session, viewer)
    token = _token(session.id, viewer)
    return render_template(
        "pages/session.html",
        session=session,
        agenda=[
            (session.starts_at + timedelta(minutes=item.offset_min), item)
            for item in session.agenda
        ],
        places=hours.of_session(
            session.starts_at, timedelta(minutes=session.duration_min), hours.member_places()
        ),
        words=whose_time.words_of(guard.person(), reader.locale()),
        home=current_app.config["TIMEZONE"],
        over=session.state == "held" or session.ends_at < clock.now(),
        talk=_talk(session.id, viewer),
        manages=viewer.may_open(permissions.managing_keys(session.id)),
        join_url=f"{request.script_root}/j/{token}" if token else "",
        section="schedule.season",
    )


def _with_everything(session_id: int) -> Session | None:
    return db.session.scalars(
        select(Session)
        .where(Session.id == session_id)
        .options(
            selectinload(Session.cities).joinedload(SessionCity.city),
            selectinload(Session.agenda).selectinload(AgendaItem.speakers),
            selectinload(Session.owner),
        )
    ).first()


def _closed(session: Session, viewer: Viewer) -> ResponseReturnValue:
    """A draft is not there for strangers; anything else asks to sign in, or says whom to ask."""
    if session.shown_state == "draft":
        abort(404)
    if viewer.person_id is None:
        abort(guard.to_sign_in())
    reason = gettext("This session is for those who are invited. Ask the hosts for an invitation.")
    if session.owner is not None and session.owner.name:
        reason = gettext(
            "This session is for those who are invited. Ask for an invitation: %(name)s.",
            name=session.owner.name,
        )
    return look.error_page(403, reason=reason, request_id=request_id())


def _token(session_id: int, viewer: Viewer) -> str | None:
    """The secret of the viewer's own join link, None for who does not take part."""
    if viewer.person_id is None:
        return None
    return db.session.scalar(
        select(Invitation.token)
        .join(Registration)
        .where(
            Registration.session_id == session_id,
            Registration.person_id == viewer.person_id,
            Registration.state.in_(HOLDING),
        )
    )


def _talk(session_id: int, viewer: Viewer) -> Talk | None:
    """The session in the archive, for who may open it; before it is published, for the team."""
    talk = db.session.scalars(select(Talk).where(Talk.source == f"session:{session_id}")).first()
    if talk is None or not viewer.may_open(talk.keys):
        return None
    team = viewer.may_open(permissions.managing_keys(session_id) | {permissions.EDITOR})
    return talk if talk.state == "published" or team else None
