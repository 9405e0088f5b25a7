"""Calendars to subscribe to: of the programme, a season, a city, a format, and one's own.

Their language is in the address, never in the browser: one address has the same bytes for all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from flask import Blueprint, abort, request
from flask_babel import gettext
from sqlalchemy import ColumnElement, func, select
from werkzeug.wrappers import Response

from integrations.calendaring.feed import Header
from integrations.runtime import language, ports
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from integrations.runtime.viewer import Viewer
from sessions.flows import feed_tokens
from sessions.letter_words import programme_name
from sessions.models.programme import City, Season
from sessions.models.session import FORMATS, Session
from sessions.sheets import vocabulary
from sessions.web import feed_answers, feed_contents, visible, whose_time
from sessions.web.feed_words import plain, reading_of

pages = Blueprint("calendar", __name__)

_NO_SEASON = date(2000, 1, 1)


@pages.get("/feeds/programme.ics")
def programme() -> Response:
    """All sessions that are open to everyone."""
    return _public("programme", programme_title)


@pages.get("/feeds/season/<int:season_id>.ics")
def season(season_id: int) -> Response:
    """Those of one season."""
    chosen = visible.season_or_404(season_id, Viewer())
    title = partial(season_title, chosen)
    return _public(f"season-{chosen.id}", title, Session.season_id == chosen.id)


@pages.get("/feeds/city/<int:city_id>.ics")
def city(city_id: int) -> Response:
    """Those in which one city presents."""
    chosen = db.get_or_404(City, city_id)
    title = partial(city_title, chosen)
    return _public(f"city-{chosen.id}", title, feed_contents.of_city(chosen.id))


@pages.get("/feeds/format/<name>.ics")
def of_format(name: str) -> Response:
    """Those of one format."""
    if name not in FORMATS:
        abort(404)
    return _public(f"format-{name}", partial(format_title, name), Session.format == name)


@pages.get("/feeds/my/<token>.ics")
def mine(token: str) -> Response:
    """The sessions of the person to whom the address was given, in their language."""
    known = feed_tokens.find(token)
    if known is None:
        abort(404)
    if known.revoked_at is not None:
        abort(410)
    person = known.person
    with language.speaking(person.locale):
        name = plain(my_title(person.locale))
        header = _header(f"person-{person.id}", name, known.made_at.date())
        words = whose_time.words_of(person, person.locale)
        reading = reading_of(person.locale, person.zone, words)
        raw = feed_contents.written(feed_contents.facts_of(person.id), reading, header)
    changed_at = feed_tokens.note(known, feed_answers.etag_of(raw))
    return feed_answers.answer(raw, name, changed_at, shared=False)


@pages.after_request
def keep_to_oneself(response: Response) -> Response:
    """Has the address of somebody's calendar told to nobody, and found by no search."""
    if request.endpoint == f"{pages.name}.mine":
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def locale() -> str:
    """The language that the address asks for, else Russian."""
    return language.supported(request.args.get("lang")) or language.DEFAULT


def programme_title(said: str) -> str:
    return programme_name(ports.get(Settings), said)


def my_title(said: str) -> str:
    """What the calendar of one's own sessions is called, in the language that is spoken."""
    return gettext("%(programme)s: my sessions", programme=programme_title(said))


def city_title(city: City, said: str) -> str:
    return f"{programme_title(said)}: {city.name_in(said)}"


def format_title(name: str, said: str) -> str:
    return f"{programme_title(said)}: {vocabulary.word('format', name, said).lower()}"


def season_title(season: Season, said: str) -> str:
    return gettext(
        "%(programme)s: season %(season)s",
        programme=programme_title(said), season=season.name_in(said),
    )  # fmt: skip


def _public(key: str, title: Callable[[str], str], *narrowed: ColumnElement[bool]) -> Response:
    """key: tells this feed from the others. title: its name in a language."""
    said = locale()
    with language.speaking(said):
        name = plain(title(said))
        known = feed_contents.facts(feed_contents.public(*narrowed))
        header = _header(key, name, _first_day() if known.is_empty else None)
        raw = feed_contents.written(known, reading_of(said), header)
    return feed_answers.answer(raw, name, known.changed_at, shared=True)


def _header(key: str, name: str, on: date | None) -> Header:
    settings = ports.get(Settings)
    return Header(
        name=name, uid=f"feed-{key}@{settings.domain}", on=on or _NO_SEASON,
        words=gettext("Sessions appear here as soon as they are published."),
        url=f"{settings.base_url.rstrip('/')}/subscribe",
    )  # fmt: skip


def _first_day() -> date | None:
    """The first day of the latest season: what an empty calendar shows."""
    return db.session.scalar(select(func.max(Season.starts_on)).where(visible.seasons(Viewer())))
