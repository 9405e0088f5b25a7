"""Files in a directory, under the hash of their content."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO

from integrations.storage.port import Stored

CHUNK_BYTES = 1 << 20
_KEY = re.compile(r"[0-9a-f]{64}")


class LocalStorage:
    """Storage in `root`: `ab/abcdef…`, written aside and renamed, so a half file is never seen."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"

    def put(self, content: BinaryIO) -> Stored:
        self._incoming.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        descriptor, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(descriptor, "wb") as file:
                while chunk := content.read(CHUNK_BYTES):
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            key = digest.hexdigest()
            target = self._target(key)
            target.parent.mkdir(exist_ok=True)
            os.replace(name, target)
            _sync_directory(target.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return Stored(key=key, sha256=key, size_bytes=size)

    def path(self, key: str) -> Path:
        target = self._target(key)
        if not target.is_file():
            raise FileNotFoundError(key)
        return target

    def keys(self) -> set[str]:
        return {file.name for file in self._root.glob("??/*") if _KEY.fullmatch(file.name)}

    def drop(self, key: str) -> None:
        self._target(key).unlink(missing_ok=True)

    def _target(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return self._root / key[:2] / key


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
