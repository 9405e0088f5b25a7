"""Reading the mailbox to which answers come, one message after another."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

# A message beyond this is not fetched whole: an answer is a few kilobytes, and its calendar part
# stands before whatever is attached.
LARGEST_BYTES = 2_000_000

Place = Literal["done", "quarantine"]


@dataclass(frozen=True)
class Waiting:
    """One message that waits. raw: its first LARGEST_BYTES; size_bytes: how long all of it is."""

    key: str
    raw: bytes
    received_at: datetime
    size_bytes: int


class OpenInbox(Protocol):
    """The mailbox while it is being read. Keys are its own names of messages, good until closed."""

    def waiting(self) -> list[str]:
        """The keys of the messages that nobody put away yet, oldest first."""
        ...

    def fetch(self, key: str) -> Waiting | None:
        """A message; None where it is gone: another reader of the mailbox was first."""
        ...

    def put_away(self, key: str, place: Place) -> None:
        """Have the message wait no more; nothing is lost, it lies elsewhere. Twice is once.

        To be called when what was made of the message is committed, never before.
        """
        ...


class Inbox(Protocol):
    def opened(self) -> AbstractContextManager[OpenInbox]:
        """The mailbox, open inside the block. Raises OutsideError where it cannot be read."""
        ...

    def check(self) -> None:
        """Raises OutsideError if the mailbox cannot be read at present."""
        ...


class NoInbox:
    """The mailbox of an installation that reads none: nothing ever waits."""

    def opened(self) -> AbstractContextManager[OpenInbox]:
        return _Empty()

    def check(self) -> None:
        return


class _Empty:
    def __enter__(self) -> _Empty:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def waiting(self) -> list[str]:
        return []

    def fetch(self, key: str) -> Waiting | None:
        return None

    def put_away(self, key: str, place: Place) -> None:
        return
