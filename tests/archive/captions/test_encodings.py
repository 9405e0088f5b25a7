"""Subtitle files come in whatever encoding their program was born with."""

from __future__ import annotations

import pytest

from archive.captions import read_captions
from archive.extract.problems import Unreadable

RUSSIAN = (
    "1\n00:00:01,000 --> 00:00:02,000\nДобрый день, уважаемые коллеги!\n\n"
    "2\n00:00:03,000 --> 00:00:04,000\nСегодня Череповец расскажет о наставничестве.\n"
)
WORDS = ["Добрый день, уважаемые коллеги!", "Сегодня Череповец расскажет о наставничестве."]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"]
)
def test_russian_is_read_in_each_of_its_encodings(encoding):
    captions = read_captions(RUSSIAN.encode(encoding), "a.srt")

    assert ([cue.text for cue in captions.cues], captions.encoding) == (WORDS, encoding)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf16_is_read_with_a_mark_and_without(encoding, mark):
    captions = read_captions((mark + RUSSIAN).encode(encoding), "a.srt")

    assert ([cue.text for cue in captions.cues], captions.encoding) == (WORDS, encoding)


def test_shouted_russian_is_not_taken_for_another_code_page():
    captions = read_captions(RUSSIAN.upper().encode("cp1251"), "a.srt")

    assert captions.cues[0].text == WORDS[0].upper()


def test_a_single_russian_word_is_enough_to_tell():
    raw = "1\n00:00:01,000 --> 00:00:02,000\nHello, коллеги\n".encode("cp1251")

    assert read_captions(raw, "a.srt").cues[0].text == "Hello, коллеги"


def test_accents_among_ascii_are_western():
    raw = "1\n00:00:01,000 --> 00:00:02,000\nLe café fermé à Besançon\n".encode("cp1252")

    assert read_captions(raw, "a.srt").cues[0].text == "Le café fermé à Besançon"


def test_utf8_cut_in_the_middle_of_a_letter_is_still_utf8():
    captions = read_captions(RUSSIAN.encode()[:-3], "a.srt")

    assert captions.encoding == "utf-8"
    assert captions.cues[1].text == "Сегодня Череповец расскажет о наставничеств\ufffd"
    assert captions.warnings == ["bad_characters:0"]


def test_bytes_that_are_no_text_are_refused():
    raw = b"00:00:01,000 --> 00:00:02,000\n" + bytes(range(128, 256)) * 3 + b"\x00\x01\n"

    with pytest.raises(Unreadable) as refused:
        read_captions(raw, "a.srt")

    assert refused.value.reason == "wrong_encoding"
