"""The published files are what the product makes today, byte for byte.

After a change that is meant: GOLDEN=write pytest tests/conformance/test_golden.py, then look at
the difference before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conformance.stage import GOLDEN, Stage
from tests.conformance.stories import STORIES

AGAIN = "GOLDEN=write pytest tests/conformance/test_golden.py"


def on_disk(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.*"))}


def written_anew(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.*"):
        path.unlink()
    for name, raw in files.items():
        (folder / name).write_bytes(raw)


@pytest.mark.parametrize("story", STORIES)
def test_files_of_a_story_are_as_published(story: str, stage: Stage) -> None:
    STORIES[story](stage)

    if os.environ.get("GOLDEN") == "write":
        written_anew(GOLDEN / story, stage.files)
    published = on_disk(GOLDEN / story)
    assert sorted(published) == sorted(stage.files), f"other files than published; {AGAIN}"
    differ = [name for name, raw in stage.files.items() if published[name] != raw]
    assert differ == [], f"other bytes than published; if this is meant: {AGAIN}"


def test_every_folder_has_a_story() -> None:
    folders = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())

    assert folders == sorted(STORIES)
