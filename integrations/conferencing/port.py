"""What a conferencing service must be able to do for us, and what it may say it can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Room:
    """A room at a service: where people enter. `external_id` is the service's own name for it."""

    join_url: str
    external_id: str


class ConferencingService(Protocol):
    """One conferencing product.

    creates: whether rooms are made ahead, at the first click, or never (the host pastes a link).
    """

    name: str
    creates: Literal["ahead", "at_click", "never"]

    def create(self, key: str, title: str) -> Room:
        """Make the room that our `key` names; the same key always gives the same room.

        Raises OutsideError where the service is down or refuses.
        """
        ...


class Services:
    """The services on offer, by name."""

    def __init__(self, *services: ConferencingService) -> None:
        self._by_name = {service.name: service for service in services}

    def names(self) -> list[str]:
        return list(self._by_name)

    def named(self, name: str) -> ConferencingService:
        """Raises LookupError for a service that is not on offer."""
        return self._by_name[name]
