"""Everyone in the demo: told by name, heard in a talk, or invented from lists of names."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from random import Random

from sessions.demo import casting
from sessions.demo.city_table import DemoCity
from sessions.demo.source_table import SourceError, Table
from sessions.demo.sources import Person
from sessions.demo.talk_text import TalkText

EVERYONE = 600
COORDINATOR = "координатор города"
# Of a hundred: schools are like that.
WOMEN = 76
_SPELLINGS = "a,b,v,g,d,e,yo,zh,z,i,y,k,l,m,n,o,p,r,s,t,u,f,kh,ts,ch,sh,sch,,y,,e,yu,ya"
_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        _SPELLINGS.split(","),
        strict=True,
    )
)


@dataclass(frozen=True)
class Post:
    """A post, how often it is met, and in which kinds of organisation."""

    title: str
    weight: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """An organisation; `name` and `slug` (of its addresses) may hold {n}, its number."""

    name: str
    slug: str
    kind: str
    weight: int


@dataclass(frozen=True)
class Names:
    """What invented people are called. Pairs are (male, female)."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    patronymics: tuple[tuple[str, str], ...]
    families: tuple[tuple[str, str], ...]
    posts: tuple[Post, ...]
    places: tuple[Place, ...]


@cache
def read_names() -> Names:
    """The committed lists. Raises SourceError."""
    text = resources.files("sessions.demo").joinpath("names.toml").read_text("utf-8")
    source = Table("names.toml", tomllib.loads(text))
    return Names(
        female=source.texts("female_given"),
        male=source.texts("male_given"),
        patronymics=_pairs(source, "male_patronymics"),
        families=_pairs(source, "families"),
        posts=source.all("posts", _post),
        places=source.all("organisations", _place),
    )


def everyone(
    told: Sequence[Person], talks: Iterable[TalkText], cities: Sequence[DemoCity]
) -> tuple[Person, ...]:
    """All people, each address once: those told and heard first, then invented ones.

    Every city has a coordinator; the larger it is, the more of its people there are.
    """
    people = [*told, *_heard(told, talks, cities)]
    chance = Random("crowd")  # noqa: S311 a story, no secret
    coordinated = {one.city for one in people if one.role == "coordinator"}
    for city in cities:
        if city.key not in coordinated:
            people.append(replace(_invented(chance, city, people), post=COORDINATOR,
                                  organisation="Городской методический центр",
                                  role="coordinator"))  # fmt: skip
    sizes = [city.population**0.5 for city in cities]
    crowd = Counter(one.city for one in people)
    while len(people) < EVERYONE:
        # First everybody has two who can speak, then the larger cities grow.
        lonely = [city for city in cities if crowd[city.key] < 3]
        city = lonely[0] if lonely else chance.choices(list(cities), sizes)[0]
        people.append(_invented(chance, city, people))
        crowd[city.key] += 1
    return _with_own_addresses(people)


def _heard(
    told: Sequence[Person], talks: Iterable[TalkText], cities: Sequence[DemoCity]
) -> list[Person]:
    """Those who speak in the talks and are not told by name."""
    keys = {city.name: city.key for city in cities}
    known = {one.key for one in told}
    found = []
    for talk in talks:
        for one in talk.speakers:
            key = casting.person_key(talk, one.key)
            if key in known:
                continue
            given, _, family = one.name.partition(" ")
            city = keys.get(one.city, "")
            where = one.organisation
            if not city:  # a guest from elsewhere
                where = ", ".join(filter(None, [where, one.city]))
            email = f"{latin(one.key)}@{talk.slug}.{city or 'guests'}.example"
            found.append(
                Person(
                    key,
                    family,
                    given,
                    "",
                    one.post,
                    _upper(where),
                    city,
                    email,
                    "member",
                )
            )
    return found


def _invented(chance: Random, city: DemoCity, others: Sequence[Person]) -> Person:
    names = read_names()
    is_woman = chance.randrange(100) < WOMEN
    given = chance.choice(names.female if is_woman else names.male)
    family = chance.choice(names.families)[is_woman]
    place = chance.choices(names.places, [one.weight for one in names.places])[0]
    posts = [one for one in names.posts if place.kind in one.kinds]
    post = chance.choices(posts, [one.weight for one in posts])[0]
    n = chance.randrange(2, 96)
    return Person(
        key=f"{city.key}:{len(others)}",
        family=family,
        given=given,
        patronymic=chance.choice(names.patronymics)[is_woman],
        post=post.title,
        organisation=_upper(place.name.format(n=n)),
        city=city.key,
        email=f"{latin(given)[0]}.{latin(family)}@{place.slug.format(n=n)}.{city.key}.example",
        role="member",
    )


def _post(raw: Table) -> Post:
    return Post(raw.text("post"), raw.whole("weight"), raw.texts("kinds"))


def _place(raw: Table) -> Place:
    return Place(raw.text("name"), raw.text("slug"), raw.text("kind"), raw.whole("weight"))


def _with_own_addresses(people: Sequence[Person]) -> tuple[Person, ...]:
    """Nobody shares an address with a namesake."""
    seen = Counter[str]()
    found = []
    for person in people:
        seen[person.email] += 1
        name, _, domain = person.email.partition("@")
        n = seen[person.email]
        found.append(person if n == 1 else replace(person, email=f"{name}{n}@{domain}"))
    return tuple(found)


def latin(word: str) -> str:
    """A word in Latin letters, as addresses spell it."""
    letters = (_LATIN.get(letter, letter) for letter in word.lower())
    return "".join(letter for letter in letters if letter.isalnum() and letter.isascii())


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _pairs(source: Table, key: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for row in source.rows(key):
        match row:
            case (male, female):
                pairs.append((male, female))
            case _:
                raise SourceError(f"{source.where}, {key}: each must be a pair")
    return tuple(pairs)
