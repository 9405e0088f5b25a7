"""The line of a subtitle file that says from when to when."""

from __future__ import annotations

import re
from typing import NamedTuple

# Seen in the wild: hours left out, a comma or a colon before the milliseconds, blanks that a
# translation service put around the colons, dashes that a word processor turned into one.
_TIME = r"(?:(\d{1,6})\s?:\s?)?(\d{1,3})\s?:\s?(\d{1,2})(?:\s?[.,:]\s?(\d{1,9}))?"
_ARROW = r"\s*(?:-\s?-?\s?>|[–—]\s?>|→)\s*"
_LINE = re.compile(rf"\s*{_TIME}{_ARROW}{_TIME}(?:\s.*)?$", re.DOTALL)
_LOOKS_LIKE_TIMES = re.compile(r"\d\s?:\s?\S{1,20}[^>]{0,20}-->|-->\s*\d{1,6}\s?:")


class Timing(NamedTuple):
    start_s: float
    end_s: float
    comma: bool


def read_timing(line: str) -> Timing | None:
    """The two times of a timing line; None where the line is something else.

    Position settings after the second time are dropped.
    """
    found = _LINE.match(line) if len(line) < 1000 else None
    if not found:
        return None
    parts = found.groups()
    return Timing(_seconds(parts[:4]), _seconds(parts[4:]), "," in line[: found.end(8)])


def is_spoiled_timing(line: str) -> bool:
    """Whether a line that `read_timing` cannot read was meant to be one."""
    return "-->" in line and bool(_LOOKS_LIKE_TIMES.search(line[:1000]))


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    whole: int = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return round(whole + float(f"0.{fraction}"), 3)


def as_vtt_time(instant_s: float) -> str:
    """A time as WebVTT writes it: `00:10:02.500`, hours growing beyond two digits."""
    milliseconds = round(instant_s * 1000)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
