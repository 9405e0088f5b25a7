"""The film of a long talk is small, plays at once, and its times are those of its words."""

from __future__ import annotations

import struct

import pytest

from archive.captions import read_captions
from sessions.demo import talk_files, talk_speech
from sessions.demo.source_table import SourceError
from sessions.demo.talk_text import read_talks
from sessions.demo.talk_times import TimedCue, timeline_of_cues, transcript_of_cues, written_cues

MOST_BYTES = 3_200_000
TALK = next(talk for talk in read_talks() if talk.slug in talk_files.FILMED)
FILES = dict(talk_files.files_of(TALK))
FILM = FILES[talk_files.film_name(TALK)]
WORDS = FILES[talk_files.transcript_name(TALK)]


def film_length_s() -> float:
    at = FILM.index(b"mvhd") + 16  # past the name, version, flags and two dates
    scale, length = struct.unpack(">II", FILM[at : at + 8])
    return float(length / scale)


def heard() -> list[TimedCue]:
    """The cues of the transcript with the paragraphs they belong to."""
    cues = read_captions(WORDS).cues
    return [
        TimedCue(cue.start_s, cue.end_s, text, paragraph)
        for cue, (text, paragraph) in zip(cues, written_cues(TALK), strict=True)
    ]


def test_one_talk_comes_with_deck_transcript_and_film_the_others_without_film():
    names = {talk.slug: [name for name, _ in talk_files.files_of(talk)] for talk in read_talks()}

    assert names["opening-2025"] == ["opening-2025.pdf", "opening-2025.ru.vtt", "opening-2025.mp4"]
    assert names["mentors"] == ["mentors.pdf", "mentors.ru.vtt"]


def test_film_is_small_and_can_be_played_before_it_has_arrived_whole():
    assert len(FILM) <= MOST_BYTES
    assert FILM.index(b"moov") < FILM.index(b"mdat")
    assert (b"avc1" in FILM[:200_000], b"mp4a" in FILM[:200_000]) == (True, True)


def test_film_is_as_long_as_its_timeline_says():
    assert talk_files.timeline_of(TALK).length_s == pytest.approx(film_length_s(), abs=0.6)


def test_transcript_of_the_film_says_what_is_written():
    assert transcript_of_cues(TALK, heard()).encode() == WORDS


def test_timeline_of_the_film_follows_from_its_transcript():
    timeline = talk_files.timeline_of(TALK)

    assert timeline == timeline_of_cues(TALK, heard(), timeline.length_s)


def test_every_cue_can_be_read_out():
    reading = talk_speech.read_reading(TALK)

    spelled = [talk_speech.spelled(text, reading) for text, _ in written_cues(TALK)]

    assert [words for words in spelled if any(c.isdecimal() for c in words)] == []


def test_what_cannot_be_read_out_is_told():
    reading = talk_speech.read_reading(TALK)

    with pytest.raises(SourceError) as raised:
        talk_speech.spelled("Всего 905 рублей.", reading)

    expected = "film_voices.toml: nothing tells how to read “9” in “Всего 905 рублей.”"
    assert str(raised.value) == expected
