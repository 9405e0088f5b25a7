"""The rule of a series as one sentence of fields, of whatever kind the rule is."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length, ValidationError
from wtforms.widgets import DateInput, TextInput

from sessions.flows.planning import SeriesPlan
from sessions.models.programme import City
from sessions.rules import recurrence, wording
from sessions.rules.recurrence import (
    DatesRule,
    DayOfMonthRule,
    MonthlyRule,
    Rule,
    WeeklyRule,
)
from sessions.web.planner_forms import Chosen, WhatForm
from sessions.web.planner_reminders import RemindersField
from sessions.web.planner_words import (
    days_of_week,
    intervals,
    kinds,
    ordinals,
    policies,
    short_months,
    weekdays,
)

# Where a rule that cannot be made is put right, by what it says is wrong.
_FIELD_OF = {"first_on": "first", "last_on": "last"}
_TIME = ("at", "tz", "length", "policy")
_STRETCH = ("first", "last", "count")
PARTS = {
    "monthly": ("n", "weekday", *_TIME, *_STRETCH),
    "day_of_month": ("day", "short", *_TIME, *_STRETCH),
    "weekly": ("weekdays", "every", *_TIME, *_STRETCH),
    "dates": ("dates", *_TIME),
}
_LONGEST_DATES = 6000
_DATE = r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4})"
_PIECE = re.compile(rf"({_DATE})(?:\s*(?:-|–|—|\.\.)\s*({_DATE}))?")
_LONGEST_RANGE = timedelta(days=31)


class DayField(Field):  # type: ignore[misc]
    """A date; of a month alone its first day, or its last where `ends`."""

    widget = DateInput()

    def __init__(self, label: Any = None, *args: Any, ends: bool = False, **kwargs: Any) -> None:
        super().__init__(label, *args, **kwargs)
        self.ends = ends

    def _value(self) -> str:
        if self.data:
            return str(self.data.isoformat())
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            return
        self.data = read_day(valuelist[0].strip(), self.ends)
        if self.data is None:
            raise ValueError(gettext("Write the date like this: 15.10.2026."))


class CountField(Field):  # type: ignore[misc]
    """How many at most; None for any number."""

    widget = TextInput()

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else str(self.data or "")

    def process_formdata(self, valuelist: list[str]) -> None:
        written = valuelist[0].strip() if valuelist else ""
        if not written:
            self.data = None
        elif written.isascii() and written.isdigit() and 1 <= int(written[:5]) <= 366:
            self.data = int(written[:5])
        else:
            self.data = None
            raise ValueError(gettext("Write a number from 1 to 366, or nothing for all."))


class SeriesForm(WhatForm):
    """The rule of a series as one sentence, and what its sessions are."""

    kind = SelectField(lazy_gettext("What the rule goes by"), [Chosen()], default="monthly")
    n = SelectField(lazy_gettext("Which one of the month"), coerce=int, default=3)
    weekday = SelectField(lazy_gettext("Day of the week"), coerce=int, default=3)
    day = SelectField(lazy_gettext("Day of the month"), coerce=int, default=15)
    short = SelectField(lazy_gettext("If a month has no such day"), default="last")
    every = SelectField(lazy_gettext("How often"), coerce=int, default=1)
    weekdays = SelectMultipleField(lazy_gettext("Days of the week"), coerce=int)
    dates = StringField(
        lazy_gettext("Dates"),
        validators=[
            Length(max=_LONGEST_DATES, message=lazy_gettext("Make it at most %(max)d characters."))
        ],
    )
    is_visit = BooleanField(lazy_gettext("This is one visit: people register for all its days"))
    first = DayField(lazy_gettext("From which date"), [Chosen()])
    last = DayField(lazy_gettext("To which date"), [Chosen()], ends=True)
    count = CountField(lazy_gettext("At most how many sessions"))
    policy = SelectField(lazy_gettext("If it is a day off"), default="ask")
    reminders = RemindersField(lazy_gettext("Reminders"))
    picked = DayField(lazy_gettext("Date of the first session"))
    add = DayField(lazy_gettext("One more date"))

    def __init__(self, given: Any, cities: Sequence[City], home: str, today: date) -> None:
        super().__init__(_with_added(given), cities, home)
        self.kind.choices = list(kinds().items())
        if self.kind.data not in kinds():
            self.kind.data = "monthly"
        self.n.choices = list(ordinals().items())
        self.weekday.choices = list(weekdays().items())
        self.day.choices = [(day, str(day)) for day in range(1, 32)]
        self.short.choices = list(short_months().items())
        self.every.choices = list(intervals().items())
        self.weekdays.choices = list(days_of_week().items())
        self.policy.choices = list(policies(self.kind.data).items())
        self.reminders.offer()
        first, last = usual_period(today)
        for field, usual in ((self.first, first), (self.last, last)):
            if field.data is None and not field.process_errors:
                field.data = usual
        if not self.weekdays.raw_data:
            self.weekdays.data = [self.weekday.data] if self.weekday.data in range(7) else [3]
        self._rule: Rule | None = None

    @property
    def parts(self) -> list[Field]:
        """The fields of the sentence, for what is wrong with them."""
        return [self[name] for name in PARTS[self.kind.data]]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all can be read; what is not in the sentence of its kind is not looked at."""
        for name in set().union(*PARTS.values()) - set(PARTS[self.kind.data]):
            self[name].process_errors = []
            self[name].validators = []
            self[name].validate_choice = False
        found = bool(super().validate(extra_validators))
        if not self._errors_in_rule():
            self._make_rule()
        return found and not self.errors

    def gives_dates(self) -> bool:
        """Whether the sentence can be read, whatever is said of title and summary."""
        if self._rule is None and not self._errors_in_rule():
            self._make_rule()
        return self._rule is not None and not self._errors_in_rule()

    def rule(self) -> Rule:
        """The rule of a form that gives dates."""
        if not self.gives_dates() or self._rule is None:
            raise LookupError("the form gives no dates")
        return self._rule

    def suggestions(self) -> list[Rule]:
        """What the date that was picked may mean."""
        picked, last = self.picked.data, self.last.data
        if picked is None or not recurrence.EARLIEST <= picked <= recurrence.LATEST:
            return []
        return recurrence.suggested_rules(picked, last if last and last > picked else picked)

    def plan(self) -> SeriesPlan:
        """The plan that a valid form describes."""
        is_visit = self.kind.data == "dates" and bool(self.is_visit.data)
        return SeriesPlan(
            rule=self.rule(),
            policy=self.policy.data,
            is_visit=is_visit,
            reminders=self.reminders.own(),
            **self.what(),
        )

    def validate_last(self, field: DayField) -> None:
        if self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(gettext("The last date is before the first. Pick a later one."))

    def validate_weekdays(self, field: SelectMultipleField) -> None:
        if self.kind.data == "weekly" and not field.data:
            raise ValidationError(gettext("Tick at least one day of the week."))

    def _errors_in_rule(self) -> bool:
        return not self.errors.keys().isdisjoint(PARTS[self.kind.data])

    def _make_rule(self) -> None:
        try:
            self._rule = self._built()
        except ValueError as wrong:
            name, _, _ = str(wrong).partition(":")
            field = self[_FIELD_OF.get(name, name)]
            field.errors = [*field.errors, gettext("This date is too far away. Pick a nearer one.")]

    def _built(self) -> Rule | None:
        kind, first, last = self.kind.data, self.first.data, self.last.data
        if kind == "dates":
            days, unclear = read_dates(self.dates.data or "")
            if unclear:
                text = gettext("This is no date: %(text)s. Write 15.10.2026.", text=unclear[:60])
                self.dates.errors = [text]
            return DatesRule(tuple(days)) if days and not unclear else None
        if first is None or last is None:
            return None
        stretch = (first, last, self.count.data)
        if kind == "weekly":
            return WeeklyRule(self.every.data, tuple(self.weekdays.data), *stretch)
        if kind == "day_of_month":
            return DayOfMonthRule(self.day.data, self.short.data, *stretch)
        return MonthlyRule(self.n.data, self.weekday.data, *stretch)


def read_dates(written: str) -> tuple[list[date], str]:
    """The dates in a text, ranges as all their days; and what in it is no date."""
    found: list[date] = []
    unclear: list[str] = []

    def take(match: re.Match[str]) -> str:
        first, last = read_day(match[1]), read_day(match[2] or match[1])
        if first is None or last is None or not timedelta() <= last - first <= _LONGEST_RANGE:
            unclear.append(match[0])
        else:
            found.extend(first + timedelta(days=n) for n in range((last - first).days + 1))
        return " "

    rest = _PIECE.sub(take, wording.lines(written))
    unclear += re.findall(r"[^\s,;]+", rest)
    return sorted(set(found)), " ".join(unclear)


def fields_of(rule: Rule) -> dict[str, list[str]]:
    """The rule as the sentence's fields."""
    fields: dict[str, list[str]] = {"kind": [rule.kind]}
    if isinstance(rule, DatesRule):
        return {**fields, "dates": [", ".join(f"{day:%d.%m.%Y}" for day in rule.dates)]}
    fields |= {"first": [rule.first_on.isoformat()], "last": [rule.last_on.isoformat()]}
    fields["count"] = [str(rule.count or "")]
    if isinstance(rule, WeeklyRule):
        return {**fields, "every": [str(rule.every)], "weekdays": [str(n) for n in rule.weekdays]}
    if isinstance(rule, DayOfMonthRule):
        return {**fields, "day": [str(rule.day)], "short": [rule.short]}
    return {**fields, "n": [str(rule.n)], "weekday": [str(rule.weekday)]}


def usual_period(today: date) -> tuple[date, date]:
    """The stretch one would plan now: today to May; from May on, September to the next May."""
    if today.month >= 9:
        return today, date(today.year + 1, 5, 31)
    if today.month >= 5:
        return date(today.year, 9, 1), date(today.year + 1, 5, 31)
    return today, date(today.year, 5, 31)


def _with_added(given: Any) -> Any:
    """The fields with the date that is to be added among the dates."""
    if not given or not given.get("add"):
        return given
    day = read_day(given["add"])
    if day is None or given.get("kind") != "dates":
        return given
    fields = MultiDict(given.items(multi=True))
    fields.setlist("dates", [", ".join(filter(None, [fields.get("dates", ""), f"{day:%d.%m.%Y}"]))])
    fields.pop("add")
    return fields


def read_day(written: str, ends: bool = False) -> date | None:
    """A date written as 2026-10-15, 15.10.2026 or 2026-10."""
    for pattern in (r"(?P<y>\d{4})-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?",
                    r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"):  # fmt: skip
        found = re.fullmatch(pattern, written, re.ASCII)
        if found is None:
            continue
        year, month = int(found["y"]), int(found["m"])
        try:
            last = monthrange(year, month)[1] if ends else 1
            return date(year, month, int(found["d"] or last))
        except (ValueError, IndexError):
            return None
    return None
