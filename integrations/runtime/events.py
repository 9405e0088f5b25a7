"""Facts that happened, and who reacts to them at once, in the same transaction.

A reaction only writes rows (a job, another row). Calling the outside world is a job's work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

Event = TypeVar("Event")

_reactions: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)


def react(kind: type[Event], reaction: Callable[[Event], None]) -> None:
    """Call `reaction` for every published event of exactly this kind; asking twice is once."""
    if reaction not in _reactions[kind]:
        _reactions[kind].append(reaction)


def publish(event: object) -> None:
    """Run the reactions to `event` now, in the order in which they were registered."""
    for reaction in tuple(_reactions[type(event)]):
        reaction(event)
