"""Fits a table of a long talk's slide into its place: type, columns and rows."""

from __future__ import annotations

import re

from sessions.demo import drawing as d
from sessions.demo.drawing import Grid
from sessions.demo.talk_charts import Area
from sessions.demo.talk_tints import Tint
from sessions.demo.type_width import TypeWidth

SIZES = (34, 32, 30, 28, 26, 24, 22)
SIDES = 44  # of a cell, left and right together
TALLEST_ROW, AIR = 92.0, 22.0
NARROWEST_TABLE = 900.0
SUMS = ("Всего", "Итого", "Total")

_NUMBER = re.compile(r"[\d\s.,:–−+%—-]*")

Rows = tuple[tuple[str, ...], ...]


def grid(rows: Rows, area: Area, tint: Tint, measure: TypeWidth) -> Grid:
    """The table as it fits the area. Raises ValueError where it does not fit at any size."""
    x, y, wide, high = area
    for size in SIZES:
        widths = _widths(rows, wide, size, measure)
        if widths is None:
            continue
        broken = tuple(
            tuple(
                measure.broken(cell, width - SIDES + 1, size, bold=True)
                for cell, width in zip(row, widths, strict=True)
            )
            for row in rows
        )
        lines = [max(cell.count("\n") + 1 for cell in row) for row in broken]
        least = [n * size * d.LINE + AIR for n in lines]
        if sum(least) <= high:
            more = min(high / sum(least), TALLEST_ROW / (size * d.LINE + AIR))
            heights = tuple(one * max(1.0, more) for one in least)
            return Grid(
                x, y, widths, 0, size, broken, _lefts(rows), heights,
                has_sum=rows[-1][0] in SUMS, accent=tint.accent, soft=tint.soft,
            )  # fmt: skip
    raise ValueError(f"the table “{rows[0][0]} …” does not fit on its slide")


def _widths(rows: Rows, wide: float, size: float, measure: TypeWidth) -> tuple[float, ...] | None:
    """Widths of the columns; None where a single word would be wider than its column."""
    columns = list(zip(*rows, strict=True))
    natural = [max(measure.of(c, size, bold=True) for c in column) + SIDES for column in columns]
    least = [
        max(measure.of(word, size, bold=True) for cell in column for word in cell.split(" "))
        + SIDES
        for column in columns
    ]
    if sum(least) > wide:
        return None
    if sum(natural) <= wide:
        spare = max(0.0, min(wide, max(NARROWEST_TABLE, sum(natural) * 1.15)) - sum(natural))
        return tuple(one + spare * one / sum(natural) for one in natural)
    room = (wide - sum(least)) / (sum(natural) - sum(least))
    return tuple(low + (one - low) * room for one, low in zip(natural, least, strict=True))


def _lefts(rows: Rows) -> frozenset[int]:
    """The columns of words; those of numbers stand right."""
    columns = list(zip(*rows, strict=True))
    numeric = {
        n for n, column in enumerate(columns) if all(_NUMBER.fullmatch(cell) for cell in column[1:])
    }
    return frozenset(range(len(columns))) - numeric | {0}
