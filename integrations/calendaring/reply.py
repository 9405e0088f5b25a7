"""What a calendar answered (iTIP, RFC 5546: REPLY, COUNTER, REFRESH), as clients write it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from integrations.runtime.errors import Unreadable

__all__ = ["Method", "Reply", "Unreadable", "read"]

Method = Literal["REPLY", "COUNTER", "REFRESH"]


@dataclass(frozen=True)
class Reply:
    """One answer about one event. Instants are UTC; addresses plain, lower case, without mailto.

    partstat: upper case as written, empty where it is missing. sequence, stamped_at: None where
    missing. recurrence_at: which instance of a series, as an instant. starts_at, ends_at: the time
    told in the answer, for a COUNTER the one proposed. organizer: empty where missing.
    """

    method: Method
    uid: str
    attendee: str
    sent_by: str
    partstat: str
    sequence: int | None
    stamped_at: datetime | None
    recurrence_at: datetime | None
    comment: str
    delegated_to: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    organizer: str


def read(calendar: bytes) -> list[Reply]:
    """The answers in a calendar file, in its order; none for any other METHOD or none at all.

    Raises Unreadable where the file is no calendar, or larger than an answer can be.
    """
    raise Unreadable("calendar.not_one")
