"""A series that was made: its sessions, inviting to all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from integrations.runtime.database import db
from sessions.flows import inviting, planning
from sessions.models.programme import Series
from sessions.models.session import Session
from sessions.rules import reminders
from sessions.web import guard, once, pasting, reader, reminder_words, rooms
from sessions.web.planner_lists import sessions_of, still_to_come
from sessions.web.planner_pages import pages
from sessions.web.planner_season import period_of
from sessions.web.planner_words import rule_words


@pages.get("/series/<int:series_id>")
@guard.team_only
def series(series_id: int) -> ResponseReturnValue:
    """The sessions of a series; those that are drafts can be published together."""
    found = db.get_or_404(Series, series_id)
    return _series_page(found, **pasting.shown(pasting.kept()))


def _series_page(series: Series, **facts: Any) -> str:
    sessions = sessions_of(series.id)
    return render_template(
        "pages/planner_made.html",
        series=series,
        rule=rule_words(series),
        sessions=sessions,
        to_come=still_to_come(sessions),
        off=_off(sessions),
        lack_room=any(one.state == "draft" and rooms.lacks_room(one) for one in sessions),
        services=rooms.on_offer(),
        period=period_of(series.season),
        reminders=reminders.kinds(series.reminders, reminder_words.usual()),
        reminder_kinds=reminder_words.kinds(),
        reminded=reminder_words.sentence(series),
        **facts,
    )


def _off(sessions: Sequence[Session]) -> dict[date, str]:
    """The days off that the rule of these sessions met, by name in the reader's language."""
    met = [one.original_wall_start.date() for one in sessions if one.holiday]
    return planning.days_off(min(met), max(met), reader.locale()) if met else {}


@pages.get("/series/<int:series_id>/<any(publish, invite):_what>")
@guard.team_only
def back_to_series(series_id: int, _what: str) -> ResponseReturnValue:
    """Whoever reloads the address of a press sees the series."""
    return redirect(url_for("planner.series", series_id=series_id))


@pages.post("/series/<int:series_id>/invite")
@guard.team_only
def invite(series_id: int) -> ResponseReturnValue:
    """Invite people to every session still to come; what is not clear stays in the box."""
    found = db.get_or_404(Series, series_id)
    pasted, read = pasting.sent()
    ids = [one.id for one in still_to_come(sessions_of(series_id))]
    if not read.people or not ids:
        trouble = (
            pasting.nobody(pasted, read) if ids else gettext("No session of it is still to come.")
        )
        return _series_page(found, pasted=pasted, paste_error=trouble), 400
    waits = pasting.keep(read.unclear)
    url = url_for("planner.series", series_id=series_id, **pasting.place(waits, ""))

    def change() -> str:
        people, by = read.people, g.viewer.person_id
        outcomes = [inviting.invite(session_id, people, by) for session_id in ids]
        flash(pasting.said_of_series(outcomes), "ok")
        return url

    answer = redirect(once.only(request.form.get(once.FIELD, ""), change))
    if waits or not read.unclear:
        return answer
    return _series_page(found, **pasting.shown(read.unclear))
