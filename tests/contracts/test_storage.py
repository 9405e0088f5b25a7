"""What every storage must do, whichever driver keeps the files."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import BinaryIO

import pytest

from integrations.storage.local import LocalStorage
from integrations.storage.port import Storage

WORDS = "Наставник".encode() * 1000
KEY = hashlib.sha256(WORDS).hexdigest()


@pytest.fixture(params=["local"])
def storage(tmp_path: Path) -> Storage:
    return LocalStorage(tmp_path / "files")


def test_what_was_put_is_read_again_byte_for_byte(storage: Storage) -> None:
    stored = storage.put(io.BytesIO(WORDS))

    assert (stored.sha256, stored.size_bytes) == (KEY, len(WORDS))
    assert storage.path(stored.key).read_bytes() == WORDS


def test_same_content_twice_is_kept_once(storage: Storage) -> None:
    first, second = storage.put(io.BytesIO(WORDS)), storage.put(io.BytesIO(WORDS))

    assert first == second
    assert storage.keys() == {first.key}


def test_content_that_inspection_refuses_leaves_nothing_behind(storage: Storage) -> None:
    seen = []

    def refuse(path: Path) -> None:
        seen.append(path.read_bytes())
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        storage.put(io.BytesIO(WORDS), refuse)

    assert (seen, storage.keys()) == ([WORDS], set())


def test_content_that_breaks_off_leaves_nothing_behind(storage: Storage) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise ConnectionResetError
            return super().read(10)

    content: BinaryIO = Broken(WORDS)
    with pytest.raises(ConnectionResetError):
        storage.put(content)

    assert storage.keys() == set()


@pytest.mark.parametrize(
    "key", ["../secret", "a" * 63, "", "A" * 64, "/etc/passwd", "ab/" + "c" * 61]
)
def test_key_that_was_never_given_opens_nothing(storage: Storage, key: str) -> None:
    storage.put(io.BytesIO(WORDS))

    with pytest.raises(FileNotFoundError):
        storage.path(key)


def test_dropped_content_is_gone_and_dropping_it_again_is_no_error(storage: Storage) -> None:
    key = storage.put(io.BytesIO(WORDS)).key

    gone = (storage.drop(key), storage.drop(key))

    assert (gone, storage.keys()) == ((True, True), set())


def test_content_put_again_a_moment_ago_is_not_dropped(storage: Storage) -> None:
    key = storage.put(io.BytesIO(WORDS)).key

    assert storage.drop(key, older_than_s=60) is False
    assert storage.keys() == {key}
