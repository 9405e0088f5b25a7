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
    """Lines of type; (x, y) is the top of the first, at its left, middle or right by `align`.

    wide: of the box the lines were broken for, in which an office program breaks them itself;
    0 where they are to end as they do here.
    """

    x: float
    y: float
    text: str
    size: float
    fill: str = INK
    bold: bool = False
    align: Align = "left"
    is_title: bool = False
    wide: float = 0


@dataclass(frozen=True)
class Grid:
    """A table: a head, rows, and a last row of sums unless it `has_sum` not.

    `lefts` are the columns that stand left, the others stand right. `row_hs` are the heights of
    the rows where they differ from `row_h`.
    """

    x: float
    y: float
    widths: tuple[float, ...]
    row_h: float
    size: float
    rows: tuple[tuple[str, ...], ...]
    lefts: frozenset[int] = frozenset({0})
    row_hs: tuple[float, ...] = ()
    has_sum: bool = True
    accent: str = BRAND
    soft: str = BRAND_SOFT

    def heights(self) -> tuple[float, ...]:
        """The height of every row."""
        return self.row_hs or (self.row_h,) * len(self.rows)

    def ground(self, n: int) -> str:
        """What lies under the n-th row, the head being 0."""
        if n == 0:
            return self.accent
        return self.soft if self.is_strong(n) else SURFACE

    def is_strong(self, n: int) -> bool:
        """Whether the n-th row is the head or the sums."""
        return n == 0 or (self.has_sum and n == len(self.rows) - 1)

    def align(self, column: int) -> Align:
        """At which side of a column its words stand."""
        return "left" if column in self.lefts else "right"

    def pieces(self) -> list[Part]:
        """The same table as boxes and words."""
        parts: list[Part] = []
        wide, y = sum(self.widths), self.y
        for n, (row, tall) in enumerate(zip(self.rows, self.heights(), strict=True)):
            if self.is_strong(n):
                parts.append(Box(self.x, y, wide, tall, self.ground(n)))
            elif n > 1:
                parts.append(Box(self.x, y - 1, wide, 2, LINE_GREY))
            fill = INK if n else SURFACE
            parts += self._cells(row, y, tall, fill, bold=self.is_strong(n))
            y += tall
        return parts

    def _cells(
        self, row: Sequence[str], y: float, tall: float, fill: str, *, bold: bool
    ) -> list[Part]:
        parts: list[Part] = []
        x = self.x
        for n, (text, width) in enumerate(zip(row, self.widths, strict=True)):
            align = self.align(n)
            at = x + 20 if align == "left" else x + width - 20
            top = y + (tall - (text.count("\n") + 1) * self.size * LINE) / 2
            parts.append(Words(at, top, text, self.size, fill, bold, align))
            x += width
        return parts


Part = Box | Disc | Patch | Words | Grid


@dataclass(frozen=True)
class Slide:
    """A slide laid out: its title as plain text, its ground, and what lies on it, bottom first.

    notes: what only the speaker sees, in formats that have a place for it.
    """

    title: str
    ground: str
    parts: tuple[Part, ...]
    notes: str = ""


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
