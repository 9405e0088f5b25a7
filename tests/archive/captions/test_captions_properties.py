"""What holds for every subtitle file there can be."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.captions import CueText, read_captions, write_vtt
from archive.extract.problems import Unreadable

words = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff"))
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
hostile_words = st.sampled_from(
    ["NOTE", "a --> b", "00:01.000 --> 00:02.000", "<v Анна>", "&amp;amp;", "Анна: да", "7", "{b}"]
)


@st.composite
def lists_of_cues(draw):
    starts = sorted(draw(st.lists(st.integers(0, 400_000_000), min_size=1, max_size=20)))
    return [
        CueText(
            start_s=start / 1000,
            end_s=(start + draw(st.integers(1, 60_000))) / 1000,
            speaker=draw(st.none() | words),
            text=draw(words | hostile_words),
        )
        for start in starts
    ]


@given(lists_of_cues())
def test_what_is_written_reads_back_the_same(cues):
    captions = read_captions(write_vtt(cues).encode(), "meeting.vtt")

    assert captions.cues == cues
    assert (captions.format, captions.warnings) == ("vtt", [])


@given(lists_of_cues())
def test_no_word_of_a_written_file_is_markup(cues):
    written = write_vtt(cues)

    outside_voices = [line.removeprefix("<v ") for line in written.split("\n")]
    brackets = sum(line.count("<") for line in outside_voices)
    assert brackets == 0


pieces = st.sampled_from(
    b"WEBVTT|\n|\n\n|\r|00:01.000| --> |1|<v |>|&#|\x00|\xff\xfe|\xd0|NOTE|Anna: |{b}|"
    b"99999999999999999999:00:00|<00:00:01.000>".split(b"|")
)


@settings(max_examples=300)
@given(st.binary(max_size=400) | st.lists(pieces, max_size=40).map(b"".join))
def test_any_bytes_give_cues_or_are_refused(raw):
    try:
        captions = read_captions(raw, "meeting.vtt")
    except Unreadable as refused:
        assert refused.reason in ("empty", "wrong_encoding")  # noqa: PT017
    else:
        assert all(cue.text and cue.start_s < cue.end_s for cue in captions.cues)
