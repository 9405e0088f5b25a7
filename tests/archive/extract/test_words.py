"""Characters out of a PDF become words, or are known for rubbish."""

from __future__ import annotations

import pytest

from archive.extract.words import cleaned, readable


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("настав\x02\r\nничество", "наставничество"),
        ("настав\xad\nничество", "наставничество"),
        ("настав-\nничество", "наставничество"),
        ("Санкт\x02\r\nПетербург", "Санкт-Петербург"),
        ("Ростов\x02\r\nна-Дону", "Ростов-на-Дону"),
        ("Ростов-на\x02\r\nДону", "Ростов-на-Дону"),
        ("кто-\nто", "кто-то"),
        ("по\x02новому", "по-новому"),
        ("2026\x02\r\nй год", "2026-й год"),
        ("раз  \t два\r\n\r\n\r\n\r\nтри", "раз два\n\nтри"),
        ("раз\ufffe\x07два\x0bтри", "раздва\nтри"),
    ],
)
def test_words_parted_by_a_line_end_are_joined(raw, text):
    assert cleaned(raw) == text


@pytest.mark.parametrize(
    "raw",
    [
        "Наставничество в школах: первый год, двенадцать городов",
        "Software stack\r\nPython 3.11, Flask, SQLite FTS5",
        "Le café fermé à Besançon",
        "مرحبا بكم في المدينة",
        "\uf0b7 первый\r\n\uf0b7 второй",
        "Оглавление ................................................ 5",
        "1 240 1 873 42",
        "",
    ],
)
def test_real_text_is_left_alone(raw):
    assert readable(raw) == raw


@pytest.mark.parametrize(
    "raw",
    [
        "\x01\x02\x03\x04\x05\x06 \x07\x08\t\x08\x04, \x0e\x0f\x10",
        "\ue001\ue002\ue003\ue004 \ue005\ue006\ue007",
        "\ufffd\ufffd\ufffd \ufffd\ufffd слово",
        "BKLM QRST VWXZ " * 12,
    ],
)
def test_numbers_of_glyphs_are_not_text(raw):
    assert readable(raw) is None


def test_windows_1251_taken_for_western_is_undone():
    raw = "Наставничество и города".encode("cp1251").decode("latin-1")

    assert readable(raw) == "Наставничество и города"


def test_letters_of_no_code_page_are_not_text():
    assert readable("ÖÜßäöÜ ÄÖüßÄ öüäÖß ÜüÄßö") is None
