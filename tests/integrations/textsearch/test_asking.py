from __future__ import annotations

import pytest

from integrations.textsearch.asking import MOST_WORDS, read


def words(typed: str) -> list[str]:
    return [one.form for one in read(typed).words]


def test_plain_words_are_all_asked_for_once() -> None:
    assert words("Школы Вологды, школа!") == ["школа", "вологды"]


def test_small_words_do_not_tell_unless_there_are_no_others() -> None:
    assert [one.form for one in read("о школе и для вас").telling] == ["школе"]
    assert [one.form for one in read("и о").telling] == ["и", "о"]


@pytest.mark.parametrize("typed", ['"круглый стол"', "«круглый стол»", "“круглый стол”"])
def test_a_phrase_is_kept_together(typed: str) -> None:
    asked = read(f"наш {typed}")

    assert [[one.form for one in phrase] for phrase in asked.phrases] == [["круглый", "стол"]]
    assert {one.form for one in asked.words} == {"наш", "круглый", "стол"}


def test_one_quoted_word_is_no_phrase_and_an_open_quotation_no_error() -> None:
    assert (read('"школа"').phrases, words('"школа"')) == ((), ["школа"])
    assert (read('"круглый стол').phrases, words('"круглый стол')) == ((), ["круглый", "стол"])


def test_a_word_with_hyphens_in_a_phrase_stands_by_its_parts() -> None:
    (phrase,) = read('"в Ростове-на-Дону"').phrases

    assert [one.form for one in phrase] == ["в", "ростове", "на", "дону"]


def test_a_minus_before_a_word_makes_it_absent_and_within_a_word_does_not() -> None:
    asked = read("школа -музыка онлайн-курс - спорт")

    assert [one.form for one in asked.absent] == ["музыка"]
    assert [one.form for one in asked.words] == ["школа", "онлайн-курс", "спорт"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("vfntvfnbrf", "математика"), ("{fkfn", ""), ("[fkfn", "халат"), (",.l;tn", "бюджет")],
)
def test_a_russian_word_on_the_english_layout_is_understood(typed: str, meant: str) -> None:
    terms = {term for one in read(typed).words for term in one.terms}

    assert (meant in terms) == bool(meant)


@pytest.mark.parametrize("typed", ["scratch", "zoom", "moodle", "teams", "python", "the", "PDF"])
def test_english_words_stay_english(typed: str) -> None:
    (one,) = read(typed).words

    assert [term for term in one.terms if not term.isascii()] == []


def test_a_long_question_is_cut() -> None:
    assert len(read(" ".join(f"слово{n}" for n in range(500))).words) == MOST_WORDS
    assert read("а" * 100_000).words != ()


@pytest.mark.parametrize("typed", ["", " ", "[", "-", '"', '""', "\ud800", "\0", "...", "*"])
def test_of_nothing_nothing_is_asked(typed: str) -> None:
    assert read(typed).words == ()
