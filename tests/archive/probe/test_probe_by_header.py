"""A recording's header may be believed, and that is said."""

from __future__ import annotations

import pytest

from archive.extract.problems import Unreadable
from archive.kinds import KINDS
from archive.probe import probe


@pytest.fixture
def claims_of(a_file, tmp_path):
    def read_header(name: str, content: bytes):
        kind = KINDS[name.rsplit(".")[-1]]
        return probe(a_file(name, content), kind, tmp_path, header_only=True)

    return read_header


def test_claims_of_the_header_are_marked_as_claims(an_mp4, claims_of):
    facts = claims_of("a.mp4", an_mp4(ticks=90_500))

    assert (facts.duration_s, facts.header_duration_s, facts.examined) == (90.5, 90.5, False)
    assert (facts.has_video, facts.has_audio, facts.width, facts.height) == (True, True, 1280, 720)
    assert (facts.index_first, facts.poster_path, facts.warnings) == (True, None, [])


def test_what_players_and_people_should_know_is_warned_of(a_webm, an_mp4, claims_of):
    unclosed = claims_of("a.webm", a_webm(None))
    slow = claims_of("a.mp4", an_mp4(1000, index_first=False))

    assert unclosed.warnings == ["no_duration"]
    assert slow.warnings == ["index_last"]


def test_recording_without_an_index_is_damaged(an_mp4, claims_of):
    content = an_mp4(1000, index_first=False)

    with pytest.raises(Unreadable) as refused:
        claims_of("a.mp4", content[: content.index(b"moov") - 4])

    assert refused.value.reason == "damaged"


def test_deck_is_not_a_recording(a_file, tmp_path):
    with pytest.raises(ValueError, match="not a recording: pdf"):
        probe(a_file("a.pdf", b"%PDF-"), KINDS["pdf"], tmp_path)
