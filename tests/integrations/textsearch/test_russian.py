from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from integrations.textsearch import russian
from integrations.textsearch.words import form_of

ROOT = Path(__file__).parents[3]

ONE_WORD = """
Череповец Череповца|Череповец Череповце|Орёл Орла|Орёл Орле|Ростов-на-Дону Ростове-на-Дону
дети ребёнок|ребёнок детей|люди человек|идти шёл|идти шла|идти идут|учитель учителями
учитель учителей|математика математике|ёлка елка|хороший лучше|хороший лучший|школа школ
Вологда Вологды|Вологда Вологде|Казань Казани|Пермь Перми|Нурлат Нурлата|Усинск Усинске
набережные набережных|наставничество наставничества|тьютор тьюторов|вебинар вебинаре
нейросеть нейросетями|чат-бот чат-боты|шаймарданова шаймардановой|хабибуллин хабибуллину
день дней|ухо уши|время временем|мать матерей|окно окон|брать берёт|мочь могла|есть ели
город городов|друг друзья|сын сыновья|стул стульев|год лет|большой больше
city cities|school schools|meeting meetings|teacher teacher's|inflect inflected
"""
NOT_ONE_WORD = """
школа школьник|стол столовая|город городок|Орёл оратор|Пермь перо|вода водитель|Казань казна
математика метафора|бюджет буджет|учитель мучитель|city citadel|zoom room
"""


def pairs(text: str) -> list[tuple[str, str]]:
    both = (line.split(" ") for line in text.strip().replace("\n", "|").split("|"))
    return [(form_of(one), form_of(other)) for one, other in both]


@pytest.mark.parametrize(("asked", "said"), pairs(ONE_WORD))
def test_an_inflected_word_is_met_from_either_side(asked: str, said: str) -> None:
    assert russian.lemma(said) in russian.asked(asked)
    assert russian.lemma(asked) in russian.asked(said)


@pytest.mark.parametrize(("asked", "said"), pairs(NOT_ONE_WORD))
def test_different_words_do_not_meet(asked: str, said: str) -> None:
    assert set(russian.asked(said)).isdisjoint(russian.asked(asked))


def test_a_question_is_asked_with_everything_the_word_may_be() -> None:
    assert russian.lemma("стали") == "стать"
    assert set(russian.asked("стали")) == {"стать", "сталь"}


def test_numbers_are_asked_for_in_digits_and_words() -> None:
    assert russian.asked("5") == ("5", "пять", "пятый")
    assert russian.asked("пятому") == ("пятый", "5")
    assert russian.asked("2026") == ("2026",)


@pytest.mark.parametrize("form", ["и", "для", "этого", "the", "of", "всё", "её", "был"])
def test_small_words_are_known_in_any_form(form: str) -> None:
    assert russian.is_stop_word(form)


@pytest.mark.parametrize("form", ["школа", "вологда", "год", "5", "один", "it", "дон"])
def test_words_that_tell_are_none(form: str) -> None:
    assert russian.is_stop_word(form) == (form == "it")


def test_other_scripts_and_lone_signs_keep_their_form() -> None:
    assert [russian.lemmas(form) for form in ("城市", "1с", "ё")] == [
        ("城市",),
        ("1с",),
        ("е",),
    ]


def test_threads_get_the_same_lemmas() -> None:
    words = [f"{start}{end}" for start in ("школ", "город", "книг") for end in ("а", "у", "ами")]
    words += ["cities", "schools", "running", "meetings"]
    expected = [russian.lemma(word) for word in words]
    russian._lemmas.cache_clear()
    got: list[list[str]] = []

    def look_up() -> None:
        got.append([russian.lemma(word) for word in words])

    threads = [threading.Thread(target=look_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert got == [expected] * 8


def test_importing_the_index_loads_no_dictionary() -> None:
    code = (
        "import sys, integrations.textsearch.whoosh_index;"
        "sys.exit('pymorphy3' in sys.modules or 'snowballstemmer' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
