from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.textsearch.words import LONGEST, form_of, words_of, written_in


def forms(text: str) -> list[str]:
    return [word.form for word in words_of(text)]


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("Школа", "школа"),
        ("ЁЛКА", "ёлка"),
        ("е\u0308лка", "ёлка"),
        ("и\u0306огурт", "йогурт"),
        ("сто\u0301лица", "столица"),
        ("учи\u00adтель", "учитель"),
        ("слово\u200b", "слово"),
        ("Café", "cafe"),
        ("cafe\u0301", "cafe"),
        ("naïve", "naive"),
        ("Straße", "strasse"),
        ("don’t", "don't"),
        ("Ростове\u2011на\u2011Дону", "ростове-на-дону"),
    ],
)
def test_a_word_has_one_form_however_it_is_written(written: str, form: str) -> None:
    assert form_of(written) == form


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Раз, два — три!", ["раз", "два", "три"]),
        ("5-й вебинар, 21-го", ["5", "вебинар", "21"]),
        ("2026 год, COVID-19", ["2026", "год", "covid-19"]),
        ("IT-куб и 1С", ["it-куб", "и", "1с"]),
        ("он -- она - оно", ["он", "она", "оно"]),
        ("city's и о'кей", ["city's", "и", "о'кей"]),
        ("snake_case a/b a.b", ["snake", "case", "a", "b", "a", "b"]),
        ("\ud800\0[]*?", []),
        ("", []),
    ],
)
def test_a_text_falls_into_its_words(text: str, found: list[str]) -> None:
    assert forms(text) == found


def test_a_word_with_hyphens_has_parts_each_in_its_place() -> None:
    (word,) = words_of("«Ростове-на-Дону»")

    assert (word.form, word.start, word.end) == ("ростове-на-дону", 1, 16)
    assert [(part.form, part.start, part.end) for part in word.parts] == [
        ("ростове", 1, 8),
        ("на", 9, 11),
        ("дону", 12, 16),
    ]


def test_places_are_those_of_the_text_as_it_is_written() -> None:
    text = "Наш сто\u0301лик у учи\u00adтеля"

    assert [text[word.start : word.end] for word in words_of(text)] == text.split()


def test_no_word_is_longer_than_the_longest() -> None:
    assert forms("щ" * 5000) == ["щ" * LONGEST]
    assert forms("щ" * 5000 + "-да") == ["щ" * LONGEST, "да"]


@given(st.text())
def test_any_text_falls_into_words_that_lie_in_it_in_order(text: str) -> None:
    words = list(words_of(text))

    assert [w for w in words if not (0 <= w.start < w.end <= len(text)) or not w.form] == []
    assert all(one.end <= other.start for one, other in pairwise(words))
    assert len(written_in(text)) <= len(words)


@given(st.text(alphabet="абвёйЁЙéÉñ -"))
def test_composed_and_decomposed_texts_have_the_same_words(text: str) -> None:
    assert forms(unicodedata.normalize("NFD", text)) == forms(unicodedata.normalize("NFC", text))
