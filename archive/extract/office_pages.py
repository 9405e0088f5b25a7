"""What PowerPoint and OpenDocument decks have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pypdfium2 as pdfium

from archive.extract.job import Job, PageText
from archive.extract.pictures import Size, draw, fitted

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u200b\xad]")


def one_line(text: str) -> str:
    """The text with single blanks and no line ends."""
    return " ".join(_UNPRINTABLE.sub("", text.replace("\x0b", " ")).split())


def tidy(texts: Iterable[str]) -> str:
    """The texts as lines, blank ones left out."""
    lines = (one_line(line) for text in texts for line in re.split(r"[\n\r\x0b]", text))
    return "\n".join(line for line in lines if line)


class OfficePages:
    """Finds the picture of each page in a PDF made from the deck."""

    def __init__(self, job: Job, hidden: list[bool], width: float, height: float) -> None:
        self._job = job
        self._size = fitted(width, height, job.limits)
        self._pdf = _opened(job.pictures_from)
        pages = len(self._pdf) if self._pdf else 0
        visible = hidden.count(False)
        # LibreOffice leaves hidden pages out; with any other count we cannot tell which is which.
        self._matches = pages in (visible, len(hidden))
        self._skips_hidden = pages == visible
        self._hidden = hidden

    def with_picture(self, page: PageText) -> PageText:
        """The page with its picture drawn, if it has one, and its size."""
        hidden = self._hidden[page.number - 1]
        drawn = self._draw(page.number)
        size = drawn or self._size
        return replace(
            page,
            hidden=hidden,
            picture=drawn is not None,
            width=size.width,
            height=size.height,
            remark=page.remark or ("" if drawn else "not_drawn"),
        )

    def _draw(self, number: int) -> Size | None:
        before = self._hidden[: number - 1]
        if self._pdf is None or not self._matches:
            return None
        if self._skips_hidden and self._hidden[number - 1]:
            return None
        at = before.count(False) if self._skips_hidden else number - 1
        return draw(self._pdf[at], number, self._job.out_dir, self._job.limits)


def _opened(path: str) -> pdfium.PdfDocument | None:
    try:
        return pdfium.PdfDocument(path) if path else None
    except pdfium.PdfiumError:
        return None
