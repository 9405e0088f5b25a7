"""Facts that happened in the programme. `by` is a person's id, None for the system itself.

urgent: the session is so near that those invited must hear of it at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sessions.models.seating import SeatChange


@dataclass(frozen=True)
class SeriesPlanned:
    series_id: int
    by: int | None


@dataclass(frozen=True)
class SessionScheduled:
    session_id: int
    by: int | None


@dataclass(frozen=True)
class DraftChanged:
    """A draft has another time or agenda, or was called off; only its speakers may know of it."""

    session_id: int
    by: int | None


@dataclass(frozen=True)
class SessionMoved:
    session_id: int
    by: int | None
    urgent: bool = False


@dataclass(frozen=True)
class SessionEdited:
    """tell: whether those invited hear of it."""

    session_id: int
    by: int | None
    tell: bool = True
    urgent: bool = False


@dataclass(frozen=True)
class SessionCancelled:
    session_id: int
    by: int | None
    urgent: bool = False


@dataclass(frozen=True)
class SessionReinstated:
    session_id: int
    by: int | None
    urgent: bool = False


@dataclass(frozen=True)
class SessionPostponed:
    session_id: int
    by: int | None
    urgent: bool = False


@dataclass(frozen=True)
class SessionRescheduled:
    session_id: int
    by: int | None
    urgent: bool = False


@dataclass(frozen=True)
class SessionStarted:
    session_id: int
    by: int | None


@dataclass(frozen=True)
class SessionEnded:
    session_id: int
    by: int | None


@dataclass(frozen=True)
class ChangesBecameQuiet:
    """Nothing more changed about a session for a while, or a host wants its letters to leave."""

    session_id: int
    by: int | None


@dataclass(frozen=True)
class PersonInvited:
    invitation_id: int
    by: int | None


@dataclass(frozen=True)
class PeopleInvited:
    """Several people at once; all to one session."""

    session_id: int
    invitation_ids: tuple[int, ...]
    by: int | None


@dataclass(frozen=True)
class PersonWithdrawn:
    invitation_id: int
    by: int | None


@dataclass(frozen=True)
class MaterialHandedOver:
    session_id: int
    talk_id: int
    by: int | None


@dataclass(frozen=True)
class SeatsChanged:
    """Seats of a session were taken, given up, offered, or waited for."""

    session_id: int
    by: int | None
    changes: tuple[SeatChange, ...]


@dataclass(frozen=True)
class AnswerArrived:
    """Somebody invited answered by mail. answer: "accepted", "tentative" or "declined"."""

    mail_id: int
    invitation_id: int
    answer: str
    sequence: int | None
    answered_at: datetime
    comment: str


@dataclass(frozen=True)
class StrangerAnswered:
    """Somebody answered who was not invited. wrote: whether the letter came from them."""

    forwarded_id: int
    wrote: bool


@dataclass(frozen=True)
class StrangerAllowed:
    """The answer of somebody who was not invited is to count."""

    forwarded_id: int
    by: int | None


@dataclass(frozen=True)
class TimeTaken:
    """A host takes the time that somebody proposed; seen_revision: of the session they saw."""

    counter_id: int
    seen_revision: int
    by: int | None


@dataclass(frozen=True)
class TimeDeclined:
    counter_id: int
    by: int | None


@dataclass(frozen=True)
class LetterCameBack:
    """A mail server reports on a letter (RFC 3464)."""

    mail_id: int
    letter_id: int
    action: str
    status: str
    detail: str
    is_hard: bool


@dataclass(frozen=True)
class AddressFailed:
    """An address takes no mail, and gets none any more until someone has looked at it."""

    address: str
    status: str
    detail: str


@dataclass(frozen=True)
class AddressMended:
    """Letters to a person's address may leave again, or go to a new one from now on."""

    person_id: int
    old: str
    new: str
    by: int | None
