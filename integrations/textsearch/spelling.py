"""Guesses what a word that is found nowhere was meant to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from integrations.textsearch import asking, russian

_SHORTEST = 5
_MOST = 5
_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_ENGLISH = "abcdefghijklmnopqrstuvwxyz"


def meant(form: str, frequency: Callable[[str], int]) -> tuple[str, ...]:
    """Terms of the index that the word may stand for, the most frequent first.

    frequency: in how many documents a term stands. A word is one slip of the finger away from
    what was meant, or typed on the other keyboard layout.
    """
    guessed = set(russian.asked(asking.other_layout(form)))
    if len(form) >= _SHORTEST and form.isalpha():
        for near in one_slip_from(form):
            if russian.is_cyrillic(form) and russian.is_known(near):
                guessed.update(russian.lemmas(near))
        for stem in russian.lemmas(form):
            guessed.update(one_slip_from(stem))
    guessed.difference_update(russian.asked(form))
    known = [(frequency(term), term) for term in guessed]
    return tuple(term for count, term in sorted(known, reverse=True) if count)[:_MOST]


def one_slip_from(word: str) -> Iterator[str]:
    """All that a letter left out, added, mistaken, or swapped with its neighbour makes of it."""
    alphabet = _RUSSIAN if russian.is_cyrillic(word) else _ENGLISH
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        for letter in alphabet:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
