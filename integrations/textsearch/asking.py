"""Reads what somebody typed into a search box. Anything can be read; nothing is an error.

"A phrase" in quotation marks stands together, -word must be absent. There is no other language:
a question has no way to name a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.textsearch import russian
from integrations.textsearch.words import Word, form_of, words_of

MOST_WORDS = 24
MOST_LETTERS = 2000

_QUOTED = re.compile(r'"([^"]*)"|«([^»]*)»|“([^”]*)”')
_ABSENT = re.compile(r"(?:(?<=\s)|^)[-\u2212\u2013](?=\w)(\S+)")
_KEYS_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_KEYS_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_TO_RUSSIAN = str.maketrans(_KEYS_LATIN, _KEYS_RUSSIAN)
_TO_LATIN = str.maketrans(_KEYS_RUSSIAN, _KEYS_LATIN)
_SHORTEST_SLIP = 4


@dataclass(frozen=True)
class Wanted:
    """A word somebody asked for: `terms` are what an index may hold it under, the likeliest first.

    parts: of a word with hyphens; the parts together stand for the whole.
    """

    form: str
    terms: tuple[str, ...]
    parts: tuple[Wanted, ...] = ()

    @property
    def is_stop_word(self) -> bool:
        return russian.is_stop_word(self.form)


@dataclass(frozen=True)
class Asked:
    """What was typed, understood. words: all that should be there, those of phrases included."""

    words: tuple[Wanted, ...] = ()
    phrases: tuple[tuple[Wanted, ...], ...] = ()
    absent: tuple[Wanted, ...] = ()

    @property
    def telling(self) -> tuple[Wanted, ...]:
        """The words that say what is looked for; all of them where there are only small ones."""
        return tuple(w for w in self.words if not w.is_stop_word) or self.words


def read(typed: str) -> Asked:
    """What somebody asks for; without words where nothing of it can be looked for."""
    rest = typed[:MOST_LETTERS]
    phrases = []
    for quoted in _QUOTED.finditer(rest):
        inside = list(_wanted("".join(quoted.groups(""))))[:MOST_WORDS]
        phrases.append(_flat(inside))
    rest = _QUOTED.sub(" ", rest)
    absent = [one for found in _ABSENT.finditer(rest) for one in _wanted(found.group(1))]
    rest = _ABSENT.sub(" ", rest)
    words = [one for phrase in phrases for one in phrase] + list(_wanted(rest))
    kept = tuple({one.terms: one for one in words}.values())[:MOST_WORDS]
    together = tuple(phrase for phrase in phrases if len(phrase) > 1)
    return Asked(kept, together, tuple(absent[:MOST_WORDS]))


def other_layout(form: str) -> str:
    """The same keys on the other keyboard layout: «ящщь» is zoom."""
    if russian.is_cyrillic(form):
        return form.translate(_TO_LATIN)
    return form.translate(_TO_RUSSIAN)


def _wanted(text: str) -> Iterator[Wanted]:
    for chunk in text.split():
        slip = _slip_of_layout(chunk)
        found = list(words_of(chunk))
        if slip and len(found) == 1:
            one = found[0]
            yield Wanted(one.form, russian.asked(one.form) + russian.asked(slip))
        elif slip:
            yield Wanted(slip, russian.asked(slip))
        else:
            yield from map(wanted, found)


def wanted(word: Word) -> Wanted:
    """What an index may hold this word of a question under."""
    parts = tuple(wanted(part) for part in word.parts)
    return Wanted(word.form, russian.asked(word.form), parts)


def _slip_of_layout(chunk: str) -> str:
    """The Russian word somebody meant who forgot to switch the keyboard, or nothing."""
    typed = form_of(chunk)
    if len(typed) < _SHORTEST_SLIP or not chunk.isascii():
        return ""
    meant = typed.translate(_TO_RUSSIAN)
    if all("а" <= letter <= "ё" for letter in meant) and russian.is_known(meant):
        return meant
    return ""


def _flat(words: list[Wanted]) -> tuple[Wanted, ...]:
    return tuple(part for word in words for part in (word.parts or (word,)))
