"""What time it is: the one place that asks, so that tests can say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present instant, in UTC."""
    return _source()


def set_source(source: Callable[[], datetime] | None) -> None:
    """Take the time from `source` (aware datetimes) from now on; None: the system's clock again."""
    global _source
    _source = source or _system


@contextmanager
def standing_at(at: datetime) -> Iterator[None]:
    """Inside, it is this instant; for telling a story that began earlier. One thread only."""
    before = _source
    set_source(lambda: at)
    try:
        yield
    finally:
        set_source(before)
