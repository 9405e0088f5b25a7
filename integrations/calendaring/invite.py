"""An invitation as iCalendar (RFC 5545) for iTIP (RFC 5546): one event, one attendee, UTC.

Times are UTC, so no VTIMEZONE is needed and all calendars agree on the instant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText, vUri

PRODID = "-//Vzaimo//Vzaimo//EN"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")
# Readers that know Unicode end a line of the file there.
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")

Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True)
class Occasion:
    """One session as calendars see it. Instants are UTC; `revised_at` becomes DTSTAMP.

    place: where people meet in person; empty for a session that is online alone, whose place is
    the join link. conference_label: empty where nobody meets online.
    """

    uid: str
    sequence: int
    revised_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    join_url: str
    conference_label: str
    place: str = ""

    @property
    def title(self) -> str:
        """SUMMARY, as long as calendars keep it."""
        return clean(self.summary)[:255]

    @property
    def words(self) -> str:
        """DESCRIPTION: the link first, where people look for it."""
        return clean(f"{self.join_url}\n\n{self.description}")[:8000]

    @property
    def whereabouts(self) -> str:
        """LOCATION: the place, else the link, which most calendars make one that can be pressed."""
        return (clean(self.place) or self.join_url)[:255]


@dataclass(frozen=True)
class Party:
    """A name and an address."""

    name: str
    address: str


def invitation(
    occasion: Occasion,
    method: Method,
    organizer: Party,
    attendee: Party,
    partstat: str = "NEEDS-ACTION",
    sent_by: str = "",
) -> bytes:
    """The VCALENDAR that asks `attendee` to come (REQUEST) or says it will not be (CANCEL).

    `organizer` must stay the same for the life of the UID. partstat: what they answered already,
    else the update would take it back in their calendar. sent_by: the address in From, where that
    is another than the organizer's (RFC 5545, 3.2.18). Bytes depend on the arguments alone.

    Without X-ALT-DESC: Outlook makes links of the addresses in DESCRIPTION, and two descriptions
    could come to differ.
    """
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    event = _event(occasion, method)
    sender = _party(organizer)
    if sent_by:
        sender.params["SENT-BY"] = vText(f"mailto:{sent_by}")
    event.add("ORGANIZER", sender)
    event.add("ATTENDEE", _guest(attendee, method, partstat))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(occasion: Occasion, method: Method) -> Event:
    event = Event()
    event.add("UID", occasion.uid)
    event.add("SEQUENCE", occasion.sequence)
    event.add("DTSTAMP", occasion.revised_at)
    event.add("LAST-MODIFIED", occasion.revised_at)
    event.add("DTSTART", occasion.starts_at)
    event.add("DTEND", occasion.ends_at)
    event.add("STATUS", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("SUMMARY", occasion.title)
    event.add("DESCRIPTION", occasion.words)
    event.add("LOCATION", occasion.whereabouts)
    event.add("URL", occasion.join_url)
    if occasion.conference_label:
        conference = vUri(occasion.join_url)
        conference.params["VALUE"] = vText("URI")
        conference.params["FEATURE"] = vText("VIDEO")
        conference.params["LABEL"] = vText(clean(occasion.conference_label))
        event.add("CONFERENCE", conference)
    return event


def _guest(attendee: Party, method: Method, partstat: str) -> vCalAddress:
    guest = _party(attendee)
    guest.params["CUTYPE"] = vText("INDIVIDUAL")
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    if method == "REQUEST":
        guest.params["PARTSTAT"] = vText(partstat)
        guest.params["RSVP"] = vText("TRUE")
    return guest


def _party(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{party.address}")
    if party.name:
        address.params["CN"] = vText(clean(party.name))
    return address


def clean(text: str) -> str:
    """The text without control characters, which the library would pass on; lines end in LF."""
    return _LINE_ENDS.sub("\n", _CONTROL.sub("", text))
