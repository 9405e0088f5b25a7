"""Choosing whose time the pages show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from sessions.models.people import Person
from sessions.models.programme import City
from sessions.web import guard, reader, typography
from sessions.web.planner_lists import member_cities
from sessions.web.safe_urls import local_path

pages = Blueprint("zone", __name__)

CONTINENTS = (
    "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian",
    "Pacific",
)  # fmt: skip
Option = tuple[str, str, bool]


@pages.get("/zone")
def choose() -> ResponseReturnValue:
    """The cities and zones to choose from."""
    who = guard.person()
    return render_template(
        "pages/zone.html", groups=_groups(), next=local_path(request.args.get("next")),
        profile=who is not None, chosen=bool(browser.get("tz") or (who and who.tz)),
    )  # fmt: skip


@pages.post("/zone")
def keep() -> ResponseReturnValue:
    """Remember the zone: for the person who is signed in, else for this browser."""
    place = request.form.get("place", "")
    tz = _zone_of(place)
    if place and tz is None:
        flash(gettext("This zone is not known here. Pick another."), "warn")
        return redirect(request.full_path.rstrip("?"))
    who = guard.person()
    if who is not None:
        with transaction():
            db.session.get_one(Person, who.id).tz = tz
    browser.pop("tz", None)
    if tz and who is None:
        browser["tz"] = tz
        browser.permanent = True
    return redirect(local_path(request.form.get("next")))


def _zone_of(place: str) -> str | None:
    """The IANA zone of a choice: a zone by its name, or a city as `city:7`."""
    kind, _, number = place.partition(":")
    if kind == "city" and number.isdigit():
        city = db.session.get(City, int(number))
        return city.tz if city else None
    return place if place in guard.known_zones() else None


def _groups() -> list[tuple[str, list[Option]]]:
    """(heading, options) for the list: the programme's cities, Russia, the rest of the world."""
    said, now, mine = reader.locale(), clock.now(), reader.current()
    cities = member_cities()
    of_city = _my_city(cities, mine)
    own = [
        (f"city:{city.id}", _said(_name(city, said), now, city.tz), city is of_city)
        for city in cities
    ]
    russian = _zones(typography.RUSSIAN_ZONES, now, "" if of_city else mine.tz or "")
    others = [
        zone
        for zone in guard.known_zones()
        if zone.split("/")[0] in CONTINENTS and zone not in typography.RUSSIAN_ZONES
    ]
    world = _zones([*others, "UTC"], now, "" if of_city else mine.tz or "")
    return [
        (gettext("Cities of the programme"), own),
        (gettext("Russia"), russian),
        (gettext("The world"), sorted(world, key=lambda option: option[1])),
    ]


def _my_city(cities: Sequence[City], mine: reader.Reader) -> City | None:
    return next((c for c in cities if c.tz == mine.tz and mine.place in (c.name, c.name_en)), None)


def _zones(zones: Sequence[str], now: datetime, mine: str) -> list[Option]:
    said = reader.locale()
    return [(z, _said(typography.zone_city(z, said), now, z), z == mine) for z in zones]


def _said(name: str, now: datetime, tz: str) -> str:
    return f"{name} ({typography.offset(now, tz)})"


def _name(city: City, said: str) -> str:
    return city.name_en if said == "en" and city.name_en else city.name
