"""One session with all that a reader may know of it, in as many queries however much there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import g

from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.session import AgendaItem, Session, Speaker
from sessions.rules import permissions
from sessions.web import session_facts, session_page
from sessions.web.api import problems
from sessions.web.api.shapes import plain
from sessions.web.api.values import base
from sessions.web.session_facts import Facts


def shown(session_id: int) -> dict[str, Any]:
    """The session as WholeSessionOut; ends the call where it does not open to the caller."""
    viewer: Viewer = g.viewer
    facts = session_facts.of(session_id, viewer)
    if facts is None or not viewer.may_open(facts.session.access_keys):
        problems.stop("not_found")
    session = facts.session
    g.revision = session.revision
    manages = viewer.may_open(permissions.managing_keys(session_id))
    return {
        **plain(session),
        "agenda": _agenda(session, session_facts.agenda_of(session_id), manages=manages),
        "topic": _topic(facts, viewer),
        "materials": _materials(facts, viewer),
        "coming": {"people": facts.heads, "cities": facts.cities},
        "may_change": manages,
    }


def session(session_id: int) -> Session:
    """The row itself."""
    return db.session.get_one(Session, session_id)


def _agenda(
    session: Session, items: Sequence[AgendaItem], *, manages: bool
) -> list[dict[str, Any]]:
    return [
        {
            "id": item.id,
            "offset_min": item.offset_min,
            "starts_at": session.starts_at + timedelta(minutes=item.offset_min),
            "duration_min": item.duration_min,
            "title": item.title,
            "title_en": item.title_en,
            "place": item.place,
            "speakers": [
                _speaker(one, manages=manages)
                for one in session_facts.speakers_of(item, asked_too=manages)
            ],
        }
        for item in items
    ]


def _speaker(speaker: Speaker, *, manages: bool) -> dict[str, Any]:
    person = speaker.person
    said = {
        # Not Person.name: that of someone nameless is their address.
        "name": f"{person.given} {person.family}".strip(),
        "post": person.post,
        "organisation": person.organisation,
        "city": person.city,
    }
    return {**said, "person_id": person.id, "state": speaker.state} if manages else said


def _topic(facts: Facts, viewer: Viewer) -> dict[str, Any] | None:
    session, topic = facts.session, facts.session.topic
    draft = session.season.state == "draft" and permissions.TEAM not in viewer.keys
    if topic is None or draft:
        return None
    return {"id": topic.id, "title": topic.title, "title_en": topic.title_en, "won": facts.won}


def _materials(facts: Facts, viewer: Viewer) -> dict[str, Any] | None:
    archived = session_page.archived(facts, viewer)
    talk = archived["talk"]
    if talk is None:
        return None
    address = f"{base()}/talks/{talk.id}"
    return {
        "talk_id": talk.id,
        "state": talk.state,
        "url": address,
        "files": [
            {
                "id": file.id,
                "kind": file.kind,
                "name": file.original_name,
                "media_type": file.media_type,
                "size_bytes": file.size_bytes,
                "url": f"{address}/files/{file.id}",
            }
            for file in archived["files"]
        ],
    }
