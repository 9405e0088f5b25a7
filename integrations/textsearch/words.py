"""Finds the words of a text, and brings each to one way of writing.

A word may carry what the eye does not see: soft hyphens, stress marks, letters in two
code points. They belong to the word while it is being found, so that places in the text stay
right, and are dropped from its form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

LONGEST = 64  # No word is longer; a base64 line is.

_UNSEEN = "\u00ad\u0301\u0300\u200b\u200c\u200d\u2060\ufeff"
_DROP = dict.fromkeys(map(ord, _UNSEEN))
_LETTERS = rf"(?:[^\W_][{_UNSEEN}\u0302-\u036f]*)+"
_HYPHENS = "-\u2010\u2011"
_WORD = re.compile(
    rf"{_LETTERS}(?:['\u2019]{_LETTERS})?(?:[{_HYPHENS}]{_LETTERS}(?:['\u2019]{_LETTERS})?)*"
)
_PART = re.compile(rf"[^{_HYPHENS}]+")
_ORDINAL = re.compile(r"(\d+)-[а-яa-z]{1,3}")
_VARIANTS = str.maketrans({"\u2019": "'", "\u2010": "-", "\u2011": "-"})
_ACCENTED = re.compile(r"[a-zà-öø-ÿ]")


class Word(NamedTuple):
    """A word as it stands in a text: its form (folded, «ё» kept) and where it is.

    parts: of a word with hyphens, its parts, each a word; empty for any other.
    """

    form: str
    start: int
    end: int
    parts: tuple[Word, ...] = ()


def form_of(written: str) -> str:
    """The one way to write a word: NFC, case folded, nothing unseen, «ё» kept."""
    if written.isascii():
        return written.lower()
    composed = unicodedata.normalize("NFC", written).translate(_DROP).translate(_VARIANTS)
    folded = unicodedata.normalize("NFC", composed.casefold())
    if _ACCENTED.match(folded):  # «café» is typed without the accent; «й» is a letter
        folded = _plain(folded)
    return folded


def _plain(form: str) -> str:
    apart = unicodedata.normalize("NFD", form)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def written_in(text: str) -> list[str]:
    """The words of a text just as they are written, for who needs no places."""
    return _WORD.findall(text)


def words_of(text: str) -> Iterator[Word]:
    """The words of a text in their order. «5-й» is the number 5."""
    for match in _WORD.finditer(text):
        written, start, end = match.group(), match.start(), match.end()
        form = form_of(written)
        if len(form) > LONGEST:
            yield from _parts(written, start)
            continue
        ordinal = _ORDINAL.fullmatch(form)
        if ordinal:
            yield Word(ordinal.group(1), start, end)
        elif "-" in form:
            yield Word(form, start, end, tuple(_parts(written, start)))
        else:
            yield Word(form, start, end)


def _parts(written: str, start: int) -> Iterator[Word]:
    for part in _PART.finditer(written):
        yield Word(form_of(part.group())[:LONGEST], start + part.start(), start + part.end())
