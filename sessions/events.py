"""Facts that happened in the programme. `by` is a person's id, None for the system itself."""

from __future__ import annotations

from dataclasses import dataclass


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


@dataclass(frozen=True)
class SessionEdited:
    """tell: whether those invited hear of it."""

    session_id: int
    by: int | None
    tell: bool = True


@dataclass(frozen=True)
class SessionCancelled:
    session_id: int
    by: int | None


@dataclass(frozen=True)
class SessionReinstated:
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
