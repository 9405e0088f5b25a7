"""Messages dropped as .eml files into a folder, for a demonstration or a mail server at hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from integrations.mail.inbox_port import LARGEST_BYTES, OpenInbox, Place, Waiting
from integrations.runtime.errors import OutsideError

_NAME = re.compile(r"[^/\x00]{1,200}\.eml")


class FolderInbox:
    """Every .eml file of the folder waits; what was read moves to `done` or `quarantine` in it.

    Whoever drops a file writes it under another name first and renames it, or half of it is read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def opened(self) -> Iterator[OpenInbox]:
        with _translated():
            self._folder.mkdir(parents=True, exist_ok=True)
        yield self

    def check(self) -> None:
        with _translated():
            if self._folder.exists() and not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(f"{self._folder} may not be read and written")
            self._folder.parent.mkdir(parents=True, exist_ok=True)

    def waiting(self) -> list[str]:
        found = []
        with _translated(), os.scandir(self._folder) as entries:
            for entry in entries:
                if not _NAME.fullmatch(entry.name) or entry.name.startswith("."):
                    continue
                with suppress(FileNotFoundError):  # another reader put it away just now
                    if entry.is_file(follow_symlinks=False):
                        found.append((entry.stat().st_mtime_ns, entry.name))
        return [name for _, name in sorted(found)]

    def fetch(self, key: str) -> Waiting | None:
        with _translated():
            try:
                with (self._folder / key).open("rb") as file:
                    raw = file.read(LARGEST_BYTES)
                    facts = os.fstat(file.fileno())
            except FileNotFoundError:
                return None
        at = datetime.fromtimestamp(facts.st_mtime, UTC)
        return Waiting(key=key, raw=raw, received_at=at, size_bytes=facts.st_size)

    def put_away(self, key: str, place: Place) -> None:
        with _translated():
            target = self._folder / place
            target.mkdir(exist_ok=True)
            name, number = Path(key).stem, 1
            while (aside := target / (f"{name}.{number}.eml" if number > 1 else key)).exists():
                number += 1
            try:
                os.rename(self._folder / key, aside)
            except FileNotFoundError:
                return


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutsideError("inbox", temporary=True, detail=str(error)) from error
