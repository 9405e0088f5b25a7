"""Where files are kept: whole, under names of ours, found again by their content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class Stored:
    """A file that is safely kept: `key` opens it again, `sha256` is hex, of the whole content."""

    key: str
    sha256: str
    size_bytes: int


class NoRoom(Exception):  # noqa: N818 - says what is the case
    """There is not enough space for the content; nothing of it was kept."""


class Storage(Protocol):
    """Contents by key. Any number of processes may use it at once."""

    def put(self, content: BinaryIO, inspect: Callable[[Path], None] | None = None) -> Stored:
        """Keep everything `content` gives; on return it survives a power cut. Same bytes, same key.

        inspect: is shown the whole content before it is kept; what it raises leaves nothing behind.
        Raises NoRoom where the content does not fit.
        """
        ...

    def path(self, key: str) -> Path:
        """A readable local file of this content. Raises FileNotFoundError for an unknown key."""
        ...

    def keys(self) -> set[str]:
        """The keys of everything kept."""
        ...

    def drop(self, key: str, older_than_s: float = 0.0) -> bool:
        """Forget a content, unless it was put (again) less than so many seconds ago.

        Whether it is gone; dropping what is gone is no error.
        """
        ...
