"""A deck of slides becomes pages with text and pictures, whatever state it is in."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archive.extract.job import Job, picture_path
from archive.extract.limits import Limits
from archive.extract.problems import Problem, Unreadable
from archive.extract.reader import Answer, Ending, run, time_left
from archive.kinds import FileKind

_MOST_CRASHES = 3
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class PageRead:
    """One page of a deck, counted from 1.

    title: also the first words of `text` in office decks.  notes: the speaker's notes.
    picture_path: None where no picture could be drawn; `text` is then all there is to show.
    width, height: of the picture in pixels, or of one that would be; 0 where unknown.
    hidden: the speaker left it out of the show.
    of: how many pages the deck has.
    remark: "no_code_table" (the font gives no letters; text left out), "not_drawn", "damaged".
    """

    number: int
    title: str
    text: str
    notes: str
    picture_path: Path | None
    width: int
    height: int
    hidden: bool = False
    remark: str | None = None
    of: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DeckRead:
    """What could be read: `pages` of `pages_total`, and why not all, if not all.

    peak_bytes: the most memory that a reading process held, as far as it lived to tell.
    """

    pages: list[PageRead]
    pages_total: int
    problem: Problem | None
    details: dict[str, object] = field(default_factory=dict)
    peak_bytes: int = 0


def read_deck(
    path: Path,
    kind: FileKind,
    out_dir: Path,
    limits: Limits = _LIMITS,
    on_page: Callable[[PageRead], None] | None = None,
) -> DeckRead:
    """The pages of a PDF, PPTX or ODP, read in a process of its own within the limits.

    Pictures are written to `out_dir`. `on_page` is called as soon as a page is there; what it
    raises ends the reading. Pictures of office decks need LibreOffice (`soffice` on the PATH).
    Raises Unreadable if not a single page could be read; the codes are those of `Problem`.
    """
    if kind.group != "slides":
        raise ValueError(f"not a deck: {kind.format}")
    out_dir = out_dir.resolve()
    job = Job("deck", str(path.resolve()), kind.format, str(out_dir), limits=limits)
    reading = _Reading(out_dir, time.monotonic() + limits.wall_s, on_page)
    if kind.format == "pdf":
        reading.read_pdf(job)
    else:
        reading.read_office(job)
    return reading.outcome(limits)


class _Reading:
    """One deck on its way, over as many attempts as it takes."""

    def __init__(
        self, out_dir: Path, deadline: float, on_page: Callable[[PageRead], None] | None
    ) -> None:
        self.out_dir = out_dir
        self.deadline = deadline
        self.on_page = on_page
        self.pages: list[PageRead] = []
        self.total = 0
        self.peak_bytes = 0
        self.first: Ending | None = None

    def read_pdf(self, job: Job) -> None:
        """Go on behind a page that kills the reader; that page's text is left to pypdf."""
        for _ in range(_MOST_CRASHES):
            if not self._attempt(job).crashed:
                return
            at_fault = self._next_page()
            last = at_fault if self.total else 0
            self._attempt(replace(job, text_only=True, first_page=at_fault, last_page=last))
            job = replace(job, first_page=at_fault + 1)
            if not self.total or job.first_page > self.total:
                return

    def read_office(self, job: Job) -> None:
        with tempfile.TemporaryDirectory(dir=self.out_dir, prefix="convert-") as folder:
            pictures = self._convert(job, folder)
            ending = self._attempt(replace(job, pictures_from=pictures))
            if ending.crashed and pictures:
                self._attempt(replace(job, first_page=self._next_page()))

    def outcome(self, limits: Limits) -> DeckRead:
        problem = self.first.problem if self.first else None
        details = dict(self.first.details) if self.first else {}
        if not self.pages:
            raise Unreadable(problem or Problem.EMPTY, **details)
        if not problem and self.total > limits.pages:
            problem = Problem.TOO_MANY_PAGES
        if not problem and not any(page.text for page in self.pages):
            problem = Problem.NO_TEXT
        return DeckRead(self.pages, self.total, problem, details, self.peak_bytes)

    def _convert(self, job: Job, folder: str) -> str:
        """The path of a PDF that shows the deck, "" where there is none to be had."""
        program = shutil.which("soffice")
        if not program:
            return ""
        wall_s = min(job.limits.convert_wall_s, time_left(self.deadline) / 2)
        job = replace(job, task="convert", out_dir=folder, program=program)
        ending = run(job, wall_s, lambda _: None)
        shown = Path(folder) / "shown.pdf"
        return str(shown) if not ending.problem and shown.is_file() else ""

    def _attempt(self, job: Job) -> Ending:
        ending = run(job, time_left(self.deadline), self._take)
        self.peak_bytes = max(self.peak_bytes, ending.peak_bytes)
        if ending.problem and not self.first:
            self.first = ending
        return ending

    def _take(self, answer: Answer) -> None:
        if "total" in answer:
            self.total = int(answer["total"])
        if "page" not in answer:
            return
        page = self._page(answer["page"])
        self.pages.append(page)
        if self.on_page:
            self.on_page(page)

    def _next_page(self) -> int:
        return self.pages[-1].number + 1 if self.pages else 1

    def _page(self, reported: dict[str, Any]) -> PageRead:
        number = int(reported["number"])
        picture = picture_path(self.out_dir, number)
        drawn = bool(reported["picture"]) and picture.is_file() and not picture.is_symlink()
        return PageRead(
            number=number,
            title=str(reported["title"]),
            text=str(reported["text"]),
            notes=str(reported["notes"]),
            picture_path=picture if drawn else None,
            width=int(reported["width"]),
            height=int(reported["height"]),
            hidden=bool(reported["hidden"]),
            remark=str(reported["remark"]) or None,
            of=self.total,
        )
