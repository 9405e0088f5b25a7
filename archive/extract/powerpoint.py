"""A PowerPoint deck's slides: all their text, in groups, tables, charts and diagrams too."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from defusedxml import ElementTree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.shapes.group import GroupShape

from archive.extract.job import Emit, Job, PageText
from archive.extract.office_pages import OfficePages, one_line, tidy
from archive.extract.problems import Problem, Unreadable
from archive.extract.zip_guard import open_checked, refuse_dtd

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
_DEEPEST_GROUP = 20
# On every slide alike; they would be found instead of what the slide is about.
_FURNITURE = {PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER}
_DRAWN_BY_MACHINE = ("automatically generated", "автоматически созданное", "ai-generated")


def read_pptx(job: Job, emit: Emit) -> None:
    """Report the slides one by one. Raises Unreadable: "damaged", "empty", "unsafe_inside" …"""
    try:
        deck = Presentation(_text_parts(job))
        slides = list(deck.slides)
    except (Unreadable, MemoryError):
        raise
    except Exception as broken:
        raise Unreadable(Problem.DAMAGED, error=type(broken).__name__) from broken
    if not slides:
        raise Unreadable(Problem.EMPTY)
    hidden = [slide.element.get("show") in ("0", "false") for slide in slides]
    shown = OfficePages(job, hidden, deck.slide_width or 0, deck.slide_height or 0)
    emit(total=len(slides))
    for number in job.pages(len(slides)):
        emit(page=shown.with_picture(_page(slides[number - 1], number, job)).as_json())


def _text_parts(job: Job) -> io.BytesIO:
    """The deck without its media: text needs none of it, and python-pptx would hold it all."""
    with open_checked(Path(job.path), job.limits.zip) as archive:
        try:
            refuse_dtd(archive)
            slim = io.BytesIO()
            with ZipFile(slim, "w", ZIP_STORED) as copy:
                for name in dict.fromkeys(archive.namelist()):
                    is_text = name.lower().endswith((".xml", ".rels"))
                    copy.writestr(name, archive.read(name) if is_text else b"")
        except (BadZipFile, OSError, EOFError, NotImplementedError) as broken:
            raise Unreadable(Problem.DAMAGED, error=type(broken).__name__) from broken
    slim.seek(0)
    return slim


def _page(slide: Any, number: int, job: Job) -> PageText:
    try:
        title = one_line(slide.shapes.title.text_frame.text) if slide.shapes.title else ""
        body = tidy([title, *_texts(slide.shapes), *_alternatives(slide), *_diagrams(slide)])
        notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        said = tidy([notes.text]) if notes is not None else ""
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - one slide beyond python-pptx must not cost the others
        return PageText(number, remark="damaged")
    most = job.limits.page_characters
    return PageText(number, title=title, text=body[:most], notes=said[:most])


def _texts(shapes: Iterable[Any], depth: int = 0) -> Iterator[str]:
    for shape in shapes:
        if isinstance(shape, GroupShape):
            if depth < _DEEPEST_GROUP:
                yield from _texts(shape.shapes, depth + 1)
        elif shape.is_placeholder and shape.placeholder_format.type in _FURNITURE:
            continue
        elif shape.is_placeholder and shape.placeholder_format.idx == 0 and shape.has_text_frame:
            continue  # the title, which stands first
        elif shape.has_text_frame:
            yield shape.text_frame.text
        elif getattr(shape, "has_table", False):
            for row in shape.table.rows:
                cells = [one_line(cell.text_frame.text) for cell in row.cells]
                yield " | ".join(cell for cell in cells if cell)
        elif getattr(shape, "has_chart", False):
            yield from _chart(shape.chart.element)
        else:
            yield _description(shape)


def _chart(chart: Any) -> Iterator[str]:
    """Title, names of the series and of the categories; numbers alone tell a searcher nothing."""
    seen: dict[str, None] = {}
    for paragraph in chart.iter(f"{_A}p"):
        seen["".join(run.text or "" for run in paragraph.iter(f"{_A}t"))] = None
    for named in chart.iter(f"{_C}tx", f"{_C}cat"):
        for value in named.iter(f"{_C}v"):
            seen[value.text or ""] = None
    yield from (text for text in seen if any(c.isalpha() for c in text))


def _description(shape: Any) -> str:
    """What the author wrote about a picture for those who cannot see it."""
    described: str = shape._element._nvXxPr.cNvPr.get("descr") or ""
    written = not any(mark in described.lower() for mark in _DRAWN_BY_MACHINE)
    return described if written and len(described.split()) >= 3 else ""


def _alternatives(slide: Any) -> Iterator[str]:
    """Text in shapes newer than python-pptx, which it passes over."""
    for choice in slide.element.iter(_CHOICE):
        for paragraph in choice.iter(f"{_A}p"):
            yield "".join(run.text or "" for run in paragraph.iter(f"{_A}t"))


def _diagrams(slide: Any) -> Iterator[str]:
    for relation in slide.part.rels.values():
        if relation.is_external or not relation.reltype.endswith("/diagramData"):
            continue
        for paragraph in ElementTree.fromstring(relation.target_part.blob).iter(f"{_A}p"):
            yield "".join(run.text or "" for run in paragraph.iter(f"{_A}t"))
