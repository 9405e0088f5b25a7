"""What a file is, judged by its bytes; its extension must agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal
from zipfile import BadZipFile

import puremagic

from archive.captions_encoding import decode
from archive.captions_timing import read_timing
from archive.extract.problems import Problem, Unreadable
from archive.extract.zip_guard import ZipLimits, open_checked

Group = Literal["video", "audio", "slides", "transcript"]


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that the archive takes. `media_type` is what it may be served as."""

    group: Group
    format: str
    media_type: str


_OOXML = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_ODP = "application/vnd.oasis.opendocument.presentation"
KINDS = {
    kind.format: kind
    for kind in (
        FileKind("video", "mp4", "video/mp4"),
        FileKind("video", "webm", "video/webm"),
        FileKind("audio", "m4a", "audio/mp4"),
        FileKind("audio", "mp3", "audio/mpeg"),
        FileKind("audio", "ogg", "audio/ogg"),
        FileKind("audio", "wav", "audio/wav"),
        FileKind("slides", "pdf", "application/pdf"),
        FileKind("slides", "pptx", _OOXML),
        FileKind("slides", "odp", _ODP),
        FileKind("transcript", "vtt", "text/vtt"),
        FileKind("transcript", "srt", "application/x-subrip"),
    )
}
# What an extension may turn out to be: an .mp4 with sound alone is often written as .m4a inside,
# and subtitle files change their extension more often than their form.
_MAY_BE = {
    **{name: {name} for name in KINDS},
    **{"mp4": {"mp4", "m4a"}, "m4v": {"mp4"}, "m4a": {"m4a", "mp4"}},
    **{"oga": {"ogg"}, "opus": {"ogg"}, "weba": {"webm"}},
    **{"vtt": {"vtt", "srt"}, "srt": {"srt", "vtt"}},
}
_HEAD_BYTES = 65_536
_AUDIO_BRANDS = (b"M4A ", b"M4B ", b"F4A ")
_NO_MP4_BRANDS = (b"qt  ", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ")
_NO_SPEECH = re.compile(r"\s*(?:<|#EXT|ffconcat|\[playlist\]|\{|%PDF)", re.IGNORECASE)
_PROGRAM_STARTS = (b"MZ", b"PK", b"\x7fELF", b"<", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
_OTHERS = {
    b"ffconcat": "ffconcat",
    b"#extm3u": "m3u8",
    b"<svg": "svg",
    b"<html": "html",
    b"<!doctype html": "html",
    b"mz": "exe",
    b"\x7felf": "elf",
}
_FIRST_LINES = 40
_ZIP_LIMITS = ZipLimits()


def kind_of(path: Path, name: str | None = None, zip_limits: ZipLimits = _ZIP_LIMITS) -> FileKind:
    """What the file is.

    name: as the uploader called it, where `path` is a stored name; its extension must agree with
    the bytes. Reads the first 64 KB, and of a zip its directory.
    Raises Unreadable: "empty"; "not_what_it_says" (said, is_); "kind_not_accepted" (is_);
    "encrypted"; and what `open_checked` raises of an archive.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip(b"\0 \t\r\n"):
        raise Unreadable(Problem.EMPTY)
    said = PurePath(name or path.name).suffix.lower().lstrip(".")
    found = _sniff(head, path, zip_limits)
    allowed = _MAY_BE.get(said, set())
    if found in KINDS and (found in allowed or not said):
        return KINDS["m4a" if (said, found) == ("m4a", "mp4") else found]
    if found not in KINDS and said not in _MAY_BE:
        raise Unreadable(Problem.KIND_NOT_ACCEPTED, is_=said or found)
    raise Unreadable(Problem.NOT_WHAT_IT_SAYS, said=said, is_=found)


def _sniff(head: bytes, path: Path, zip_limits: ZipLimits) -> str:
    """The format by its usual extension: one of KINDS, or what else it seems to be."""
    if head[4:8] == b"ftyp":
        return _mp4_or_m4a(head)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _ebml_doctype(head)
    if head.startswith(b"PK\x03\x04"):
        return _office_format(path, zip_limits)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _old_office_format(path)
    if _is_pdf(head):
        return "pdf"
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"ID3") or _is_mpeg_audio(head):
        return "mp3"
    return _transcript_format(head) or _anything_else(head)


def _mp4_or_m4a(head: bytes) -> str:
    brand = head[8:12]
    if brand in _NO_MP4_BRANDS:
        return "mov" if brand == b"qt  " else "heic"
    return "m4a" if brand in _AUDIO_BRANDS else "mp4"


def _ebml_doctype(head: bytes) -> str:
    found = re.search(rb"\x42\x82[\x81-\x90]([a-z]{1,16})", head[:200])
    doctype = found.group(1) if found else b""
    return {b"webm": "webm", b"matroska": "mkv"}.get(doctype, "ebml")


def _is_pdf(head: bytes) -> bool:
    """Readers allow junk before the mark, within the first kilobyte; a program is not junk."""
    at = head[:1024].find(b"%PDF-")
    return at == 0 or (at > 0 and not head.lstrip().startswith(_PROGRAM_STARTS))


def _is_mpeg_audio(head: bytes) -> bool:
    """Two MPEG layer III frames in a row, of version 1 or 2."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[1] & 0x18 == 0x08:
        return False
    first = head[1] & 0x18 == 0x18
    rate = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320) if first else ()
    rate = rate or (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    index, frequency = head[2] >> 4, head[2] >> 2 & 3
    if index in (0, 15) or frequency == 3:
        return False
    hertz = (44_100, 48_000, 32_000)[frequency] // {0x18: 1, 0x10: 2, 0x00: 4}[head[1] & 0x18]
    length = (144 if first else 72) * rate[index - 1] * 1000 // hertz + (head[2] >> 1 & 1)
    return head[length : length + 2] == head[:2]


def _office_format(path: Path, zip_limits: ZipLimits) -> str:
    with open_checked(path, zip_limits) as archive:
        names = set(archive.namelist())
        if "[Content_Types].xml" in names:
            parts = {"ppt/presentation.xml": "pptx", "word/document.xml": "docx"}
            parts["xl/workbook.xml"] = "xlsx"
            return next((parts[name] for name in parts if name in names), "zip")
        if "mimetype" not in names or archive.getinfo("mimetype").file_size > 200:
            return "zip"
        try:
            media_type = archive.read("mimetype").strip().decode("ascii", "replace")
        except (BadZipFile, NotImplementedError, OSError) as broken:
            raise Unreadable(Problem.DAMAGED, what="archive") from broken
    suffix = media_type.removeprefix("application/vnd.oasis.opendocument.")
    return {"presentation": "odp", "text": "odt", "spreadsheet": "ods"}.get(suffix, "zip")


def _old_office_format(path: Path) -> str:
    # PowerPoint wraps a deck with a password into the container of the old formats.
    with path.open("rb") as file:
        if "EncryptedPackage".encode("utf-16-le") in file.read(4_000_000):
            raise Unreadable(Problem.ENCRYPTED)
    return "ppt"


def _transcript_format(head: bytes) -> str | None:
    try:
        text = decode(head).text
    except Unreadable:
        return None
    if text.lstrip()[:6].upper() == "WEBVTT":
        return "vtt"
    if _NO_SPEECH.match(text):
        return None
    first_lines = re.split(r"[\r\n]+", text.lstrip(), maxsplit=_FIRST_LINES)[:_FIRST_LINES]
    return "srt" if any(read_timing(line) for line in first_lines) else None


def _anything_else(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:20].lower()
    for mark, name in _OTHERS.items():
        if start.startswith(mark):
            return name
    try:
        return puremagic.from_string(head).lstrip(".") or "unknown"
    except (puremagic.PureError, ValueError):
        return "unknown"
