"""The same calendar made of icalendar's objects: what feed.py must equal, and what it is beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from icalendar import Calendar, Event, vDuration, vText, vUri

from integrations.calendaring.feed import Entry, Header
from integrations.calendaring.invite import PRODID


def calendar(header: Header, entries: Sequence[Entry]) -> bytes:
    """A feed with at least one session, written by icalendar."""
    made = Calendar()
    made.add("PRODID", PRODID)
    made.add("VERSION", "2.0")
    made.add("CALSCALE", "GREGORIAN")
    made.add("NAME", vText(header.name))  # as text; of itself it escapes nothing here
    made.add("X-WR-CALNAME", vText(header.name))
    often = timedelta(hours=1)
    made.add("REFRESH-INTERVAL", vDuration(often))
    made["REFRESH-INTERVAL"].params["VALUE"] = vText("DURATION")
    made.add("X-PUBLISHED-TTL", vDuration(often))
    for entry in sorted(entries, key=lambda one: (one.occasion.starts_at, one.occasion.uid)):
        made.add_component(event(entry))
    return bytes(made.to_ical())


def event(entry: Entry) -> Event:
    told = entry.occasion
    made = Event()
    made.add("UID", told.uid)
    made.add("SEQUENCE", told.sequence)
    made.add("DTSTAMP", told.revised_at)
    made.add("LAST-MODIFIED", told.revised_at)
    made.add("DTSTART", told.starts_at)
    made.add("DTEND", told.ends_at)
    made.add("STATUS", "CANCELLED" if entry.is_off else "CONFIRMED")
    made.add("SUMMARY", told.title)
    made.add("DESCRIPTION", told.words)
    made.add("LOCATION", told.whereabouts)
    made.add("URL", told.join_url)
    if entry.category:
        made.add("CATEGORIES", [entry.category])
    if told.conference_label and not entry.is_off:
        conference = vUri(told.join_url)
        conference.params["VALUE"] = vText("URI")
        conference.params["FEATURE"] = vText("VIDEO")
        conference.params["LABEL"] = vText(told.conference_label)
        made.add("CONFERENCE", conference)
    return made
