"""Saving what a host changed; two hosts at once, and neither loses what they wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from integrations.runtime.errors import Refused, Stale
from sessions.models.session import Session
from sessions.web import desk_history, guard, once, words
from sessions.web.desk_access import managed

Difference = tuple[str, str, str]


def save(
    session: Session,
    flow: Callable[[], None],
    page: Callable[[Session, str, list[Difference]], str],
    differ: Callable[[Session], list[Difference]],
    done: str = "",
) -> ResponseReturnValue:
    """Do it, or show the form again with the reason, its words kept."""
    session_id = session.id
    url = url_for("desk.show", session_id=session_id)

    def change() -> str:
        flow()
        flash(done or gettext("Saved."), "ok")
        return url

    try:
        return redirect(once.only(request.form.get(once.FIELD, ""), change))
    except Stale:
        now = managed(session_id)
        return page(now, _who_changed(session_id), differ(now)), 409
    except Refused as refused:
        now = managed(session_id)
        return page(now, words.refusal(refused.reason, **refused.details), []), 400


def _who_changed(session_id: int) -> str:
    who = desk_history.last_changed_by(session_id)
    reader = guard.person()
    if reader is not None and who == reader.initials_name:
        return gettext("You saved this session after opening this page. Your words are kept below.")
    if who:
        return gettext(
            "While you were editing, %(name)s saved this session. Your words are kept below.",
            name=who,
        )
    return gettext("While you were editing, this session was saved. Your words are kept below.")


def differences(yours: Mapping[str, str], theirs: Mapping[str, str]) -> list[Difference]:
    """(field in words, yours, theirs) where the two differ."""
    names = desk_history.field_names()
    return [
        (names[name], value or "—", theirs[name] or "—")
        for name, value in yours.items()
        if value != theirs[name]
    ]
