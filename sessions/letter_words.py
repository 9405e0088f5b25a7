"""The sentences of a letter, in the language that is spoken while it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from flask_babel import gettext

from integrations.runtime.settings import Settings

Kind = Literal[
    "new", "update", "moved", "back", "redated", "cancel", "postponed", "withdrawn"
]  # fmt: skip


def programme_name(settings: Settings, locale: str) -> str:
    """What the programme is called in this language."""
    return settings.programme_en if locale == "en" and settings.programme_en else settings.programme


def subject(kind: Kind, title: str, moment: str) -> str:
    """The subject line. moment: date, hours and zone."""
    if kind == "cancel":
        return gettext("Cancelled: %(title)s, %(moment)s", title=title, moment=moment)
    if kind == "postponed":
        return gettext("Postponed: %(title)s, was %(moment)s", title=title, moment=moment)
    if kind == "redated":
        return gettext("New date: %(title)s, %(moment)s", title=title, moment=moment)
    if kind == "withdrawn":
        return gettext("No longer invited: %(title)s, %(moment)s", title=title, moment=moment)
    if kind == "update":
        return gettext("Changed: %(title)s, %(moment)s", title=title, moment=moment)
    if kind == "moved":
        return gettext("New time or place: %(title)s, %(moment)s", title=title, moment=moment)
    if kind == "back":
        return gettext("Takes place after all: %(title)s, %(moment)s", title=title, moment=moment)
    return gettext("Invitation: %(title)s, %(moment)s", title=title, moment=moment)


def headline(kind: Kind, title: str) -> str:
    """The heading inside the letter."""
    if kind == "postponed":
        return gettext("Postponed: %(title)s", title=title)
    return gettext("Cancelled: %(title)s", title=title) if kind == "cancel" else title


def opening(kind: Kind, name: str) -> str:
    """The first sentence. name: how one addresses the person, empty where it is not known."""
    if kind == "cancel":
        return gettext(
            "The session is cancelled. It leaves your calendar by itself, you need do nothing."
        )
    if kind == "postponed":
        return gettext(
            "The session is postponed, we will tell you the new date. "
            "It leaves your calendar by itself, you need do nothing."
        )
    if kind == "redated":
        return gettext(
            "The session that was postponed has its new date. It returns to your calendar by "
            "itself, and your link stays the same."
        )
    if kind == "withdrawn":
        return gettext(
            "You are no longer invited to this session. "
            "It leaves your calendar by itself, you need do nothing."
        )
    if kind == "back":
        return gettext("The session takes place after all. It returns to your calendar by itself.")
    if kind == "moved":
        return gettext(
            "The session has a new time or place. This is how it stands now; "
            "your calendar corrects itself."
        )
    if kind == "update":
        return gettext(
            "The session has changed. This is how it stands now; your calendar corrects itself."
        )
    if name:
        return gettext("%(name)s, you are invited to a session.", name=name)
    return gettext("You are invited to a session.")


def presenting(cities: Sequence[str]) -> str:
    """Which cities present; empty where none is named."""
    if not cities:
        return ""
    if len(cities) == 1:
        return gettext("Presented by %(city)s.", city=cities[0])
    return gettext("Presented by the cities %(cities)s.", cities=", ".join(cities))


def entering(opens: str, zone: str) -> str:
    """From when the join page lets people in, and whose it is."""
    return gettext(
        "You can enter from %(time)s %(zone)s. The link is yours alone: please do not pass it on. "
        "It stays the same even if the room changes.",
        time=opens, zone=zone,
    )  # fmt: skip


def reason(programme: str) -> str:
    """Why this letter came."""
    return gettext(
        "You received this letter because you were invited to a session of “%(programme)s”.",
        programme=programme,
    )
