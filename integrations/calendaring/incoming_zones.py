"""Which instant a wall time in somebody's calendar file means, whatever they call their zone.

Clients name zones by IANA, by Windows ("Ekaterinburg Standard Time"), by what Windows shows
("(UTC+05:00) Екатеринбург"), or by a word of their own with a VTIMEZONE beside it. A VTIMEZONE is
never handed to a library: those keep it for the whole process, and expand its rules without end.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache

from babel import Locale
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from integrations.calendaring.content_lines import Component
from integrations.calendaring.incoming_rules import Observance, observances_of, offset_at

MAX_ZONES = 50
MAX_NAME = 200

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-−])([0-9]{1,2})(?::?([0-9]{2}))?", re.I)
_SHOWN = re.compile(r"\((?:UTC|GMT)(?:([+-−])([0-9]{1,2}):([0-9]{2}))?\)(.*)", re.I | re.S)
_RUSSIAN_NUMBER = re.compile(r"(?:Russia TZ|RTZ|Russia Time Zone) ([0-9]{1,2})\b.*", re.I | re.S)
_RUSSIAN_ZONES = (  # as Windows numbers them, from the west
    *("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg"),
    *("Asia/Novosibirsk", "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk"),
    *("Asia/Vladivostok", "Asia/Srednekolymsk", "Asia/Kamchatka"),
)
_UTC_NAMES = frozenset({"utc", "z", "gmt", "zulu", "tzone://microsoft/utc"})


class Zones:
    """The zones of one calendar file: those everybody knows, and those the file defines."""

    def __init__(self, calendar: Component) -> None:
        self._assumed = calendar.value("X-WR-TIMEZONE")
        found = [one for one in calendar.children if one.name == "VTIMEZONE"][:MAX_ZONES]
        self._own: dict[str, tuple[Observance, ...]] = {}
        for one in found:
            self._own.setdefault(_folded(one.value("TZID")), observances_of(one))

    def instant(self, wall: datetime, tzid: str) -> datetime | None:
        """The UTC instant of a wall time; None where the zone is not known.

        tzid: empty for a time without a zone, which counts as in the file's X-WR-TIMEZONE.
        Known names come before the file's own rules, which may be outdated; what Windows shows to
        people comes after them, as it tells no rules.
        """
        name = (tzid or self._assumed).strip().strip('"')
        if not name or len(name) > MAX_NAME:
            return None
        known = zone_named(name)
        if known is not None:
            return _in_utc(wall, known)
        rules = self._own.get(_folded(name), ())
        if rules:
            return _in_utc(wall, timezone(offset_at(rules, wall)))
        shown = zone_shown(name)
        return None if shown is None else _in_utc(wall, shown)


@lru_cache(maxsize=512)
def zone_named(name: str) -> tzinfo | None:
    """The zone of an IANA or Windows name, also after a path; None for a name nobody knows."""
    if _folded(name) in _UTC_NAMES:
        return UTC
    # libical and Mozilla wrote /mozilla.org/20050126_1/Europe/Moscow
    parts = [part for part in name.split("/") if part]
    for length in (len(parts), 3, 2):
        key = _iana_names().get(_folded("/".join(parts[-length:])))
        if key is not None:
            return zoneinfo.ZoneInfo(key)
    key = _windows_names().get(_folded(name))
    if key is not None:
        return zoneinfo.ZoneInfo(key)
    number = _RUSSIAN_NUMBER.fullmatch(name)
    if number and 1 <= int(number[1]) <= len(_RUSSIAN_ZONES):
        return zoneinfo.ZoneInfo(_RUSSIAN_ZONES[int(number[1]) - 1])
    return _fixed(_OFFSET.fullmatch(name))


@lru_cache(maxsize=512)
def zone_shown(name: str) -> tzinfo | None:
    """The zone of "(UTC+01:00) Amsterdam, Berlin": of the first city that has that offset, for the
    sake of its summer time; of no known city, the offset itself."""
    found = _SHOWN.fullmatch(name.strip())
    if found is None:
        return None
    fixed = _fixed(found) or UTC
    for city in re.split(r"[,(]", found[4])[:20]:
        key = _cities().get(_folded(city))
        if key is not None:
            zone = zoneinfo.ZoneInfo(key)
            if _standard_offset(zone) == fixed.utcoffset(None):
                return zone
    return fixed


def _fixed(found: re.Match[str] | None) -> tzinfo | None:
    if found is None or not found[1]:
        return None
    away = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if away >= timedelta(hours=24):
        return None
    return timezone(away if found[1] == "+" else -away)


def _standard_offset(zone: tzinfo) -> timedelta:
    """A zone's offset outside its summer time, by the rules of a recent year."""
    halves = (datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    return min(told for told in halves if told is not None)


def _in_utc(wall: datetime, zone: tzinfo) -> datetime | None:
    try:
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except (OverflowError, ValueError):  # the first or last day that a datetime can tell
        return None


def _folded(name: str) -> str:
    return name.strip().strip('"').casefold()


@cache
def _iana_names() -> dict[str, str]:
    return {name.casefold(): name for name in sorted(zoneinfo.available_timezones())}


@cache
def _windows_names() -> dict[str, str]:
    return {name.casefold(): key for name, key in WINDOWS_TO_OLSON.items()}


@cache
def _cities() -> dict[str, str]:
    """Zones by the cities they are named after, in English and in Russian (CLDR)."""
    known = _iana_names()
    found: dict[str, str] = {}
    for name in known.values():
        if "/" in name and not name.startswith("Etc/"):
            found.setdefault(_folded(name.rpartition("/")[2].replace("_", " ")), name)
    for key, city in _russian_cities():
        if key.casefold() in known:
            found.setdefault(_folded(city), known[key.casefold()])
    return found


def _russian_cities() -> Iterable[tuple[str, str]]:
    for key, told in Locale("ru").time_zones.items():
        city = dict(told).get("city")
        if city:
            yield str(key), str(city)
