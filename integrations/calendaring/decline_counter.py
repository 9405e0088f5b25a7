"""The answer to a proposed time that is not taken (RFC 5546, section 3.2.8)."""

from __future__ import annotations

from datetime import datetime

from icalendar import Calendar, Event, vCalAddress, vText

from integrations.calendaring.invite import PRODID, Party, clean


def decline_counter(
    uid: str, sequence: int, declined_at: datetime, summary: str, organizer: Party, attendee: Party
) -> bytes:
    """The VCALENDAR that tells `attendee` that the time of their calendar's entry stays.

    sequence: that of the proposal. Bytes depend on the arguments alone.
    """
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "DECLINECOUNTER")
    event = Event()
    event.add("UID", uid)
    event.add("SEQUENCE", sequence)
    event.add("DTSTAMP", declined_at)
    event.add("SUMMARY", clean(summary)[:255])
    for name, party in (("ORGANIZER", organizer), ("ATTENDEE", attendee)):
        address = vCalAddress(f"mailto:{party.address}")
        if party.name:
            address.params["CN"] = vText(clean(party.name))
        event.add(name, address)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
