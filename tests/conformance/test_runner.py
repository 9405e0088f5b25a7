"""The runner: what it says where implementations agree, and where they do not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance import run
from tests.conformance.implementations import IMPLEMENTATIONS, Understood, version
from tests.conformance.stage import GOLDEN

INVITED = GOLDEN / "life-of-a-session" / "01-invited.en"


def understood(**facts: object) -> Understood:
    told: dict[str, object] = {
        "uid": "one@example.org", "summary": "A", "start": "2026-10-15T07:00:00Z",
        "end": "2026-10-15T08:30:00Z", "status": "CONFIRMED", "sequence": 0, "method": "REQUEST",
        "attendee": "john@example.org",
    }  # fmt: skip
    return Understood(**{**told, **facts})  # type: ignore[arg-type]


def test_facts_that_differ_are_named_and_those_nobody_tells_are_not() -> None:
    reading = run.Reading({
        "one": understood(), "other": understood(start="2026-10-15T10:00:00Z", method=None),
    })  # fmt: skip

    assert reading.differences == [
        "start: one '2026-10-15T07:00:00Z', other '2026-10-15T10:00:00Z'"
    ]


def test_icalendar_understands_letter_and_calendar_alike() -> None:
    by_ending = [run.examined(INVITED.with_suffix(f".en{end}"), ["icalendar"])
                 for end in (".eml", ".ics")]  # fmt: skip

    expected = understood(
        uid=by_ending[0].readings[0].first.uid, summary="A teacher's first three years"
    )
    assert [one.problems for one in by_ending] == [[], []]
    assert [[read.first for read in one.readings] for one in by_ending] == [[expected]] * 2


def test_letter_whose_calendar_is_for_somebody_else_is_a_problem(tmp_path: Path) -> None:
    letter = tmp_path / "letter.eml"
    raw = INVITED.with_suffix(".en.eml").read_bytes()
    letter.write_bytes(raw.replace(b"<john@example.org>", b"<anna@example.org>"))

    result = run.examined(letter, ["icalendar"])

    assert result.problems == ["the calendar does not hold the reader: John Smith "
                               "<anna@example.org>"]  # fmt: skip


def test_file_that_nobody_reads_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "cut.ics"
    file.write_bytes(INVITED.with_suffix(".en.ics").read_bytes()[:300])

    result = run.examined(file, ["icalendar"])

    assert [problem.partition(":")[0] for problem in result.problems] == [
        "icalendar does not read it", "nobody sees an event in it",
    ]  # fmt: skip


def run_anew(*words: str) -> subprocess.CompletedProcess[str]:
    """The runner in a process of its own: what other libraries warn of is not ours."""
    missing = [name for name in IMPLEMENTATIONS if version(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (the extra `conformance`)")
    return subprocess.run(
        [sys.executable, "-m", "tests.conformance.run", *words],
        capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=300,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


@pytest.mark.deep
def test_every_implementation_understands_every_golden_file_alike() -> None:
    done = run_anew()

    count = sum(1 for path in run.files_in([GOLDEN]) if run.calendar_in(path))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        0, f"{count} files with a calendar, 0 of them differ",
    ), done.stdout + done.stderr  # fmt: skip


@pytest.mark.deep
def test_file_that_they_understand_differently_fails(tmp_path: Path) -> None:
    difficult = GOLDEN / "difficult-words" / "01-quotes-commas-semicolons-backslashes.ru.ics"
    other = tmp_path / "under-another-name.ics"
    other.write_bytes(difficult.read_bytes())

    done = run_anew(str(other))

    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if "DIFFERS summary" in line] != []
