from __future__ import annotations

import pytest

from integrations.textsearch.marking import is_one_slip
from integrations.textsearch.spelling import meant, one_slip_from


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("мулттфильмов", ("мультфильм",)),
        ("настваничеству", ("наставничество",)),
        ("вологад", ("вологда",)),
        ("speaakers", ("speaker",)),
        ("ящщь", ("zoom",)),
        ("zzz", ()),
        ("слово10", ()),
    ],
)
def test_a_misspelt_word_is_guessed_from_what_the_index_holds(
    typed: str, expected: tuple[str, ...]
) -> None:
    held = {
        "мультфильм": 3,
        "наставничество": 2,
        "вологда": 9,
        "speaker": 1,
        "zoom": 4,
        "слово1": 1,
    }

    assert meant(typed, lambda term: held.get(term, 0)) == expected


def test_the_most_frequent_guess_comes_first() -> None:
    held = {"школа": 2, "скала": 7}

    assert meant("скола", lambda term: held.get(term, 0)) == ("скала", "школа")


@pytest.mark.parametrize("word", ["город", "city"])
def test_every_slip_made_is_seen_as_one(word: str) -> None:
    made = set(one_slip_from(word)) - {word}

    assert {slip for slip in made if not is_one_slip(word, slip)} == set()
    assert len(made) > 200
