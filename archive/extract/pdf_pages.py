"""A PDF's pages: text and pictures by PDFium, text by pypdf where PDFium gives up."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from archive.extract.job import Emit, Job, PageText
from archive.extract.pictures import draw, fitted
from archive.extract.problems import Problem, Unreadable
from archive.extract.words import cleaned, readable

_CATALOGUE = re.compile(
    rb"(\d{1,9})\s+(\d{1,5})\s+obj\b(?:(?!endobj).){0,2000}?/Type\s*/Catalog\b", re.DOTALL
)
_MENDABLE_BYTES = 50_000_000
_TITLE_LOOKS_AT = 1_500
_TITLE_CHARACTERS = 200


def read_pdf(job: Job, emit: Emit) -> None:
    """Report the pages of a PDF one by one. Raises Unreadable: "encrypted", "damaged", "empty"."""
    if job.text_only:
        _read_text_only(job, emit)
        return
    document = _opened(job.path)
    if document is None:
        document = _with_new_trailer(Path(job.path))
        if document is None:
            # PDFium does without repair of what pypdf can still walk through.
            _read_text_only(job, emit)
            return
        emit(problem=Problem.DAMAGED.value, details={"what": "end missing"})
    total = len(document)
    emit(total=total)
    for number in job.pages(total):
        emit(page=_page(document, number, job).as_json())


def _opened(source: str | bytes) -> pdfium.PdfDocument | None:
    """The document, None if PDFium finds no page in it."""
    try:
        document = pdfium.PdfDocument(source)
        return document if len(document) else None
    except pdfium.PdfiumError as broken:
        if "password" in str(broken).lower():
            raise Unreadable(Problem.ENCRYPTED) from broken
        return None


def _with_new_trailer(path: Path) -> pdfium.PdfDocument | None:
    """The part of a document that arrived, if its end was cut off and its catalogue was not."""
    if path.stat().st_size > _MENDABLE_BYTES:
        return None
    content = path.read_bytes()
    catalogue = _CATALOGUE.search(content)
    if catalogue is None:
        return None
    number, generation = catalogue.groups()
    end = b"\ntrailer\n<< /Root %b %b R >>\nstartxref\n0\n%%%%EOF\n" % (number, generation)
    return _opened(content + end)


def _page(document: pdfium.PdfDocument, number: int, job: Job) -> PageText:
    try:
        page = document[number - 1]
    except pdfium.PdfiumError:
        return PageText(number, remark="damaged")
    try:
        text_page = page.get_textpage()
        raw, raw_title = text_page.get_text_bounded(), _largest_line(text_page.raw)
        text_page.close()
    except pdfium.PdfiumError:
        raw, raw_title = "", ""
    drawn = draw(page, number, job.out_dir, job.limits)
    size = drawn or fitted(page.get_width(), page.get_height(), job.limits)
    page.close()
    text = _text(raw, job)
    return PageText(
        number,
        title=_title(raw_title, text or ""),
        text=text or "",
        picture=drawn is not None,
        width=size.width,
        height=size.height,
        remark="no_code_table" if text is None else "" if drawn else "not_drawn",
    )


def _read_text_only(job: Job, emit: Emit) -> None:
    try:
        reader = PdfReader(job.path, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(Problem.ENCRYPTED)
        total = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as broken:
        raise Unreadable(Problem.DAMAGED, error=type(broken).__name__) from broken
    if not total:
        raise Unreadable(Problem.DAMAGED, what="no pages")
    emit(total=total)
    for number in job.pages(total):
        text = _text(_or_nothing(reader, number), job)
        remark = "not_drawn" if text is not None else "no_code_table"
        page = PageText(number, title=_title("", text or ""), text=text or "", remark=remark)
        emit(page=page.as_json())


def _or_nothing(reader: PdfReader, number: int) -> str:
    try:
        return reader.pages[number - 1].extract_text()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - pypdf meets a broken page with every exception there is
        return ""


def _text(raw: str, job: Job) -> str | None:
    real = readable(raw[: job.limits.page_characters])
    return None if real is None else cleaned(real)


def _title(raw_title: str, text: str) -> str:
    """The line in the largest letters; the first with words where all are alike."""
    title = " ".join(cleaned(readable(raw_title) or "").split())
    if sum(map(str.isalpha, title)) < 2:
        lines = (line for line in text.split("\n") if sum(map(str.isalpha, line)) >= 2)
        title = next(lines, "")
    return title[:_TITLE_CHARACTERS]


def _largest_line(text_page: object) -> str:
    """The first run of characters as high as the highest, "" where none stand out."""
    box = pdfium_c.FS_RECTF()
    count = min(pdfium_c.FPDFText_CountChars(text_page), _TITLE_LOOKS_AT)
    heights: list[tuple[str, float]] = []
    for at in range(count):
        character = chr(min(pdfium_c.FPDFText_GetUnicode(text_page, at), 0x10FFFF))
        height = 0.0
        if not character.isspace() and pdfium_c.FPDFText_GetLooseCharBox(
            text_page, at, ctypes.byref(box)
        ):
            height = round(abs(box.top - box.bottom), 1)
        heights.append((character, height))
    return _run_of_the_highest(heights)


def _run_of_the_highest(heights: list[tuple[str, float]]) -> str:
    counted = Counter(height for _, height in heights if height)
    # One or two large characters are a number or an ornament, not a heading.
    usual = [height for height, times in counted.items() if times >= 3]
    if not usual or max(usual) < 1.15 * counted.most_common(1)[0][0]:
        return ""
    least = 0.9 * max(usual)
    most = 1.1 * max(usual)
    run: list[str] = []
    for character, height in heights:
        if least <= height <= most:
            run.append(character)
        elif height and len("".join(run).split()) and len(run) >= 3:
            break
        elif height:
            run = []
        elif run:
            run.append(character)
    return "".join(run)
