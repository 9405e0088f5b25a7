"""Speakers as a cell names them: several people, with posts and cities, in any order of names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sessions.rules.addresses import split_name
from sessions.sheets.known import Known, KnownPerson
from sessions.sheets.written import plain

_ADDRESS = re.compile(r"[^\s<>,;()]+@[^\s<>,;()]+")
_BRACKETS = re.compile(r"\(([^)]*)\)")
_NAME_WORD = re.compile(r"[А-ЯЁA-Z](?:[а-яёa-z]+(?:-[А-ЯЁA-Zа-яёa-z]+)?|\.)")
_INITIALS = re.compile(r"(?<=[А-ЯЁA-Z]\.)(?=[А-ЯЁA-Z])")
NEAREST = 8


@dataclass(frozen=True)
class NewPerson:
    """Someone whom the programme does not know yet."""

    family: str
    given: str
    patronymic: str
    post: str = ""
    city_id: int | None = None

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.family, self.given, self.patronymic)))


@dataclass(frozen=True)
class Named:
    """One person as written. beside: what stands in brackets or after a comma: a city or a post."""

    name: str
    address: str = ""
    beside: tuple[str, ...] = ()


def named_in(cell: str) -> list[Named]:
    """The people of a cell: parted by lines and semicolons, and by commas where names follow."""
    found: list[Named] = []
    for line in re.split(r"[;\n\r]+", cell):
        is_first = True
        for part in (part.strip() for part in line.split(",")):
            if not part:
                continue
            if is_first or _is_name(part):
                is_first = False
                found.append(_named(part))
            else:
                last, more = found[-1], _named(part)
                beside_it = (*last.beside, *filter(None, (more.name,)), *more.beside)
                found[-1] = Named(last.name, last.address or more.address, beside_it)
    return [one for one in found if one.name or one.address]


def _named(part: str) -> Named:
    address = _ADDRESS.search(part)
    beside = tuple(filter(None, (inside.strip() for inside in _BRACKETS.findall(part))))
    bare = _BRACKETS.sub(" ", _ADDRESS.sub(" ", part))
    name = " ".join(re.sub(r"[<>«»\"]", " ", bare).split()).strip(" -–—")
    return Named(name, address[0].strip(".").lower() if address else "", beside)


def _is_name(part: str) -> bool:
    """Whether a piece after a comma is one more person: two or three words as names are written."""
    words = _INITIALS.sub(" ", _named(part).name).split()
    return 2 <= len(words) <= 3 and all(_NAME_WORD.fullmatch(word) for word in words)


def candidates(named: Named, known: Known) -> list[KnownPerson]:
    """The people whom the name may mean: those of the city beside it where it tells one."""
    if named.address:
        person_id = known.addresses.get(named.address)
        return [known.by_id[person_id]] if person_id else []
    words = [plain(word) for word in _INITIALS.sub(" ", named.name).split() if plain(word)]
    fits: list[KnownPerson] = []
    # A family name may have two words: «де Сен Экзюпери», as may a given one.
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            rest = words[:start] + words[end:]
            for person in known.by_family.get(" ".join(words[start:end]), ()):
                if rest and _goes_with(rest, person) and person not in fits:
                    fits.append(person)
    city = city_beside(named, known)
    there = [person for person in fits if city and person.city_id == city]
    return there or fits


def _goes_with(rest: Sequence[str], person: KnownPerson) -> bool:
    given = [*plain(person.given).split(), *plain(person.patronymic).split()]
    return len(rest) <= max(len(given), 1) and all(
        any(name == word or (len(word) == 1 and name.startswith(word)) for name in given)
        for word in rest
    )


def city_beside(named: Named, known: Known) -> int | None:
    """The city that stands beside a name."""
    return next((known.city_names[word] for word in map(plain, named.beside)
                 if word in known.city_names), None)  # fmt: skip


def like(named: Named, known: Known) -> list[KnownPerson]:
    """Those with the same family name, for someone whose name tells no more."""
    words = plain(named.name).split()
    found = [person for word in words for person in known.by_family.get(word, ())]
    return list(dict.fromkeys(found))[:NEAREST]


def new_person(named: Named, known: Known) -> NewPerson | None:
    """The person to be made of a name; None where it is no whole name."""
    if len(named.name.split()) < 2:
        return None
    family, given, patronymic = split_name(_INITIALS.sub(" ", named.name))
    post = ", ".join(word for word in named.beside if plain(word) not in known.city_names)
    return NewPerson(family, given, patronymic, post, city_beside(named, known))
