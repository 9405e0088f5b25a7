"""Passages, languages, and the line to play from."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as some

from archive.rules import Passage, believed_s, best_line, passages, spoken_language


@dataclass(frozen=True)
class Said:
    start_s: float
    end_s: float
    text: str = "слово"
    speaker: str | None = None


def every(step_s: float, count: int) -> list[Said]:
    return [Said(step_s * n, step_s * (n + 1), f"слово{n}") for n in range(count)]


def test_a_short_talk_is_one_passage_with_its_speakers_in_order() -> None:
    lines = [Said(0, 5, "Да.", "Анна"), Said(5, 9, "Нет.", "Пётр"), Said(9, 12, "Да.", "Анна")]

    assert passages(lines) == [Passage(0, 12, "Да. Нет. Да.", ("Анна", "Пётр"))]


def test_passages_begin_every_half_minute_and_last_about_a_minute() -> None:
    found = passages(every(10, 18))

    assert [(one.start_s, one.end_s) for one in found] == [
        (0, 60), (30, 90), (60, 120), (90, 150), (120, 180),
    ]  # fmt: skip


def test_no_passage_repeats_the_tail_of_the_one_before() -> None:
    found = passages([*every(10, 3), Said(31, 35, "конец")])

    assert [(one.start_s, one.end_s) for one in found] == [(0, 35)]


def test_nothing_spoken_gives_no_passage() -> None:
    assert passages([]) == []


@given(some.lists(some.floats(0, 10_000), min_size=1, max_size=60))
def test_every_line_stands_in_a_passage(starts: list[float]) -> None:
    lines = [Said(at, at + 3, f"слово{n}") for n, at in enumerate(sorted(starts))]

    said = {word for one in passages(lines) for word in one.text.split()}

    assert said == {line.text for line in lines}


def test_language_is_told_by_the_letters() -> None:
    assert [spoken_language([text]) for text in ("Добрый день, Zoom", "Good day", "123 …")] == [
        "ru", "en", "",
    ]  # fmt: skip


def test_playing_begins_where_most_of_the_words_stand_together() -> None:
    assert [best_line(counts) for counts in ([0, 1, 0, 1, 1], [0, 2, 0, 1], [0, 0], [0, 0, 3])] == [
        3, 1, 0, 2,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("claimed_s", "last_word_s", "believed"),
    [
        (5400.0, None, 5400.0),
        (5400.0, 5000.0, 5400.0),
        (24 * 3600.0, None, 24 * 3600.0),
        (24 * 3600.0 + 1, None, None),
        (4_294_967.28, 5000.0, 5000.0),
        (6001.0, 5000.0, 5000.0),
        (100.0, 5000.0, 100.0),
    ],
)
def test_a_header_that_cannot_be_true_is_not_believed(
    claimed_s: float, last_word_s: float | None, believed: float | None
) -> None:
    assert believed_s(claimed_s, last_word_s) == believed
