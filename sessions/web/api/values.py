"""Values as callers write them: text without what nobody sees, wall times, numbers of rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate
from sqlalchemy import select

from integrations.runtime import ports
from integrations.runtime.database import Model, db
from integrations.runtime.settings import Settings
from sessions.rules import wording
from sessions.rules.timetable import WallTime
from sessions.web import guard
from sessions.web.api import complaints, problems
from sessions.web.row_ids import MOST

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
_DATES = {"description": "2000 to 2100", "example": "2026-10-15"}
LOCAL = "date-time-local"
# As long as the pages and sheets take it.
LONGEST_TITLE, LONGEST_SUMMARY = 200, 4000


class Line(fields.Str):
    """Text on one line."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return wording.one_line(super()._deserialize(value, *args, **kwargs))


class Lines(fields.Str):
    """Text of several lines."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return wording.lines(super()._deserialize(value, *args, **kwargs))


class Address(fields.Str):
    """The address of the page that a row has under `place`."""

    def __init__(self, place: str, attribute: str = "id", words: str = "its page") -> None:
        told = {"description": words}
        super().__init__(attribute=attribute, dump_only=True, metadata=told)
        self.place = place

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return f"{base()}/{self.place}/{value}"


class Zone(fields.Str):
    """An IANA zone."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, *args, **kwargs)
        if name not in guard.known_zones():
            raise ValidationError(complaints.no_zone())
        return str(name)


def row_id(**options: Any) -> fields.Int:
    """The number of a row."""
    return fields.Int(validate=validate.Range(1, MOST), **options)


class _Each(fields.List[Any]):
    def _deserialize(self, *args: Any, **kwargs: Any) -> list[Any]:
        return list(dict.fromkeys(super()._deserialize(*args, **kwargs)))


def row_ids(most: int = 200) -> fields.List[Any]:
    """Numbers of rows, each once, in their order."""
    each = fields.Int(strict=True, validate=validate.Range(1, MOST))
    return _Each(each, validate=validate.Length(max=most))


def day(**options: Any) -> fields.Date:
    """A date of this century."""
    return fields.Date(
        validate=validate.Range(FIRST_DAY, LAST_DAY), **{"metadata": dict(_DATES), **options}
    )


class _Moment(fields.NaiveDateTime):
    """Date and hour: a date alone does not mean midnight."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> datetime:
        if isinstance(value, str) and ":" not in value:
            raise self.make_error("invalid", input=value, obj_type="datetime")
        told: datetime = super()._deserialize(value, *args, **kwargs)
        return told


def must_be_an_hour(wall: WallTime, field: str = "wall_start") -> None:
    """End the call with 422 where the clocks of the zone skip this hour."""
    if not wall.is_shown():
        problems.stop("input.invalid", json={field: [complaints.no_such_hour()]})


def wall_time(**options: Any) -> fields.NaiveDateTime:
    """A wall time: date and hour without an offset."""
    first = datetime.combine(FIRST_DAY, datetime.min.time())
    last = datetime.combine(LAST_DAY, datetime.max.time())
    told = {
        "description": "wall time in tz, without an offset",
        "format": LOCAL,
        "example": "2026-10-15T10:00:00",
    }
    return _Moment(validate=validate.Range(first, last), metadata=told, **options)


def instant(words: str = "UTC", **options: Any) -> fields.AwareDateTime:
    """An instant in ISO 8601 with its offset."""
    return fields.AwareDateTime(metadata={"description": words}, **options)


def must_exist(table: type[Model], ids: Iterable[int], field: str) -> None:
    """End the call with 422 where one of these rows is not there."""
    wanted = set(ids)
    if not wanted:
        return
    key: Any = table.id  # type: ignore[attr-defined]
    known = set(db.session.scalars(select(key).where(key.in_(wanted))))
    missing = sorted(wanted - known)
    if missing:
        listed = ", ".join(str(one) for one in missing)
        problems.stop("input.invalid", json={field: [complaints.none_such(listed)]})


def base() -> str:
    """The address under which people reach us, without a slash at its end."""
    return ports.get(Settings).base_url.rstrip("/")
