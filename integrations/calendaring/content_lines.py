"""The lines and components of a calendar file that came from outside, however it was damaged.

Made for answers, where a file is small and only a few properties count: all others are passed over
before anything is parsed, and what is one's own clock, zone or recurrence is left to the reader.
The cost grows with the size alone, which is limited.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from icalendar.parser import Contentline
from icalendar.parser.property import unescape_backslash

from integrations.runtime.errors import Unreadable

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
MAX_LINE = 8192
MAX_ALIKE = 200
SHORTEST_FOLDED = 30  # characters; 75 octets of Cyrillic are fewer than 40

_BREAK = re.compile(r"\r\r\n|\r\n|\n|\r")
_FOLD = re.compile(rb"\r?\n[ \t]")
# A line that begins so is one of its own; any other is the rest of a line whose fold was damaged.
_NAME = re.compile(r"[ \t]*(?!mailto:|https?:)([A-Za-z0-9][A-Za-z0-9._-]{0,60})[ \t]*[;:]", re.I)
_BARE = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*")
_PARAMETER = re.compile(r';[ \t]*([A-Za-z0-9-]{1,60})=("[^"]*"|[^;:"]*)')
_KEPT = frozenset(
    {
        *("METHOD", "UID", "SEQUENCE", "DTSTAMP", "ATTENDEE", "ORGANIZER", "COMMENT"),
        *("RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "X-WR-TIMEZONE"),
        *("TZID", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"),
    }
)


@dataclass(frozen=True)
class Property:
    """One property: its parameters by upper-case name, its value with escapes as they came."""

    parameters: dict[str, tuple[str, ...]]
    value: str

    def parameter(self, name: str) -> str:
        """The first value of a parameter, without spaces around it; empty where it is missing."""
        return self.parameters.get(name, ("",))[0].strip()

    @property
    def text(self) -> str:
        """The value as people wrote it: escapes undone (RFC 5545, section 3.3.11)."""
        return str(unescape_backslash(self.value))


@dataclass
class Component:
    """A component with the properties that count for answers, unparsed; is_whole: its END came."""

    name: str
    lines: dict[str, list[str]] = field(default_factory=dict)
    children: list[Component] = field(default_factory=list)
    is_whole: bool = False

    def all(self, name: str) -> Iterator[Property]:
        """The properties of a name, in order."""
        return (_property(line) for line in self.lines.get(name, ()))

    def first(self, name: str) -> Property | None:
        """The first property of a name."""
        return next(self.all(name), None)

    def value(self, name: str) -> str:
        """The first property's value, without spaces around it; empty where there is none."""
        found = self.first(name)
        return found.value.strip() if found else ""


def calendars_in(raw: bytes) -> list[Component]:
    """The VCALENDARs of a file, one after another.

    Raises Unreadable where there is none, the file is too large, or nests too deeply.
    """
    if len(raw) > MAX_BYTES:
        raise Unreadable("calendar.too_large", f"{len(raw)} bytes")
    roots: list[Component] = []
    open_ones: list[Component] = []
    for name, line in _logical_lines(_decoded(raw)):
        if name == "BEGIN":
            _begin(_after_colon(line), roots, open_ones)
        elif name == "END":
            _end(_after_colon(line), open_ones)
        elif open_ones and name in _KEPT:
            alike = open_ones[-1].lines.setdefault(name, [])
            if len(alike) < MAX_ALIKE:
                alike.append(line)
    if not roots:
        raise Unreadable("calendar.not_one")
    return roots


def _begin(name: str, roots: list[Component], open_ones: list[Component]) -> None:
    if name == "VCALENDAR":
        open_ones.clear()  # the one before was cut off
    elif not open_ones:
        return
    if len(open_ones) >= MAX_DEPTH:
        raise Unreadable("calendar.too_deep")
    component = Component(name)
    (open_ones[-1].children if open_ones else roots).append(component)
    open_ones.append(component)


def _end(name: str, open_ones: list[Component]) -> None:
    if any(one.name == name for one in open_ones):
        while open_ones:
            closed = open_ones.pop()
            if closed.name == name:
                closed.is_whole = True
                return


def _decoded(raw: bytes) -> str:
    """The text; in doubt in the Russian code page of Windows, and never an error."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace").replace("\0", "")
    raw = raw.removeprefix(codecs.BOM_UTF8).replace(b"\0", b"")
    # Some fold within a character, so that only the unfolded bytes are UTF-8.
    for candidate in (raw, _FOLD.sub(b"", raw)):
        try:
            return candidate.decode("utf-8")
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1251", errors="replace")


def _logical_lines(text: str) -> Iterator[tuple[str, str]]:
    """Unfolded lines with their upper-case names; of overlong ones the beginning."""
    name, pieces, length = "", [""], 0
    for physical, following in pairwise([*_BREAK.split(text), ""]):
        is_folded = physical[:1] in (" ", "\t")
        begins = None if is_folded else _NAME.match(physical) or _bare_name(physical, following)
        if begins is None:
            # Nobody folds a short line: what follows it without a name is junk.
            if length < MAX_LINE and (is_folded or len(pieces[-1]) >= SHORTEST_FOLDED):
                pieces.append(physical[1:] if is_folded else physical)
                length += len(pieces[-1])
            continue
        yield name, "".join(pieces)[:MAX_LINE]
        name, pieces, length = begins[1].upper(), [physical], len(physical)
    yield name, "".join(pieces)[:MAX_LINE]


def _bare_name(physical: str, following: str) -> re.Match[str] | None:
    """A name whose value is on the next line, as calendars of Mozilla once folded."""
    return _BARE.fullmatch(physical) if following[1:2] in (":", ";") else None


def _after_colon(line: str) -> str:
    return line.partition(":")[2].strip().upper()


def _property(line: str) -> Property:
    try:
        _, parameters, value = Contentline(line).raw_parts()  # type: ignore[no-untyped-call]
    except ValueError:
        return _property_of_a_bad_line(line)
    return Property(
        {
            str(name).upper(): tuple(map(str, told if isinstance(told, list) else [told]))
            for name, told in parameters.items()
        },
        str(value),
    )


def _property_of_a_bad_line(line: str) -> Property:
    """What can be told of a line that is against the grammar, such as a stray quote in a name."""
    at = line.lower().rfind(":mailto:")
    if at < 0:
        at = line.find(":")
    return Property(
        {found[1].upper(): (found[2].strip('"'),) for found in _PARAMETER.finditer(line[:at])},
        line[at + 1 :],
    )
