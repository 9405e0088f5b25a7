"""Planning: a rule becomes dates, dates become drafts, drafts become public."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from markupsafe import Markup
from sqlalchemy import select

from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.flows import inviting, planning
from sessions.flows.planning import SeriesPlan
from sessions.models.programme import Series
from sessions.models.session import Session
from sessions.rules import timetable
from sessions.web import guard, hours, look, once, pasting, planner_dates, reader, rooms, typography
from sessions.web.planner_dates import Preview
from sessions.web.planner_forms import SeriesForm, SessionForm, rule_words
from sessions.web.planner_lists import (
    member_cities,
    our_series,
    publish_drafts,
    sessions_of,
    single_drafts,
    still_to_come,
)

pages = Blueprint("planner", __name__, url_prefix="/plan")

# Some servers take no more than 4094 bytes in the first line of a request.
LONGEST_ADDRESS = 3500
_STOP = re.compile(r"(<select(?:(?!</select>).)*</select>|<input[^>]*>)([,.])", re.DOTALL)
NEVER_LEFT_OUT = ("at",)  # else an empty hour would be the usual one
NOT_IN_ADDRESS = ("csrf_token", once.FIELD, "do")


@pages.app_template_filter()
def stops_kept(sentence: Markup) -> Markup:
    """The sentence of fields with each comma and full stop kept on the line of its field."""
    # Not on the Markup itself: it would escape the pieces that it is put together from.
    return Markup(_STOP.sub(r'<span class="v-nb">\1\2</span>', str(sentence)))  # noqa: S704


@pages.get("")
@guard.team_only
def index() -> ResponseReturnValue:
    """What was planned so far, and the two ways to plan more."""
    return render_template(
        "pages/planner.html",
        series=our_series(),
        drafts=single_drafts(),
        has_sessions=db.session.scalar(select(Session.id).limit(1)) is not None,
    )


@pages.get("/series")
@guard.team_only
def new_series() -> ResponseReturnValue:
    """The rule in the address, and the dates it gives; nothing is made."""
    form = _series_form(request.args)
    form.may_be_nameless()
    if request.args:
        form.validate()
    page = "part" if request.args.get("part") == "dates" else "series"
    return render_template(f"pages/planner_{page}.html", **_shown(form))


@pages.post("/series")
@guard.team_only
def make_series() -> ResponseReturnValue:
    """Show the dates of the rule that was sent, or make drafts for those that are ticked."""
    earlier = once.done(request.form.get(once.FIELD, ""))
    if earlier:
        return redirect(earlier)
    form = _series_form(request.form)
    if request.form.get("do") == "show":
        return _show(form)
    if not form.validate():
        return render_template("pages/planner_series.html", **_shown(form)), 400
    plan = form.plan()
    preview = planner_dates.preview(plan)
    if preview.shown != request.form.get("shown"):
        return render_template("pages/planner_series.html", changed=True, **_shown(form)), 409
    if not preview.ticked:
        form.form_errors.append(gettext("Tick at least one date."))
        return render_template("pages/planner_series.html", **_shown(form)), 400
    return redirect(once.only(request.form.get(once.FIELD, ""), lambda: _make(plan, preview)))


def _show(form: SeriesForm) -> ResponseReturnValue:
    """To the page whose address holds the rule, or that page where a long summary forbids it."""
    fields = [
        (k, v)
        for k, v in request.form.items(multi=True)
        if k not in NOT_IN_ADDRESS and (v or k in NEVER_LEFT_OUT)
    ]
    address = f"{url_for('planner.new_series')}?{urlencode(fields)}"
    if len(address) <= LONGEST_ADDRESS:
        return redirect(address, 303)
    form.may_be_nameless()
    form.validate()
    return render_template("pages/planner_series.html", **_shown(form))


def _make(plan: SeriesPlan, preview: Preview) -> str:
    dates = preview.dates()
    series_id = planning.plan_series(plan, dates, g.viewer.person_id, ports.get(Settings).domain)
    return url_for("planner.series", series_id=series_id)


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
        lack_room=any(one.state == "draft" and rooms.lacks_room(one) for one in sessions),
        services=rooms.on_offer(),
        **facts,
    )


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
        trouble = pasting.nobody(read) if ids else gettext("No session of it is still to come.")
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


@pages.post("/series/<int:series_id>/publish")
@guard.team_only
def publish(series_id: int) -> ResponseReturnValue:
    """Publish every draft as this page showed it; those changed meanwhile are named."""
    db.get_or_404(Series, series_id)
    done, left = publish_drafts(series_id, request.form, g.viewer.person_id)
    if done:
        flash(
            ngettext("%(num)s session is published.", "%(num)s sessions are published.", done), "ok"
        )
    for title, starts_at in left:
        flash(
            gettext(
                "“%(title)s”, %(date)s: someone changed it meanwhile. "
                "Look at it and publish again.",
                title=title,
                date=typography.date_short(starts_at, reader.locale()),
            ),
            "warn",
        )
    return redirect(url_for("planner.series", series_id=series_id))


@pages.get("/session")
@guard.team_only
def new_session() -> ResponseReturnValue:
    """The form for one session."""
    return render_template("pages/planner_session.html", form=_session_form(None))


@pages.post("/session")
@guard.team_only
def make_session() -> ResponseReturnValue:
    """Make one draft."""
    form = _session_form(request.form)
    if not form.validate():
        return render_template("pages/planner_session.html", form=form), 400
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


def desk_url(session_id: int) -> str:
    """Where a host works on a session: its desk, or its page where there is no desk."""
    page = "desk.show" if look.endpoint_exists("desk.show") else "session.show"
    return url_for(page, session_id=session_id)


def _series_form(given: Any) -> SeriesForm:
    home = current_app.config["TIMEZONE"]
    today = clock.now().astimezone(ZoneInfo(home)).date()
    return SeriesForm(given or None, member_cities(), home, today)


def _session_form(given: Any) -> SessionForm:
    return SessionForm(given, member_cities(), current_app.config["TIMEZONE"])


def _shown(form: SeriesForm) -> dict[str, Any]:
    """What the page of the rule shows: the form, its dates, and who begins at what hour."""
    facts: dict[str, Any] = {"form": form, "preview": None, "hours": []}
    if not form.gives_dates():
        return facts
    plan = form.plan()
    preview = facts["preview"] = planner_dates.preview(plan)
    if preview.rows:
        first = (preview.ticked or preview.rows)[0]
        length = timedelta(minutes=plan.duration_min)
        facts.update(
            plan=plan,
            first=first,
            hours=hours.of_session(first.starts_at, length, hours.member_places()),
        )
    return facts
