"""The rule of a series as JSON, in the form in which a series keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from sessions.rules import recurrence, written_rules
from sessions.rules.recurrence import MOST_LISTED, Rule
from sessions.web.api import complaints, problems, values

KINDS = ("monthly", "day_of_month", "weekly", "dates")
# More sessions than that nobody plans at once, and each is looked at for conflicts.
MOST_DATES = 400
_KIND = {
    "description": "monthly: n, weekday; day_of_month: day, short; weekly: every, weekdays; all "
    "three: first_on, last_on, perhaps count. dates: dates alone.",
    "example": "monthly",
}


def _number(low: int, high: int, words: str) -> fields.Int:
    told = {"description": words}
    return fields.Int(strict=True, validate=validate.Range(low, high), metadata=told)


class RuleIn(Schema):
    """How sessions repeat; which fields there are follows from `kind`."""

    kind = fields.Str(required=True, validate=validate.OneOf(KINDS), metadata=_KIND)
    n = _number(-1, 5, "which one of the month; -1 is the last")
    weekday = _number(0, 6, "0 is Monday")
    day = _number(1, 31, "of the month")
    short = fields.Str(
        validate=validate.OneOf(("skip", "last")),
        metadata={"description": "what a month without that day does"},
    )
    every = _number(1, 52, "weeks")
    weekdays = fields.List(
        fields.Int(strict=True, validate=validate.Range(0, 6)), validate=validate.Length(1, 7)
    )
    dates = fields.List(values.day(), validate=validate.Length(1, MOST_LISTED))
    first_on = values.day()
    last_on = values.day()
    count = _number(1, MOST_DATES, "how many sessions at most")


class RuleOut(Schema):
    kind = fields.Str(required=True, metadata={**_KIND, "enum": list(KINDS)})
    n = fields.Int()
    weekday = fields.Int()
    day = fields.Int()
    short = fields.Str()
    every = fields.Int()
    weekdays = fields.List(fields.Int())
    dates = fields.List(fields.Str(metadata={"format": "date"}))
    first_on = fields.Str(metadata={"format": "date"})
    last_on = fields.Str(metadata={"format": "date"})
    count = fields.Int()


def read(given: Mapping[str, Any]) -> Rule:
    """The rule that was sent; ends the call with 422 where it is none or gives too many dates."""
    written = RuleIn().dump(given)
    try:
        rule = written_rules.from_json(written)
    except ValueError as wrong:
        name, _, trouble = str(wrong).partition(": ")
        said = complaints.of_rule(name, trouble)
        problems.stop("input.invalid", json={"rule": {name: [said]}})
    if len(recurrence.dates_of(rule)) > MOST_DATES:
        said = complaints.too_many_dates(MOST_DATES)
        problems.stop("input.invalid", json={"rule": [said]})
    return rule
