"""What people write is kept as it was seen, and what cannot be seen is not kept."""

from __future__ import annotations

import pytest

from sessions.rules.wording import lines, one_line


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Первые три года", "Первые три года"),
        ("  Первые   три ", "Первые три"),
        ("Первые\nтри\r\nгода", "Первые три года"),
        ("Первые\u2028три\u2029года", "Первые три года"),
        ("a\x00b\x07c\x7fd\x85e", "abcd e"),
        ("evil\u202egnp.exe\u202c", "evilgnp.exe"),
        ("\u2066один\u2069 \u200fдва\u200e \u061cтри", "один два три"),
        ("сло\u00adво \ufeffи \u200bслово", "слово и слово"),
        ("семья 👩\u200d👩\u200d👧", "семья 👩\u200d👩\u200d👧"),
        ("10\u00a0лет", "10\u00a0лет"),
        ("й й", "й й"),
    ],
)
def test_title_is_one_line_of_what_can_be_seen(written, kept):
    assert one_line(written) == kept


@pytest.mark.parametrize(
    "written", ["", " ", "\u200b\u200d", "\u3164", "\u2800 \u00a0", "\ufe0f", "\u202e\x00\n"]
)
def test_title_of_nothing_visible_is_empty(written):
    assert one_line(written) == ""


def test_summary_keeps_its_lines_and_loses_the_rest():
    assert lines("Одна\r\n\r\nдве\u2028три\u202e\x00\tчетыре \n") == "Одна\n\nдве\nтри четыре"
