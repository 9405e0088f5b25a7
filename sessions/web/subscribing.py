"""How one has the sessions in one's own calendar: the page that says it, and one's own address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from integrations.calendaring import feed
from integrations.runtime import language, ports
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from integrations.runtime.viewer import Viewer
from sessions.flows import feed_tokens
from sessions.models.programme import City, Season
from sessions.models.session import FORMATS, Session
from sessions.rules import permissions
from sessions.web import feed_answers, feed_contents, feeds, guard, kept, once, reader
from sessions.web.feed_words import plain, reading_of

pages = Blueprint("feeds", __name__)
kept.keep_forms(pages)

_LONGEST_NAME = 80
_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')  # what Windows takes in no name


@dataclass(frozen=True)
class Way:
    """A calendar to subscribe to. url: its address; page: the one that explains it."""

    name: str
    url: str
    page: str

    @property
    def webcal(self) -> str:
        """The address that calendar programs take for theirs."""
        return f"webcal:{self.url.partition(':')[2]}"

    @property
    def google(self) -> str:
        return f"https://calendar.google.com/calendar/r?{urlencode({'cid': self.webcal})}"

    @property
    def outlook(self) -> str:
        """For work and school accounts of Microsoft 365."""
        return f"https://outlook.office.com/calendar/0/addfromweb?{self._told}"

    @property
    def outlook_live(self) -> str:
        """For private accounts: outlook.com, Hotmail."""
        return f"https://outlook.live.com/calendar/0/addfromweb?{self._told}"

    @property
    def _told(self) -> str:
        return urlencode({"url": self.url, "name": self.name}, quote_via=quote)


def way_to(to: str) -> Way:
    """The calendar named so: "programme", "season:1", "city:3", "format:seminar"; else 404."""
    kind, _, which = to.partition(":")
    number = int(which) if which.isascii() and which.isdecimal() and len(which) < 10 else 0
    said = reader.locale()
    if kind == "programme" and not which:
        return _way("calendar.programme", feeds.programme_title(said), to)
    if kind == "season":
        season = db.get_or_404(Season, number)
        return of_season(season)
    if kind == "city":
        city = db.get_or_404(City, number)
        return of_city(city)
    if kind == "format" and which in FORMATS:
        return _way("calendar.of_format", feeds.format_title(which, said), to, name=which)
    abort(404)


def of_season(season: Season) -> Way:
    title = feeds.season_title(season, reader.locale())
    return _way("calendar.season", title, f"season:{season.id}", season_id=season.id)


def of_city(city: City) -> Way:
    title = feeds.city_title(city, reader.locale())
    return _way("calendar.city", title, f"city:{city.id}", city_id=city.id)


def own(token: str) -> Way:
    """One's own calendar at its address."""
    address = _address(url_for("calendar.mine", token=token))
    return Way(plain(feeds.my_title(reader.locale())), address, url_for("me.sessions"))


def _way(endpoint: str, title: str, to: str, **values: Any) -> Way:
    said = reader.locale()
    lang = None if said == language.DEFAULT else said
    path = url_for(endpoint, lang=lang, **values)
    return Way(plain(title), _address(path), url_for("feeds.index", to=to))


def _address(path: str) -> str:
    """The address as letters write it; url_for has the prefix of a mounted application already."""
    root = request.script_root
    return ports.get(Settings).base_url.rstrip("/") + path.removeprefix(root)


@pages.get("/subscribe")
def index() -> ResponseReturnValue:
    """What each calendar program asks one to do, for the calendar that is named by ?to=."""
    to = request.args.get("to") or "programme"
    said = reader.locale()
    way = way_to(to)
    seasons = db.session.scalars(select(Season).order_by(Season.starts_on.desc())).all()
    cities = db.session.scalars(select(City).order_by(City.name)).all()
    return render_template(
        "pages/subscribe.html",
        way=way,
        to=to,
        seasons=[(f"season:{one.id}", one.name_in(said)) for one in seasons],
        formats=[f"format:{one}" for one in FORMATS],
        cities=sorted(((f"city:{one.id}", one.name_in(said)) for one in cities), key=_by_name),
    )


def _by_name(option: tuple[str, str]) -> str:
    return option[1].casefold().replace("ё", "е")


@pages.post("/me/calendar")
def make() -> ResponseReturnValue:
    """Give one's own calendar an address, or another one."""
    if guard.person() is None:
        return kept.kept()

    def change() -> str:
        feed_tokens.make(g.viewer.person_id)
        return url_for("me.sessions", _anchor="calendar")

    url = once.only(request.form.get(once.FIELD, ""), change)
    flash(gettext("Your calendar has an address: it stands below, add it to your program."), "ok")
    return redirect(url)


@pages.post("/me/calendar/revoke")
def revoke() -> ResponseReturnValue:
    """Have the address of one's own calendar lead nowhere."""
    if guard.person() is None:
        return kept.kept()
    feed_tokens.revoke(g.viewer.person_id)
    flash(gettext("The address was switched off. Calendars that came there find nothing."), "ok")
    return redirect(url_for("me.sessions", _anchor="calendar"))


@pages.get("/me/calendar")
@pages.get("/me/calendar/revoke")
@guard.signed_in_only
def back() -> ResponseReturnValue:
    """Whoever reloads after sending one of these forms, or signing in there."""
    return redirect(url_for("me.sessions", _anchor="calendar"))


@pages.get("/sessions/<int:session_id>.ics")
def download(session_id: int) -> Response:
    """One session as a file to keep, for whoever may open its page."""
    viewer: Viewer = g.viewer
    session = db.get_or_404(Session, session_id)
    if session.shown_state == "draft" and not viewer.may_open(session.access_keys):
        abort(404)
    guard.must_hold(session.access_keys)
    said = feeds.locale()
    with language.speaking(said):
        known = feed_contents.facts(Session.id == session.id)
        (entry,) = feed_contents.entries(known, reading_of(said))
    title = _NO_FILE_NAME.sub(" ", session.title_in(said))
    name = f"{' '.join(title.split())[:_LONGEST_NAME]} {session.wall_start:%Y-%m-%d}"
    return feed_answers.answer(
        feed.single(entry), name, session.revised_at,
        shared=permissions.PUBLIC in session.access_keys, attached=True,
    )  # fmt: skip
