"""Sending one finished letter."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from integrations.runtime.errors import OutsideError


class Deferred(OutsideError):  # noqa: N818 - says what happened
    """The other side asks to wait with this one letter; others may leave."""


class Mailer(Protocol):
    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        """Hand a whole RFC 5322 message over for one recipient; what the other side answered.

        sender: the envelope's, where a bounce goes. Raises OutsideError: temporary where a later
        attempt may succeed (Deferred where only this letter has to wait), permanent where this
        address or letter will never be taken.
        """
        ...

    def kept_open(self) -> AbstractContextManager[Mailer]:
        """The same for letters one after another, over one connection where that saves time."""
        ...

    def check(self) -> None:
        """Raises OutsideError if letters cannot leave at present."""
        ...
