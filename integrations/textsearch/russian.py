"""Brings a Russian or English word to what all its inflections have in common.

A text keeps the likeliest lemma of a word; a question is asked with all of them, because
«математике» may be mathematics or a mathematician and only the reader knows. English goes
through the Snowball stemmer. A word's own letters decide, so that a text may mix the two.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pymorphy3

_REMEMBERED = 1 << 17  # words; some 30 MB, the vocabulary of a large archive
_LIKELY_ENOUGH = 0.001
_loading = threading.Lock()
_stemming = threading.Lock()

NUMBERS = {
    "0": ("ноль", "нулевой"),
    "1": ("один", "первый"),
    "2": ("два", "второй"),
    "3": ("три", "третий"),
    "4": ("четыре", "четвертый"),
    "5": ("пять", "пятый"),
    "6": ("шесть", "шестой"),
    "7": ("семь", "седьмой"),
    "8": ("восемь", "восьмой"),
    "9": ("девять", "девятый"),
    "10": ("десять", "десятый"),
    "11": ("одиннадцать", "одиннадцатый"),
    "12": ("двенадцать", "двенадцатый"),
    "20": ("двадцать", "двадцатый"),
    "30": ("тридцать", "тридцатый"),
    "40": ("сорок", "сороковой"),
    "50": ("пятьдесят", "пятидесятый"),
    "100": ("сто", "сотый"),
    "1000": ("тысяча", "тысячный"),
}
_DIGITS = {name: digits for digits, names in NUMBERS.items() for name in names}

# By lemma. They are in the index, for phrases; a question does not insist on them.
_STOP_WORDS = """
а без более бы быть в ведь весь во вот все всё вы где да для до его ее если есть еще же за и из
или им их к как какой когда который кто ли либо между меня мне мочь мы на над надо наш не него нее
нет ни них но ну о об однако он она они оно от очень по под после потом потому при про с сам свой
себя со так также такой там тем то тоже только тот ты у уж уже чем через что чтоб чтобы этот это я
a an and are as at be but by can do for from had has have he her his how i if in into is it its me
my no not of on or our she so that the their them then there these they this to was we were what
when which who will with would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


def lemmas(form: str) -> tuple[str, ...]:
    """All the word may be, the likeliest first. form: as `words.form_of` gives it."""
    return _lemmas(form)


def lemma(form: str) -> str:
    """What the word most likely is."""
    return _lemmas(form)[0]


def asked(form: str) -> tuple[str, ...]:
    """Everything an index may hold the word under: its lemmas; a number in digits and words."""
    found = _lemmas(form)
    numbers = NUMBERS.get(form, ())
    digits = tuple(_DIGITS[one] for one in found if one in _DIGITS)
    return found + numbers + digits


def is_stop_word(form: str) -> bool:
    """Whether the word says nothing of what a text is about."""
    return form in STOP_WORDS or lemma(form) in STOP_WORDS


def is_known(form: str) -> bool:
    """Whether the Russian dictionary has the word."""
    return bool(_morphology().word_is_known(form))


def is_cyrillic(form: str) -> bool:
    return any("а" <= letter <= "ё" for letter in form)


@lru_cache(maxsize=_REMEMBERED)
def _lemmas(form: str) -> tuple[str, ...]:
    if any(letter.isdigit() for letter in form):
        return (_fold(form),)
    if is_cyrillic(form):
        parses = _morphology().parse(form)
        likely = [p.normal_form for p in parses if p.score >= _LIKELY_ENOUGH]
        return tuple(dict.fromkeys(map(_fold, likely))) or (_fold(form),)
    if form.isascii():
        with _stemming:  # a stemmer keeps the word it works on
            return (_english().stemWord(form),)
    return (form,)


def _fold(word: str) -> str:
    return word.replace("ё", "е")


@lru_cache(maxsize=1)
def _loaded() -> pymorphy3.MorphAnalyzer:
    import pymorphy3  # takes longer to load than a page to show

    return pymorphy3.MorphAnalyzer()


def _morphology() -> pymorphy3.MorphAnalyzer:
    with _loading:
        return _loaded()


@lru_cache(maxsize=1)
def _english() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")
