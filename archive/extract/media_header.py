"""What the header of a sound or video file claims, read without any media library."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from archive.extract.problems import Problem, Unreadable

_MOST_BOXES = 100_000
_MOST_BYTES = 64_000_000


@dataclass(slots=True)
class Header:
    """Claims, not facts. `index_first`: a player can start before it has the whole mp4."""

    duration_s: float | None = None
    has_video: bool = False
    has_audio: bool = False
    width: int = 0
    height: int = 0
    codecs: list[str] = field(default_factory=list)
    index_first: bool | None = None


class Part(NamedTuple):
    """A box of an mp4, a chunk of a RIFF: its name and where its content lies in the file."""

    name: bytes
    start: int
    end: int


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Part]:
    """The boxes between two offsets (ISO 14496-12, section 4.2); ends at the first broken one."""
    for _ in range(_MOST_BOXES):
        file.seek(start)
        head = file.read(16)
        if start + 8 > end or len(head) < 8:
            return
        size, name = struct.unpack(">L4s", head[:8])
        skip = 8
        if size == 1 and len(head) == 16:
            (size,), skip = struct.unpack(">Q", head[8:]), 16
        elif size == 0:
            size = end - start
        if size < skip:
            return
        yield Part(name, start + skip, min(start + size, end))
        start += size


def _content(file: BinaryIO, part: Part, most: int = 256) -> bytes:
    file.seek(part.start)
    return file.read(min(part.end - part.start, most))


def read_mp4(file: BinaryIO) -> Header:
    """The claims of an mp4 or m4a. Raises Unreadable("damaged") where it has no index."""
    size_bytes = file.seek(0, 2)
    top = list(boxes(file, 0, size_bytes))
    names = [box.name for box in top]
    if b"moov" not in names:
        raise Unreadable(Problem.DAMAGED, what="no index")
    header = Header()
    if b"mdat" in names:
        header.index_first = names.index(b"moov") < names.index(b"mdat")
    index = top[names.index(b"moov")]
    for box in boxes(file, index.start, index.end):
        if box.name == b"mvhd":
            header.duration_s = _mvhd_duration(_content(file, box))
        elif box.name == b"trak":
            _track(file, box, header)
    return header


def _mvhd_duration(content: bytes) -> float | None:
    """None in a fragmented file, which writes 0 or all ones."""
    is_long = content[:1] == b"\1"
    if len(content) < (32 if is_long else 20):
        return None
    scale, ticks = struct.unpack_from(">LQ" if is_long else ">LL", content, 20 if is_long else 12)
    unknown = ticks in (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
    return None if unknown or not scale else round(ticks / scale, 3)


def _track(file: BinaryIO, track: Part, header: Header) -> None:
    found = {box.name: box for box in boxes(file, track.start, track.end)}
    for name in (b"mdia", b"minf", b"stbl"):
        inner = found.get(name)
        if inner is None:
            return
        found |= {box.name: box for box in boxes(file, inner.start, inner.end)}
    kind = _content(file, found[b"hdlr"])[8:12] if b"hdlr" in found else b""
    if kind not in (b"vide", b"soun") or b"stsd" not in found:
        return
    codec = _content(file, found[b"stsd"])[12:16].decode("ascii", "replace")
    header.codecs.append(codec)
    header.has_audio |= kind == b"soun"
    if kind == b"vide" and not header.has_video and b"tkhd" in found:
        header.has_video = True
        shown = _content(file, found[b"tkhd"])[-8:]
        width, height = struct.unpack(">LL", shown) if len(shown) == 8 else (0, 0)
        header.width, header.height = width >> 16, height >> 16


def read_wav(file: BinaryIO) -> Header:
    """The claims of a wav."""
    header = Header(has_audio=True)
    size_bytes = file.seek(0, 2)
    bytes_a_second = 0
    start = 12
    for _ in range(1_000):
        file.seek(start)
        head = file.read(8)
        if len(head) < 8:
            break
        name, size = struct.unpack("<4sL", head)
        if name == b"fmt ":
            content = _content(file, Part(name, start + 8, start + 8 + size))
            (bytes_a_second,) = struct.unpack_from("<L", content, 8) if len(content) > 12 else (0,)
            header.codecs = ["pcm"]
        elif name == b"data":
            # Longer than the file: what a recorder left that never came to closing it.
            length = min(size, size_bytes - start - 8)
            header.duration_s = round(length / bytes_a_second, 3) if bytes_a_second else None
            break
        start += 8 + size + size % 2
    return header
