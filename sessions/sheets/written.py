"""Dates, hours and lengths as people write them into the cells of a sheet."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from integrations.sheets.table import Cell, Uncomputed

_MONTHS = {
    stem: number
    for number, stems in enumerate(
        ("янв jan", "фев feb", "мар mar", "апр apr", "май мая may", "июн jun", "июл jul",
         "авг aug", "сен sep", "окт oct", "ноя nov", "дек dec"),
        start=1,
    )
    for stem in stems.split()
}  # fmt: skip
_WEEKDAYS = re.compile(
    r"^(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|"
    r"mon|tue|wed|thu|fri|sat|sun)\w*[.,]?\s+",
    re.IGNORECASE,
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?")
_SLASHED = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?!\d)")
_SPOKEN = re.compile(r"(\d{1,2})(?:-?го|th|st|nd|rd)?\s+([а-яёa-z]+)\.?(?:\s+(\d{4}))?", re.I)
_AMERICAN = re.compile(r"([a-z]+)\.?\s+(\d{1,2})(?:th|st|nd|rd)?(?:,?\s+(\d{4}))?", re.I)
_YEAR_WORD = re.compile(r"\s*(?:года|год|г)\.?$", re.IGNORECASE)
_CLOCK = re.compile(r"(?:в\s+|at\s+)?(\d{1,2})(?:\s*[:.\-]\s*(\d{2})(?::\d{2})?|\s*(?:ч|h)\w*\.?)?")
_TO = re.compile(r"\s*(?:[–—−]|\bдо\b|\bto\b|(?<=[:.]\d\d)\s*-\s*(?=\d)|\s-\s)\s*")
_WHEN = re.compile(r"[\s,]+(?:в\s+|at\s+)?(?=\d{1,2}[:.]\d{2}(?!\.?\d))")
_HOURS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:ч|h)\w*\.?", re.IGNORECASE)
_MINUTES = re.compile(r"(\d+)\s*(?:м|m)\w*\.?", re.IGNORECASE)
_ZONE = re.compile(
    r"(?:мск|msk)\s*[+\-−–]?\s*\d{0,2}|(?:по|of)\s+(?:времени\s+)?[\w\- ]+|[A-Za-z]+/[A-Za-z_]+"
    r"|(?:moscow)(?:\s+time)?",
    re.IGNORECASE,
)
# Excel counts days from here; 1900 has a day too many with it, which matters for dates before.
_EPOCH = date(1899, 12, 30)
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)
# A length without a word is told in hours up to here, and in minutes from there on.
_MOST_HOURS = 8
SHORTEST_MIN, LONGEST_MIN = 5, 24 * 60


def plain(text: str) -> str:
    """The words of a text in lower case, ё as е, without what stands between them."""
    kept = re.sub(r"[^\w№#]+", " ", text.lower().replace("ё", "е").replace("_", " "))
    return " ".join(kept.split())


def bare_city(city: str) -> str:
    """The name of a city as `plain` leaves it, without the word for a city before it."""
    return re.sub(r"^(?:г|город|city of)\s+", "", plain(city))


def text_of(cell: Cell) -> str:
    """What a person reads in the cell."""
    if cell is None or isinstance(cell, Uncomputed):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return f"{cell:%d.%m.%Y}" if cell.time() == time() else f"{cell:%d.%m.%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return str(cell).replace("\xa0", " ").strip()


def date_in(cell: Cell, first: date, last: date) -> date | None:
    """The date a cell tells, None where it tells none.

    first, last: the season's days; a date without a year is the one within them, or the first
    one after its beginning.
    """
    if isinstance(cell, datetime):
        return _within(cell.date())
    if isinstance(cell, date):
        return _within(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _within(_EPOCH + timedelta(days=int(cell))) if 0 < cell < 1e5 else None
    if not isinstance(cell, str):
        return None
    written = _WEEKDAYS.sub("", _split(cell)[0].strip())
    found = _numbers(_YEAR_WORD.sub("", written.rstrip(" .,")))
    if found is None:
        return None
    day, month, year = found
    years = [year] if year else range(first.year, last.year + 2)
    dates = [on for one in years if (on := _made(one, month, day)) and (year or on >= first)]
    return _within(dates[0]) if dates else None


def month_first(cell: Cell) -> str | None:
    """A date written with slashes, its first two numbers the other way round; None for others."""
    match = _SLASHED.match(cell) if isinstance(cell, str) else None
    return f"{match[2]}/{match[1]}/{match[3]}{match.string[match.end() :]}" if match else None


def _numbers(written: str) -> tuple[int, int, int | None] | None:
    """(day, month, year or None) of a written date."""
    if match := _ISO.fullmatch(written):
        return int(match[3]), int(match[2]), int(match[1])
    if match := _DOTTED.fullmatch(written):
        year = int(match[3]) if match[3] else None
        return int(match[1]), int(match[2]), year if year is None or year > 99 else 2000 + year
    if match := _SPOKEN.fullmatch(written):
        day, name, year_text = match[1], match[2], match[3]
    elif match := _AMERICAN.fullmatch(written):
        name, day, year_text = match[1], match[2], match[3]
    else:
        return None
    month = _MONTHS.get(name.lower()[:3])
    return (int(day), month, int(year_text) if year_text else None) if month else None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _within(on: date) -> date | None:
    return on if _FIRST <= on <= _LAST else None


def _split(cell: str) -> tuple[str, str]:
    """A written moment as (date, hour); the hour is empty where none is told."""
    written = " ".join(cell.replace("\xa0", " ").split())
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", written):
        return written[:10], written[11:16]
    parts = _WHEN.split(written, maxsplit=1)
    return (parts[0], parts[1]) if len(parts) == 2 else (written, "")


def hour_beside(cell: Cell) -> Cell:
    """What the cell of a date tells of the hour."""
    if isinstance(cell, datetime):
        return cell.time() if cell.time() != time() else None
    return _split(cell)[1] or None if isinstance(cell, str) else None


def hours_in(cell: Cell) -> tuple[time, time | None] | None:
    """The hour a cell tells, and the one until which it lasts; None where it tells none."""
    if isinstance(cell, datetime):
        return cell.time().replace(second=0, microsecond=0), None
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0, tzinfo=None), None
    if isinstance(cell, timedelta):
        return _clock_after(cell.total_seconds() / 60)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        # A fraction is a part of the day; 10 and 10.3 are typed by people who mean 10:00, 10:30.
        return _clock_after(cell * 1440) if 0 <= cell < 1 else _typed(float(cell))
    if not isinstance(cell, str):
        return None
    written = " ".join(_ZONE.sub(" ", cell.replace("\xa0", " ")).replace("()", " ").split())
    parts = [part for part in _TO.split(written.strip(" ,()").removeprefix("с ")) if part]
    times = [_clock(part) for part in parts]
    if not 1 <= len(times) <= 2 or times[0] is None or times[-1] is None:
        return None
    return times[0], times[1] if len(times) == 2 else None


def _clock(written: str) -> time | None:
    match = _CLOCK.fullmatch(written.strip().lower())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (24, 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _clock_after(minutes: float) -> tuple[time, None] | None:
    whole = round(minutes)
    return (time(whole // 60, whole % 60), None) if 0 <= whole < 1440 else None


def _typed(amount: float) -> tuple[time, None] | None:
    hour, minute = int(amount), round((amount - int(amount)) * 100)
    return (time(hour, minute), None) if hour < 24 and minute < 60 else None


def minutes_in(cell: Cell, *, in_hours: bool = False) -> int | None:
    """The length a cell tells, in minutes. in_hours: bare numbers are hours, as their heading says.

    None where it tells no length between five minutes and a day.
    """
    minutes: float | None = None
    if isinstance(cell, time):
        minutes = cell.hour * 60 + cell.minute
    elif isinstance(cell, timedelta):
        minutes = cell.total_seconds() / 60
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        minutes = _length(float(cell), in_hours)
    elif isinstance(cell, str):
        minutes = _spelt(cell.replace("\xa0", " ").strip().lower(), in_hours)
    whole = round(minutes) if minutes is not None else 0
    return whole if SHORTEST_MIN <= whole <= LONGEST_MIN else None


def _length(amount: float, in_hours: bool) -> float:
    if 0 < amount < 1 and not in_hours:
        return amount * 1440  # part of a day, as a program keeps 1:30
    return amount * 60 if in_hours or amount <= _MOST_HOURS else amount


def _spelt(written: str, in_hours: bool) -> float | None:
    if match := re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", written):
        return int(match[1]) * 60 + int(match[2])
    if re.fullmatch(r"\d+(?:[.,]\d+)?", written):
        return _length(float(written.replace(",", ".")), in_hours)
    hours, minutes = _HOURS.search(written), _MINUTES.search(written)
    if not hours and not minutes:
        return None
    told = float(hours[1].replace(",", ".")) * 60 if hours else 0.0
    return told + (int(minutes[1]) if minutes else 0)


def zone_in(text: str) -> str:
    """What a text with an hour says of its zone, as written; empty where it says nothing."""
    match = _ZONE.search(text)
    return match[0].strip() if match else ""
