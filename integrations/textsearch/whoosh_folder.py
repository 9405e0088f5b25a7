"""The folder a Whoosh index lives in: its versions, its locks, its leftovers.

    current         the name of the version in use, replaced in one step
    v-<random>/     a version: Whoosh's files and `stamp.json`
    write.lock      held by the one who writes
    open.lock       shared while files are being opened, exclusive while they are exchanged

Whoosh finds its files by listing a folder and deletes the old ones on commit; without the
second lock a reader now and then opens what is just being deleted. Its own write lock
gives up at once, so ours is used in its stead.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from integrations.textsearch.port import IndexBusy
from integrations.textsearch.whoosh_parts import (
    TOC,
    FileIndex,
    Files,
    SegmentWriter,
    codec,
    schema,
)

LAYOUT = 1  # Counted up whenever an index made before would answer differently.
INDEX_NAME = "MAIN"
_LOOK_AGAIN_S = 0.01


@dataclass(frozen=True)
class Version:
    """A version of the index, and how often it was written to."""

    path: Path
    generation: int


class Folder:
    """Finds, opens and exchanges the versions of an index."""

    def __init__(self, path: Path, wait_s: float) -> None:
        self.path = path
        self.wait_s = wait_s

    def current(self) -> Path | None:
        """The version in use, if there is one."""
        try:
            name = (self.path / "current").read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        path = self.path / name
        return path if name.startswith("v-") and os.sep not in name and path.is_dir() else None

    def latest(self) -> Version | None:
        """The version in use as it stands now."""
        path = self.current()
        if path is None:
            return None
        return Version(path, TOC._latest_generation(Files(path), INDEX_NAME))

    def stamp(self) -> dict[str, Any]:
        """What the version in use says of itself; empty where it says nothing legible."""
        path = self.current()
        if path is None:
            return {}
        try:
            read = json.loads((path / "stamp.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}

    @contextmanager
    def opening(self) -> Iterator[None]:
        """While this lasts, nobody takes files away."""
        if not self.path.is_dir():
            yield  # nothing to open, and a mere look makes no folders
            return
        with _locked(self.path / "open.lock", fcntl.LOCK_SH, self.wait_s):
            yield

    @contextmanager
    def exchanging(self) -> Iterator[None]:
        """While this lasts, nobody opens files."""
        with _locked(self.path / "open.lock", fcntl.LOCK_EX, self.wait_s):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While this lasts, nobody else writes. Raises IndexBusy after waiting for `wait_s`."""
        self.path.mkdir(parents=True, exist_ok=True)
        with _locked(self.path / "write.lock", fcntl.LOCK_EX, self.wait_s):
            self._sweep()
            yield

    def new_version(self) -> Path:
        """An empty version that nobody uses yet."""
        path = self.path / f"v-{secrets.token_hex(8)}"
        path.mkdir()
        FileIndex.create(Files(path), schema(), INDEX_NAME)
        return path

    def use(self, version: Path, *, whole: bool) -> None:
        """Put this version in the place of the one in use. whole: it holds all there is."""
        stamp = {"layout": LAYOUT, "whole": whole}
        _write_safely(version / "stamp.json", json.dumps(stamp))
        with self.exchanging():
            _write_safely(self.path / "current", version.name)
        self._sweep()

    def leftovers(self) -> list[Path]:
        """What an earlier writer that was killed left behind; only the writer may look."""
        current = self.current()
        found = [path for path in self.path.glob("v-*") if path != current]
        found += self.path.glob("current.*")
        if current is not None:
            found += _orphans(current)
        return found

    def _sweep(self) -> None:
        leftovers = self.leftovers()
        if not leftovers:
            return
        with self.exchanging():
            for path in leftovers:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)


class Writer(SegmentWriter):  # type: ignore[misc]
    """Writes a version. Only the last step of a commit keeps readers from opening files."""

    def __init__(self, folder: Folder, version: Path, memory_mb: int) -> None:
        self._folder = folder
        index = FileIndex(Files(version), schema(), INDEX_NAME)
        super().__init__(index, _lk=False, codec=codec(), limitmb=memory_mb)

    def _commit_toc(self, segments: list[Any]) -> None:
        with self._folder.exchanging():
            super()._commit_toc(segments)


def _orphans(version: Path) -> list[Path]:
    """Files no table of contents speaks of; none where it cannot be read."""
    files = Files(version)
    try:
        contents = TOC.read(files, INDEX_NAME, schema=schema())
    except Exception:  # noqa: BLE001 - broken in a hundred ways; then nothing is swept
        return []
    finally:
        files.let_go()
    toc = TOC._filename(INDEX_NAME, contents.generation)
    kept = {segment.segment_id() for segment in contents.segments}
    names = [name for name in os.listdir(version) if name not in (toc, "stamp.json")]
    return [version / name for name in names if name.split(".")[0] not in kept]


def _write_safely(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


@contextmanager
def _locked(path: Path, how: int, wait_s: float) -> Iterator[None]:
    """Raises IndexBusy where the lock is not to be had within the time. The system frees a
    lock when its holder dies.
    """
    give_up = time.monotonic() + wait_s
    with _lock_file(path, how) as file:
        while True:
            try:
                fcntl.flock(file, how | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= give_up:
                    raise IndexBusy(f"{path} is held for more than {wait_s:g} s") from None
                time.sleep(_LOOK_AGAIN_S)
        yield


def _lock_file(path: Path, how: int) -> IO[str]:
    """The file to lock; one who only reads may do with a file that only others may write."""
    try:
        return path.open("a")
    except OSError as error:
        if how != fcntl.LOCK_SH or error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        return path.open("r")
