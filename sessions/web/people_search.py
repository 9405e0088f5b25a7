"""Finding a person by what a host types: a name, a part of it, or an address."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload

from integrations.runtime.database import db
from sessions.models.people import Person, PersonEmail

MOST = 8
_NUMBER = re.compile(r"№\s?(\d{1,9})$")


def label(person: Person, locale: str) -> str:
    """Who this is, told apart from others of the name: «Анна Белова, завуч, школа № 5, Пермь»."""
    city = person.city.name_in(locale) if person.city else ""
    names = " ".join(filter(None, [person.given, person.patronymic, person.family]))
    return ", ".join(filter(None, [names or person.name, person.post, person.organisation, city]))


def choice(person: Person, locale: str) -> str:
    """The same with a number that `find` knows again."""
    return f"{label(person, locale)} №{person.id}"


def find(text: str, most: int = MOST) -> list[Person]:
    """The people whom the text may mean, by family name; every word of it begins a name of theirs.

    A whole address, or the number that ends a `choice`, means one.
    """
    text = text.strip()
    numbered = _NUMBER.search(text)
    if numbered:
        return by_ids([int(numbered[1])])
    if "@" in text:
        return _people(
            Person.emails.any(PersonEmail.address == text.strip("<>").lower()), most=most
        )
    words = [word for word in re.split(r"[\s,.]+", text) if word]
    if not words:
        return []
    return _people(*(_begins(word) for word in words[:4]), most=most)


def meant(text: str, people: Iterable[Person]) -> Person | None:
    """The one of these people whom the text names in full; None where it is none or several."""
    if "@" in text or _NUMBER.search(text.strip()):
        found = list(people)
    else:
        words = {_plain(word) for word in text.split()}
        found = [
            one
            for one in people
            if len(words) > 1
            and words <= {_plain(name) for name in (one.family, one.given, one.patronymic)}
        ]
    return found[0] if len(found) == 1 else None


def by_ids(ids: Iterable[int]) -> list[Person]:
    """The people of these ids, with their addresses."""
    wanted = set(ids)
    return _people(Person.id.in_(wanted), most=len(wanted)) if wanted else []


def _people(*conditions: ColumnElement[bool], most: int = MOST) -> list[Person]:
    return list(
        db.session.scalars(
            select(Person)
            .where(*conditions)
            .options(selectinload(Person.emails))
            .order_by(Person.family, Person.given, Person.id)
            .limit(most)
        )
    )


def _begins(word: str) -> ColumnElement[bool]:
    # SQLite folds the case of Latin letters only: names begin with a capital, so does the word.
    starts = {word, word[:1].upper() + word[1:]}
    names = (Person.family, Person.given, Person.patronymic)
    return or_(*(name.startswith(start, autoescape=True) for name in names for start in starts))


def _plain(name: str) -> str:
    return name.casefold().replace("ё", "е")
