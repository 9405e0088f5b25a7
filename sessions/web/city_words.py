"""Names of cities that stand as plain words, as in the archive, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.models.programme import City
from sessions.web.reader import locale


def city_words(names: Sequence[str]) -> list[str]:
    """The names as the reader reads them; those of no member city as they are."""
    if locale() != "en" or not names:
        return list(names)
    if "city_words" not in g:
        rows = db.session.execute(select(City.name, City.name_en).where(City.name_en != ""))
        g.city_words = {row.name: row.name_en for row in rows}
    return [g.city_words.get(name, name) for name in names]
