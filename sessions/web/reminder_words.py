"""When people are reminded, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from babel.lists import format_list
from flask_babel import gettext, pgettext

from integrations.runtime import ports
from integrations.runtime.settings import Settings
from sessions.models.programme import Series
from sessions.rules import reminders
from sessions.rules.reminders import Kind
from sessions.web import reader


def kinds() -> Mapping[Kind, str]:
    """Each reminder, as it stands in a list of choices."""
    return {
        "week": gettext("a week before"),
        "day": gettext("a day before"),
        "hour": gettext("an hour before"),
        "recording": gettext("when the recording is there"),
    }


def usual() -> list[Kind]:
    """Of what the programme reminds where a series says nothing of its own."""
    return reminders.kinds(None, ports.get(Settings).reminder_kinds)


def sentence(series: Series) -> str:
    """When people are reminded of the sessions of a series."""
    chosen = reminders.kinds(series.reminders, usual())
    if not chosen:
        return str(gettext("Nobody is reminded of these sessions."))
    return str(gettext("People are reminded %(when)s.", when=joined(chosen)))


def joined(chosen: Sequence[Kind]) -> str:
    """These reminders in a row: a day before, an hour before and when the recording is there."""
    words = kinds()
    return format_list([words[kind] for kind in chosen], locale=reader.locale())


def choices() -> list[tuple[str, str]]:
    """How often somebody may wish to be reminded, each with what they then get."""
    return [
        ("each", pgettext("reminders", "A letter for each session")),
        ("digest", pgettext("reminders", "One letter a week, on Monday morning")),
        ("none", pgettext("reminders", "No reminders")),
    ]
