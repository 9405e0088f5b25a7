"""Sending one finished letter."""

from __future__ import annotations

from typing import Protocol


class Mailer(Protocol):
    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        """Hand a whole RFC 5322 message over for one recipient; what the other side answered.

        sender: the envelope's, where a bounce goes. Raises OutsideError: temporary where a later
        attempt may succeed, permanent where this address or letter will never be taken.
        """
        ...

    def check(self) -> None:
        """Raises OutsideError if letters cannot leave at present."""
        ...
