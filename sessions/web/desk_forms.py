"""The form of a host's desk that asks when a session takes place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectField
from wtforms.validators import InputRequired, ValidationError

from integrations.runtime import clock
from sessions.flows import scheduling
from sessions.models.programme import City
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.rules.timetable import WallTime
from sessions.web import reader, typography
from sessions.web.planner_forms import ClockField, zone_choices

SEEN = "seen_revision"


def seen_revision() -> int:
    """The revision that the form which was sent had in view; 0, which is always stale, for none."""
    text = request.form.get(SEEN, "")
    return int(text) if text.isdigit() and len(text) < 10 else 0


class DeskForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        csrf = False  # every form that is posted is checked for the whole application

    def always_answered(self, *names: str) -> None:
        """These fields have an answer from the start: nobody is told that they may be left out."""
        for name in names:
            self[name].flags.quiet = True


class MoveForm(DeskForm):
    """Date, hour and zone."""

    day = DateField(
        lazy_gettext("Date"),
        format=["%Y-%m-%d", "%d.%m.%Y"],
        validators=[InputRequired(lazy_gettext("Pick the date."))],
    )
    at = ClockField(lazy_gettext("Start"))
    tz = SelectField(lazy_gettext("Time zone"))
    past = BooleanField(lazy_gettext("Yes, into the past"))
    beyond = BooleanField(lazy_gettext("Yes, beyond the season"))

    def __init__(self, given: Any, session: Session, cities: Sequence[City], home: str) -> None:
        """given: the fields sent, None for a form as the session is; home: the programme's zone."""
        self._session = session
        self.asks_about_past = self.asks_about_season = False
        wall = session.wall.local
        super().__init__(formdata=given, data={"day": wall.date(), "at": wall.time()})
        choices = zone_choices(cities, home)
        if session.tz not in dict(choices):
            choices.append((session.tz, typography.zone_city(session.tz, reader.locale())))
        self.tz.choices = choices
        self.tz.data = self.tz.data or session.tz
        self.always_answered("at", "tz", "past", "beyond")

    def validate_day(self, field: DateField) -> None:
        # Beyond these, computing the hour elsewhere leaves the calendar.
        if field.data and not 2000 <= field.data.year <= 2100:
            raise ValidationError(gettext("Pick a date between 2000 and 2100."))

    def validate_at(self, field: ClockField) -> None:
        if field.data is None and not field.errors:
            raise ValidationError(gettext("Write the hour like this: 10:00."))

    def may_be_past(self) -> bool:
        """Whether the hour lies ahead, or the host wants it past; if not, the form asks."""
        wall, session = self.wall(), self._session
        is_past = wall.instant() < clock.now() and wall != session.wall
        self.asks_about_past = is_past and session.state in lifecycle.TO_COME
        if self.asks_about_past and not self.past.data:
            self.past.errors = [
                gettext("This hour is past. Everyone invited would be told of it: is it meant so?")
            ]
            return False
        return True

    def may_leave_season(self) -> bool:
        """Whether a season holds the date, or the host wants it outside; if not, the form asks."""
        wall, session = self.wall(), self._session
        is_new = wall.local.date() != session.wall.local.date()
        self.asks_about_season = is_new and scheduling.is_beyond_seasons(session, wall)
        if self.asks_about_season and not self.beyond.data:
            said = reader.locale()
            self.beyond.errors = [
                gettext(
                    "No season holds this date: %(season)s goes from %(first)s to %(last)s. "
                    "The session would stay in it all the same: is it meant so?",
                    season=session.season.name_in(said),
                    first=typography.date_long(session.season.starts_on, said),
                    last=typography.date_long(session.season.ends_on, said),
                )
            ]
            return False
        return True

    def is_meant(self) -> bool:
        """Whether nothing about the hour has still to be asked."""
        return all((self.may_be_past(), self.may_leave_season()))

    def wall(self) -> WallTime:
        """What a valid form asks for."""
        hour = self.at.data or time()  # which is never missing in a valid form
        return WallTime(datetime.combine(self.day.data, hour), self.tz.data)
