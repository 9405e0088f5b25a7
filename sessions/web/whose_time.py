"""Whose time it is, said by a person's own city: «по Перми» rather than «по Екатеринбургу»."""

from __future__ import annotations

from sessions.models.people import Person
from sessions.web.typography import NBSP


def words_of(person: Person | None, locale: str) -> str:
    """What to say for the zone of this person's city; empty where the zone's own words serve."""
    if person is None or person.city is None or person.zone != person.city.tz:
        return ""
    if locale == "en":
        return f"{person.city.name_en}{NBSP}time" if person.city.name_en else ""
    return f"по{NBSP}{person.city.dative}" if person.city.dative else ""


def city_of(person: Person | None, locale: str) -> str:
    """The name of this person's city in a language, empty where none is known."""
    if person is None or person.city is None:
        return ""
    return (locale == "en" and person.city.name_en) or person.city.name
