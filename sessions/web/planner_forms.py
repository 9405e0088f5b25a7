"""The forms of the planner: what a session is, and one session at one time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time
from typing import Any, ClassVar

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError
from wtforms.widgets import TextInput

from sessions.flows.planning import SeriesPlan
from sessions.models.programme import City
from sessions.rules import wording
from sessions.rules.recurrence import DatesRule
from sessions.web import reader, typography
from sessions.web.planner_words import formats, modes, visibilities

__all__ = [
    "LENGTHS_MIN", "LONGEST_SUMMARY", "LONGEST_TITLE", "Chosen", "ClockField", "SessionForm",
    "WhatForm", "formats", "modes", "one_line", "several_lines", "visibilities", "zone_choices",
]  # fmt: skip

LENGTHS_MIN = (30, 45, 60, 75, 90, 105, 120, 150, 180, 240, 300, 360, 420, 480)
LONGEST_TITLE = 200
LONGEST_SUMMARY = 4000
_CLOCK = re.compile(r"(\d{1,2})(?:[:.\-]?(\d{2}))?")


def one_line(written: str | None) -> str | None:
    return wording.one_line(written) if written else written


def several_lines(written: str | None) -> str | None:
    return wording.lines(written) if written else written


class ClockField(Field):  # type: ignore[misc]
    """A wall time as people write it: 10:00, 10.00, 1000 or 10."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return typography.clock(self.data) if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        found = _CLOCK.fullmatch(valuelist[0].strip())
        try:
            self.data = time(int(found[1]), int(found[2] or 0)) if found else None
        except ValueError:
            self.data = None
        if self.data is None:
            raise ValueError(gettext("Write the hour like this: 10:00."))


class Chosen:
    """Of a list where something is always chosen: no word about leaving it out."""

    field_flags: ClassVar = {"quiet": True}

    def __call__(self, _form: object, _field: object) -> None:
        """Nothing to check: the list itself refuses what is not on it."""


class WhatForm(FlaskForm):  # type: ignore[misc]
    """What a session is, whenever it takes place."""

    class Meta:
        # Read from the address too; every form that is posted is checked for the whole application.
        csrf = False

    at = ClockField(lazy_gettext("Start"), [Chosen()])
    tz = SelectField(lazy_gettext("Time zone"), [Chosen()])
    length = SelectField(lazy_gettext("Length"), [Chosen()], coerce=int, default=90)
    title = StringField(
        lazy_gettext("Title"),
        filters=[one_line],
        validators=[
            DataRequired(lazy_gettext("Write a title.")),
            Length(max=LONGEST_TITLE, message=lazy_gettext("Make it at most %(max)d characters.")),
        ],
    )
    format = SelectField(lazy_gettext("Format"), [Chosen()], default="video_conference")
    mode = SelectField(lazy_gettext("How people take part"), [Chosen()], default="online")
    visibility = SelectField(lazy_gettext("Who may open it"), [Chosen()], default="public")
    cities = SelectMultipleField(lazy_gettext("Presenting cities"), coerce=int)
    summary = TextAreaField(
        lazy_gettext("Summary"),
        filters=[several_lines],
        validators=[
            Length(max=LONGEST_SUMMARY, message=lazy_gettext("Make it at most %(max)d characters."))
        ],
    )

    def __init__(self, given: Any, cities: Sequence[City], home: str) -> None:
        """given: the fields sent, None for an untouched form; home: the programme's zone."""
        super().__init__(formdata=given)
        if not self.at.data and not self.at.raw_data:
            self.at.data = time(10, 0)
        self.tz.choices = zone_choices(cities, home)
        self.tz.data = self.tz.data or home
        said = reader.locale()
        self.length.choices = [(m, typography.duration(m * 60, said)) for m in LENGTHS_MIN]
        self.format.choices = list(formats().items())
        self.mode.choices = list(modes().items())
        self.visibility.choices = list(visibilities().items())
        self.cities.choices = [(city.id, _name(city)) for city in cities]
        self.cities.data = self.cities.data or []

    def validate_at(self, field: ClockField) -> None:
        if field.data is None and not field.errors:
            raise ValidationError(gettext("Write the hour like this: 10:00."))

    def may_be_nameless(self) -> None:
        """Let the title wait: only the dates are asked for."""
        self.title.validators = [Length(max=LONGEST_TITLE)]

    def what(self) -> dict[str, Any]:
        """The fields of this form as those of a plan."""
        return {
            "title": self.title.data or "",
            "tz": self.tz.data,
            "wall_start": self.at.data,
            "duration_min": self.length.data,
            "format": self.format.data,
            "mode": self.mode.data,
            "visibility": self.visibility.data,
            "summary": self.summary.data or "",
            "presenting": tuple(self.cities.data),
        }


class SessionForm(WhatForm):
    """One session at one time."""

    day = DateField(
        lazy_gettext("Date"),
        format=["%Y-%m-%d", "%d.%m.%Y"],
        validators=[InputRequired(lazy_gettext("Pick the date."))],
    )

    def validate_day(self, field: DateField) -> None:
        # Beyond these, computing days off or the hour elsewhere leaves the calendar.
        if field.data and not 2000 <= field.data.year <= 2100:
            raise ValidationError(gettext("Pick a date between 2000 and 2100."))

    def plan(self) -> SeriesPlan:
        """The plan that a valid form describes."""
        day: date = self.day.data
        return SeriesPlan(rule=DatesRule((day,)), **self.what())


def zone_choices(cities: Sequence[City], home: str) -> list[tuple[str, str]]:
    """The zones on offer: the programme's first, then the cities', then all of Russia's."""
    said = reader.locale()
    zones = dict.fromkeys([home, *(city.tz for city in cities), *typography.RUSSIAN_ZONES])
    return [(zone, typography.zone_words(zone, said)) for zone in zones]


def _name(city: City) -> str:
    return city.name_en if reader.locale() == "en" and city.name_en else city.name
