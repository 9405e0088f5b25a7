"""The look of every page: filters, template globals, static addresses, navigation, error pages.

Reads from the app's config: PROGRAMME (its name), PROGRAMME_EN (its English name, empty for the
same), PROGRAMME_SHORT (what stands beside the logo, empty for the name), TIMEZONE.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask_babel import get_locale, lazy_gettext
from flask_bootstrap import Bootstrap5
from markupsafe import Markup, escape

from sessions.web import typography
from sessions.web.typography import JOINER

Moment = TypeVar("Moment", bound=date | time)


@dataclass(frozen=True)
class Reader:
    """Whom the page greets.

    may: what the navigation asks for in `needs`, such as "host"; name: as the header writes it,
    empty where nobody is signed in; tz: None where the reader told none; place: their city.
    """

    name: str = ""
    may: frozenset[str] = frozenset()
    tz: str | None = None
    place: str = ""


@dataclass(frozen=True)
class Entry:
    """One line of the navigation. It shows where its page exists and the reader may open it."""

    endpoint: str
    label: Any
    icon: str
    needs: str = ""


@dataclass(frozen=True)
class Programme:
    """The names of the programme in the language of the page."""

    name: str
    short_name: str


SECTIONS = (
    Entry("schedule.season", lazy_gettext("Schedule"), "cal"),
    Entry("library.index", lazy_gettext("Recordings"), "slide"),
    Entry("planner.index", lazy_gettext("Plan"), "edit", "host"),
    Entry("desk.index", lazy_gettext("Desk"), "list", "host"),
    Entry("people.index", lazy_gettext("People"), "users", "host"),
)
MINE = (
    Entry("me.sessions", lazy_gettext("My sessions"), "cal"),
    Entry("me.settings", lazy_gettext("Settings"), "user"),
)
FOOTER = (
    Entry("pages.about", lazy_gettext("About the programme"), "info"),
    Entry("feeds.index", lazy_gettext("Calendar subscription"), "cal"),
    Entry("pages.help", lazy_gettext("Help"), "info"),
    Entry("pages.privacy", lazy_gettext("Personal data"), "lock"),
)
ERRORS = (400, 401, 403, 404, 405, 409, 410, 413, 429, 500, 503)


def install(app: Flask, reader: Callable[[], Reader] = Reader) -> None:
    """Give the app its filters, its globals and its static files.

    reader: says who reads the page of the current request; never asked on an error page.
    """
    app.config.setdefault("PROGRAMME", "Vzaimo")
    app.config.setdefault("PROGRAMME_EN", "")
    app.config.setdefault("PROGRAMME_SHORT", "")
    app.config.setdefault("TIMEZONE", "Europe/Moscow")
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    if "bootstrap" not in app.extensions:
        # Carries Bootstrap 5.3.8 unaltered; only its stylesheet is used, none of its scripts.
        Bootstrap5().init_app(app)
    hashes = _hashes(Path(app.static_folder or ""))
    app.extensions["vzaimo-static"] = hashes
    app.extensions["vzaimo-reader"] = reader
    app.jinja_env.filters.update(_FILTERS)
    app.jinja_env.globals.update(
        static_url=static_url, page_url=page_url, endpoint_exists=endpoint_exists,
        reader_zone=reader_zone, zone_words=_zone_words, zone_city=_zone_city, offset=_offset,
        local_time=_local_time,
    )  # fmt: skip
    app.context_processor(_surroundings)
    app.after_request(_keep_long)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in folder.rglob("*")
        if path.is_file()
    }


def static_url(filename: str) -> str:
    """The address of a static file, changing whenever its content does."""
    version = current_app.extensions["vzaimo-static"].get(filename)
    return url_for("static", filename=filename, v=version)


def _keep_long(response: Response) -> Response:
    """Lets browsers keep a static file for good, where its address names the content it has."""
    if request.endpoint == "static" and response.status_code == 200:
        filename = (request.view_args or {}).get("filename", "")
        known = current_app.extensions["vzaimo-static"].get(filename)
        if known and request.args.get("v") == known and not current_app.debug:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def endpoint_exists(endpoint: str) -> bool:
    """Whether a page of that name is part of this installation."""
    return endpoint in current_app.view_functions


def page_url(page: int) -> str:
    """The address of another page of the list that is shown, its filters kept."""
    arguments: dict[str, Any] = {**request.args.to_dict(flat=False), **(request.view_args or {})}
    return url_for(request.endpoint or "", **{**arguments, "page": page})


def error_page(status: int, **facts: Any) -> tuple[str, int]:
    """The page of an error with its status, drawn without asking who reads it.

    facts: `request_id` for 500 and 503, `limit_bytes` for 413, `retry_after_s` for 429,
    `changes` (field, yours, theirs) and `changed_by` for 409, `reason` in words for any.
    """
    g.reader = Reader()
    known = status if status in ERRORS else 500 if status >= 500 else 400
    return render_template(f"errors/{known}.html", status=status, **facts), status


def _reader() -> Reader:
    if "reader" not in g:
        g.reader = current_app.extensions["vzaimo-reader"]()
    reader: Reader = g.reader
    return reader


def reader_zone() -> str:
    """The zone in which times are shown: the reader's own, else the programme's."""
    zone: str = _reader().tz or current_app.config["TIMEZONE"]
    return zone


def _surroundings() -> dict[str, Any]:
    reader = _reader()
    return {
        "reader": reader, "locale": _locale(), "programme": _programme(),
        "nav": _shown(SECTIONS, reader), "nav_mine": _shown(MINE, reader) if reader.name else [],
        "nav_foot": _shown(FOOTER, reader),
    }  # fmt: skip


def _shown(entries: tuple[Entry, ...], reader: Reader) -> list[Entry]:
    return [
        entry
        for entry in entries
        if endpoint_exists(entry.endpoint) and (not entry.needs or entry.needs in reader.may)
    ]


def _programme() -> Programme:
    config = current_app.config
    name = (_locale() == "en" and config["PROGRAMME_EN"]) or config["PROGRAMME"]
    return Programme(name, (_locale() != "en" and config["PROGRAMME_SHORT"]) or name)


def _locale() -> str:
    locale = get_locale()
    return locale.language if locale and locale.language in ("ru", "en") else "ru"


def _at(moment: Moment, zone: str) -> Moment:
    """An instant on the clock of `zone` or else of the reader; wall time and dates as they are."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(ZoneInfo(zone or reader_zone()))
    return moment


def _typo(text: object) -> Markup:
    if text is None:
        return Markup()
    html = text if hasattr(text, "__html__") else escape(typography.typo(str(text)))
    # Marked safe: escaped above, or markup that was safe already and stays so.
    return Markup(typography.typo_html(str(html)))  # noqa: S704


def _unbroken(words: str) -> str:
    return words.replace("–", f"–{JOINER}")


def _clock(moment: datetime | time, zone: str = "") -> str:
    return typography.clock(_at(moment, zone))


def _time_range(start: datetime, end: datetime | timedelta, zone: str = "") -> str:
    until = start + end if isinstance(end, timedelta) else end
    return _unbroken(typography.time_range(_at(start, zone), _at(until, zone)))


def _date_range(first: date, last: date, zone: str = "") -> str:
    return _unbroken(typography.date_range(_at(first, zone), _at(last, zone), _locale()))


def _weekday(day: date, short: bool = False, zone: str = "") -> str:
    return typography.weekday(_at(day, zone), _locale(), short=short)


def _dated(words: Callable[[date, str], str]) -> Callable[..., str]:
    def of_day(day: date, zone: str = "") -> str:
        return words(_at(day, zone), _locale())

    return of_day


def _number(amount: float, digits: int | None = None) -> str:
    return typography.number(amount, _locale(), digits)


def _percent(share: float, digits: int = 1) -> str:
    return typography.percent(share, _locale(), digits)


def _upfirst(words: str) -> str:
    return words[:1].upper() + words[1:]


def _zone_words(zone: str) -> str:
    return typography.zone_words(zone, _locale())


def _zone_city(zone: str) -> str:
    return typography.zone_city(zone, _locale())


def _offset(moment: datetime | None = None, zone: str = "") -> str:
    return typography.offset(moment or datetime.now(tz=ZoneInfo("UTC")), zone or reader_zone())


def _local_time(moment: datetime, zone: str = "", words: str = "") -> str:
    return typography.local_time(moment, zone or reader_zone(), _locale(), words)


_FILTERS: dict[str, Callable[..., Any]] = {
    "typo": _typo,
    "clock": _clock,
    "time_range": _time_range,
    "date_long": _dated(typography.date_long),
    "date_short": _dated(typography.date_short),
    "date_full": _dated(typography.date_full),
    "month": _dated(typography.month),
    "date_range": _date_range,
    "weekday": _weekday,
    "local_time": _local_time,
    "at_zone": lambda moment, zone="": _at(moment, zone),
    "duration": lambda length: typography.duration(length, _locale()),
    "timecode": typography.timecode,
    "filesize": lambda size_bytes: typography.filesize(size_bytes, _locale()),
    "number": _number,
    "percent": _percent,
    "upfirst": _upfirst,
}
