"""The look of every page: filters, template globals, navigation, error pages.

Reads from the app's config: PROGRAMME (its name), PROGRAMME_EN (its English name, empty for the
same), PROGRAMME_SHORT (what stands beside the logo, empty for the name), TIMEZONE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, current_app, render_template, request, url_for
from flask_babel import lazy_gettext
from flask_bootstrap import Bootstrap5

from sessions.web import assets
from sessions.web.assets import static_url
from sessions.web.city_words import city_words
from sessions.web.filters import FILTERS, GLOBALS
from sessions.web.reader import EXTENSION, Reader, current, forget, locale

__all__ = ["Reader", "error_page", "install", "page_url", "place_url", "static_url", "way_back"]


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

    @property
    def short_lines(self) -> list[str]:
        """The short name as it stands beside the logo: on two lines where it is long."""
        words = self.short_name.split()
        if len(self.short_name) <= 16 or len(words) == 1:
            return [self.short_name]
        halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
        return list(min(halves, key=lambda pair: max(map(len, pair))))


SECTIONS = (
    Entry("schedule.season", lazy_gettext("Schedule"), "cal"),
    Entry("library.index", lazy_gettext("Recordings"), "slide"),
    Entry("cities.index", lazy_gettext("Cities"), "pin"),
    Entry("planner.index", lazy_gettext("Plan"), "edit", "host"),
    Entry("desk.index", lazy_gettext("Desk"), "list", "lead"),
    Entry("people.index", lazy_gettext("People"), "users", "host"),
)
MINE = (
    Entry("me.sessions", lazy_gettext("My sessions"), "cal"),
    Entry("me.settings", lazy_gettext("Settings"), "user"),
    Entry("tasks.index", lazy_gettext("Tasks"), "check", "tasks"),
    Entry("incoming.index", lazy_gettext("Incoming mail"), "mail", "host"),
)
FOOTER = (
    Entry("pages.about", lazy_gettext("About the programme"), "info"),
    Entry("topics.season", lazy_gettext("Topics and votes"), "chart"),
    Entry("feeds.index", lazy_gettext("Calendar subscription"), "cal"),
    Entry("pages.help", lazy_gettext("Help"), "info"),
    Entry("pages.privacy", lazy_gettext("Personal data"), "lock"),
)
# Pages that the frame itself leads to; where one is missing, its link is left out.
PLACES = {
    "search": "search.index",
    "zone": "zone.choose",
    "sign_in": "security.login",
    "sign_out": "security.logout",
    "language": "language.switch",
}
ERRORS = (400, 401, 403, 404, 405, 409, 410, 413, 429, 500, 503)


def install(app: Flask, reader: Callable[[], Reader] = Reader) -> None:
    """Give the app its filters, its globals and its static files.

    reader: says who reads the page of the current request; not asked when we erred ourselves.
    """
    app.config.setdefault("PROGRAMME", "Vzaimo")
    app.config.setdefault("PROGRAMME_EN", "")
    app.config.setdefault("PROGRAMME_SHORT", "")
    app.config.setdefault("TIMEZONE", "Europe/Moscow")
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    if "bootstrap" not in app.extensions:
        # Carries Bootstrap 5.3.8 unaltered; only its stylesheet is used, none of its scripts.
        Bootstrap5().init_app(app)
    assets.install(app)
    app.extensions[EXTENSION] = reader
    app.jinja_env.filters.update(FILTERS, city_words=city_words)
    app.jinja_env.globals.update(GLOBALS)
    app.jinja_env.globals.update(
        page_url=page_url,
        place_url=place_url,
        way_back=way_back,
        endpoint_exists=endpoint_exists,
    )
    app.context_processor(_surroundings)


def endpoint_exists(endpoint: str) -> bool:
    """Whether a page of that name is part of this installation."""
    return endpoint in current_app.view_functions


def place_url(place: str, **values: Any) -> str:
    """The address of one of PLACES, empty where this installation has no such page."""
    endpoint = PLACES[place]
    return url_for(endpoint, **values) if endpoint_exists(endpoint) else ""


def way_back() -> str | None:
    """The address within this site to come back to; None where it is not known.

    The page that is shown or, where a form was sent, the page that it stood on.
    """
    if request.method in ("GET", "HEAD"):
        query = quote(request.query_string, safe="!$&'()*+,;=:@/?%")
        address = quote(request.path) + (f"?{query}" if query else "")
    elif request.referrer and request.referrer.startswith(request.host_url):
        address = request.referrer.removeprefix(request.host_url)
    else:
        return None
    # "//elsewhere.example" would lead away from here; quoting has seen to "/\\elsewhere.example"
    return "/" + address.lstrip("/")


def page_url(page: int) -> str:
    """The address of another page of the list that is shown, its filters kept."""
    arguments = request.args.to_dict(flat=False)
    return "?" + urlencode({**arguments, "page": page}, doseq=True)


def error_page(status: int, **facts: Any) -> tuple[str, int]:
    """The page of an error with its status; from 500 on, drawn without asking who reads it.

    facts: `request_id` for 500 and 503, `limit_bytes` for 413, `retry_after_s` for 429,
    `changes` (field, yours, theirs) and `changed_by` for 409, `reason` in words for any.
    """
    if status >= 500:
        forget()
    known = status if status in ERRORS else 500 if status >= 500 else 400
    return render_template(
        f"errors/{known}.html", status=status, plain=status >= 500, **facts
    ), status


def _surroundings() -> dict[str, Any]:
    reader = current()
    return {
        "reader": reader, "locale": locale(), "programme": _programme(),
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
    name = (locale() == "en" and config["PROGRAMME_EN"]) or config["PROGRAMME"]
    return Programme(name, (locale() != "en" and config["PROGRAMME_SHORT"]) or name)
