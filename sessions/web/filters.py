"""The template filters: what typography says, in the language and zone of the reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from sessions.web import typography
from sessions.web.reader import locale, reader_zone
from sessions.web.typography import JOINER

Moment = TypeVar("Moment", bound=date | time)


def _at(moment: Moment, zone: str) -> Moment:
    """An instant on the clock of `zone` or else of the reader; wall time and dates as they are."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(ZoneInfo(zone or reader_zone()))
    return moment


def _typo(text: object) -> Markup:
    if text is None:
        return Markup()
    html = text if hasattr(text, "__html__") else escape(typography.typo(str(text)))
    # Marked safe: escaped above, or markup that was safe already and stays so.
    return Markup(typography.typo_html(str(html)))  # noqa: S704


def _unbroken(words: str) -> str:
    return words.replace("–", f"–{JOINER}")


def _clock(moment: datetime | time, zone: str = "") -> str:
    return typography.clock(_at(moment, zone))


def _time_range(start: datetime, end: datetime | timedelta, zone: str = "") -> str:
    until = start + end if isinstance(end, timedelta) else end
    return _unbroken(typography.time_range(_at(start, zone), _at(until, zone)))


def _date_range(first: date, last: date, zone: str = "") -> str:
    return _unbroken(typography.date_range(_at(first, zone), _at(last, zone), locale()))


def _weekday(day: date, short: bool = False, zone: str = "") -> str:
    return typography.weekday(_at(day, zone), locale(), short=short)


def _dated(words: Callable[[date, str], str]) -> Callable[..., str]:
    def of_day(day: date, zone: str = "") -> str:
        return words(_at(day, zone), locale())

    return of_day


def _number(amount: float, digits: int | None = None) -> str:
    return typography.number(amount, locale(), digits)


def _percent(share: float, digits: int = 1) -> str:
    return typography.percent(share, locale(), digits)


def _upfirst(words: str) -> str:
    return words[:1].upper() + words[1:]


def _lowfirst(words: str) -> str:
    """For a sentence that goes on after a colon; an abbreviation keeps its capitals."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _zone_words(zone: str) -> str:
    return typography.zone_words(zone, locale())


def _zone_city(zone: str) -> str:
    return typography.zone_city(zone, locale())


def _offset(moment: datetime | None = None, zone: str = "") -> str:
    return typography.offset(moment or datetime.now(tz=ZoneInfo("UTC")), zone or reader_zone())


def _local_time(moment: datetime, zone: str = "", words: str = "") -> str:
    return typography.local_time(moment, zone or reader_zone(), locale(), words)


FILTERS: dict[str, Callable[..., Any]] = {
    "typo": _typo,
    "clock": _clock,
    "time_range": _time_range,
    "date_long": _dated(typography.date_long),
    "date_short": _dated(typography.date_short),
    "date_full": _dated(typography.date_full),
    "month": _dated(typography.month),
    "date_range": _date_range,
    "weekday": _weekday,
    "local_time": _local_time,
    "at_zone": lambda moment, zone="": _at(moment, zone),
    "duration": lambda length: typography.duration(length, locale()),
    "timecode": typography.timecode,
    "filesize": lambda size_bytes: typography.filesize(size_bytes, locale()),
    "number": _number,
    "percent": _percent,
    "upfirst": _upfirst,
    "lowfirst": _lowfirst,
}
GLOBALS: dict[str, Callable[..., Any]] = {
    "reader_zone": reader_zone,
    "zone_words": _zone_words,
    "zone_city": _zone_city,
    "offset": _offset,
    "local_time": _local_time,
}
