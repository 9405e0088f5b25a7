"""What is particular to files in a directory."""

from __future__ import annotations

import errno
import io
import os
import time
from pathlib import Path

import pytest

from integrations.storage.local import LocalStorage
from integrations.storage.port import NoRoom


def files_under(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_full_disk_is_told_and_nothing_half_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(NoRoom):
        LocalStorage(tmp_path).put(io.BytesIO(b"something"))

    assert files_under(tmp_path) == []


def test_half_files_of_a_crash_are_cleared_away_after_a_day(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    old, young = incoming / "old", incoming / "young"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))

    key = LocalStorage(tmp_path).put(io.BytesIO(b"whole")).key

    assert files_under(tmp_path) == sorted([f"{key[:2]}/{key}", "incoming/young"])


def test_two_storages_of_one_folder_see_the_same_contents(tmp_path: Path) -> None:
    key = LocalStorage(tmp_path).put(io.BytesIO(b"shared")).key

    assert LocalStorage(tmp_path).path(key).read_bytes() == b"shared"
