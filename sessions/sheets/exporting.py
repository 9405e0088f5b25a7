"""A plan as the rows of a sheet, in the columns that are read again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from integrations.sheets.writing import Value
from sessions.rules import wording
from sessions.sheets import vocabulary
from sessions.sheets.known import Known, KnownPerson, Planned
from sessions.sheets.written import plain, text_of
from sessions.web import typography

COLUMNS = (
    "key", "title", "title_en", "date", "time", "zone", "duration", "format", "mode", "presenting",
    "receiving", "speakers", "place", "topic", "summary", "language", "visibility", "state",
)  # fmt: skip
TEXTS = ("title", "title_en", "place", "summary")
_KEY = re.compile(r"V-(\d{1,9})")


def key_of(session_id: int) -> str:
    """The key of a session that no sheet gave one."""
    return f"V-{session_id}"


def session_of(key: str) -> int | None:
    """The session of a key that `key_of` made."""
    found = _KEY.fullmatch(key)
    return int(found[1]) if found else None


def plan_rows(known: Known, locale: str, states: Mapping[str, str]) -> list[list[Value]]:
    """The sessions of the season by time, a value for each of COLUMNS. states: their words."""
    keys = {session_id: key for key, session_id in known.keys.items()}
    rows: list[list[Value]] = []
    for one in known.sessions.values():
        cells = _cells(one, known, locale)
        cells["key"] = keys.get(one.id, key_of(one.id))
        cells["state"] = states.get(one.state, one.state)
        rows.append([cells[name] for name in COLUMNS])
    return rows


def written(one: Planned, known: Known) -> dict[str, set[str]]:
    """What the cells of a session say when exported, in any of the languages, by column."""
    both = [_cells(one, known, locale) for locale in ("ru", "en")]
    return {name: {text_of(cells[name]) for cells in both} for name in both[0]}


def _cells(one: Planned, known: Known, locale: str) -> dict[str, Value]:
    values = one.values
    cities = {city.id: (city.name_en or city.name) if locale == "en" else city.name
              for city in known.cities}  # fmt: skip
    on: date = values["date"]
    at: time = values["time"]
    return {
        # Only what can be seen: control characters do not live through a workbook.
        **{name: wording.lines(values[name]) for name in TEXTS},
        "date": on,
        "time": at,
        "zone": _zone(values["zone"], known, locale),
        "duration": values["duration"],
        **{name: vocabulary.word(name, values[name], locale) for name in vocabulary.NAMED},
        "presenting": _list(values["presenting"], cities),
        "receiving": _list(values["receiving"], cities),
        "speakers": "; ".join(_name(known.by_id.get(one), known) for one in values["speakers"]),
        "topic": known.topics.get(values["topic"], ""),
    }


def _list(ids: Sequence[int], names: Mapping[int, str]) -> str:
    return ", ".join(names.get(one, "") for one in ids)


def _name(person: KnownPerson | None, known: Known) -> str:
    if person is None:
        return ""
    if person.name:
        return person.name
    return next((address for address, one in known.addresses.items() if one == person.id), "")


def _zone(tz: str, known: Known, locale: str) -> str:
    """The city a zone is named after, where that leads back to it; else the zone itself."""
    city = typography.zone_city(tz, locale)
    return city if known.zone_names.get(plain(city)) == tz else tz


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values in JSON: dates, hours and lists in it, for what is kept to be put back."""
    return {
        name: value.isoformat() if isinstance(value, date | time)
        else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }  # fmt: skip


def values_again(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Values that `plain_values` wrote."""
    back = dict(kept)
    if "date" in back:
        back["date"] = date.fromisoformat(back["date"])
    if "time" in back:
        back["time"] = time.fromisoformat(back["time"])
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in back.items()
    }
