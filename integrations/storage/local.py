"""Files in a directory, under the hash of their content."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from integrations.storage.port import NoRoom, Stored

CHUNK_BYTES = 1 << 20
_KEY = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT)
# An upload that takes longer than this was cut off by a crash.
_ABANDONED_S = 24 * 3600


class LocalStorage:
    """Storage in `root`: `ab/abcdef…`, written aside and renamed, so a half file is never seen."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"

    def put(self, content: BinaryIO, inspect: Callable[[Path], None] | None = None) -> Stored:
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._sweep()
        descriptor, name = tempfile.mkstemp(dir=self._incoming)
        aside = Path(name)
        try:
            key, size = _write(descriptor, content)
            if inspect is not None:
                inspect(aside)
            target = self._target(key)
            target.parent.mkdir(exist_ok=True)
            os.replace(aside, target)
            _sync_directory(target.parent)
        except OSError as problem:
            aside.unlink(missing_ok=True)
            if problem.errno in _FULL:
                raise NoRoom(str(self._root)) from problem
            raise
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        return Stored(key=key, sha256=key, size_bytes=size)

    def _sweep(self) -> None:
        """Clear away what a crash left half received."""
        for file in self._incoming.iterdir():
            try:
                if file.stat().st_mtime < time.time() - _ABANDONED_S:
                    file.unlink()
            except FileNotFoundError:
                continue  # another process is through with it

    def path(self, key: str) -> Path:
        target = self._target(key)
        if not target.is_file():
            raise FileNotFoundError(key)
        return target

    def keys(self) -> set[str]:
        return {file.name for file in self._root.glob("??/*") if _KEY.fullmatch(file.name)}

    def drop(self, key: str, older_than_s: float = 0.0) -> bool:
        target = self._target(key)
        try:
            if older_than_s and target.stat().st_mtime > time.time() - older_than_s:
                return False
            target.unlink()
        except FileNotFoundError:
            pass
        return True

    def _target(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return self._root / key[:2] / key


def _write(descriptor: int, content: BinaryIO) -> tuple[str, int]:
    """SHA-256 (hex) and size of the content, which is on the disk on return."""
    digest, size = hashlib.sha256(), 0
    with os.fdopen(descriptor, "wb") as file:
        while chunk := content.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
