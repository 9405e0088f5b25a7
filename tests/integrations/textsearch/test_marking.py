from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.textsearch.marking import excerpt, is_one_slip, marks


def marked(text: str, words: str) -> list[str]:
    return [text[start:end] for start, end in marks(text, words)]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Беседа с учителями.", "учитель", ["учителями"]),
        ("Новая ёлка и Ёлки", "елка", ["ёлка", "Ёлки"]),
        ("Он шёл, она шла", "идти", ["шёл", "шла"]),
        ("Были в Орле", "орёл", ["Орле"]),
        ("Кружок по математике", "математика", ["математике"]),
        ("наш сто\u0301лик у учи\u00adтеля", "столики учителю", ["сто\u0301лик", "учи\u00adтеля"]),
        ("В Ростове-на-Дону", "Ростов-на-Дону", ["Ростове-на-Дону"]),
        ("В Ростове-на-Дону", "ростов", ["Ростове"]),
        ("В Ростове на Дону", "ростов-на-дону", ["Ростове", "Дону"]),
        ("Cities and towns", "city", ["Cities"]),
        ("5-й вебинар", "пятый вебинар", ["5-й", "вебинар"]),
        ("о школе и о городе", "о школе", ["школе"]),
        ("быть или не быть", "и не", ["не"]),
        ("школа без музыки", "школа -музыка", ["школа"]),
        ("мультфильмы", "мулттфильм", ["мультфильмы"]),
        ("школа и скола", "школа", ["школа"]),
        ("математика", "vfntvfnbrf", ["математика"]),
        ("ничего такого", "школа", []),
        ("", "школа", []),
        ("школа", "", []),
    ],
)
def test_words_are_marked_in_any_inflection(text: str, words: str, expected: list[str]) -> None:
    assert marked(text, words) == expected


def test_small_words_within_a_phrase_are_marked() -> None:
    assert marked("работа в школе в Орле", '"работа в школе"') == ["работа", "в", "школе", "в"]


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("Наша школа", "школы", 100) == [("Наша ", False), ("школа", True)]
    assert excerpt("Наша жизнь", "школы", 100) == [("Наша жизнь", False)]
    assert excerpt("", "школы", 100) == []


def test_an_excerpt_lies_where_the_most_different_words_stand() -> None:
    text = "школа школа школа " + "и вот " * 50 + "бюджет школы растёт " + "и так " * 50

    pieces = excerpt(text, "школьный школа бюджет", 60)

    shown = "".join(piece for piece, _ in pieces)
    assert [piece for piece, is_match in pieces if is_match] == ["бюджет", "школы"]
    assert (shown[0], shown[-1]) == ("…", "…")
    assert "бюджет школы растёт" in shown


def test_an_excerpt_without_a_match_is_the_beginning() -> None:
    pieces = excerpt("Начало этого рассказа не говорит ни о чём таком", "школа", 20)

    assert pieces == [("Начало этого…", False)]


def test_an_excerpt_begins_and_ends_at_words() -> None:
    text = "раздватри " * 20 + "школа " + "четырепять " * 20

    shown = "".join(piece for piece, _ in excerpt(text, "школа", 50)).strip("…")

    assert set(shown.split()) == {"раздватри", "школа", "четырепять"}


@given(
    st.text(alphabet="школа учителям .-\n\u0301\ud800х", max_size=120),
    st.sampled_from(["школа", "учитель а", "", '"кол"']),
    st.integers(1, 60),
)
def test_an_excerpt_is_a_piece_of_the_text_and_marks_lie_in_it(
    text: str, words: str, width: int
) -> None:
    pieces = excerpt(text, words, width)

    longest_word = max(map(len, text.split()), default=0)
    shown = "".join(piece for piece, _ in pieces)
    assert shown.removeprefix("…").removesuffix("…") in text
    assert len(shown) <= max(width, longest_word) + 2
    assert [piece for piece, _ in pieces if not piece] == []
    starts = [end for _, end in marks(text, words)]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("one", "other", "is_slip"),
    [
        ("школа", "шкла", True),
        ("школа", "школла", True),
        ("школа", "шкода", True),
        ("школа", "шокла", True),
        ("школа", "школы", True),
        ("школа", "школа", False),
        ("школа", "кошал", False),
        ("школа", "шк", False),
        ("", "а", True),
        ("аб", "ба", True),
        ("абв", "вба", False),
    ],
)
def test_a_slip_is_one_letter_or_two_swapped(one: str, other: str, is_slip: bool) -> None:
    assert is_one_slip(one, other) == is_slip
    assert is_one_slip(other, one) == is_slip
