"""The forms of a host's desk: when a session takes place, and what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from integrations.runtime import clock
from sessions.flows.scheduling import Details
from sessions.models.programme import City
from sessions.models.session import Session
from sessions.rules import lifecycle
from sessions.rules.timetable import WallTime
from sessions.web import reader, typography
from sessions.web.planner_forms import (
    LENGTHS_MIN,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    ClockField,
    formats,
    modes,
    one_line,
    several_lines,
    visibilities,
    zone_choices,
)

SEEN = "seen_revision"
_AT_MOST = lazy_gettext("Make it at most %(max)d characters.")


def seen_revision() -> int:
    """The revision that the form which was sent had in view; 0, which is always stale, for none."""
    text = request.form.get(SEEN, "")
    return int(text) if text.isdigit() and len(text) < 10 else 0


class _DeskForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        csrf = False  # every form that is posted is checked for the whole application

    def always_answered(self, *names: str) -> None:
        """These fields have an answer from the start: nobody is told that they may be left out."""
        for name in names:
            self[name].flags.quiet = True


class MoveForm(_DeskForm):
    """Date, hour and zone."""

    day = DateField(
        lazy_gettext("Date"),
        format=["%Y-%m-%d", "%d.%m.%Y"],
        validators=[InputRequired(lazy_gettext("Pick the date."))],
    )
    at = ClockField(lazy_gettext("Start"))
    tz = SelectField(lazy_gettext("Time zone"))
    past = BooleanField(lazy_gettext("Yes, into the past"))

    def __init__(self, given: Any, session: Session, cities: Sequence[City], home: str) -> None:
        """given: the fields sent, None for a form as the session is; home: the programme's zone."""
        self._session = session
        self.asks_about_past = False
        wall = session.wall.local
        super().__init__(formdata=given, data={"day": wall.date(), "at": wall.time()})
        choices = zone_choices(cities, home)
        if session.tz not in dict(choices):
            choices.append((session.tz, typography.zone_city(session.tz, reader.locale())))
        self.tz.choices = choices
        self.tz.data = self.tz.data or session.tz
        self.always_answered("at", "tz", "past")

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

    def wall(self) -> WallTime:
        """What a valid form asks for."""
        hour = self.at.data or time()  # which is never missing in a valid form
        return WallTime(datetime.combine(self.day.data, hour), self.tz.data)


class WordsForm(_DeskForm):
    """What a session says of itself, and whether those invited get a letter about it."""

    title = StringField(
        lazy_gettext("Title"),
        filters=[one_line],
        validators=[
            DataRequired(lazy_gettext("Write a title.")),
            Length(max=LONGEST_TITLE, message=_AT_MOST),
        ],
    )
    title_en = StringField(
        lazy_gettext("Title in English"),
        filters=[one_line],
        validators=[Length(max=LONGEST_TITLE, message=_AT_MOST)],
    )
    summary = TextAreaField(
        lazy_gettext("Summary"),
        filters=[several_lines],
        validators=[Length(max=LONGEST_SUMMARY, message=_AT_MOST)],
    )
    length = SelectField(lazy_gettext("Length"), coerce=int)
    format = SelectField(lazy_gettext("Format"))
    mode = SelectField(lazy_gettext("How people take part"))
    place = StringField(
        lazy_gettext("Place"),
        filters=[one_line],
        description=lazy_gettext("Where people meet in person. It stands in their calendars."),
        validators=[Length(max=LONGEST_TITLE, message=_AT_MOST)],
    )
    visibility = SelectField(lazy_gettext("Who may open it"))
    cities = SelectMultipleField(lazy_gettext("Presenting cities"), coerce=int)
    tell = BooleanField(lazy_gettext("Send those invited a letter about the change"))

    def __init__(self, given: Any, session: Session, cities: Sequence[City]) -> None:
        """given: the fields sent, None for a form as the session is."""
        present = [part.city_id for part in session.cities if part.role == "presenting"]
        now = {name: getattr(session, name) for name in _SAME_NAME}
        super().__init__(
            formdata=given,
            data={**now, "length": session.duration_min, "cities": present, "tell": True},
        )
        said = reader.locale()
        lengths = sorted({*LENGTHS_MIN, session.duration_min})
        self.length.choices = [(m, typography.duration(m * 60, said)) for m in lengths]
        self.format.choices = list(formats().items())
        self.mode.choices = list(modes().items())
        self.visibility.choices = list(visibilities().items())
        self.cities.choices = [
            (city.id, (said == "en" and city.name_en) or city.name) for city in cities
        ]
        self.cities.data = self.cities.data or []
        self.always_answered("length", "format", "mode", "visibility", "tell")

    def details(self) -> Details:
        """What a valid form asks for."""
        texts = {name: self[name].data or "" for name in ("title", "title_en", "summary", "place")}
        return Details(
            **texts,
            format=self.format.data,
            mode=self.mode.data,
            visibility=self.visibility.data,
            duration_min=self.length.data,
            presenting=tuple(self.cities.data),
        )


_SAME_NAME = ("title", "title_en", "summary", "format", "mode", "place", "visibility")
