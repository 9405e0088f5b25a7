"""When people are reminded of a series: a field of its form, and a form of its own on its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectMultipleField

from integrations.runtime.database import db
from sessions.flows import reminding
from sessions.models.programme import Series
from sessions.rules import reminders
from sessions.web import guard, once, reminder_words
from sessions.web.planner_pages import pages

# Sent along with what is ticked, so that nothing ticked is told from a form that never asked.
ASKED = "-"


class RemindersField(SelectMultipleField):  # type: ignore[misc]
    """The reminders of a series; untouched as the programme has them."""

    data: list[str] | None

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validate_choice=False, **kwargs)

    def offer(self) -> None:
        """Put the choices into words, and tick what the programme does where nothing was sent."""
        self.choices = list(reminder_words.kinds().items())
        if ASKED not in (self.data or ()):
            self.data = list(reminder_words.usual())

    def own(self) -> list[str] | None:
        """What a series is to keep: None where it is as the programme has it."""
        return own(self.data or ())


def own(ticked: Sequence[str]) -> list[str] | None:
    """The same for what was ticked."""
    wanted = reminders.kinds(ticked, ())
    return None if wanted == reminder_words.usual() else [*wanted]


@pages.get("/series/<int:series_id>/reminders")
@guard.team_only
def back_to_reminders(series_id: int) -> ResponseReturnValue:
    """Whoever reloads the address of the press sees the series."""
    return redirect(url_for("planner.series", series_id=series_id, _anchor="reminders"))


@pages.post("/series/<int:series_id>/reminders")
@guard.team_only
def choose_reminders(series_id: int) -> ResponseReturnValue:
    """Remind of the series as it was ticked, from now on."""
    db.get_or_404(Series, series_id)
    ticked = request.form.getlist("reminders")
    url = url_for("planner.series", series_id=series_id, _anchor="reminders")

    def change() -> str:
        reminding.choose(series_id, own(ticked), g.viewer.person_id)
        series = db.session.get_one(Series, series_id)
        flash(gettext("Saved. %(what)s", what=reminder_words.sentence(series)), "ok")
        return url

    return redirect(once.only(request.form.get(once.FIELD, ""), change), 303)
