"""Chance that falls the same way each time, so that what is made with it can be compared."""

from __future__ import annotations

import base64
import hashlib
import secrets
import sys
import uuid
from collections import Counter

import pytest


class Dice:
    """UIDs, Message-IDs and tokens in the order in which a module asks for them.

    Each module has a row of its own: what one draws does not shift what the others get.
    """

    def __init__(self) -> None:
        self._drawn: Counter[str] = Counter()

    def rule(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have these instead of chance until the test ends."""
        monkeypatch.setattr(uuid, "uuid4", self._uuid4)
        monkeypatch.setattr(secrets, "token_hex", self._token_hex)
        monkeypatch.setattr(secrets, "token_urlsafe", self._token_urlsafe)

    def _uuid4(self) -> uuid.UUID:
        return uuid.UUID(bytes=self._bytes(16, _caller()), version=4)

    def _token_hex(self, nbytes: int = 32) -> str:
        return self._bytes(nbytes, _caller()).hex()

    def _token_urlsafe(self, nbytes: int = 32) -> str:
        drawn = self._bytes(nbytes, _caller())
        return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()

    def _bytes(self, count: int, module: str) -> bytes:
        self._drawn[module] += 1
        return hashlib.sha256(f"{module} {self._drawn[module]}".encode()).digest()[:count]


def _caller() -> str:
    """The module that asked for chance."""
    return str(sys._getframe(2).f_globals["__name__"])
