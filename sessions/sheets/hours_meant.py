"""When a session is: start, zone and length, which a sheet tells in one cell or in several."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import available_timezones

from integrations.sheets.table import Cell, is_empty
from sessions.sheets import written
from sessions.sheets.known import Known
from sessions.sheets.rows import Heading, Reader, Row
from sessions.sheets.written import bare_city, plain, text_of

# Russia's zones as its law counts them from Moscow's (Federal Law 107, article 5).
_FROM_MOSCOW = {
    -1: "Europe/Kaliningrad", 0: "Europe/Moscow", 1: "Europe/Samara", 2: "Asia/Yekaterinburg",
    3: "Asia/Omsk", 4: "Asia/Krasnoyarsk", 5: "Asia/Irkutsk", 6: "Asia/Yakutsk",
    7: "Asia/Vladivostok", 8: "Asia/Magadan", 9: "Asia/Kamchatka",
}  # fmt: skip
_MOSCOW = re.compile(r"(?:мск|msk|моск\w*|moscow(?:\s+time)?)\s*(?:([+\-−–])\s*(\d{1,2}))?", re.I)


def read_zone(reader: Reader, row: Row, _name: str, text: str) -> None:
    zone = zone_of(text, reader.known)
    if zone is None:
        zones = {city.id: city.tz for city in reader.known.cities}
        near = [zones[one] for one in reader.known.nearest_cities(text)]
        zone = reader.ask(row, "zone", plain(text), text, list(dict.fromkeys(near)),
                          available_timezones())  # fmt: skip
    if zone is not None:
        row.values["zone"] = zone


def zone_of(text: str, known: Known) -> str | None:
    """The zone that a text names: by a city, from Moscow's, or as IANA does."""
    if match := _MOSCOW.fullmatch(_without_brackets(text)):
        away = int(match[2] or 0) * (-1 if match[1] and match[1] != "+" else 1)
        return _FROM_MOSCOW.get(away)
    name = bare_city(text)
    if name in known.zone_names:
        return known.zone_names[name]
    return text if text in available_timezones() else None


def _without_brackets(text: str) -> str:
    """The text without brackets and «по» before it."""
    return re.sub(r"^по\s+|^время\s+", "", text.strip(" ()").lower())


def hour_told(row: Row) -> time | None:
    """The hour at which a row says it starts, None where it tells none."""
    cell = row.cells.get("time")
    told = written.hours_in(written.hour_beside(row.cells.get("date")) if is_empty(cell) else cell)
    return told[0] if told else None


def read_hours(reader: Reader, row: Row, same: Mapping[str, Collection[str]]) -> None:
    """Start, zone and length, which may stand in one cell or in several."""
    cell, text = row.cells.get("time"), row.text("time")
    if is_empty(cell):
        cell = written.hour_beside(row.cells.get("date"))
        text = text_of(cell)
    told = None
    if not is_empty(cell):
        told = written.hours_in(cell)
        if told is None:
            row.refuse("bad_time", given=text)
            return
    start = told[0] if told else _time_missing(reader, row)
    if start is None:
        return
    row.values["time"] = start
    hint = written.zone_in(text) or ("" if row.session else reader.heading.zone)
    if hint and "zone" not in row.values and not _asked(row, "zone"):
        read_zone(reader, row, "zone", hint)
    _read_length(reader, row, start, told[1] if told else None, same)


def _asked(row: Row, kind: str) -> bool:
    return any(key.startswith(f"{kind}:") for key in row.open)


def _time_missing(reader: Reader, row: Row) -> time | None:
    if row.session is not None:
        kept: time = row.session.values["time"]
        return kept
    answer = reader.ask(row, "time", "", "", (), None)
    told = written.hours_in(answer) if answer else None
    if answer and told is None:
        reader.questions["time:"].answer = None
        row.open.append("time:")
    return told[0] if told else None


def _read_length(
    reader: Reader, row: Row, start: time, until: time | None, same: Mapping[str, Collection[str]]
) -> None:
    cell, text = row.cells.get("duration"), row.text("duration")
    if not is_empty(cell):
        if row.session is not None and text in same.get("duration", ()):
            row.values["duration"] = row.session.values["duration"]
            return
        minutes = _minutes(cell, reader.heading)
        if minutes is None:
            row.refuse("bad_duration", given=text)
        else:
            row.values["duration"] = minutes
        return
    end = row.cells.get("end")
    if not is_empty(end):
        told = written.hours_in(end)
        if told is None:
            row.refuse("bad_time", given=text_of(end))
            return
        until = told[0]
    if until is not None:
        length = _on_one_day(until) - _on_one_day(start)
        if length <= timedelta():
            row.refuse("ends_before", given=f"{until:%H:%M}")
        else:
            row.values["duration"] = int(length.total_seconds() // 60)


def _minutes(cell: Cell, heading: Heading) -> int | None:
    bare = text_of(cell)
    if heading.in_minutes and bare.isdigit():
        return int(bare) if written.SHORTEST_MIN <= int(bare) <= written.LONGEST_MIN else None
    return written.minutes_in(cell, in_hours=heading.in_hours)


def _on_one_day(at: time) -> datetime:
    return datetime.combine(date(2000, 1, 1), at)
