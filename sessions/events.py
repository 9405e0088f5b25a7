"""Facts that happened in the programme. `by` is a person's id, None for the system itself.

urgent: the session is so near that those invited must hear of it at once.
"""

from __future__ import annotations

from dataclasses import dataclass

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
