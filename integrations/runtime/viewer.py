"""Who is looking: the keys they hold, their language and their zone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, has_app_context

PUBLIC = "public"


@dataclass(frozen=True)
class Viewer:
    """One reader of a page or caller of the API.

    keys: what they may open; a thing has keys too, and is shown where the two sets meet.
    tz: an IANA name, or None where the reader told none.
    """

    keys: frozenset[str] = frozenset({PUBLIC})
    person_id: int | None = None
    locale: str = "ru"
    tz: str | None = None

    def may_open(self, thing_keys: frozenset[str]) -> bool:
        """Whether one of the viewer's keys is among the thing's."""
        return not self.keys.isdisjoint(thing_keys)


ANONYMOUS = Viewer()


def current() -> Viewer:
    """The one who reads the page of this request; an anonymous one where nobody was set."""
    viewer: Viewer = g.get("viewer", ANONYMOUS) if has_app_context() else ANONYMOUS
    return viewer
