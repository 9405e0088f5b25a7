"""Choosing whose time the pages show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib import resources

from babel.core import get_global
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

_RUSSIA = "Russia"
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
    """(heading, options): the programme's cities, Russia, the rest of the world by its regions.

    A zone stands once: not again where a city of the programme is it by name.
    """
    said, now, mine = reader.locale(), clock.now(), reader.current()
    cities = member_cities()
    named = {(_name(city, said), city.tz) for city in cities}
    of_city = _my_city(cities, mine, said)
    own = [
        (f"city:{city.id}", _said(_name(city, said), now, city.tz), city is of_city)
        for city in cities
    ]
    regions: dict[str, list[tuple[str, str]]] = {}
    for zone in _listed():
        name = typography.zone_city(zone, said)
        if (name, zone) not in named:
            regions.setdefault(_region(zone), []).append((name, zone))
    my_zone = "" if of_city else get_global("zone_aliases").get(mine.tz or "", mine.tz or "")
    groups = {
        region: [
            (zone, _said(name, now, zone), zone == my_zone)
            for name, zone in sorted(zones, key=lambda pair: _in_order(pair[0]))
        ]
        for region, zones in regions.items()
    }
    russian = groups.pop(_RUSSIA, [])
    of_no_region = [("UTC", groups.pop("UTC"))]
    words = _headings()
    world = sorted((words.get(region, region), zones) for region, zones in groups.items())
    return [
        (gettext("Cities of the programme"), own),
        (gettext("Russia"), russian),
        *world,
        *of_no_region,
    ]


def _listed() -> list[str]:
    """The zones that zone.tab gives the countries of the world, under today's names, and UTC."""
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return [zone for zone in (*(row[2] for row in rows), "UTC") if zone in guard.known_zones()]


def _region(zone: str) -> str:
    if zone in typography.RUSSIAN_ZONES:
        return _RUSSIA
    region = zone.partition("/")[0]
    return "Europe" if region == "Arctic" else region  # Svalbard alone is there


def _headings() -> dict[str, str]:
    return {
        "Africa": gettext("Africa"),
        "America": gettext("America"),
        "Antarctica": gettext("Antarctica"),
        "Asia": gettext("Asia"),
        "Atlantic": gettext("Atlantic Ocean"),
        "Australia": gettext("Australia"),
        "Europe": gettext("Europe"),
        "Indian": gettext("Indian Ocean"),
        "Pacific": gettext("Pacific Ocean"),
    }


def _in_order(name: str) -> str:
    return name.lower().replace("ё", "е")


def _my_city(cities: Sequence[City], mine: reader.Reader, said: str) -> City | None:
    """The city the reader's time is called after, or the one their zone is called after."""
    here = [city for city in cities if city.tz == mine.tz]
    by_place = (city for city in here if mine.place in (city.name, city.name_en))
    by_zone = (city for city in here if _name(city, said) == typography.zone_city(city.tz, said))
    return next(by_place, None) or next(by_zone, None)


def _said(name: str, now: datetime, tz: str) -> str:
    return f"{name} ({typography.offset(now, tz)})"


def _name(city: City, said: str) -> str:
    return city.name_en if said == "en" and city.name_en else city.name
