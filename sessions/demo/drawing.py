"""What a slide consists of, in a field of 1280 × 720, and how it is painted into a PDF page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fpdf import FPDF

WIDTH, HEIGHT = 1280, 720
LINE = 1.28  # from one line of text to the next, in type sizes
ASCENT = 0.96  # from the top of a line to its base line, in type sizes
FONT = "Golos"

PAPER, SURFACE, SUNKEN = "#f4f6f6", "#ffffff", "#eaeff0"
INK, INK_2, NIGHT, ICE = "#13212a", "#495964", "#16303c", "#a9d3e2"
BRAND, BRAND_SOFT, BRAND_MID, LINE_GREY = "#0b5b7d", "#e1eef4", "#8fb6c9", "#d3dcdf"
NOW, NOW_LIGHT, NOW_SOFT, MARK = "#b0420c", "#e2763f", "#fbece3", "#ffe08a"
OK, OK_DARK = "#1a6b43", "#12492e"

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Box:
    """A filled rectangle, its corners rounded by `radius`."""

    x: float
    y: float
    w: float
    h: float
    fill: str
    radius: float = 0


@dataclass(frozen=True)
class Disc:
    """A filled circle around (x, y)."""

    x: float
    y: float
    r: float
    fill: str


@dataclass(frozen=True)
class Patch:
    """A filled polygon."""

    points: tuple[tuple[float, float], ...]
    fill: str


@dataclass(frozen=True)
class Words:
    """Lines of type; (x, y) is the top of the first, at its left, middle or right by `align`."""

    x: float
    y: float
    text: str
    size: float
    fill: str = INK
    bold: bool = False
    align: Align = "left"
    is_title: bool = False


@dataclass(frozen=True)
class Grid:
    """A table: a head, rows, and a last row of sums. The first column stands left, others right."""

    x: float
    y: float
    widths: tuple[float, ...]
    row_h: float
    size: float
    rows: tuple[tuple[str, ...], ...]

    def pieces(self) -> list[Part]:
        """The same table as boxes and words."""
        parts: list[Part] = []
        wide = sum(self.widths)
        for n, row in enumerate(self.rows):
            y = self.y + n * self.row_h
            head, last = n == 0, n == len(self.rows) - 1
            if head or last:
                parts.append(Box(self.x, y, wide, self.row_h, BRAND if head else BRAND_SOFT))
            elif n > 1:
                parts.append(Box(self.x, y - 1, wide, 2, LINE_GREY))
            parts += self._cells(row, y, SURFACE if head else INK, bold=head or last)
        return parts

    def _cells(self, row: Sequence[str], y: float, fill: str, *, bold: bool) -> list[Part]:
        parts: list[Part] = []
        x, top = self.x, y + (self.row_h - self.size * LINE) / 2
        for n, (text, width) in enumerate(zip(row, self.widths, strict=True)):
            at, align = _side(n, x, width)
            parts.append(Words(at, top, text, self.size, fill, bold, align))
            x += width
        return parts


def _side(column: int, x: float, width: float) -> tuple[float, Align]:
    return (x + 20, "left") if column == 0 else (x + width - 20, "right")


Part = Box | Disc | Patch | Words | Grid


@dataclass(frozen=True)
class Slide:
    """A slide laid out: its title as plain text, its ground, and what lies on it, bottom first."""

    title: str
    ground: str
    parts: tuple[Part, ...]


class PdfPainter:
    """Paints parts on the current page of a PDF, scaled by `scale` points a unit and shifted."""

    def __init__(self, pdf: FPDF, scale: float, shift_x: float = 0, shift_y: float = 0) -> None:
        self.pdf = pdf
        self.scale = scale
        self.shift_x = shift_x
        self.shift_y = shift_y

    def paint(self, parts: Sequence[Part]) -> None:
        """Paint every part, the first at the bottom."""
        for part in parts:
            match part:
                case Box():
                    self._box(part)
                case Disc():
                    self._fill(part.fill)
                    r = part.r * self.scale
                    self.pdf.circle(*self._at(part.x, part.y), r, style="F")
                case Patch():
                    self._fill(part.fill)
                    self.pdf.polygon([self._at(x, y) for x, y in part.points], style="F")
                case Words():
                    self._words(part)
                case Grid():
                    self.paint(part.pieces())

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (x + self.shift_x) * self.scale, (y + self.shift_y) * self.scale

    def _fill(self, colour: str) -> None:
        self.pdf.set_fill_color(*rgb(colour))

    def _box(self, box: Box) -> None:
        self._fill(box.fill)
        x, y = self._at(box.x, box.y)
        w, h = box.w * self.scale, box.h * self.scale
        # At exactly half the height the library draws no rounding at all.
        radius = min(box.radius * self.scale, 0.499 * min(w, h))
        self.pdf.rect(x, y, w, h, style="F", round_corners=radius > 0, corner_radius=radius)

    def _words(self, words: Words) -> None:
        self.pdf.set_text_color(*rgb(words.fill))
        self.pdf.set_font(FONT, "B" if words.bold else "", words.size * self.scale)
        x, y = self._at(words.x, words.y)
        for n, line in enumerate(words.text.split("\n")):
            wide = self.pdf.get_string_width(line)
            left = {"left": x, "center": x - wide / 2, "right": x - wide}[words.align]
            self.pdf.text(left, y + (n * LINE + ASCENT) * words.size * self.scale, line)


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
