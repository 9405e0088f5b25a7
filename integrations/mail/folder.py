"""Letters as .eml files in a folder, for a demo, a trial, or a mail server of one's own."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

from integrations.runtime import clock
from integrations.runtime.errors import OutsideError


class FolderMailer:
    """Writes each letter once: the same letter sent again replaces its own file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        message = message_from_bytes(raw, policy=policy.default)
        message_id = str(message["Message-ID"] or hashlib.sha256(raw).hexdigest())
        mark = hashlib.sha256(f"{message_id} {recipient}".encode()).hexdigest()[:16]
        to = re.sub(r"[^A-Za-z0-9@.+-]", "_", recipient)[:80]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            earlier = next(self._folder.glob(f"*_{mark}.eml"), None)
            name = earlier.name if earlier else f"{clock.now():%Y%m%dT%H%M%S%f}_{to}_{mark}.eml"
            aside = self._folder / f".{name}.part"
            with aside.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, self._folder / name)
        except OSError as error:
            raise OutsideError("mail", temporary=True, detail=str(error)) from error
        return f"kept as {name}"

    @contextmanager
    def kept_open(self) -> Iterator[FolderMailer]:
        yield self

    def check(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutsideError("mail", temporary=True, detail=str(error)) from error
