"""The page of one session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from archive.models import Talk
from integrations.runtime import clock
from integrations.runtime.viewer import Viewer
from sessions.models.session import Session
from sessions.rules import lifecycle, permissions
from sessions.web import guard, hours, look, reader, session_facts, taking_part, whose_time
from sessions.web.headers import request_id
from sessions.web.session_facts import Facts, Part

pages = Blueprint("session", __name__, url_prefix="/sessions")

ROLES = ("presenting", "host", "receiving")


@pages.get("/<int:session_id>")
def show(session_id: int) -> ResponseReturnValue:
    """The session, for whoever may open it; others learn that it is not there, or whom to ask."""
    viewer: Viewer = g.viewer
    facts = session_facts.of(session_id, viewer)
    if facts is None:
        abort(404)
    session = facts.session
    if not viewer.may_open(session.access_keys):
        return _closed(session, viewer)
    over = session.state == "held" or session.ends_at < clock.now()
    parts, places = session_facts.cities_of(session.id)
    manages = viewer.may_open(permissions.managing_keys(session.id))
    return render_template(
        "pages/session.html",
        session=session,
        over=over,
        cities=_by_role(parts),
        agenda=[
            (
                session.starts_at + timedelta(minutes=item.offset_min),
                item,
                session_facts.speakers_of(item, asked_too=manages),
            )
            for item in session_facts.agenda_of(session.id)
        ],
        places=[]
        if over or session.mode == "in_person"
        else hours.of_session(session.starts_at, timedelta(minutes=session.duration_min), places),
        neighbours=session_facts.neighbours(session, viewer),
        won=facts.won,
        heads=facts.heads,
        from_cities=facts.cities,
        words=whose_time.words_of(guard.person(), reader.locale()),
        home=current_app.config["TIMEZONE"],
        manages=manages,
        section="schedule.season",
        **_my_part(facts, over=over),
        **archived(facts, viewer),
    )


def _my_part(facts: Facts, *, over: bool) -> dict[str, Any]:
    """Where the reader stands, and their way in while there is one."""
    mine, session = facts.mine, facts.session
    if mine is None:
        return {"mine": "", "join_url": ""}
    enters = mine.holds and not over and session.state in lifecycle.JOINABLE
    off = session.state in ("cancelled", "postponed")
    return {
        "mine": "" if off else taking_part.sentence(mine, over=over),
        "join_url": f"{request.script_root}/j/{mine.token}" if enters else "",
    }


def archived(facts: Facts, viewer: Viewer) -> dict[str, Any]:
    """The session in the archive, for who may open it; before it is published, for the team."""
    talk, session_id = facts.talk, facts.session.id
    if talk is None or not _shows(talk, session_id, viewer):
        return {"talk": None, "files": (), "pictured": False}
    files = session_facts.files_of(talk)
    pictured = facts.has_slides or any(file.poster_key for file in files)
    return {"talk": talk, "files": files, "pictured": pictured}


def _shows(talk: Talk, session_id: int, viewer: Viewer) -> bool:
    if not viewer.may_open(talk.keys):
        return False
    team = viewer.may_open(permissions.managing_keys(session_id) | {permissions.EDITOR})
    return talk.state == "published" or team


def _by_role(parts: list[Part]) -> dict[str, list[Part]]:
    return {role: [part for part in parts if part.role == role] for role in ROLES}


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
