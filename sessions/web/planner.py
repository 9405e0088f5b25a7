"""Planning: a rule becomes dates, dates become drafts, drafts become public."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from integrations.runtime import ports
from integrations.runtime.settings import Settings
from sessions.flows import planning
from sessions.flows.planning import SeriesPlan
from sessions.web import (
    guard,
    once,
    planner_change,
    planner_dates,
    planner_days_off,
    planner_publishing,
    planner_reminders,
    planner_season,
    planner_series,
    planner_single,
)
from sessions.web.planner_dates import Preview
from sessions.web.planner_pages import desk_url, pages
from sessions.web.planner_sentence import series_form, shown, with_set

__all__ = [
    "desk_url", "pages", "planner_change", "planner_days_off", "planner_publishing",
    "planner_reminders", "planner_season", "planner_series", "planner_single",
]  # fmt: skip

# Some servers take no more than 4094 bytes in the first line of a request.
LONGEST_ADDRESS = 3500
NEVER_LEFT_OUT = ("at",)  # else an empty hour would be the usual one
NOT_IN_ADDRESS = ("csrf_token", once.FIELD, "do")


@pages.get("/series")
@guard.team_only
def new_series() -> ResponseReturnValue:
    """The rule in the address, and the dates it gives; nothing is made."""
    form, known = series_form(request.args)
    form.may_be_nameless()
    if request.args:
        form.validate()
    page = "part" if request.args.get("part") == "dates" else "series"
    return render_template(f"pages/planner_{page}.html", **shown(form, known))


@pages.post("/series")
@guard.team_only
def make_series() -> ResponseReturnValue:
    """Show the dates of the rule that was sent, or make drafts for those that are ticked."""
    earlier = once.done(request.form.get(once.FIELD, ""))
    if earlier:
        return redirect(earlier)
    do = request.form.get("do", "make")
    if do != "make":
        return _show(with_set(request.form, do))
    form, known = series_form(request.form)
    if not form.validate():
        return render_template("pages/planner_series.html", **shown(form, known)), 400
    plan = form.plan()
    preview = planner_dates.preview(plan, known)
    if preview.shown != request.form.get("shown"):
        facts = shown(form, known)
        return render_template("pages/planner_series.html", changed=True, **facts), 409
    if not preview.ticked:
        form.form_errors.append(gettext("Tick at least one date."))
        return render_template("pages/planner_series.html", **shown(form, known)), 400
    return redirect(once.only(request.form.get(once.FIELD, ""), lambda: _make(plan, preview)))


def _show(sent: MultiDict[str, str]) -> ResponseReturnValue:
    """To the page whose address holds the rule, or that page where a long summary forbids it."""
    fields = [
        (k, v)
        for k, v in sent.items(multi=True)
        if k not in NOT_IN_ADDRESS and (v or k in NEVER_LEFT_OUT)
    ]
    address = f"{url_for('planner.new_series')}?{urlencode(fields)}"
    if len(address) <= LONGEST_ADDRESS:
        return redirect(address, 303)
    form, known = series_form(sent)
    form.may_be_nameless()
    form.validate()
    return render_template("pages/planner_series.html", **shown(form, known))


def _make(plan: SeriesPlan, preview: Preview) -> str:
    by, domain = g.viewer.person_id, ports.get(Settings).domain
    series_id = planning.plan_series(plan, preview.dates(), by, domain, preview.unwanted())
    return url_for("planner.series", series_id=series_id)
