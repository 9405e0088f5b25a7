"""One session, quickly: title, date, hour, format, cities; what hinders is said beside."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from integrations.runtime import clock, ports
from integrations.runtime.settings import Settings
from sessions.flows import planning
from sessions.flows.planning import SeriesPlan
from sessions.rules import timetable
from sessions.web import conflict_words, guard, once, overlaps, planner_hours, reader
from sessions.web.planner_forms import SessionForm
from sessions.web.planner_hours import Member
from sessions.web.planner_pages import desk_url, pages


@pages.get("/session")
@guard.team_only
def new_session() -> ResponseReturnValue:
    """The form for one session, and what is known of the hour in the address."""
    known = planner_hours.members()
    form = _form(request.args or None, known)
    if request.args.get("part") == "hour":
        return render_template("pages/planner_hour.html", **_shown(form, known))
    return render_template("pages/planner_session.html", **_shown(form, known))


@pages.post("/session")
@guard.team_only
def make_session() -> ResponseReturnValue:
    """Make one draft, or show what is known of its hour."""
    known = planner_hours.members()
    do = request.form.get("do", "make")
    form = _form(_with_hour(request.form, do), known)
    if do != "make":
        return render_template("pages/planner_session.html", **_shown(form, known))
    if not form.validate():
        return render_template("pages/planner_session.html", **_shown(form, known)), 400
    plan, day = form.plan(), form.day.data
    wall = timetable.at(day, plan.wall_start, plan.tz)

    def make() -> str:
        session_id = planning.plan_one(
            plan, wall.local, g.viewer.person_id, ports.get(Settings).domain
        )
        return desk_url(session_id)

    url = once.only(request.form.get(once.FIELD, ""), make)
    flash(gettext("The draft is ready. Only the team sees it until you publish it."), "ok")
    holiday = planning.days_off(day, day, reader.locale()).get(day)
    if holiday:
        flash(gettext("This date is a day off: %(holiday)s.", holiday=holiday), "warn")
    if wall.instant() < clock.now():
        flash(gettext("This date is in the past."), "warn")
    return redirect(url)


def _form(given: Any, known: list[Member]) -> SessionForm:
    cities = sorted((member.city for member in known), key=lambda city: city.name)
    return SessionForm(given, cities, current_app.config["TIMEZONE"])


def _with_hour(sent: MultiDict[str, str], do: str) -> MultiDict[str, str]:
    """The form with the hour of the offer that was pressed."""
    fields = MultiDict(sent.items(multi=True))
    if do.startswith("set:at="):
        fields["at"] = do.removeprefix("set:at=")
    return fields


def _shown(form: SessionForm, known: list[Member]) -> dict[str, Any]:
    """The form, and what is known of the hour once there is a date and an hour."""
    facts: dict[str, Any] = {"form": form, "strip": None, "said": [], "plan": None}
    day = form.day.data
    if not isinstance(day, date) or not 2000 <= day.year <= 2100 or not form.at.data:
        return facts
    if form.tz.data not in dict(form.tz.choices):
        return facts
    if form.length.data not in dict(form.length.choices):
        return facts
    plan = form.plan()
    return {
        **facts,
        "plan": plan,
        "day": day,
        "strip": planner_hours.strip(plan, day, known),
        "said": _said(plan, day, known),
        "is_past": timetable.at(day, plan.wall_start, plan.tz).instant() < clock.now(),
    }


def _said(plan: SeriesPlan, day: date, known: list[Member]) -> list[conflict_words.Said]:
    """What speaks against the date and the hour."""
    said = reader.locale()
    starts_at = timetable.at(day, plan.wall_start, plan.tz).instant()
    ends_at = starts_at + timedelta(minutes=plan.duration_min)
    around = overlaps.near([(starts_at, ends_at)], planned=True)
    off = {
        **overlaps.closed_for(day, day, plan.presenting),
        **planning.days_off(day, day, said),
    }
    cities = {member.city.id: member.city for member in known}
    found = around.conflicts(overlaps.of_plan(plan, starts_at, day, cities), off)
    names = {id_: city.name_in(said) for id_, city in cities.items()}
    return conflict_words.said(found, conflict_words.names_of(found, around.named, names))
