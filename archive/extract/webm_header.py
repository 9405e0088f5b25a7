"""What the header of a WebM claims (EBML, RFC 8794; Matroska, RFC 9559)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from archive.extract.media_header import Header

_SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_TRACK, _TRACK_TYPE, _CODEC, _VIDEO, _WIDTH, _HEIGHT = 0xAE, 0x83, 0x86, 0xE0, 0xB0, 0xBA
_VIDEO_TYPE, _AUDIO_TYPE = 1, 2
_HEADER_BYTES = 4_000_000
_MOST_ELEMENTS = 10_000


class Element(NamedTuple):
    number: int
    content: bytes


def read_webm(file: BinaryIO) -> Header:
    """The claims of a WebM. A browser's recording has no duration: it was never closed."""
    file.seek(0)
    head = file.read(_HEADER_BYTES)
    header = Header()
    for element in _elements(head):
        if element.number == _SEGMENT:
            _segment(element.content, header)
    return header


def _segment(content: bytes, header: Header) -> None:
    scale, ticks = 1_000_000, 0.0
    for element in _elements(content):
        if element.number == _INFO:
            for fact in _elements(element.content):
                if fact.number == _SCALE:
                    scale = _integer(fact.content)
                elif fact.number == _DURATION:
                    ticks = _decimal(fact.content)
        elif element.number == _TRACKS:
            for track in _elements(element.content):
                if track.number == _TRACK:
                    _track(track.content, header)
        elif element.number == _CLUSTER:
            break
    seconds = ticks * scale / 1e9
    # Comparisons with nan are false: a claim of "not a number" is no claim.
    header.duration_s = round(seconds, 3) if 0 < seconds < 1e9 else None


def _track(content: bytes, header: Header) -> None:
    facts = {element.number: element.content for element in _elements(content)}
    kind = _integer(facts.get(_TRACK_TYPE, b""))
    if kind not in (_VIDEO_TYPE, _AUDIO_TYPE):
        return
    header.codecs.append(facts.get(_CODEC, b"").strip(b"\0").decode("ascii", "replace"))
    header.has_audio |= kind == _AUDIO_TYPE
    if kind == _VIDEO_TYPE and not header.has_video:
        header.has_video = True
        shown = {element.number: element.content for element in _elements(facts.get(_VIDEO, b""))}
        header.width = _integer(shown.get(_WIDTH, b""))
        header.height = _integer(shown.get(_HEIGHT, b""))


def _elements(data: bytes) -> Iterator[Element]:
    """The elements in order; one without a known end reaches to the end of the data."""
    at = 0
    for _ in range(_MOST_ELEMENTS):
        number, at = _vint(data, at, keep_marker=True)
        size, at = _vint(data, at, keep_marker=False)
        if number is None:
            return
        end = len(data) if size is None else min(at + size, len(data))
        yield Element(number, data[at:end])
        at = end


def _vint(data: bytes, at: int, keep_marker: bool) -> tuple[int | None, int]:
    """A number of variable length and the offset behind it; None for "unknown" and at the end."""
    if at >= len(data) or not data[at]:
        return None, len(data)
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length], "big")
    if keep_marker:
        return value, at + length
    value &= (1 << 7 * length) - 1
    return (None if value == (1 << 7 * length) - 1 else value), at + length


def _integer(content: bytes) -> int:
    return int.from_bytes(content[:8], "big")


def _decimal(content: bytes) -> float:
    form = {4: ">f", 8: ">d"}.get(len(content))
    return float(struct.unpack(form, content)[0]) if form else 0.0
