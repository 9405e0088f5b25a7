"""Those invited answer: by mail, on the page, or through a host who was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Source = Literal["page", "mail", "host"]
Why = Literal["", "older", "before_move", "over", "cancelled", "withdrawn"]


@dataclass(frozen=True)
class Taken:
    """What became of an answer.

    state: the registration's state now. counted: whether the answer is the one that counts; `why`
    says why not.
    """

    state: str
    counted: bool
    why: Why = ""


def answer(
    invitation_id: int,
    answer: str,
    *,
    source: Source,
    sequence: int | None,
    answered_at: datetime,
    comment: str = "",
    mode: str = "",
    by: int | None = None,
) -> Taken:
    """Take an answer ("accepted", "tentative", "declined"); in a transaction of its own.

    sequence: of the letter that was answered, None where the client did not say. mode: "online" or
    "in_person", empty where they did not choose. by: the host who wrote it down.
    """
    raise NotImplementedError
