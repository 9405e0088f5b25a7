"""The deck of the sample talk as PDF and as PPTX, and pictures of PDF pages."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from fpdf import FPDF
from PIL import Image
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Length, Pt

from sessions.demo import drawing as d
from sessions.demo.drawing import Box, Disc, Grid, Part, Patch, PdfPainter, Slide, Words

POINTS = 0.75  # a slide of 1280 × 720 is 960 × 540 points
MADE_AT = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)  # fixed: two runs give one file
OFFICE_FONT = "Arial"  # a PPTX carries no font, and this one is everywhere
SUBSETS = ("golos-latin.woff2", "golos-cyrillic.woff2")
ALIGNS = {"left": PP_ALIGN.LEFT, "center": PP_ALIGN.CENTER, "right": PP_ALIGN.RIGHT}


def make_fonts(subsets: Path, folder: Path) -> tuple[Path, Path]:
    """Regular and bold TrueType files of Golos Text, joined from its two web subsets."""
    made = []
    for weight in (400, 600):
        parts = []
        for name in SUBSETS:
            font = TTFont(subsets / name)
            font.flavor = None
            instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)
            parts.append(str(folder / f"{name}-{weight}.ttf"))
            font.save(parts[-1])
        made.append(folder / f"golos-{weight}.ttf")
        Merger().merge(parts).save(made[-1])
    return made[0], made[1]


def blank_pdf(fonts: tuple[Path, Path]) -> FPDF:
    """A PDF without pages, 960 × 540 points, that has the fonts."""
    pdf = FPDF(unit="pt", format=(d.WIDTH * POINTS, d.HEIGHT * POINTS))
    pdf.set_creation_date(MADE_AT)
    pdf.set_auto_page_break(False)
    pdf.add_font(d.FONT, "", fonts[0])
    pdf.add_font(d.FONT, "B", fonts[1])
    return pdf


def save_pdf(
    slides: Sequence[Slide],
    title: str,
    fonts: tuple[Path, Path],
    path: Path,
    language: str = "ru",
) -> None:
    """Write the deck as PDF, a bookmark a slide."""
    pdf = blank_pdf(fonts)
    pdf.set_title(title)
    pdf.set_lang(language)
    for slide in slides:
        pdf.add_page()
        pdf.start_section(slide.title)
        ground = Box(0, 0, d.WIDTH, d.HEIGHT, slide.ground)
        PdfPainter(pdf, POINTS).paint((ground, *slide.parts))
    pdf.output(str(path))


def pictures(pdf: bytes, zoom: float = 1.0) -> list[Image.Image]:
    """Every page as a picture, 1280 × 720 at zoom 1."""
    document = pypdfium2.PdfDocument(pdf)
    drawn = [page.render(scale=zoom / POINTS).to_pil() for page in document]
    document.close()
    return drawn


def save_pptx(slides: Sequence[Slide], title: str, path: Path) -> None:
    """Write the deck as PPTX with real titles and real tables."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = _pt(d.WIDTH), _pt(d.HEIGHT)
    deck.core_properties.title = title
    deck.core_properties.author = "Vzaimo"
    deck.core_properties.created = deck.core_properties.modified = MADE_AT
    for slide in slides:
        page = deck.slides.add_slide(deck.slide_layouts[5])  # «Title Only»
        page.background.fill.solid()
        page.background.fill.fore_color.rgb = _colour(slide.ground)
        for part in slide.parts:
            _put(page, part)
        if slide.notes:
            page.notes_slide.notes_text_frame.text = slide.notes
    written = io.BytesIO()
    deck.save(written)
    path.write_bytes(_undated(written.getvalue()))


def _put(page: Any, part: Part) -> None:
    match part:
        case Box():
            _put_box(page, part)
        case Disc():
            at = [_pt(n) for n in (part.x - part.r, part.y - part.r, 2 * part.r, 2 * part.r)]
            _paint(page.shapes.add_shape(MSO_SHAPE.OVAL, *at), part.fill)
        case Patch():
            first, *rest = [(_pt(x), _pt(y)) for x, y in part.points]
            builder = page.shapes.build_freeform(*first)
            builder.add_line_segments(rest, close=True)
            _paint(builder.convert_to_shape(), part.fill)
        case Words():
            _put_words(page, part)
        case Grid():
            _put_grid(page, part)


def _put_box(page: Any, box: Box) -> None:
    kind = MSO_SHAPE.ROUNDED_RECTANGLE if box.radius else MSO_SHAPE.RECTANGLE
    shape = page.shapes.add_shape(kind, *(_pt(n) for n in (box.x, box.y, box.w, box.h)))
    if box.radius:
        shape.adjustments[0] = min(0.5, box.radius / min(box.w, box.h))
    _paint(shape, box.fill)


def _put_words(page: Any, words: Words) -> None:
    left, wide = _span(words)
    tall = (words.text.count("\n") + 1) * words.size * d.LINE
    shape = page.shapes.title if words.is_title else page.shapes.add_textbox(0, 0, 0, 0)
    shape.left, shape.top, shape.width, shape.height = (_pt(n) for n in (left, words.y, wide, tall))
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.text = words.text.replace("\n", " " if words.wide else "\v")
    _type(frame, words.size, words.fill, bold=words.bold, align=words.align)


def _span(words: Words) -> tuple[float, float]:
    """Left edge and width of the widest box on the slide in which the words stand as aligned."""
    match words.align:
        case "left":
            return words.x, words.wide or d.WIDTH - 80 - words.x
        case "right":
            return 0, words.x
        case "center":
            half = min(words.x, d.WIDTH - words.x)
            return words.x - half, 2 * half


def _put_grid(page: Any, grid: Grid) -> None:
    size = (sum(grid.widths), sum(grid.heights()))
    at = [_pt(n) for n in (grid.x, grid.y, *size)]
    table = page.shapes.add_table(len(grid.rows), len(grid.widths), *at).table
    for column, width in zip(table.columns, grid.widths, strict=True):
        column.width = _pt(width)
    for n, (row, tall) in enumerate(zip(grid.rows, grid.heights(), strict=True)):
        if grid.row_hs:
            table.rows[n].height = _pt(tall)
        for m, text in enumerate(row):
            cell = table.cell(n, m)
            cell.text = text.replace("\n", " ")
            cell.fill.solid()
            cell.fill.fore_color.rgb = _colour(grid.ground(n))
            fill, strong = d.INK if n else d.SURFACE, grid.is_strong(n)
            _type(cell.text_frame, grid.size, fill, bold=strong, align=grid.align(m))
            if grid.row_hs:
                cell.margin_left = cell.margin_right = _pt(20)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE


def _type(frame: Any, size: float, fill: str, *, bold: bool, align: str) -> None:
    for paragraph in frame.paragraphs:
        paragraph.alignment = ALIGNS[align]
        for run in paragraph.runs:
            run.font.name, run.font.size, run.font.bold = OFFICE_FONT, Pt(size * POINTS), bold
            run.font.color.rgb = _colour(fill)


def _paint(shape: Any, fill: str) -> None:
    shape.fill.solid()
    shape.fill.fore_color.rgb = _colour(fill)
    shape.line.fill.background()
    shape.shadow.inherit = False
    # LibreOffice takes the theme's shadow from here all the same.
    shape._element.remove(shape._element.find(qn("p:style")))


def _colour(colour: str) -> Any:
    made: Callable[[int, int, int], Any] = RGBColor  # the library has no types here
    return made(*d.rgb(colour))


def _pt(units: float) -> Length:
    return Pt(units * POINTS)


def _undated(packed: bytes) -> bytes:
    """The same ZIP with every entry's date set to MADE_AT."""
    fresh = io.BytesIO()
    stamp = (MADE_AT.year, MADE_AT.month, MADE_AT.day, MADE_AT.hour, MADE_AT.minute, 0)
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(fresh, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, stamp)
            new.writestr(entry, old.read(name), zipfile.ZIP_DEFLATED, 9)
    return fresh.getvalue()
