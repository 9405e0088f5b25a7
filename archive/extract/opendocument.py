"""An OpenDocument presentation's pages, read straight from its XML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from defusedxml import DefusedXmlException, ElementTree

from archive.extract.job import Emit, Job, PageText
from archive.extract.office_pages import OfficePages, one_line, tidy
from archive.extract.problems import Problem, Unreadable
from archive.extract.zip_guard import open_checked, refuse_dtd

_NS = "urn:oasis:names:tc:opendocument:xmlns:"
_DRAW, _TEXT, _TABLE = f"{{{_NS}drawing:1.0}}", f"{{{_NS}text:1.0}}", f"{{{_NS}table:1.0}}"
_SHOW, _STYLE, _OFFICE = (
    f"{{{_NS}presentation:1.0}}",
    f"{{{_NS}style:1.0}}",
    f"{{{_NS}office:1.0}}",
)
_FO, _LINK = f"{{{_NS}xsl-fo-compatible:1.0}}", "{http://www.w3.org/1999/xlink}href"
_PARAGRAPHS = (f"{_TEXT}p", f"{_TEXT}h")
_FURNITURE = {"header", "footer", "date-time", "page-number"}

Element = Any


def read_odp(job: Job, emit: Emit) -> None:
    """Report the pages one by one. Raises Unreadable: "damaged", "encrypted", "unsafe_inside" …"""
    with open_checked(Path(job.path), job.limits.zip) as archive:
        try:
            refuse_dtd(archive)
            if b"encryption-data" in _member(archive, "META-INF/manifest.xml"):
                raise Unreadable(Problem.ENCRYPTED)
            content = ElementTree.fromstring(_member(archive, "content.xml"), forbid_dtd=True)
            styles = ElementTree.fromstring(_member(archive, "styles.xml") or b"<none/>")
            deck = content.find(f"{_OFFICE}body/{_OFFICE}presentation")
            pages = [] if deck is None else deck.findall(f"{_DRAW}page")
            _report(pages, _Styles(content, styles), archive, job, emit)
        except DefusedXmlException as refused:
            raise Unreadable(Problem.UNSAFE_INSIDE, what="dtd") from refused
        except (BadZipFile, OSError, EOFError, NotImplementedError, ValueError) as broken:
            raise Unreadable(Problem.DAMAGED, error=type(broken).__name__) from broken
        except ElementTree.ParseError as broken:
            raise Unreadable(Problem.DAMAGED, error="ParseError") from broken


class _Styles:
    """The few facts about pages that stand in styles rather than on the page."""

    def __init__(self, *documents: Element) -> None:
        self._layouts: dict[str | None, Element] = {}
        self._masters: dict[str | None, str | None] = {}
        self._hidden: set[str | None] = set()
        for document in documents:
            for layout in document.iter(f"{_STYLE}page-layout"):
                properties = layout.find(f"{_STYLE}page-layout-properties")
                self._layouts[layout.get(f"{_STYLE}name")] = properties
            for master in document.iter(f"{_STYLE}master-page"):
                layout_name = master.get(f"{_STYLE}page-layout-name")
                self._masters[master.get(f"{_STYLE}name")] = layout_name
            for style in document.iter(f"{_STYLE}style"):
                properties = style.find(f"{_STYLE}drawing-page-properties")
                if properties is not None and properties.get(f"{_SHOW}visibility") == "hidden":
                    self._hidden.add(style.get(f"{_STYLE}name"))

    def hides(self, page: Element) -> bool:
        return page.get(f"{_DRAW}style-name") in self._hidden

    def size(self, page: Element) -> tuple[float, float]:
        """Width and height in whatever unit the deck uses; zeros where it does not say."""
        layout = self._layouts.get(self._masters.get(page.get(f"{_DRAW}master-page-name")))
        if layout is None:
            return 0.0, 0.0
        return _length(layout.get(f"{_FO}page-width")), _length(layout.get(f"{_FO}page-height"))


def _report(pages: list[Element], styles: _Styles, archive: ZipFile, job: Job, emit: Emit) -> None:
    if not pages:
        raise Unreadable(Problem.EMPTY)
    hidden = [styles.hides(page) for page in pages]
    shown = OfficePages(job, hidden, *styles.size(pages[0]))
    emit(total=len(pages))
    for number in job.pages(len(pages)):
        page = _page(pages[number - 1], number, archive, job)
        emit(page=shown.with_picture(page).as_json())


def _page(page: Element, number: int, archive: ZipFile, job: Job) -> PageText:
    title = ""
    texts: list[str] = []
    for frame in page:
        role = frame.get(f"{_SHOW}class")
        if frame.tag == f"{_SHOW}notes" or role in _FURNITURE:
            continue
        if role == "title" and not title:
            title = one_line("\n".join(_texts(frame)))
            continue
        texts += _texts(frame)
        texts += _charts(frame, archive)
    notes = page.find(f"{_SHOW}notes")
    said = [] if notes is None else [t for f in notes for t in _texts(f) if not _is_furniture(f)]
    most = job.limits.page_characters
    return PageText(number, title=title, text=tidy([title, *texts])[:most], notes=tidy(said)[:most])


def _is_furniture(frame: Element) -> bool:
    return frame.get(f"{_SHOW}class") in _FURNITURE


def _texts(element: Element) -> Iterator[str]:
    """The paragraphs in order, the cells of a table row as one line."""
    if element.tag in _PARAGRAPHS:
        yield "".join(_characters(element))
    elif element.tag == f"{_TABLE}table-row":
        cells = [one_line(" ".join(_texts(cell))) for cell in element]
        yield " | ".join(cell for cell in cells if cell)
    else:
        for child in element:
            yield from _texts(child)


def _characters(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab"):
            yield " "
        elif child.tag == f"{_TEXT}line-break":
            yield "\n"
        elif child.tag != f"{_TEXT}page-number":
            yield from _characters(child)
        yield child.tail or ""


def _charts(frame: Element, archive: ZipFile) -> Iterator[str]:
    """Words of embedded charts: their titles and the names of what they count."""
    for embedded in frame.iter(f"{_DRAW}object"):
        name = (embedded.get(_LINK) or "").removeprefix("./").rstrip("/") + "/content.xml"
        chart = _member(archive, name)
        if not chart:
            continue
        texts = _texts(ElementTree.fromstring(chart, forbid_dtd=True))
        yield from (text for text in texts if any(c.isalpha() for c in text))


def _member(archive: ZipFile, name: str) -> bytes:
    """The member's bytes, b"" where there is none."""
    try:
        return archive.read(name)
    except KeyError:
        return b""


def _length(written: str | None) -> float:
    """A length with its unit, of which only the proportion matters: `28cm`."""
    digits = (written or "").rstrip("abcdefghijklmnopqrstuvwxyz%")
    try:
        return float(digits)
    except ValueError:
        return 0.0
