"""Cities by the names that people type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sessions.models.programme import City


def known_city(name: str, cities: Iterable[City]) -> City | None:
    """The city of this name, in either language, whatever its case and its ё; None for none."""
    wanted = _plain(name)
    if not wanted:
        return None
    return next((one for one in cities if wanted in (_plain(one.name), _plain(one.name_en))), None)


def known_cities(text: str, cities: Sequence[City]) -> tuple[list[City], list[str]]:
    """The cities named in a list with commas or on lines of their own, and what names none."""
    found, unknown = [], []
    for name in filter(str.strip, re.split(r"[,;\n]+", text)):
        city = known_city(name, cities)
        if city is None:
            unknown.append(name.strip())
        else:
            found.append(city)
    return found, unknown


def _plain(name: str) -> str:
    return re.sub(r"[\s\-‑–]+", " ", name.casefold().replace("ё", "е")).strip()
