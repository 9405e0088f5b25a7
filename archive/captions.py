"""Subtitles and transcripts: WebVTT and SubRip as people really have them, and clean WebVTT out.

Warnings are `code:line`, the line counted from 1, a thousand at most:
bad_time: times that cannot be read, the cue is left out;  no_words: a cue without text, left out;
ends_before_start: the end was set by the length of the words;  stray_text: words outside any cue,
left out;  stray_blank_line: words after a blank line were taken for the cue above;
unsorted: a cue earlier than the one before, put in its place;  repeated: the same cue again,
left out;  rolling (line 0): each line came twice, as in automatic YouTube subtitles, and was
taken once;  bad_characters (line 0): some bytes were no character of the encoding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from archive.captions_blocks import RawCue, read_blocks
from archive.captions_encoding import decode
from archive.captions_markup import escaped, read_payload
from archive.captions_rolling import is_rolling, unrolled
from archive.captions_speakers import speakers_in, split_label
from archive.captions_timing import as_vtt_time
from archive.extract.problems import Problem, Unreadable

# Ten times a whole day of speech.
MAX_BYTES = 5_000_000
_MOST_WARNINGS = 1_000
# What follows WEBVTT on its line is a comment to every player. It tells us on reading back that
# nothing need be guessed: names in the words are words, a repeated line was said twice.
_OUR_HEADER = "WEBVTT - speakers are voices"


@dataclass(frozen=True, slots=True)
class CueText:
    """What someone says from one second to another; `text` is one line without markup."""

    start_s: float
    end_s: float
    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Captions:
    """The cues by their start. `format` is "vtt" or "srt", `encoding` as Python names it."""

    cues: list[CueText]
    format: str
    encoding: str
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Cue:
    """A cue on its way: its lines without markup, one voice."""

    line: int
    start_s: float
    end_s: float
    voice: str | None
    lines: list[str]


def read_captions(raw: bytes, name: str = "", max_bytes: int = MAX_BYTES) -> Captions:
    """The cues of a WebVTT or SubRip file, mended where it is malformed.

    name: as the file came; its extension decides only where the content fits both formats.
    Raises Unreadable: "empty" where there is no cue, "wrong_encoding", "too_big".
    """
    if len(raw) > max_bytes:
        raise Unreadable(Problem.TOO_BIG, size_bytes=len(raw), limit_bytes=max_bytes)
    decoded = decode(raw)
    blocks = read_blocks(decoded.text)
    warnings = list(blocks.warnings)
    if not decoded.exact:
        warnings.append("bad_characters:0")
    ours = decoded.text.startswith(_OUR_HEADER)
    cues = _with_words(blocks.cues, ours, warnings)
    if not ours:
        cues = _without_guesswork(cues, warnings)
    _mend_ends(cues, warnings)
    if not cues:
        raise Unreadable(Problem.EMPTY)
    is_vtt = blocks.is_vtt and (blocks.has_header or PurePath(name).suffix.lower() != ".srt")
    return Captions(
        cues=[CueText(c.start_s, c.end_s, c.voice, " ".join(c.lines)) for c in cues],
        format="vtt" if is_vtt else "srt",
        encoding=decoded.encoding,
        warnings=warnings[:_MOST_WARNINGS],
    )


def write_vtt(cues: Iterable[CueText]) -> str:
    """A clean WebVTT file that says the same: what players are given instead of the upload."""
    blocks = [_OUR_HEADER]
    for cue in cues:
        words = escaped(cue.text)
        voice = escaped(cue.speaker or "")
        if not words:
            continue
        times = f"{as_vtt_time(cue.start_s)} --> {as_vtt_time(cue.end_s)}"
        blocks.append(f"{times}\n<v {voice}>{words}" if voice else f"{times}\n{words}")
    return "\n\n".join(blocks) + "\n"


def _with_words(raw_cues: list[RawCue], ours: bool, warnings: list[str]) -> list[_Cue]:
    cues = []
    latest_s = 0.0
    for raw in raw_cues:
        spoken = read_payload(raw.lines, keep_braces=ours)
        if not spoken:
            warnings.append(f"no_words:{raw.line}")
        if raw.start_s < latest_s:
            warnings.append(f"unsorted:{raw.line}")
        latest_s = max(latest_s, raw.start_s)
        cues += [_Cue(raw.line, raw.start_s, raw.end_s, s.voice, s.lines) for s in spoken]
    return sorted(cues, key=lambda cue: cue.start_s)


def _without_guesswork(cues: list[_Cue], warnings: list[str]) -> list[_Cue]:
    """The cues with each thing said once, by the speaker its words begin with."""
    seen = set()
    once = []
    for cue in cues:
        key = (cue.start_s, cue.end_s, cue.voice, tuple(cue.lines))
        if key in seen:
            warnings.append(f"repeated:{cue.line}")
        else:
            once.append(cue)
        seen.add(key)
    if is_rolling(once):
        warnings.append("rolling:0")
        once = unrolled(once)
    if not any(cue.voice for cue in once):
        texts = [" ".join(cue.lines) for cue in once]
        speakers = speakers_in(texts)
        for cue, text in zip(once, texts, strict=True):
            cue.voice, words = split_label(text, speakers)
            cue.lines = [words]
    return once


def _mend_ends(cues: list[_Cue], warnings: list[str]) -> None:
    for cue in cues:
        if cue.end_s <= cue.start_s:
            # About fifteen characters a second is quick speech.
            length_s = min(max(sum(map(len, cue.lines)) / 15, 1.0), 7.0)
            cue.end_s = round(cue.start_s + length_s, 3)
            warnings.append(f"ends_before_start:{cue.line}")
