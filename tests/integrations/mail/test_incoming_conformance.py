"""Messages in the shape that clients and mail servers give them mean what expected.json says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.replies.filling import filled
from tests.conformance.replies.meaning import expected, files, meaning_of

EXPECTED = expected()


def test_every_file_has_a_meaning_and_every_meaning_a_file():
    names = [path.name for path in files()]

    assert names == sorted(EXPECTED)


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_file_means_what_is_expected(path: Path):
    raw = path.read_bytes()

    found = meaning_of(raw)

    assert found == EXPECTED[path.name]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_file_means_the_same_over_the_wire(path: Path):
    raw = path.read_bytes().replace(b"\n", b"\r\n")

    found = meaning_of(raw)

    assert found == EXPECTED[path.name]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_file_filled_with_other_values_tells_of_those_alone(path: Path):
    raw = filled(
        path.read_bytes(), uid="other-uid@city.example.org", organizer="o+t@city.example.org",
        attendee="olga@city.example.org", bounces="o+b@city.example.org", message_id="m@city",
    )  # fmt: skip

    told = repr(meaning_of(raw))

    ours = ("7b0f4c52", "k3vtq9", "anna@school", "bounce.1207", "vzaimo-1207")
    assert [word for word in ours if word in told.lower()] == []
