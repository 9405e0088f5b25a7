"""The words of the page that changes a series."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext


def scope_words() -> Mapping[str, str]:
    """For which sessions, as it stands in the sentence."""
    return {
        "all": gettext("all sessions still to come"),
        "following": gettext("this session and those that follow"),
        "one": gettext("this session only"),
    }


def reason_words() -> Mapping[str, str]:
    """Why something stays, moves or is not made."""
    return {
        "unchanged": gettext("Nothing changes"),
        "past": gettext("Already past"),
        "live": gettext("Live now"),
        "held": gettext("Held"),
        "postponed": gettext("Postponed: it waits for a date"),
        "cancelled": gettext("Cancelled: it does not come back"),
        "removed": gettext("Taken out of the series"),
        "moved_by_hand": gettext("Moved by hand"),
        "day_taken": gettext("Another session of the series is on this day"),
        "day_off": gettext("Its date is a day off"),
        "free_again": gettext("Its date is no longer a day off"),
        "asked": gettext("Moved by hand, follows the rule again"),
        "rule": gettext("The rule gives another date"),
    }


def field_words() -> Mapping[str, str]:
    """The words of a session that may change with its series, by name."""
    return {
        "title": gettext("Title"),
        "format": gettext("Format"),
        "mode": gettext("How people take part"),
        "visibility": gettext("Who may open it"),
        "summary": gettext("Summary"),
        "duration_min": gettext("Length"),
        "presenting": gettext("Presenting cities"),
    }
