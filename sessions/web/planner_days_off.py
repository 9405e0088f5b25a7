"""The calendar the planner goes by: days off of a year, and dates that are closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from integrations.calendaring import public_holidays
from integrations.runtime import clock
from integrations.runtime.database import db
from integrations.runtime.errors import Refused
from sessions.flows import keeping_days_off as keeping
from sessions.models import days_off
from sessions.models.programme import Blackout
from sessions.web import guard, once, reader, words
from sessions.web.planner_lists import member_cities
from sessions.web.planner_pages import pages
from sessions.web.planner_rule import read_day


@dataclass(frozen=True)
class Line:
    """A day of the calendar. by_host: whether someone wrote it; instead_of: the day it stands for;
    is_official: whether it is off by law, and so only can be made a working day."""

    day: date
    is_off: bool
    name: str
    by_host: bool
    instead_of: date | None
    is_official: bool


@pages.get("/days-off")
@guard.team_only
def calendar() -> ResponseReturnValue:
    """The days off of a year, and the blackouts that touch it."""
    return _page(_year())


@pages.post("/days-off")
@guard.team_only
def change_calendar() -> ResponseReturnValue:
    """Write, remove, close or reopen, or go back to the official calendar; refusals in words."""
    year = _year()
    what, _, which = request.form.get("do", "").partition(":")
    change = _changes(year, which).get(what)
    if change is None:
        return redirect(url_for("planner.calendar", year=year))

    def save() -> str:
        year_shown = change()
        flash(gettext("Saved. Dates planned from now on go by it."), "ok")
        return url_for("planner.calendar", year=year_shown)

    try:
        return redirect(once.only(request.form.get(once.FIELD, ""), save))
    except Refused as refused:
        return _page(year, words.refusal(refused.reason, **refused.details)), 400


def _changes(year: int, which: str) -> dict[str, Callable[[], int]]:
    """What each button does; the year to show afterwards."""
    by, form = g.viewer.person_id, request.form

    def write() -> int:
        day = _day("day", "days_off.date")
        is_off = form.get("is_off", "1") == "1"
        keeping.write(day, form.get("name", ""), by, is_off=is_off)
        return day.year

    def work() -> int:
        keeping.remove(_day_of(which, "days_off.date"), by)
        return year

    def restore() -> int:
        keeping.restore(year, by)
        return year

    def close() -> int:
        first = _day("first", "days_off.date")
        last = _day("last", "days_off.date") if form.get("last") else first
        city = form.get("city", "")
        city_id = int(city) if city.isdigit() and len(city) < 10 else None
        keeping.close(first, last, form.get("reason", ""), by, city_id)
        return first.year

    def reopen() -> int:
        if which.isdigit() and len(which) < 10:
            keeping.reopen(int(which), by)
        return year

    return {"write": write, "remove": work, "restore": restore, "close": close, "reopen": reopen}


def _page(year: int, trouble: str = "") -> str:
    first, last = date(year, 1, 1), date(year, 12, 31)
    kept = days_off.kept_between(first, last)
    return render_template(
        "pages/planner_days_off.html",
        year=year,
        years=[one for one in (year - 1, year, year + 1) if _is_known(one)],
        lines=_lines(year),
        changed=any(row.source == "host" for row in kept),
        is_known=bool(public_holidays.of_year(year)),
        has_transfers=any(one.instead_of for one in public_holidays.of_year(year)),
        blackouts=_blackouts(first, last),
        cities=member_cities(),
        trouble=trouble,
        written=request.form if trouble else {},
        section="planner.index",
    )


def _lines(year: int) -> list[Line]:
    """The year as it is kept, or as the government has it while nobody touched it."""
    first = date(year, 1, 1)
    rows = days_off.kept_between(first, first) or days_off.official(year)
    official = {one.day: one for one in public_holidays.of_year(year)}
    said = reader.locale()
    return [
        Line(
            day=row.day,
            is_off=row.is_off,
            name=row.name_en if said == "en" and row.name_en else row.name,
            by_host=row.source == "host",
            instead_of=official[row.day].instead_of if row.day in official else None,
            is_official=row.day in official and official[row.day].is_off,
        )
        for row in rows
    ]


def _blackouts(first: date, last: date) -> Sequence[Blackout]:
    return db.session.scalars(
        select(Blackout)
        .options(joinedload(Blackout.city))
        .where(Blackout.first_on <= last, Blackout.last_on >= first)
        .order_by(Blackout.first_on, Blackout.id)
    ).all()


def _year() -> int:
    text = request.values.get("year", "")
    if text.isdigit() and len(text) == 4 and _is_known(int(text)):
        return int(text)
    home = ZoneInfo(current_app.config["TIMEZONE"])
    return clock.now().astimezone(home).year


def _is_known(year: int) -> bool:
    return keeping.FIRST_YEAR <= year <= keeping.LAST_YEAR


def _day(name: str, reason: str) -> date:
    return _day_of(request.form.get(name, ""), reason)


def _day_of(text: str, reason: str) -> date:
    day = read_day(text.strip())
    if day is None:
        raise Refused(reason)
    return day
