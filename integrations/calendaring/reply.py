"""What a calendar answered (iTIP, RFC 5546: REPLY, COUNTER, REFRESH), as clients write it.

Clients leave out what the standard demands: Exchange the ORGANIZER, others SEQUENCE or DTSTAMP.
So an answer is what has a UID; all else is told as far as it is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from urllib.parse import unquote

from icalendar.prop import vDuration

from integrations.calendaring.content_lines import Component, Property, calendars_in
from integrations.calendaring.incoming_rules import time_of
from integrations.calendaring.incoming_zones import Zones
from integrations.runtime.errors import Unreadable

__all__ = ["Method", "Reply", "Unreadable", "read"]

Method = Literal["REPLY", "COUNTER", "REFRESH"]

MAX_EVENTS = 200
MAX_REPLIES = 200
MAX_UID = 500
MAX_COMMENT = 2000
MAX_ADDRESS = 320
_METHODS: dict[str, Method] = {method: method for method in get_args(Method)}
_SILENT = frozenset({"", "NEEDS-ACTION"})
_DURATION = re.compile(r"[+-]?P[0-9WDTHMS]{1,24}", re.I)
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Reply:
    """One answer about one event. Instants are UTC; addresses plain, lower case, without mailto.

    attendee: empty where the client left it out, or wrote no address. partstat: upper case as
    written, empty where it is missing. sequence, stamped_at: None where missing. recurrence_at:
    which instance of a series, as an instant. starts_at, ends_at: the time told in the answer, for
    a COUNTER the one proposed; None also for whole days and for zones nobody knows.
    organizer: empty where missing.
    """

    method: Method
    uid: str
    attendee: str
    sent_by: str
    partstat: str
    sequence: int | None
    stamped_at: datetime | None
    recurrence_at: datetime | None
    comment: str
    delegated_to: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    organizer: str


def read(calendar: bytes) -> list[Reply]:
    """The answers in a calendar file, in its order; none for any other METHOD or none at all.

    One for each event and attendee; where a file names several attendees, as COUNTER may, those
    who said something, if any did. Raises Unreadable where the file is no calendar, was cut off,
    or is larger than an answer can be.
    """
    try:
        found = [reply for one in calendars_in(calendar) for reply in _answers(one)]
    except Unreadable:
        raise
    except Exception as unforeseen:
        # Whatever a stranger wrote must not stop the reading of the next letter.
        raise Unreadable("calendar.unforeseen", repr(unforeseen)[:500]) from unforeseen
    if len(found) > MAX_REPLIES:
        raise Unreadable("calendar.too_many_answers", str(len(found)))
    return found


def _answers(calendar: Component) -> list[Reply]:
    events = [one for one in calendar.children if one.name == "VEVENT"]
    told = calendar.value("METHOD") or (events[0].value("METHOD") if events else "")
    method = _METHODS.get(told.upper())
    if method is None:
        return []
    if len(events) > MAX_EVENTS:
        raise Unreadable("calendar.too_many_answers", f"{len(events)} events")
    if not all(event.is_whole for event in events):
        raise Unreadable("calendar.cut_off")
    if not events:
        if any(child.name in ("VTODO", "VJOURNAL", "VFREEBUSY") for child in calendar.children):
            return []
        raise Unreadable("calendar.no_event")
    zones = Zones(calendar)
    found = [reply for event in events for reply in _of_event(event, method, zones)]
    if not found:
        raise Unreadable("calendar.no_uid")
    return found


def _of_event(event: Component, method: Method, zones: Zones) -> list[Reply]:
    uid = _one_line(event.value("UID"))[:MAX_UID]
    if not uid:
        return []
    starts_at = _instant(event.first("DTSTART"), zones)
    organizer = event.first("ORGANIZER")
    return [
        Reply(
            method=method,
            uid=uid,
            attendee=_address_of(attendee),
            sent_by=_plain(attendee.parameter("SENT-BY")) if attendee else "",
            partstat=_partstat(attendee),
            sequence=_sequence(event.value("SEQUENCE")),
            stamped_at=_stamp(event.first("DTSTAMP"), zones),
            recurrence_at=_recurrence(event.first("RECURRENCE-ID"), zones),
            comment=_comment(event, attendee),
            delegated_to=_delegates(attendee),
            starts_at=starts_at,
            ends_at=_end(event, starts_at, zones),
            organizer=_address_of(organizer),
        )
        for attendee in _who_answered(event)
    ]


def _who_answered(event: Component) -> list[Property | None]:
    everyone = list(event.all("ATTENDEE"))
    speaking = [one for one in everyone if _partstat(one) not in _SILENT]
    return list(speaking or everyone) or [None]


def _partstat(attendee: Property | None) -> str:
    return _one_line(attendee.parameter("PARTSTAT")).upper()[:40] if attendee else ""


def _address_of(person: Property | None) -> str:
    """The address; the parameter EMAIL (RFC 7986) where the value is a path or a number."""
    if person is None:
        return ""
    return _plain(person.value) or _plain(person.parameter("EMAIL"))


def _plain(uri: str) -> str:
    """anna@example.org, of "MAILTO:Anna@Example.org" and the like; empty for what is no address."""
    address = uri.strip().strip("\"'<>").strip()
    while address[:7].lower() == "mailto:":
        address = unquote(address[7:].partition("?")[0]).strip().strip("<>")
    local, at, domain = address.rpartition("@")
    fits = local and domain and len(address) <= MAX_ADDRESS and not _UNFIT.search(address)
    return f"{local}{at}{domain}".lower() if fits and "/" not in address[:1] else ""


def _delegates(attendee: Property | None) -> tuple[str, ...]:
    if attendee is None:
        return ()
    told = attendee.parameters.get("DELEGATED-TO", ())
    plain = (_plain(one) for text in told for one in text.split(",")[:20])
    return tuple(dict.fromkeys(one for one in plain if one))[:20]


def _comment(event: Component, attendee: Property | None) -> str:
    """What the person wrote with the answer; Google puts it beside the attendee."""
    texts = [comment.text for comment in list(event.all("COMMENT"))[:10]]
    if not any(text.strip() for text in texts) and attendee is not None:
        texts = [attendee.parameter("X-RESPONSE-COMMENT")]
    whole = "\n".join(text.strip() for text in texts if text.strip())
    return _CONTROL.sub("", whole)[:MAX_COMMENT].strip()


def _sequence(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _stamp(told: Property | None, zones: Zones) -> datetime | None:
    """DTSTAMP; one without a zone is taken for UTC, in which it ought to be."""
    found = time_of(told.value.rpartition(":")[2]) if told else None
    return found and (_instant(told, zones) or found[0].replace(tzinfo=UTC))


def _recurrence(told: Property | None, zones: Zones) -> datetime | None:
    """Which instance is meant: never None where one is told, or it would seem to be the series."""
    return _stamp(told, zones)


def _instant(told: Property | None, zones: Zones) -> datetime | None:
    """The UTC instant; None for a whole day, or where the zone is not known."""
    if told is None:
        return None
    # TZID=UTC+05:00 without quotes: the zone's own colon is taken for the end of the parameters.
    more, colon, text = told.value.rpartition(":")
    found = time_of(text)
    if found is None:
        return None
    wall, is_utc, is_whole_day = found
    if is_utc:
        return wall.replace(tzinfo=UTC)
    return None if is_whole_day else zones.instant(wall, told.parameter("TZID") + colon + more)


def _end(event: Component, starts_at: datetime | None, zones: Zones) -> datetime | None:
    told = event.first("DTEND")
    if told is not None:
        return _instant(told, zones)
    length = event.value("DURATION")
    if starts_at is None or not _DURATION.fullmatch(length):
        return None
    try:
        lasts = vDuration.from_ical(length.upper())  # type: ignore[no-untyped-call]
        return starts_at + lasts if isinstance(lasts, timedelta) else None
    except (ValueError, OverflowError):
        return None


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "", text).strip()
