"""What the pages of a rule share: its form, and everything that follows from it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from flask import current_app
from werkzeug.datastructures import MultiDict

from integrations.runtime import clock
from sessions.web import planner_dates, planner_hours
from sessions.web.planner_hours import Member
from sessions.web.planner_rule import SeriesForm, fields_of
from sessions.web.planner_words import kinds, rule_phrase

_SET = "set:"


def with_set(sent: MultiDict[str, str], do: str) -> MultiDict[str, str]:
    """The form with what a button sets: `set:kind=weekly&weekdays=1` stands in place of those."""
    fields = MultiDict(sent.items(multi=True))
    if do.startswith(_SET):
        given = MultiDict(parse_qsl(do.removeprefix(_SET), keep_blank_values=True))
        for name in given:
            fields.setlist(name, given.getlist(name))
    return fields


def series_form(given: Any) -> tuple[SeriesForm, list[Member]]:
    """The form of a rule, and the member cities, the largest first."""
    home = current_app.config["TIMEZONE"]
    today = clock.now().astimezone(ZoneInfo(home)).date()
    known = planner_hours.members()
    cities = sorted((member.city for member in known), key=lambda city: city.name)
    return SeriesForm(given or None, cities, home, today), known


def shown(form: SeriesForm, known: list[Member]) -> dict[str, Any]:
    """What the page of the rule shows: the form, its dates, and who sits where at that hour."""
    facts: dict[str, Any] = {
        "form": form,
        "preview": None,
        "strip": None,
        "kinds": kinds(),
        "suggestions": [
            (rule_phrase(rule), urlencode({"picked": "", **fields_of(rule)}, doseq=True))
            for rule in form.suggestions()
        ],
    }
    if not form.gives_dates():
        return facts
    plan = form.plan()
    preview = facts["preview"] = planner_dates.preview(plan, known)
    if preview.rows:
        first = (preview.ticked or preview.rows)[0]
        facts.update(plan=plan, first=first, strip=planner_hours.strip(plan, first.on, known))
    return facts
