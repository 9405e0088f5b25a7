"""Facts that happened in the library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TalkRead:
    """Everything that was handed in for a talk has been read."""

    talk_id: int


@dataclass(frozen=True)
class TalkPublished:
    """Search finds a talk from now on."""

    talk_id: int
