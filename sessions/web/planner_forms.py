"""The forms of the planner: the rule of a series, and one session."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any, ClassVar

from babel.dates import format_date
from flask_babel import gettext, lazy_gettext, pgettext
from flask_wtf import FlaskForm
from wtforms import DateField, Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError
from wtforms.widgets import TextInput

from sessions.flows.planning import SeriesPlan
from sessions.models.programme import City, Series
from sessions.rules import wording
from sessions.rules.recurrence import LAST, MonthlyRule
from sessions.web import reader, typography

LENGTHS_MIN = (30, 45, 60, 75, 90, 105, 120, 150, 180, 240, 300, 360, 420, 480)
MONTHS_AHEAD = 36
RULE = frozenset({"n", "weekday", "at", "tz", "first", "last", "length", "policy"})
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


class SeriesForm(WhatForm):
    """The rule of a series as one sentence, and what its sessions are."""

    n = SelectField(lazy_gettext("Which one of the month"), coerce=int, default=3)
    weekday = SelectField(lazy_gettext("Day of the week"), coerce=int, default=3)
    first = SelectField(lazy_gettext("From which month"))
    last = SelectField(lazy_gettext("To which month"))
    policy = SelectField(lazy_gettext("If it is a day off"), default="ask")

    def __init__(self, given: Any, cities: Sequence[City], home: str, today: date) -> None:
        super().__init__(given, cities, home)
        said = reader.locale()
        self.n.choices = list(ordinals().items())
        self.weekday.choices = list(weekdays().items())
        months = list(_months(today))
        self.first.choices = [(f"{day:%Y-%m}", format_date(day, "MMMM y", said)) for day in months]
        self.last.choices = [(f"{day:%Y-%m}", format_date(day, "LLLL y", said)) for day in months]
        self.policy.choices = list(policies().items())
        first, last = usual_period(today)
        self.first.data = self.first.data or f"{first:%Y-%m}"
        self.last.data = self.last.data or f"{last:%Y-%m}"

    def gives_dates(self) -> bool:
        """Whether the sentence can be read, whatever is said of title and summary."""
        return not RULE.intersection(self.errors)

    def validate_last(self, field: SelectField) -> None:
        if not self.first.errors and field.data < self.first.data:
            raise ValidationError(gettext("The last month is before the first. Pick a later one."))

    def plan(self) -> SeriesPlan:
        """The plan that a valid form describes: first of the first month to last of the last."""
        year, month = map(int, self.last.data.split("-"))
        rule = MonthlyRule(
            self.n.data,
            self.weekday.data,
            date.fromisoformat(f"{self.first.data}-01"),
            date(year, month, monthrange(year, month)[1]),
        )
        return SeriesPlan(rule=rule, policy=self.policy.data, **self.what())


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
        return SeriesPlan(rule=MonthlyRule(1, day.weekday(), day, day), **self.what())


def usual_period(today: date) -> tuple[date, date]:
    """The months one would plan now: this one to May; from May on, September to the next May."""
    if today.month >= 9:
        return today.replace(day=1), date(today.year + 1, 5, 1)
    if today.month >= 5:
        return date(today.year, 9, 1), date(today.year + 1, 5, 1)
    return today.replace(day=1), date(today.year, 5, 1)


def _months(today: date) -> Iterator[date]:
    """First days of the months on offer, from the last September on."""
    year = today.year if today.month >= 9 else today.year - 1
    for past in range(8, 8 + MONTHS_AHEAD):
        yield date(year + past // 12, past % 12 + 1, 1)


def zone_choices(cities: Sequence[City], home: str) -> list[tuple[str, str]]:
    """The zones on offer: the programme's first, then the cities', then all of Russia's."""
    said = reader.locale()
    zones = dict.fromkeys([home, *(city.tz for city in cities), *typography.RUSSIAN_ZONES])
    return [(zone, typography.zone_words(zone, said)) for zone in zones]


def _name(city: City) -> str:
    return city.name_en if reader.locale() == "en" and city.name_en else city.name


def ordinals() -> Mapping[int, str]:
    """Which weekday of the month, as it stands in the sentence of the rule."""
    return {
        1: pgettext("which weekday of every month", "first"),
        2: pgettext("which weekday of every month", "second"),
        3: pgettext("which weekday of every month", "third"),
        4: pgettext("which weekday of every month", "fourth"),
        LAST: pgettext("which weekday of every month", "last"),
    }


def weekdays() -> Mapping[int, str]:
    """The days of the week, as they stand in the sentence of the rule."""
    return {
        0: pgettext("on the third … of every month", "Monday"),
        1: pgettext("on the third … of every month", "Tuesday"),
        2: pgettext("on the third … of every month", "Wednesday"),
        3: pgettext("on the third … of every month", "Thursday"),
        4: pgettext("on the third … of every month", "Friday"),
        5: pgettext("on the third … of every month", "Saturday"),
        6: pgettext("on the third … of every month", "Sunday"),
    }


def rule_words(series: Series) -> str:
    """When the sessions of a series take place, in words that go on after it."""
    zone = typography.zone_words(series.tz, reader.locale())
    at = typography.clock(series.wall_start)
    if "n" not in series.rule:
        return str(gettext("at %(at)s %(zone)s", at=at, zone=zone))
    said: str = gettext(
        "on the %(n)s %(weekday)s of every month at %(at)s %(zone)s",
        n=ordinals()[series.rule["n"]],
        weekday=weekdays()[series.rule["weekday"]],
        at=at,
        zone=zone,
    )
    return said


def policies() -> Mapping[str, str]:
    """What to do with a day off, as it stands in the sentence of the rule."""
    return {
        "ask": pgettext("if the date is a day off", "ask me"),
        "skip": pgettext("if the date is a day off", "leave it out"),
        "shift": pgettext("if the date is a day off", "move it a week on"),
    }


def formats() -> Mapping[str, str]:
    return {
        "video_conference": gettext("Video conference"),
        "internship": gettext("Internship"),
        "seminar": gettext("Seminar"),
        "project_session": gettext("Project session"),
        "consultation": gettext("Consultation"),
    }


def modes() -> Mapping[str, str]:
    return {
        "online": gettext("Online"),
        "in_person": gettext("In person"),
        "hybrid": gettext("In person and online"),
    }


def visibilities() -> Mapping[str, str]:
    return {
        "public": gettext("Everyone"),
        "members": gettext("Everyone who has signed in"),
        "participants": gettext("Only those invited"),
    }
