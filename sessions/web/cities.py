"""The member cities: all of them on a map and in a table, and a page for each."""

from __future__ import annotations

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from integrations.runtime import clock
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.programme import City
from sessions.web import city_list, city_page, guard, reader, subscribing, whose_time

pages = Blueprint("cities", __name__, url_prefix="/cities")

LONGEST_QUESTION = 80


@pages.get("")
def index() -> ResponseReturnValue:
    """All member cities: where they are, what hour it is there, what they showed."""
    viewer: Viewer = g.viewer
    now = clock.now()
    asked = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    order = request.args.get("sort", "")
    order = order if order in city_list.ORDERS else city_list.ORDERS[0]
    rows = city_list.rows(viewer, reader.locale())
    found = city_list.matching(rows, asked)
    return render_template(
        "pages/cities.html",
        now=now,
        asked=asked,
        order=order,
        rows=rows,
        found={row.city.id for row in found},
        groups=city_list.grouped(found, order, now),
        hours=len({city_list.offset_s(row, now) for row in rows}),
        map=city_list.map_of(rows),
        showing={row.city.id for row in rows if row.shown},
    )


@pages.get("/<int:city_id>")
def show(city_id: int) -> ResponseReturnValue:
    """One city: its hour, what it presents, showed, chose and proposed, and who speaks for it."""
    viewer: Viewer = g.viewer
    city = db.get_or_404(City, city_id)
    said = reader.locale()
    coming, held = city_page.sessions_of(city, viewer)
    shown, recordings = city_page.shown_of(city, held, viewer, reader.reader_zone())
    return render_template(
        "pages/city.html",
        city=city,
        name=city.name_in(said),
        city_words=city_list.words_of(city, said),
        words=whose_time.words_of(guard.person(), said),
        now=clock.now(),
        home=current_app.config["TIMEZONE"],
        coming=coming,
        shown=shown[: city_page.MOST_SHOWN],
        hidden=max(0, len(shown) - city_page.MOST_SHOWN),
        sessions=len(held),
        recordings=recordings,
        voices=city_page.voices_of(city, viewer),
        chosen=city_page.chosen_by(city, viewer),
        proposed=city_page.proposed_by(city, viewer),
        team=city_page.team_of(city, viewer),
        way=subscribing.of_city(city),
        section="cities.index",
    )
