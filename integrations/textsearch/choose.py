"""Which index the application uses."""

from __future__ import annotations

from pathlib import Path

from integrations.textsearch.port import TextIndex
from integrations.textsearch.whoosh_index import WhooshIndex


def choose(path: Path, wait_s: float = 60.0) -> TextIndex:
    """The index in a folder of this machine. wait_s: how long to wait for another writer."""
    return WhooshIndex(path, wait_s)
