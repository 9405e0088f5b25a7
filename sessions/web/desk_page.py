"""What the page of one session's desk shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import current_app, g, request
from flask_babel import gettext, ngettext
from sqlalchemy import select

from archive.models import Talk
from integrations.runtime import clock, ports, worker
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.flows import meetings
from sessions.models import visits
from sessions.models.meeting import Meeting
from sessions.models.session import Session
from sessions.rules import lifecycle, permissions
from sessions.web import (
    desk_conflicts,
    desk_history,
    desk_letters,
    desk_mail,
    desk_reminders,
    guard,
    reader,
    rooms,
    seat_lists,
    speakers_line,
    whose_time,
)
from sessions.web.speakers_line import Line

Weight = Literal["bad", "warn", "ok"]


@dataclass(frozen=True)
class Check:
    """One thing that a session needs. anchor: where it is put right, empty for nowhere."""

    weight: Weight
    text: str
    anchor: str = ""


def shown(session: Session) -> dict[str, Any]:
    """All that the template of the desk asks for."""
    now = clock.now()
    meeting = meetings.meeting_of(session.id)
    counted = desk_letters.counts(session.id)
    only = request.args.get("letters", "")
    page, people = desk_letters.participants(session.id, only)
    talk = db.session.scalars(select(Talk).where(Talk.source == f"session:{session.id}")).first()
    speakers = speakers_line.of_session(session.id)
    checks = readiness(session, meeting, counted, speakers)
    checks += [Check("warn", text, "date") for text in desk_conflicts.checks(session)]
    checks.sort(key=lambda check: ("bad", "warn", "ok").index(check.weight))
    return {
        **desk_mail.shown(session),
        "session": session,
        "home": current_app.config["TIMEZONE"],
        "words": whose_time.words_of(guard.person(), reader.locale()),
        "possible": lifecycle.possible(session.state),
        "may_move": session.state in lifecycle.MOVABLE,
        "may_invite": session.state in lifecycle.MOVABLE | lifecycle.JOINABLE,
        "visit_days": len(visits.to_come(session)),
        "has_begun": session.starts_at <= now,
        "is_past": session.ends_at < now,
        "quiet_until": session.quiet_until if counted["sent"] else None,
        "life": life(session, talk),
        "checks": checks,
        "failed": sum(check.weight != "ok" for check in checks),
        "meeting": meeting,
        "room_host": urlsplit(meeting.join_url).hostname if meeting and meeting.join_url else "",
        "opens_at": session.starts_at - timedelta(minutes=int(ports.get(Settings).join_opens_min)),
        "services": rooms.on_offer(),
        "lacks_room": rooms.lacks_room(session),
        "link": meeting.join_url if meeting and meeting.service == meetings.LINK else "",
        "page_address": f"{ports.get(Settings).base_url.rstrip('/')}/sessions/{session.id}",
        "counts": counted,
        "invited": sum(counted.values()),
        "answers": desk_letters.answers(session.id),
        "only": only,
        "pagination": page,
        "people": people,
        "pasted": "",
        "speakers": speakers,
        "seats": seat_lists.of(session),
        "reminders": desk_reminders.of_session(session),
        "may_change_series": permissions.TEAM in g.viewer.keys,
        "may_note": seat_lists.is_open(session),
        "talk": talk,
        "history": desk_history.of_session(session.id),
        "section": "desk.index",
    }


def life(session: Session, talk: Talk | None) -> list[tuple[str, str]]:
    """(word, "done", "on" or "") of the stages of a session's life, in order."""
    now = clock.now()
    running = session.state == "live" or (
        session.state == "scheduled" and session.starts_at <= now <= session.ends_at
    )
    at = {"draft": 0, "scheduled": 2 if running else 1, "live": 2, "held": 3}.get(session.state, 1)
    if session.state == "held" and talk is not None and talk.state == "published":
        at = 4
    names = [
        gettext("Draft"),
        gettext("Postponed") if session.state == "postponed" else gettext("Scheduled"),
        gettext("Live now"),
        gettext("Held"),
        gettext("Recording published"),
    ]
    if session.state == "cancelled":
        return [(names[0], "done"), (gettext("Cancelled"), "on")]
    return [
        (name, "done" if place < at else "on" if place == at else "")
        for place, name in enumerate(names)
    ]


def readiness(
    session: Session, meeting: Meeting | None, letters: Mapping[str, int], speakers: Line
) -> list[Check]:
    """What the session has and lacks, failures first; nothing for one that is over or off."""
    if session.state in ("held", "cancelled"):
        return []
    if session.state == "postponed":
        return [Check("warn", gettext("There is no new date yet."), "date")]
    checks = [_published(session), _room(session, meeting), *_letters(session, letters)]
    if any(part.role == "presenting" for part in session.cities):
        checks.append(Check("ok", gettext("The presenting cities are named.")))
    else:
        checks.append(Check("warn", gettext("No presenting city is named."), "edit"))
    checks += [Check(kind, text, "speakers") for kind, text in speakers_line.checks(speakers)]
    if not session.summary:
        checks.append(
            Check("warn", gettext("There is no summary: people see the title only."), "edit")
        )
    return sorted(checks, key=lambda check: ("bad", "warn", "ok").index(check.weight))


def _published(session: Session) -> Check:
    if session.state == "draft":
        return Check("warn", gettext("It is a draft: only the team sees it, no letter has left."))
    return Check("ok", gettext("The session is published."))


def _room(session: Session, meeting: Meeting | None) -> Check:
    if session.mode == "in_person":
        if session.place:
            return Check("ok", gettext("The place is named."))
        return Check("bad", gettext("Nobody knows yet where to come."), "edit")
    if meeting is None:
        return Check("bad", gettext("There is no room yet."), "room")
    if meeting.state == "ready":
        return Check("ok", gettext("The room is ready."))
    if meeting.state == "failed":
        return Check("bad", gettext("The service refused to make the room."), "room")
    return Check("warn", gettext("The room is being made."), "room")


def _letters(session: Session, letters: Mapping[str, int]) -> list[Check]:
    total, refused, owed = sum(letters.values()), letters["refused"], letters["owed"]
    if not total:
        return [Check("warn", gettext("Nobody is invited yet."), "invite")]
    found = []
    if refused:
        text = ngettext("%(num)s letter was refused.", "%(num)s letters were refused.", refused)
        found.append(Check("bad", text, "people"))
    if owed and not worker.a_worker_is_alive():
        text = ngettext(
            "%(num)s letter waits: no worker is running.",
            "%(num)s letters wait: no worker is running.",
            owed,
        )
        found.append(Check("bad", text, "people"))
    elif owed:
        text = ngettext("%(num)s letter is on its way.", "%(num)s letters are on their way.", owed)
        found.append(Check("warn", text, "people"))
    if not found and session.state != "draft" and session.quiet_until is None:
        found.append(Check("ok", gettext("All letters have left.")))
    return found
