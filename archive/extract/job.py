"""What the reading process is told, and how it answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol

from archive.extract.limits import Limits


class Emit(Protocol):
    """Sends one answer to the parent."""

    def __call__(self, **answer: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at one file.

    task: "deck", "convert" or "probe".  format: one of archive.kinds.KINDS.
    first_page, last_page: counted from 1; 0 as last means to the end.
    pictures_from: a PDF that shows the pages of an office deck.
    program: what shows office decks as PDF.
    header_only: believe a recording's header instead of decoding it.
    text_only: read a PDF with the second library, which is slow, draws nothing, but stands more.
    """

    task: str
    path: str
    format: str
    out_dir: str = ""
    first_page: int = 1
    last_page: int = 0
    pictures_from: str = ""
    text_only: bool = False
    program: str = ""
    header_only: bool = False
    limits: Limits = field(default_factory=Limits)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "limits": self.limits.as_json()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Job:
        known = {key: stored[key] for key in (f.name for f in fields(cls)) if key in stored}
        return cls(**{**known, "limits": Limits.from_json(stored["limits"])})

    def pages(self, total: int) -> range:
        """The numbers of the pages to read, of `total`, within the limit."""
        last = min(total, self.limits.pages)
        return range(self.first_page, min(last, self.last_page or last) + 1)


@dataclass(frozen=True, slots=True)
class PageText:
    """A page as the child reports it. `picture` tells whether `picture_path` was written."""

    number: int
    title: str = ""
    text: str = ""
    notes: str = ""
    hidden: bool = False
    picture: bool = False
    width: int = 0
    height: int = 0
    remark: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def picture_path(out_dir: Path, number: int) -> Path:
    """Where the picture of a page lies; the parent knows it without being told."""
    return out_dir / f"page-{number:04}.webp"
