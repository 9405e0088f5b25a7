"""Calendar implementations that pip installs, each asked through its own interface.

What an implementation has no word for is None, and is not compared.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Understood:
    """One event as an implementation tells it. start, end: UTC instants, or dates, in ISO form."""

    uid: str
    summary: str
    start: str
    end: str
    status: str | None
    sequence: int | None
    method: str | None
    attendee: str | None


def by_icalendar(text: str) -> list[Understood]:
    """icalendar: components and properties."""
    from icalendar import Calendar

    calendar = Calendar.from_ical(text)
    method = _text(calendar.get("METHOD"))
    return [_of_component(event, method) for event in calendar.walk("VEVENT")]


def by_recurring_ical_events(text: str) -> list[Understood]:
    """x-wr-timezone and recurring-ical-events: what takes place, as somebody who subscribed sees.

    Both work on icalendar's objects; occurrences have no method.
    """
    import recurring_ical_events
    import x_wr_timezone
    from icalendar import Calendar

    calendar = x_wr_timezone.to_standard(Calendar.from_ical(text))
    found = recurring_ical_events.of(calendar).between((1999, 1, 1), (2099, 1, 1))
    return [_of_component(event, None) for event in found]


def by_ics(text: str) -> list[Understood]:
    """ics.py: a grammar of its own."""
    from ics import Calendar

    calendar = Calendar(text)
    return [
        Understood(
            uid=event.uid,
            summary=event.name or "",
            start=_instant(event.begin.datetime, event.all_day),
            # An event of whole days ends on the last of them here, on the day after in the file.
            end=_instant(event.end.datetime + timedelta(days=int(event.all_day)), event.all_day),
            status=event.status or "",
            sequence=_number(line.value for line in event.extra if line.name == "SEQUENCE"),
            method=calendar.method or "",
            attendee=_mail(one.email for one in event.attendees),
        )
        for event in calendar.events
    ]


def by_ical(text: str) -> list[Understood]:
    """ical: typed models, which refuse what does not fit."""
    from ical.calendar_stream import IcsCalendarStream

    calendar = IcsCalendarStream.calendar_from_ics(text)
    return [
        Understood(
            uid=event.uid or "",
            summary=event.summary or "",
            start=_instant(event.dtstart),
            end=_instant(event.end),
            status=event.status.value if event.status else "",
            sequence=event.sequence,
            method=calendar.method or "",
            attendee=_mail(str(one.uri) for one in event.attendees),
        )
        for event in calendar.events
    ]


def by_vobject(text: str) -> list[Understood]:
    """vobject: what Radicale and many address books read with."""
    import vobject

    calendar = vobject.readOne(text)
    return [
        Understood(
            uid=event.uid.value,
            summary=event.summary.value,
            start=_instant(event.dtstart.value),
            end=_instant(event.dtend.value),
            status=_value(event, "status"),
            sequence=_number([_value(event, "sequence")]),
            method=_value(calendar, "method"),
            attendee=_mail(one.value for one in event.contents.get("attendee", [])),
        )
        for event in calendar.contents.get("vevent", [])
    ]


IMPLEMENTATIONS: dict[str, Callable[[str], list[Understood]]] = {
    "icalendar": by_icalendar,
    "recurring-ical-events": by_recurring_ical_events,
    "ics": by_ics,
    "ical": by_ical,
    "vobject": by_vobject,
}


def version(name: str) -> str | None:
    """The installed version, None where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _of_component(event: Any, method: str | None) -> Understood:
    attendees = event.get("ATTENDEE", [])
    return Understood(
        uid=_text(event.get("UID")),
        summary=_text(event.get("SUMMARY")),
        start=_instant(event.start),
        end=_instant(event.end),
        status=_text(event.get("STATUS")),
        sequence=event.get("SEQUENCE"),
        method=method,
        attendee=_mail(attendees if isinstance(attendees, list) else [attendees]),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _value(component: Any, name: str) -> str:
    return _text(component.getChildValue(name))


def _number(values: Iterable[object]) -> int | None:
    found = [int(str(value)) for value in values]
    return found[0] if found else None


def _mail(addresses: Iterable[object]) -> str:
    plain = (re.sub("^mailto:", "", str(address), flags=re.IGNORECASE) for address in addresses)
    return ", ".join(sorted(plain))


def _instant(value: date | datetime, all_day: bool = False) -> str:
    if isinstance(value, datetime) and not all_day:
        if value.tzinfo is None:
            return f"{value.isoformat()} (no zone)"
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.strftime("%Y-%m-%d")
