"""All tables of this package; importing it makes them known to the migrations."""

from sessions.models import (
    audit,
    correspondence,
    meeting,
    participation,
    people,
    poll,
    programme,
    seating,
    session,
    speaking,
)

__all__ = [
    "audit",
    "correspondence",
    "meeting",
    "participation",
    "people",
    "poll",
    "programme",
    "seating",
    "session",
    "speaking",
]
