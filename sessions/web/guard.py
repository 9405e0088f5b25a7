"""Who reads this page: the viewer's keys, their language and zone; and what is closed to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from zoneinfo import available_timezones

from flask import Flask, abort, current_app, g, has_request_context, redirect, request
from flask import session as browser
from flask_security import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from integrations.runtime import language
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.participation import HOLDING, Registration
from sessions.models.people import Account, Person
from sessions.rules import permissions
from sessions.web.look import Reader

# Nobody is signed in there; an answer that looked would be no cache's to keep.
_FOR_PROGRAMS = ("health.", "calendar.")

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def install(app: Flask) -> None:
    """Have every request know its viewer, once somebody asks."""
    app.before_request(_look_up_viewer)


def person() -> Person | None:
    """The person who is signed in, or None."""
    if not has_request_context() or not current_user.is_authenticated:
        return None
    account: Account = current_user
    return account.person


def _look_up_viewer() -> None:
    if request.endpoint == "static" or (request.endpoint or "").startswith(_FOR_PROGRAMS):
        return
    g.viewer = viewer_of(person(), zone=zone())


def viewer_of(who: Person | None, zone: str | None = None) -> Viewer:
    """What this person may open; `zone` is what the browser told where the person told nothing."""
    if who is None:
        return Viewer(locale=locale() if has_request_context() else language.DEFAULT, tz=zone)
    sessions = db.session.scalars(
        select(Registration.session_id).where(
            Registration.person_id == who.id, Registration.state.in_(HOLDING)
        )
    ).all()
    keys = permissions.viewer_keys(
        [(grant.role, grant.scope) for grant in who.grants], sessions, signed_in=True
    )
    return Viewer(keys=keys, person_id=who.id, locale=who.locale, tz=who.zone or zone)


def locale() -> str:
    """The page's language: chosen by hand, else the person's, the browser's, or Russian."""
    if not has_request_context():
        return language.DEFAULT
    if "language" in g:
        return str(g.language)  # a call of the API has said it; a cookie says nothing there
    chosen = language.supported(browser.get("lang"))
    if chosen:
        return chosen
    who = person()
    if who is not None:
        return who.locale
    return request.accept_languages.best_match(language.LANGUAGES) or language.DEFAULT


def zone() -> str | None:
    """The zone the reader told: their own choice for this browser, else what the browser says."""
    for told in (browser.get("tz"), request.cookies.get("tz")):
        if told and told in known_zones():
            return str(told)
    return None


def known_zones() -> set[str]:
    """The IANA names we accept."""
    global _zones
    if not _zones:
        _zones = available_timezones()
    return _zones


_zones: set[str] = set()


def reader() -> Reader:
    """The reader as the frame of the page greets them."""
    who = person()
    viewer: Viewer = g.get("viewer", Viewer())
    may = {"host", "lead"} if permissions.TEAM in viewer.keys else set[str]()
    if permissions.hosted(viewer.keys):
        may.add("lead")
    if permissions.TEAM in viewer.keys or permissions.coordinated(viewer.keys):
        may.add("tasks")
    place = ""
    if who is not None and who.city is not None and viewer.tz == who.city.tz:
        place = who.city.name_en if locale() == "en" and who.city.name_en else who.city.name
    return Reader(
        name=who.initials_name if who else "", may=frozenset(may), tz=viewer.tz, place=place
    )


def must_hold(keys: frozenset[str]) -> None:
    """Let only those through who hold one of the keys; others see the sign-in page or a 403."""
    viewer: Viewer = g.viewer
    if viewer.may_open(keys):
        return
    if viewer.person_id is None:
        abort(to_sign_in())
    abort(403)


def to_sign_in() -> Response:
    """The way to the sign-in page and back."""
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    url = current_app.url_for("security.login", next=back)
    return redirect(url)


def team_only(
    page: Callable[Arguments, Answer],
) -> Callable[Arguments, Answer]:
    """The decorated page is for hosts and administrators."""

    @wraps(page)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        must_hold(frozenset({permissions.TEAM}))
        return page(*args, **kwargs)

    guarded.needs_signing_in = True  # type: ignore[attr-defined]
    return guarded


def signed_in_only(page: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """The decorated page is for those who signed in."""

    @wraps(page)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        must_hold(frozenset({permissions.MEMBER}))
        return page(*args, **kwargs)

    guarded.needs_signing_in = True  # type: ignore[attr-defined]
    return guarded
