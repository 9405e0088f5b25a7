"""The look at a zip archive before any library unpacks it.

A deck is a zip of XML: 300 KB of it can ask for 600 MB, name files outside its folder, or bring
entities that read the disk. Everything here reads the directory only, except `refuse_dtd`.
"""

from __future__ import annotations

import re
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from archive.extract.problems import Problem, Unreadable

_END_RECORD = b"PK\x05\x06"
_END_RECORD_64 = b"PK\x06\x06"
_TAIL_BYTES = 22 + 65_535 + 20 + 56
_ARCHIVES = (".zip", ".jar", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst", ".cab")
_DECKS = (".pptx", ".odp", ".docx", ".xlsx", ".odt", ".ods")
_MARKUP = (".xml", ".rels", ".vml", ".rdf")
_DTD = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)", re.IGNORECASE)
_CHUNK = 1_000_000
_SMALL_ENOUGH = 50_000_000


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """What an archive may ask for. `ratio` counts only beyond 50 MB: blank pictures pack well."""

    members: int = 5_000
    unpacked_bytes: int = 300_000_000
    ratio: int = 200


def open_checked(path: Path, limits: ZipLimits) -> ZipFile:
    """The archive, once its directory has been found harmless; the caller closes it.

    Raises Unreadable: "damaged", "too_big_inside", "unsafe_inside", "encrypted".
    """
    _check_directory_size(path, limits)
    try:
        archive = ZipFile(path)
    except (BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as broken:
        raise Unreadable(Problem.DAMAGED, what="archive") from broken
    try:
        _check_members(archive.infolist(), limits)
    except Unreadable:
        archive.close()
        raise
    return archive


def refuse_dtd(archive: ZipFile) -> None:
    """Raise Unreadable("unsafe_inside") if any XML within declares a type or an entity.

    No office program writes one. Reads every XML member through, so only in a limited process.
    """
    for member in archive.infolist():
        if not member.filename.lower().endswith(_MARKUP):
            continue
        rest = b""
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                if _DTD.search(rest + chunk):
                    raise Unreadable(Problem.UNSAFE_INSIDE, what="dtd", member=member.filename)
                rest = chunk[-40:]


def _check_directory_size(path: Path, limits: ZipLimits) -> None:
    """A directory of millions of members would fill the memory of whoever lists it."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size_bytes - _TAIL_BYTES))
        tail = file.read()
    at = tail.rfind(_END_RECORD)
    if at < 0 or at + 22 > len(tail):
        raise Unreadable(Problem.DAMAGED, what="archive")
    (directory_bytes,) = struct.unpack_from("<L", tail, at + 12)
    at = tail.rfind(_END_RECORD_64)
    if at >= 0 and at + 48 <= len(tail):
        (directory_bytes,) = struct.unpack_from("<Q", tail, at + 40)
    if directory_bytes > limits.members * 1_000:
        _too_big("members", directory_bytes // 46, limits.members)


def _check_members(members: list[ZipInfo], limits: ZipLimits) -> None:
    if len(members) > limits.members:
        _too_big("members", len(members), limits.members)
    unpacked_bytes = sum(member.file_size for member in members)
    packed_bytes = sum(member.compress_size for member in members)
    if unpacked_bytes > limits.unpacked_bytes:
        _too_big("unpacked_bytes", unpacked_bytes, limits.unpacked_bytes)
    ratio = unpacked_bytes // max(packed_bytes, 1)
    if unpacked_bytes > _SMALL_ENOUGH and ratio > limits.ratio:
        _too_big("ratio", ratio, limits.ratio)
    for member in members:
        _check_member(member)


def _check_member(member: ZipInfo) -> None:
    name = member.orig_filename.replace("\\", "/")
    lowered = name.lower()
    if member.flag_bits & 0x1:
        raise Unreadable(Problem.ENCRYPTED)
    if name.startswith("/") or "\0" in name or ":" in name[:2] or ".." in name.split("/"):
        _unsafe("path", member)
    if stat.S_ISLNK(member.external_attr >> 16):
        _unsafe("link", member)
    # A chart carries its worksheet along; nothing else in a deck is an archive.
    if lowered.endswith(_ARCHIVES) or (lowered.endswith(_DECKS) and "/embeddings/" not in lowered):
        _unsafe("archive", member)


def _too_big(what: str, found: int, limit: int) -> None:
    raise Unreadable(Problem.TOO_BIG_INSIDE, what=what, found=found, limit=limit)


def _unsafe(what: str, member: ZipInfo) -> None:
    raise Unreadable(Problem.UNSAFE_INSIDE, what=what, member=member.filename)
