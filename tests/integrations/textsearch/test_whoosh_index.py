"""What Whoosh and its folder do when processes die, wait, or find something broken."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.textsearch import whoosh_folder, whoosh_index
from integrations.textsearch.port import Document, IndexBusy, Query, RebuildNeeded
from integrations.textsearch.whoosh_index import WhooshIndex

ROOT = Path(__file__).parents[3]
EVERYONE = frozenset({"public"})

PROLOGUE = """
import sys, time
from pathlib import Path
from integrations.textsearch import whoosh_folder
from integrations.textsearch.port import Document, Query
from integrations.textsearch.whoosh_index import WhooshIndex
index = WhooshIndex(Path(sys.argv[1]))
everyone = frozenset({"public"})
def passage(text, source):
    return Document(source + "/1", source, "speech", text, access_keys=everyone)
def say(*words):
    print(*words, flush=True)
"""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WhooshIndex]:
    made = WhooshIndex(tmp_path / "index", wait_s=10)
    yield made
    made.close()


def passage(text: str, source: str = "talk:1") -> Document:
    return Document(f"{source}/1", source, "speech", text, access_keys=EVERYONE)


def found(index: WhooshIndex, words: str) -> list[str]:
    results = index.search(Query(words, EVERYONE, limit=1000))
    assert results.available
    return sorted(hit.source for hit in results.hits)


def start(path: Path, code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROLOGUE + code, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_writer_killed_in_mid_commit_leaves_what_was_there(
    index: WhooshIndex, tmp_path: Path
) -> None:
    index.rebuild([passage("прежнее слово"), passage("прежнее слово", "talk:2")])
    writer = start(
        tmp_path / "index",
        """
def stop(*_):
    say("all is written but the table of contents")
    time.sleep(60)
whoosh_folder.SegmentWriter._commit_toc = stop
index.replace("talk:1", [passage("новое слово", "talk:1")])
""",
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    left = len(list((tmp_path / "index").rglob("MAIN_*")))

    writer.kill()
    writer.communicate()

    assert left == 2
    assert found(index, "слово") == ["talk:1", "talk:2"]
    assert found(index, "новое") == []
    index.replace("talk:3", [passage("третье слово", "talk:3")])
    assert found(index, "слово") == ["talk:1", "talk:2", "talk:3"]
    assert len(list((tmp_path / "index").rglob("MAIN_*"))) == 2
    assert index.check() == []


def test_writers_killed_at_any_moment_never_break_the_index(
    index: WhooshIndex, tmp_path: Path
) -> None:
    kept = [passage("вечное слово", f"kept:{n}") for n in range(30)]
    index.rebuild(kept)

    for delay_s in (0.02, 0.05, 0.09, 0.14, 0.2, 0.33):
        writer = start(
            tmp_path / "index",
            """
say("ready")
for turn in range(10_000):
    index.replace("talk:x", [passage("слово " + str(turn), "talk:x")])
""",
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(delay_s)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()

        assert found(index, "вечное") == sorted(one.source for one in kept)
        index.replace("talk:y", [passage(f"своё {delay_s}", "talk:y")])
        assert found(index, "своё") == ["talk:y"]
    assert index.check() == []


def test_processes_read_without_error_while_another_commits(
    index: WhooshIndex, tmp_path: Path
) -> None:
    index.rebuild([passage("вечное слово", "kept:1")])
    readers = [
        start(
            tmp_path / "index",
            """
say("ready")
end = time.monotonic() + 2.5
states = set()
while time.monotonic() < end:
    results = index.search(Query("слово", everyone))
    states.add((results.available, results.total))
say(sorted(states))
""",
        )
        for _ in range(2)
    ]
    for reader in readers:
        assert reader.stdout is not None
        reader.stdout.readline()

    commits = 0
    while any(reader.poll() is None for reader in readers):
        index.replace("talk:1", [passage(f"новое слово {commits}")])
        commits += 1
    said = [reader.communicate()[0].strip() for reader in readers]

    assert commits > 10
    assert all(one in ("[(True, 1), (True, 2)]", "[(True, 2)]") for one in said)


def test_a_second_writer_waits_for_the_first(index: WhooshIndex, tmp_path: Path) -> None:
    index.rebuild([])
    first = start(
        tmp_path / "index",
        """
with index._folder.writing():
    say("held")
    time.sleep(0.7)
""",
    )
    assert first.stdout is not None
    first.stdout.readline()

    index.replace("talk:1", [passage("слово")])

    assert first.wait(5) == 0
    first.communicate()
    assert found(index, "слово") == ["talk:1"]


def test_who_waits_too_long_is_told_that_the_index_is_busy(tmp_path: Path) -> None:
    first, second = (WhooshIndex(tmp_path / "index", wait_s=0.2) for _ in range(2))
    first.rebuild([passage("слово")])

    with first._folder.writing():
        with pytest.raises(IndexBusy):
            second.replace("talk:1", [])
        with pytest.raises(IndexBusy):
            second.rebuild([])
        with pytest.raises(IndexBusy):
            second.remove("talk:1")
        assert found(second, "слово") == ["talk:1"]

    second.remove("talk:1")
    assert found(first, "слово") == []


def test_a_missing_index_says_so_and_is_made_by_the_first_write(index: WhooshIndex) -> None:
    assert index.search(Query("слово", EVERYONE)).available is False
    assert [one.code for one in index.check()] == ["missing"]
    assert index.needs_rebuild()
    index.remove("talk:1")

    index.replace("talk:1", [passage("слово")])

    assert found(index, "слово") == ["talk:1"]
    assert [one.code for one in index.check()] == ["incomplete"]
    assert index.needs_rebuild()
    index.rebuild([passage("слово")])
    assert index.check() == []
    assert not index.needs_rebuild()


def ruin_contents(version: Path) -> None:
    next(version.glob("*.toc")).write_bytes(b"\x00garbage")


def ruin_a_part(version: Path) -> None:
    next(version.glob("*.seg")).write_bytes(b"\xff" * 40)


def lose_a_part(version: Path) -> None:
    next(version.glob("*.seg")).unlink()


def lose_everything(version: Path) -> None:
    shutil.rmtree(version)


def misname(version: Path) -> None:
    (version.parent / "current").write_bytes(b"../../etc\xff")


@pytest.mark.parametrize(
    "ruin", [ruin_contents, ruin_a_part, lose_a_part, lose_everything, misname]
)
def test_a_broken_index_says_so_and_heals_by_a_rebuild(index: WhooshIndex, ruin: object) -> None:
    index.rebuild([passage("слово"), passage("слово", "talk:2")])
    version = index._folder.current()
    index.close()
    assert callable(ruin)
    ruin(version)

    assert index.search(Query("слово", EVERYONE)).available is False
    assert index.needs_rebuild()
    assert [one.code for one in index.check()] in (["unreadable"], ["missing"])
    index.remove("talk:1")
    assert index.count() == 0

    index.replace("talk:1", [passage("слово")])
    assert found(index, "слово") == ["talk:1"]
    assert index.needs_rebuild()
    index.rebuild([passage("слово"), passage("слово", "talk:2")])
    assert found(index, "слово") == ["talk:1", "talk:2"]
    assert index.check() == []


def test_an_index_of_another_layout_is_read_but_not_added_to(
    index: WhooshIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.rebuild([passage("слово"), passage("слово", "talk:2")])
    monkeypatch.setattr(whoosh_folder, "LAYOUT", whoosh_folder.LAYOUT + 1)
    monkeypatch.setattr(whoosh_index, "LAYOUT", whoosh_index.LAYOUT + 1)

    with pytest.raises(RebuildNeeded):
        index.replace("talk:3", [passage("слово", "talk:3")])
    index.remove("talk:2")

    assert index.needs_rebuild()
    assert [one.code for one in index.check()] == ["outdated"]
    assert found(index, "слово") == ["talk:1"]
    index.rebuild([passage("слово")])
    assert not index.needs_rebuild()


def test_many_commits_leave_few_parts_and_every_document(index: WhooshIndex) -> None:
    index.rebuild([passage("слово", f"old:{n}") for n in range(50)])

    for number in range(35):
        index.replace(f"talk:{number}", [passage("слово", f"talk:{number}")])

    with index._snapshot() as snapshot:
        assert snapshot is not None
        assert snapshot.parts <= whoosh_index.MOST_PARTS + 1
    assert index.count() == 85
    assert len(found(index, "слово")) == 85


def test_a_part_that_was_mostly_replaced_is_written_anew(index: WhooshIndex) -> None:
    index.rebuild([passage("слово", f"talk:{n}") for n in range(10)])

    index.replace_many({f"talk:{n}": [] for n in range(6)})

    with index._snapshot() as snapshot:
        assert snapshot is not None
        assert (snapshot.parts, len(snapshot.allowed())) == (1, 4)
    assert found(index, "слово") == ["talk:6", "talk:7", "talk:8", "talk:9"]


def test_a_fork_does_not_share_its_parents_open_files(index: WhooshIndex) -> None:
    index.rebuild([passage("слово")])
    assert found(index, "слово") == ["talk:1"]

    child = os.fork()
    if child == 0:
        os._exit(0 if found(index, "слово") == ["talk:1"] and len(index._idle) == 1 else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert found(index, "слово") == ["talk:1"]


def test_open_files_do_not_grow_with_commits(index: WhooshIndex) -> None:
    index.rebuild([passage("слово")])
    found(index, "слово")
    before = len(os.listdir("/proc/self/fd"))

    for number in range(12):
        index.replace("talk:1", [passage(f"слово {number}")])
        found(index, "слово")

    assert len(os.listdir("/proc/self/fd")) <= before + 2


def test_each_thread_reads_with_a_cursor_of_its_own(index: WhooshIndex) -> None:
    index.rebuild([passage(f"слово номер{n}", f"talk:{n}") for n in range(60)])
    wrong: list[int] = []

    def read(first: int) -> None:
        for number in range(first, 60, 4):
            if found(index, f"номер{number}") != [f"talk:{number}"]:
                wrong.append(number)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
