"""Changing a series: for one of its sessions, for it and those that follow, or for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.errors import Refused, Stale
from integrations.runtime.settings import Settings
from sessions.flows import replanning, scheduling
from sessions.flows.replanning import Hands, Outcome, Wish
from sessions.models.drafting import TEMPLATE
from sessions.models.participation import HOLDING, Registration
from sessions.models.programme import Series
from sessions.models.session import Session
from sessions.rules import lifecycle, written_rules
from sessions.rules.recurrence import DatesRule, Rule, candidates
from sessions.rules.regeneration import Scope
from sessions.web import guard, once, planner_conflicts, typography, words
from sessions.web.planner_change_words import field_words, reason_words, scope_words
from sessions.web.planner_pages import pages
from sessions.web.planner_rule import fields_of, read_day
from sessions.web.planner_sentence import series_form, with_set
from sessions.web.planner_words import kinds

SCOPES: Sequence[Scope] = ("all", "following", "one")
_NOT_IN_ADDRESS = ("csrf_token", once.FIELD, "do", "shown", "drop", "make")
_DETAILS = tuple(field.name for field in fields(scheduling.Details))


@dataclass(frozen=True)
class Reach:
    """For which sessions the change is wanted.

    originals: the dates it may begin with, as the rule gave them, each to the date it has now.
    """

    scope: Scope
    begins: date | None
    originals: Mapping[date, date]


@pages.get("/series/<int:series_id>/change")
@guard.team_only
def change(series_id: int) -> ResponseReturnValue:
    """The series as fields, and what follows from them; nothing is changed."""
    series = db.get_or_404(Series, series_id)
    return render_template("pages/planner_change.html", **_shown(series, request.args))


@pages.post("/series/<int:series_id>/change")
@guard.team_only
def keep_change(series_id: int) -> ResponseReturnValue:
    """Show what the change comes to, or make it; 409 where it comes to something else by now."""
    series = db.get_or_404(Series, series_id)
    do = request.form.get("do", "make")
    if do != "make":
        sent = with_set(request.form, do)
        left = [(k, v) for k, v in sent.items(multi=True) if k not in _NOT_IN_ADDRESS and v]
        return redirect(f"{url_for('planner.change', series_id=series_id)}?{urlencode(left)}", 303)
    facts = _shown(series, request.form)
    if facts["wish"] is None:
        return render_template("pages/planner_change.html", **facts), 400
    try:
        return redirect(once.only(request.form.get(once.FIELD, ""), lambda: _make(series, facts)))
    except Stale:
        facts = _shown(db.get_or_404(Series, series_id), request.form)
        return render_template("pages/planner_change.html", changed=True, **facts), 409
    except Refused as refused:
        trouble = words.refusal(refused.reason, **refused.details)
        return render_template("pages/planner_change.html", trouble=trouble, **facts), 400


def _make(series: Series, facts: Mapping[str, Any]) -> str:
    found: Outcome = facts["outcome"]
    wish: Wish = facts["wish"]
    target = replanning.replan(
        series.id, wish, request.form.get("shown", ""), hands(), g.viewer.person_id,
        ports.get(Settings).domain,
    )  # fmt: skip
    number = len(found.change) + len(found.drop) - len(wish.spared)
    number += sum(day.original not in wish.unwanted for day in found.make)
    flash(ngettext("%(num)s session is changed.", "%(num)s sessions are changed.", number), "ok")
    return url_for("planner.series", series_id=target)


def hands() -> Hands:
    """One session is moved, edited and called off as anywhere else."""
    return Hands(move=scheduling.move, edit=_edit, cancel=scheduling.cancel)


def _edit(session_id: int, changes: Mapping[str, object], revision: int, by: int | None) -> None:
    session = db.session.get_one(Session, session_id)
    presenting = tuple(part.city_id for part in session.cities if part.role == "presenting")
    now = {name: getattr(session, name) for name in _DETAILS if name != "presenting"}
    known = {name: value for name, value in changes.items() if name in _DETAILS}
    details = scheduling.Details(**{**now, "presenting": presenting, **known})
    scheduling.edit(session_id, details, revision, by)


def _shown(series: Series, sent: MultiDict[str, str]) -> dict[str, Any]:
    """All that the page shows of the series, the fields as they were sent."""
    sessions = replanning.sessions_of(series.id)
    given = MultiDict(sent.items(multi=True))
    reach = _reach(given, sessions)
    if "at" not in given:
        given.update(_fields(series, sessions, reach))
    form, known = series_form(given)
    form.validate()
    facts: dict[str, Any] = {
        "series": series, "form": form, "reach": reach, "kinds": kinds(), "suggestions": [],
        "outcome": None, "wish": None, "shown": "", "section": "planner.index",
        "scopes": scope_words(), "reasons": reason_words(), "names": field_words(),
    }  # fmt: skip
    if form.errors or not form.gives_dates():
        return facts
    # The form does not ask for the language.
    language = replanning.common_of(series, sessions).get("language", "ru")
    plan = replace(form.plan(), language=language)
    if reach.scope == "following" and reach.begins and plan.rule.first_on < reach.begins:
        plan = replace(plan, rule=_from(plan.rule, reach.begins))
    base = Wish(plan, reach.scope, reach.begins)
    found = replanning.outcome(series, base)
    wish = _ticked(base, found, given)
    outcome = replanning.outcome(series, wish) if wish.moved_too else found
    return {
        **facts,
        "wish": wish,
        "outcome": outcome,
        "shown": found.shown,
        "tells": _tells(outcome, wish),
        "said": planner_conflicts.of_outcome(outcome, base.plan, known),
        "plan": base.plan,
    }


def _reach(given: MultiDict[str, str], sessions: Sequence[Session]) -> Reach:
    """What the fields say of it; the next session where they name none."""
    now = clock.now()
    originals = {
        one.original_wall_start.date(): one.wall_start.date()
        for one in sessions
        if one.starts_at > now and one.state in lifecycle.MOVABLE
    }
    begins = read_day(given.get("from", ""))
    if begins not in originals:
        begins = next(iter(originals), None)
    asked = given.get("scope", "all")
    scopes = [one for one in SCOPES if one == asked and begins]
    return Reach(scopes[0] if scopes else "all", begins, originals)


def _ticked(wish: Wish, found: Outcome, given: MultiDict[str, str]) -> Wish:
    """The wish with the ticks of the page that was sent; as it stands where none was."""
    also = {int(text) for text in given.getlist("also") if text.isdigit() and len(text) < 10}
    wish = replace(wish, moved_too=frozenset(also))
    if "shown" not in given:
        return replace(wish, unwanted=found.unwanted)
    make, drop = set(given.getlist("make")), set(given.getlist("drop"))
    return replace(
        wish,
        unwanted=frozenset(d.original for d in found.make if d.original.isoformat() not in make),
        spared=frozenset(one.id for one in found.drop if str(one.id) not in drop),
    )


def _fields(series: Series, sessions: Sequence[Session], reach: Reach) -> MultiDict[str, str]:
    """The series, or the session that is meant, as the fields of the form."""
    rule = _rule(series, sessions)
    if reach.scope == "following" and reach.begins:
        rule = _from(rule, reach.begins)
    found: MultiDict[str, str] = MultiDict()
    for name, values in fields_of(rule).items():
        found.setlist(name, values)
    words = replanning.common_of(series, sessions)
    at, tz, length = series.wall_start, series.tz, series.duration_min
    if reach.scope == "one":
        session = next(o for o in sessions if o.original_wall_start.date() == reach.begins)
        presenting = [part.city_id for part in session.cities if part.role == "presenting"]
        words = {**{name: getattr(session, name) for name in TEMPLATE}, "presenting": presenting}
        at, tz, length = session.wall_start.time(), session.tz, session.duration_min
    plain = {name: str(words[name]) for name in TEMPLATE if name in words}
    plain |= {"at": typography.clock(at), "tz": tz, "length": str(length)}
    plain |= {"policy": series.holiday_policy}
    if series.is_visit:
        plain["is_visit"] = "y"
    for name, value in plain.items():
        found[name] = value
    found.setlist("cities", [str(city) for city in words.get("presenting", [])])
    return found


def _rule(series: Series, sessions: Sequence[Session]) -> Rule:
    """The rule of the series; where it never had one, the dates of its sessions."""
    try:
        return written_rules.from_json(series.rule)
    except ValueError:
        days = {one.original_wall_start.date() for one in sessions}
        return DatesRule(tuple(days) or (clock.now().date(),))


def _from(rule: Rule, begins: date) -> Rule:
    """The rule from one of its dates on."""
    if isinstance(rule, DatesRule):
        return DatesRule(tuple(day for day in rule.dates if day >= begins) or (begins,))
    before = sum(day < begins for day in candidates(rule))
    count = max(1, rule.count - before) if rule.count else None
    return replace(rule, first_on=begins, last_on=max(begins, rule.last_on), count=count)


def _tells(found: Outcome, wish: Wish) -> int:
    """How many people get letters about it."""
    ids = [one.session.id for one in found.change if one.session.state in lifecycle.JOINABLE]
    ids += [
        one.id for one in found.drop if one.id not in wish.spared and one.state in lifecycle.TO_COME
    ]
    if not ids:
        return 0
    return db.session.scalar(
        select(func.count(func.distinct(Registration.person_id))).where(
            Registration.session_id.in_(ids), Registration.state.in_(HOLDING)
        )
    ) or 0  # fmt: skip
