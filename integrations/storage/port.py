"""Where files are kept: whole, under names of ours, found again by their content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class Stored:
    """A file that is safely kept: `key` opens it again, `sha256` is hex, of the whole content."""

    key: str
    sha256: str
    size_bytes: int


class Storage(Protocol):
    def put(self, content: BinaryIO) -> Stored:
        """Keep everything `content` gives; on return it survives a power cut. Same bytes, same key."""
        ...

    def path(self, key: str) -> Path:
        """A readable local file of this content. Raises FileNotFoundError for an unknown key."""
        ...

    def keys(self) -> set[str]:
        """The keys of everything kept."""
        ...

    def drop(self, key: str) -> None:
        """Forget a content; dropping what is gone is no error."""
        ...
