"""From the lines of a subtitle file to its cues, as they were written.

The file is read from one timing line to the next rather than from blank line to blank line:
stray blank lines and missing ones are the commonest faults.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from archive.captions_timing import Timing, is_spoiled_timing, read_timing

_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_NUMBER = re.compile(r"\s*\d{1,9}\s*$")
_SINGLE_WORD = re.compile(r"\s*\S{1,200}\s*$")


@dataclass(slots=True)
class RawCue:
    """A cue before its markup is read. `line` counts from 1 and is that of the times."""

    line: int
    start_s: float
    end_s: float
    lines: list[str] = field(default_factory=list)


class Blocks(NamedTuple):
    cues: list[RawCue]
    warnings: list[str]
    is_vtt: bool
    has_header: bool


def read_blocks(text: str) -> Blocks:
    """All cues of the file in its order, with a warning for whatever was passed over."""
    # "\r\r\n" is what a file becomes that was converted once too often.
    lines = re.sub(r"\r+\n|\r", "\n", text).split("\n")
    has_header = lines[0].lstrip("\ufeff \t")[:6].upper() == "WEBVTT"
    reader = _Reader(lines, has_header)
    reader.read()
    is_vtt = has_header or not reader.commas
    return Blocks(reader.cues, reader.warnings, is_vtt, has_header)


class _Reader:
    def __init__(self, lines: list[str], has_header: bool) -> None:
        self.lines = lines
        self.has_header = has_header
        self.cues: list[RawCue] = []
        self.warnings: list[str] = []
        self.commas = False
        self._cue: RawCue | None = None
        self._number = 0

    def read(self) -> None:
        blank_before = True
        aside = self.has_header
        for at, line in enumerate(self.lines):
            if not line.strip():
                blank_before, aside = True, False
                continue
            timing = read_timing(line)
            if timing:
                aside = False
                self._open(at, timing)
            elif is_spoiled_timing(line):
                aside, self._cue = False, None
                self._warn("bad_time", at)
            elif not self._is_identifier(at, blank_before):
                # Aside: the header (Kind:, X-TIMESTAMP-MAP=), a comment or a style, up to a blank.
                aside = aside or (blank_before and bool(_ASIDE.match(line)))
                if not aside:
                    self._add(at, line, blank_before)
            blank_before = False

    def _is_times(self, at: int) -> bool:
        if at >= len(self.lines):
            return False
        return read_timing(self.lines[at]) is not None or is_spoiled_timing(self.lines[at])

    def _is_identifier(self, at: int, blank_before: bool) -> bool:
        """Whether the line is the name or number of the next cue rather than words of this one."""
        line = self.lines[at]
        has_words = self._cue is None or bool(self._cue.lines)
        if _NUMBER.match(line):
            if self._is_times(at + 1):
                return blank_before or (has_words and int(line) == self._number + 1)
            following = at + 1
            while following < len(self.lines) and not self.lines[following].strip():
                following += 1
            is_next = blank_before and has_words and int(line) == self._number + 1
            return is_next and self._is_times(following)
        if not self.has_header or not blank_before or not self._is_times(at + 1):
            return False
        return has_words or bool(_SINGLE_WORD.match(line))

    def _open(self, at: int, timing: Timing) -> None:
        before = self.lines[at - 1] if at else ""
        self._number = int(before) if _NUMBER.match(before) else self._number + 1
        self.commas = self.commas or timing.comma
        self._cue = RawCue(at + 1, timing.start_s, timing.end_s)
        self.cues.append(self._cue)

    def _add(self, at: int, line: str, blank_before: bool) -> None:
        if self._cue is None:
            self._warn("stray_text", at)
            return
        if blank_before and self._cue.lines:
            self._warn("stray_blank_line", at)
        self._cue.lines.append(line)

    def _warn(self, code: str, at: int) -> None:
        self.warnings.append(f"{code}:{at + 1}")
