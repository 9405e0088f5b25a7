"""Many sessions as one calendar to subscribe to (RFC 5545, RFC 7986): no METHOD, no guests.

Lines are written directly, as `icalendar` would write them: with its objects, 300 events take
twenty times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from integrations.calendaring.invite import PRODID, Occasion, clean

ASK_AGAIN = "PT1H"  # how often a calendar is asked to come back; few do as they are asked
_LINE_BYTES = 74  # of the 75 octets one is for the space before a line that goes on
_MARKS = re.compile(r"[\\;,\n]")
_QUOTED = re.compile("[,;:’]")
_KEPT = 4096


@dataclass(frozen=True)
class Entry:
    """One session in a feed. is_off: it will not be at that hour. category: its format in words.

    is_tentative: whoever reads the feed has no seat in it yet.
    """

    occasion: Occasion
    is_off: bool = False
    category: str = ""
    is_tentative: bool = False

    @property
    def status(self) -> str:
        """The STATUS of its event (RFC 5545, section 3.8.1.11)."""
        if self.is_off:
            return "CANCELLED"
        return "TENTATIVE" if self.is_tentative else "CONFIRMED"


@dataclass(frozen=True)
class Header:
    """What a feed is called, and the day on which it shows that while it holds no session.

    A calendar without anything in it is no calendar (RFC 5545, section 3.6), and one such file
    has a client drop the subscription.
    """

    name: str
    uid: str
    on: date
    words: str
    url: str


def calendar(header: Header, entries: Sequence[Entry]) -> bytes:
    """The VCALENDAR of a feed, by start and UID. Bytes depend on the arguments alone."""
    name = _escaped(clean(header.name))
    return b"".join(
        [
            b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
            _lines(
                f"PRODID:{PRODID}",
                "CALSCALE:GREGORIAN",
                f"NAME:{name}",
                f"X-WR-CALNAME:{name}",
                f"REFRESH-INTERVAL;VALUE=DURATION:{ASK_AGAIN}",
                f"X-PUBLISHED-TTL:{ASK_AGAIN}",
            ),
            *_events(entries),
            b"" if entries else _day_of(header),
            b"END:VCALENDAR\r\n",
        ]
    )


def single(entry: Entry) -> bytes:
    """The VCALENDAR of one session, to be kept as a file."""
    return b"".join(
        [
            b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
            _lines(f"PRODID:{PRODID}", "CALSCALE:GREGORIAN"),
            event(entry),
            b"END:VCALENDAR\r\n",
        ]
    )


def _events(entries: Iterable[Entry]) -> list[bytes]:
    in_order = sorted(entries, key=lambda one: (one.occasion.starts_at, one.occasion.uid))
    return [event(entry) for entry in in_order]


# The same session stands in the feeds of its programme, season, format and cities.
@lru_cache(maxsize=_KEPT)
def event(entry: Entry) -> bytes:
    """The VEVENT of one session."""
    told = entry.occasion
    revised = _instant(told.revised_at)
    lines = [
        "BEGIN:VEVENT",
        f"SUMMARY:{_escaped(told.title)}",
        f"DTSTART:{_instant(told.starts_at)}",
        f"DTEND:{_instant(told.ends_at)}",
        f"DTSTAMP:{revised}",
        f"UID:{_escaped(told.uid)}",
        f"SEQUENCE:{told.sequence}",
    ]
    if entry.category:
        lines.append(f"CATEGORIES:{_escaped(clean(entry.category))}")
    if told.conference_label and not entry.is_off:
        label = _parameter(clean(told.conference_label))
        lines.append(f"CONFERENCE;FEATURE=VIDEO;LABEL={label};VALUE=URI:{told.join_url}")
    lines += [
        f"DESCRIPTION:{_escaped(told.words)}",
        f"LAST-MODIFIED:{revised}",
        f"LOCATION:{_escaped(told.whereabouts)}",
        f"STATUS:{entry.status}",
        f"URL:{told.join_url}",
        "END:VEVENT",
    ]
    return _lines(*lines)


def _day_of(header: Header) -> bytes:
    stamp = f"{header.on:%Y%m%d}T000000Z"
    return _lines(
        "BEGIN:VEVENT",
        f"SUMMARY:{_escaped(clean(header.name)[:255])}",
        # A quarter of an hour: calendars do not agree on when a whole day ends.
        f"DTSTART:{header.on:%Y%m%d}T090000Z",
        f"DTEND:{header.on:%Y%m%d}T091500Z",
        f"DTSTAMP:{stamp}",
        f"UID:{_escaped(header.uid)}",
        "SEQUENCE:0",
        f"DESCRIPTION:{_escaped(clean(header.words))}",
        "TRANSP:TRANSPARENT",
        f"URL:{header.url}",
        "END:VEVENT",
    )


def _instant(moment: datetime) -> str:
    # strftime writes the year 999 with three digits on some systems, and is slower.
    at = moment.astimezone(UTC)
    return f"{at.year:04}{at.month:02}{at.day:02}T{at.hour:02}{at.minute:02}{at.second:02}Z"


def _escaped(text: str) -> str:
    r"""TEXT (RFC 5545, section 3.3.11). A written \N becomes a new line, as in invitations."""
    if not _MARKS.search(text):
        return text
    text = text.replace(r"\N", "\n").replace("\\", "\\\\").replace(";", r"\;")
    return text.replace(",", r"\,").replace("\n", r"\n")


def _parameter(text: str) -> str:
    """The value of a parameter (RFC 5545, section 3.2; RFC 6868)."""
    text = text.replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    return f'"{text}"' if _QUOTED.search(text) else text


def _lines(*lines: str) -> bytes:
    folded = [_folded(line.encode()) for line in lines]
    return b"\r\n".join([*folded, b""])


def _folded(line: bytes) -> bytes:
    """The line in pieces of 75 octets, cut neither inside a letter nor inside an escaped mark."""
    if len(line) <= _LINE_BYTES:
        return line
    pieces, at = [], 0
    while len(line) - at > _LINE_BYTES:
        end = at + _LINE_BYTES
        while line[end] & 0xC0 == 0x80:
            end -= 1
        if line[end - 1] in b"\\^":
            end -= 1
        pieces.append(line[at:end])
        at = end
    return b"\r\n ".join([*pieces, line[at:]])
