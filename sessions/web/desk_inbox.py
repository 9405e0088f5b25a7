"""A host decides at the desk on other times that were proposed, and on people uninvited."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from integrations.runtime.database import db
from sessions.flows import deciding
from sessions.models.correspondence import Counter, Forwarded
from sessions.web.desk import changed, pages
from sessions.web.desk_access import managed
from sessions.web.desk_forms import seen_revision

_DESK = "/sessions/<int:session_id>/desk"


@pages.get(f"{_DESK}/times/<int:counter_id>/<any(take, decline):_what>")
@pages.get(f"{_DESK}/strangers/<int:forwarded_id>/<any(allow, reject):_what>")
def back_from_mail(session_id: int, _what: str, **_row: int) -> ResponseReturnValue:
    """Whoever reloads the address of a press sees the desk."""
    return redirect(url_for("desk.show", session_id=session_id, _anchor="by-mail"))


@pages.post(f"{_DESK}/times/<int:counter_id>/take")
def take_time(session_id: int, counter_id: int) -> ResponseReturnValue:
    """Move the session to a time that somebody proposed."""

    def take(by: int | None) -> str:
        deciding.take_time(counter_id, seen_revision(), by)
        return gettext("The session has the time that was proposed. Everyone invited is told.")

    return _decided(session_id, Counter, counter_id, take)


@pages.post(f"{_DESK}/times/<int:counter_id>/decline")
def decline_time(session_id: int, counter_id: int) -> ResponseReturnValue:
    """Keep the time; whoever proposed another hears of it."""

    def decline(by: int | None) -> str:
        deciding.decline_time(counter_id, by)
        return gettext("The time stays. Whoever proposed another gets a letter.")

    return _decided(session_id, Counter, counter_id, decline)


@pages.post(f"{_DESK}/strangers/<int:forwarded_id>/allow")
def allow_stranger(session_id: int, forwarded_id: int) -> ResponseReturnValue:
    """Invite somebody who answered uninvited."""

    def allow(by: int | None) -> str:
        deciding.decide_stranger(forwarded_id, allowed=True, by=by)
        return gettext("They are invited, and their answer counts.")

    return _decided(session_id, Forwarded, forwarded_id, allow)


@pages.post(f"{_DESK}/strangers/<int:forwarded_id>/reject")
def reject_stranger(session_id: int, forwarded_id: int) -> ResponseReturnValue:
    """Leave somebody who answered uninvited as they are."""

    def reject(by: int | None) -> str:
        deciding.decide_stranger(forwarded_id, allowed=False, by=by)
        return gettext("They are not invited. Further answers from this address are passed over.")

    return _decided(session_id, Forwarded, forwarded_id, reject)


def _decided(
    session_id: int,
    kind: type[Counter | Forwarded],
    row_id: int,
    decide: Callable[[int | None], str],
) -> ResponseReturnValue:
    session = managed(session_id)
    row = db.session.get(kind, row_id)
    if (
        not isinstance(row, Counter | Forwarded)
        or row.invitation.registration.session_id != session_id
    ):
        abort(404)
    url = url_for("desk.show", session_id=session_id, _anchor="by-mail")

    def change() -> str:
        flash(decide(g.viewer.person_id), "ok")
        return url

    return changed(session, change)
