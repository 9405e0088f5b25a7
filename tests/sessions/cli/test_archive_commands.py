"""`vzaimo archive` and `vzaimo search`, with and without a worker."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.sessions.cli.terminal import Terminal, a_transcript, wait_for

LINES = ("Наставник ведёт двух новичков", "Потом пили чай")


def test_a_talk_that_was_added_is_found_in_another_inflection(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = a_transcript(tmp_path / "встреча.vtt", *LINES)

    added = terminal.run("archive", "add", "--title", "Первая встреча", "--transcript", file)
    found = terminal.run(
        "search", "--json", "наставники", VZAIMO_BASE_URL="https://meet.example.org"
    )
    read = terminal.run("search", "наставники")

    assert (added.returncode, added.stdout) == (
        0,
        "In the archive, and search finds it: http://127.0.0.1:8000/talks/1\n",
    )
    moments = [json.loads(line) for line in found.stdout.splitlines()]
    first = moments[0]
    assert first.pop("score") > 0
    assert first.pop("url").startswith("https://meet.example.org/talks/1?t=0")
    assert first == {
        "title": "Первая встреча",
        "file": "встреча.vtt",
        "kind": "speech",
        "start_s": 0.0,
        "end_s": 0.9,
        "slide": None,
        "text": "Наставник ведёт двух новичков Потом пили чай",
    }
    assert [one["title"] for one in moments] == ["Первая встреча"]
    assert read.stdout.splitlines()[:2] == ["  1. Первая встреча", "     00:00"]


def test_adding_the_same_again_makes_no_second_talk(terminal: Terminal, tmp_path: Path) -> None:
    file = a_transcript(tmp_path / "встреча.vtt", *LINES)
    words = ("archive", "add", "--title", "Встреча", "--transcript", file)

    codes = [terminal.here(*words).returncode for _ in range(2)]

    assert codes == [0, 0]
    assert terminal.ask("SELECT title FROM talks") == [("Встреча",)]


def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_is_made(
    terminal: Terminal, tmp_path: Path
) -> None:
    fake = tmp_path / "deck.pdf"
    fake.write_text("this is no deck")
    good = a_transcript(tmp_path / "talk.vtt", *LINES)

    refused = terminal.here(
        "archive", "add", "--title", "T", "--slides", fake, "--transcript", good
    )

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("The file «deck.pdf» is not what its name says")
    assert "Traceback" not in refused.stderr
    assert terminal.ask("SELECT id FROM talks") == []


def test_a_transcript_without_a_line_is_told_and_the_code_is_one(
    terminal: Terminal, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.vtt"
    bare.write_text("WEBVTT\n\nNOTE nobody spoke\n")

    added = terminal.here("archive", "add", "--title", "Тишина", "--transcript", bare)

    assert added.returncode == 1
    assert "bare.vtt: nothing could be read (empty)." in added.stderr.splitlines()


def test_what_members_may_see_is_not_shown_to_everyone(terminal: Terminal, tmp_path: Path) -> None:
    file = a_transcript(tmp_path / "talk.vtt", *LINES)
    terminal.here(
        "archive", "add", "--title", "Своим", "--transcript", file, "--visibility", "members"
    )

    public = terminal.here("search", "--json", "наставник")
    everything = terminal.here("search", "--json", "--all", "наставник")

    assert (public.returncode, public.stdout) == (0, "")
    assert public.stderr == "Nothing found. Try fewer words.\n"
    assert [json.loads(line)["title"] for line in everything.stdout.splitlines()] == ["Своим"]


def test_searching_where_nothing_is_makes_nothing(terminal: Terminal) -> None:
    searched = terminal.here("search", "слово")

    assert searched.returncode == 2
    assert searched.stderr.startswith("There is nothing here yet")
    assert not terminal.data.exists()


def test_an_import_tells_what_became_of_every_file(terminal: Terminal, tmp_path: Path) -> None:
    root = tmp_path / "old"
    for number in range(3):
        a_transcript(root / f"2024-05-1{number}_встреча.vtt", f"Говорили о числе {number}")
    (root / "заметки.txt").write_text("купить чай")

    first = terminal.here("archive", "import", root)
    second = terminal.here("archive", "import", root)

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.splitlines() == [
        "3 talks.",
        "Files: 3 read, 0 empty, 1 refused, 0 already there.",
        "  заметки.txt: not a kind of file the archive takes",
    ]
    assert second.stdout.splitlines()[1] == "Files: 0 read, 0 empty, 1 refused, 3 already there."
    assert terminal.ask("SELECT title, held_on, state FROM talks ORDER BY id") == [
        ("Встреча", f"2024-05-1{number}", "published") for number in range(3)
    ]


@pytest.mark.deep
def test_a_running_worker_does_the_work_and_the_command_waits_for_it(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = a_transcript(tmp_path / "talk.vtt", *LINES)
    terminal.run("db", "upgrade")
    with terminal.started("worker", VZAIMO_LOG_LEVEL="INFO"):
        wait_for(terminal.worker_is_alive, "the worker")

        added = terminal.run("archive", "add", "--title", "Встреча", "--transcript", file)
        rebuilt = terminal.run("reindex")

    kinds = [line["kind"] for line in terminal.logged("worker") if line["message"] == "job done"]
    assert (added.returncode, rebuilt.returncode) == (0, 0)
    assert [kind for kind in kinds if kind in ("talk.read", "index.rebuild")] == [
        "talk.read", "index.rebuild",
    ]  # fmt: skip
    assert rebuilt.stdout == "2 entries are in the index.\n"


@pytest.mark.deep
def test_an_import_that_was_killed_goes_on_with_nothing_double_and_nothing_missing(
    terminal: Terminal, tmp_path: Path
) -> None:
    root = tmp_path / "old"
    for number in range(40):
        lines = [f"Слово номер {number} и ещё {at}" for at in range(30)]
        a_transcript(root / f"talk-{number:02}.vtt", *lines)
    milestones = (
        "SELECT 1 FROM media_files WHERE id >= 12",
        "SELECT 1 FROM media_files WHERE id >= 25",
        "SELECT 1 FROM media_files WHERE id >= 15 AND state = 'read'",
        "SELECT 1 FROM jobs WHERE kind = 'index.update' AND claimed_by IS NOT NULL",
    )
    for milestone in milestones:
        with terminal.started("archive", "import", root) as importing:
            wait_for(lambda sql=milestone: terminal.ask(sql), milestone)  # type: ignore[misc]
            os.killpg(importing.pid, signal.SIGKILL)

    ended = terminal.run("archive", "import", root)
    found = terminal.run("search", "--json", "--limit", "1000", "слово")

    assert ended.returncode == 0
    assert ended.stdout.splitlines()[0] == "40 talks."
    assert terminal.ask("SELECT count(*), count(DISTINCT source) FROM talks") == [(40, 40)]
    assert terminal.ask("SELECT count(*) FROM cues") == [(40 * 30,)]
    assert terminal.ask("SELECT count(*) FROM media_files WHERE state = 'read'") == [(40,)]
    titles = {json.loads(line)["title"] for line in found.stdout.splitlines()}
    assert titles == {f"Talk {number:02}" for number in range(40)}


@pytest.mark.deep
def test_ctrl_c_leaves_the_work_owed_and_says_so(terminal: Terminal, tmp_path: Path) -> None:
    root = tmp_path / "old"
    for number in range(60):
        a_transcript(root / f"talk-{number:02}.vtt", *[f"Слово {at}" for at in range(60)])
    with terminal.started("archive", "import", root) as importing:
        wait_for(
            lambda: terminal.ask("SELECT 1 FROM media_files WHERE state = 'read'"), "a read file"
        )
        importing.send_signal(signal.SIGINT)
        code = importing.wait(20)

    log = (tmp_path / "archive.log").read_text("utf-8")
    assert code == 130
    assert "Stopped. What is kept stays;" in log
    assert terminal.ask("SELECT count(*) FROM jobs WHERE finished_at IS NULL") != [(0,)]
    assert "Traceback" not in log
