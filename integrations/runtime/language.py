"""The languages of the interface, and speaking one of them outside a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import force_locale

LANGUAGES = ("ru", "en")
DEFAULT = "ru"


def supported(tag: str | None) -> str | None:
    """The interface language that a tag such as "en-GB" asks for, or None if we do not speak it."""
    primary = (tag or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in LANGUAGES else None


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Have gettext answer in `locale` for the length of the block; needs an application context."""
    with force_locale(supported(locale) or DEFAULT):
        yield
