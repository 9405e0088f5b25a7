"""How much of the machine one file may have while it is read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from archive.extract.zip_guard import ZipLimits

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one reading.

    memory_bytes: address space of the reading process, and apart from it of LibreOffice.
    cpu_s: processor time of one process; wall_s: time for the whole file, all attempts together.
    written_bytes: the largest single file that may be written.
    page_characters: what is kept of one page's text.
    """

    memory_bytes: int = 300 * MEGABYTE
    cpu_s: int = 180
    wall_s: float = 300.0
    written_bytes: int = 200 * MEGABYTE
    open_files: int = 64
    pages: int = 2_000
    page_characters: int = 100_000
    picture_width: int = 1_280
    convert_memory_bytes: int = 4_000 * MEGABYTE
    convert_wall_s: float = 120.0
    zip: ZipLimits = field(default_factory=ZipLimits)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Limits:
        return cls(**{**stored, "zip": ZipLimits(**stored["zip"])})
