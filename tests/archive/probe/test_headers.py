"""The header of a recording is read without any media library."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.extract.media_header import Header, read_mp4, read_wav
from archive.extract.problems import Unreadable
from archive.extract.webm_header import read_webm


@pytest.mark.parametrize("long", [False, True])
def test_mp4_says_how_long_it_is_and_what_is_in_it(an_mp4, long):
    header = read_mp4(io.BytesIO(an_mp4(ticks=90_500, long=long)))

    assert header == Header(
        duration_s=90.5,
        has_video=True,
        has_audio=True,
        width=1280,
        height=720,
        codecs=["avc1", "mp4a"],
        index_first=True,
    )


def test_mp4_with_its_index_at_the_end_cannot_start_at_once(an_mp4):
    assert read_mp4(io.BytesIO(an_mp4(1000, index_first=False))).index_first is False


@pytest.mark.parametrize("ticks", [0, 0xFFFFFFFF])
def test_fragmented_mp4_does_not_say_how_long_it_is(an_mp4, ticks):
    assert read_mp4(io.BytesIO(an_mp4(ticks))).duration_s is None


def test_mp4_without_an_index_is_damaged(an_mp4):
    content = an_mp4(1000, index_first=False)

    with pytest.raises(Unreadable) as refused:
        read_mp4(io.BytesIO(content[: content.index(b"moov") - 4]))

    assert refused.value.reason == "damaged"


def test_webm_says_how_long_it_is_and_what_is_in_it(a_webm):
    assert read_webm(io.BytesIO(a_webm(61_500.0))) == Header(
        duration_s=61.5,
        has_video=True,
        has_audio=True,
        width=640,
        height=360,
        codecs=["V_VP9", "A_OPUS"],
    )


@pytest.mark.parametrize("claimed_ms", [None, float("nan"), float("inf"), -5.0])
def test_webm_that_a_browser_never_closed_has_no_duration(a_webm, claimed_ms):
    assert read_webm(io.BytesIO(a_webm(claimed_ms))).duration_s is None


@pytest.mark.parametrize("claimed_bytes", [None, 0xFFFFFFFF])
def test_wav_is_as_long_as_its_sound(a_wav, claimed_bytes):
    assert read_wav(io.BytesIO(a_wav(3, claimed_bytes))).duration_s == 3.0


@given(st.binary(max_size=300))
def test_any_bytes_give_a_header_or_are_refused(content):
    for start in (b"\0\0\0\x10ftypisom\0\0\0\0", b"\x1a\x45\xdf\xa3", b"RIFF\0\0\0\0WAVE", b""):
        for read in (read_mp4, read_webm, read_wav):
            try:
                header = read(io.BytesIO(start + content))
            except Unreadable as refused:
                assert refused.reason == "damaged"  # noqa: PT017
            else:
                assert header.duration_s is None or header.duration_s >= 0
