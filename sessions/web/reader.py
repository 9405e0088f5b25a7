"""Who reads the page that is being drawn, in which language and zone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, g
from flask_babel import get_locale

EXTENSION = "vzaimo-reader"


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


def current() -> Reader:
    """The reader of the current request; asked for once."""
    if "reader" not in g:
        g.reader = current_app.extensions[EXTENSION]()
    reader: Reader = g.reader
    return reader


def forget() -> None:
    """Draw the rest of this request for nobody in particular, without asking the database."""
    g.reader = Reader()
    login = getattr(current_app, "login_manager", None)
    if login is not None:
        # Flask-Login asks the database who it is in every template, also when that is what failed.
        g._login_user = login.anonymous_user()


def reader_zone() -> str:
    """The zone in which times are shown: the reader's own, else the programme's."""
    zone: str = current().tz or current_app.config["TIMEZONE"]
    return zone


def locale() -> str:
    """The language of the page: `ru` or `en`."""
    chosen = get_locale()
    return chosen.language if chosen and chosen.language in ("ru", "en") else "ru"
