"""Days off of a country as its government names them, from the library `holidays`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

COUNTRY = "RU"
SATURDAY = 5
_LANGUAGES = {"ru": "ru", "en": "en_US"}
# «Выходной (перенесено с 20.02.2027)»: that Saturday is worked instead.
_INSTEAD_OF = re.compile(r"\((?:перенесено с|substituted from) (\d{2})\.(\d{2})\.(\d{4})\)")


@dataclass(frozen=True)
class PublicDay:
    """A day that is not what its weekday says: off by law, or a Saturday that is worked.

    instead_of: the day whose rest it is, or the day off for which a Saturday is worked.
    """

    day: date
    is_off: bool
    name: str = ""
    name_en: str = ""
    instead_of: date | None = None


@lru_cache(maxsize=64)
def of_year(year: int) -> tuple[PublicDay, ...]:
    """The days off of a year and its working Saturdays, in order.

    Saturdays and Sundays themselves are in it only where they are holidays or are worked.
    """
    russian = holidays.country_holidays(COUNTRY, years=year, language=_LANGUAGES["ru"])
    english = holidays.country_holidays(COUNTRY, years=year, language=_LANGUAGES["en"])
    found = {
        day: PublicDay(day, True, name, english.get(day, ""), _instead_of(name))
        for day, name in russian.items()
    }
    for off in list(found.values()):
        worked = off.instead_of
        if worked is None or worked in found or worked.weekday() < SATURDAY:
            continue  # a holiday that fell on a weekend, rested for later: nobody works on it
        if worked.year == year:
            found[worked] = PublicDay(worked, False, instead_of=off.day)
    return tuple(found[day] for day in sorted(found))


def between(first: date, last: date, locale: str = "ru") -> dict[date, str]:
    """The days off from one date to another, both included, by name."""
    return {
        one.day: one.name_en if locale == "en" and one.name_en else one.name
        for year in range(first.year, last.year + 1)
        for one in of_year(year)
        if one.is_off and first <= one.day <= last
    }


def _instead_of(name: str) -> date | None:
    found = _INSTEAD_OF.search(name)
    return date(int(found[3]), int(found[2]), int(found[1])) if found else None
