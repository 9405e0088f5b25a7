"""XLSX: a zip of XML that may ask for far more than it weighs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

import openpyxl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl.utils import range_boundaries
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from openpyxl.utils.exceptions import InvalidFileException

from integrations.sheets.table import Cell, Limits, Row, Table, Uncomputed, Unreadable, is_empty

_BROKEN = (
    BadZipFile, ParseError, InvalidFileException, KeyError, ValueError, TypeError, AttributeError,
    IndexError, EOFError, NotImplementedError, OSError, zipfile.LargeZipFile,
)  # fmt: skip


@dataclass
class _Marks:
    """What only the XML of a sheet tells: hidden rows, merged cells, formulas without a value."""

    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    uncomputed: dict[int, list[int]] = field(default_factory=dict)


def read_workbook(raw: bytes, limits: Limits) -> Sequence[Table]:
    """The visible sheets of a workbook, formulas as their last value.

    Raises Unreadable, with the codes of `reading.read`.
    """
    try:
        with ZipFile(io.BytesIO(raw)) as archive:
            _check(archive, limits)
            book = openpyxl.load_workbook(
                io.BytesIO(raw), read_only=True, data_only=True, keep_links=False
            )
            try:
                shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
                return [_table(sheet, archive, limits) for sheet in shown[: limits.tables]]
            finally:
                book.close()
    except DefusedXmlException as trick:
        raise Unreadable("sheet.damaged") from trick
    except _BROKEN as broken:
        raise Unreadable("sheet.damaged") from broken


def _check(archive: ZipFile, limits: Limits) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Unreadable("sheet.kind")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("sheet.old_or_locked")
    # zipfile reads no more of a part than its directory says, so the sum can be relied on.
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > limits.parts or unpacked > limits.unpacked_bytes:
        raise Unreadable("sheet.too_big_inside")


def _table(sheet: Any, archive: ZipFile, limits: Limits) -> Table:
    with archive.open(sheet._worksheet_path) as xml:
        marks = _marks(xml, limits)
    # Many programs write a wrong extent of the sheet; without one every row is as long as it is.
    sheet.reset_dimensions()
    rows: list[Row] = []
    above: dict[int, tuple[int, Cell]] = {}
    down = _downwards(marks)
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > limits.row_number:
            raise Unreadable("sheet.too_long", rows=limits.rows)
        row = _row(number, values, marks, limits, above, down)
        if row is None:
            continue
        if len(rows) >= limits.rows:
            raise Unreadable("sheet.too_long", rows=limits.rows)
        rows.append(row)
    return Table(str(sheet.title), rows)


def _row(
    number: int, values: Sequence[Any], marks: _Marks, limits: Limits,
    above: dict[int, tuple[int, Cell]], down: dict[tuple[int, int], int],
) -> Row | None:  # fmt: skip
    """The row, or None for an empty one. above: by column, merged downwards (last row, value)."""
    if len(values) > limits.columns and not all(map(is_empty, values[limits.columns :])):
        raise Unreadable("sheet.too_wide", columns=limits.columns)
    cells = [_cell(value, limits) for value in values[: limits.columns]]
    for column in marks.uncomputed.get(number, ()):
        if column <= len(cells):
            cells[column - 1] = Uncomputed()
    if all(map(is_empty, cells)):
        return None
    filled = [column for column, cell in enumerate(cells, start=1) if not is_empty(cell)]
    banner = len(filled) == 1 and any(
        first_row <= number <= last_row and first == filled[0] and last > first
        for first, first_row, last, last_row in marks.merged
    )
    for column, (last_row, value) in above.items():
        if number <= last_row:
            cells += [None] * (column - len(cells))
            cells[column - 1] = value if is_empty(cells[column - 1]) else cells[column - 1]
    for column in filled:
        if (number, column) in down:
            above[column] = (down[number, column], cells[column - 1])
    return Row(number, tuple(cells), number in marks.hidden, banner)


def _downwards(marks: _Marks) -> dict[tuple[int, int], int]:
    """First (row, column) of each cell merged over several rows of one column, to its last row."""
    return {
        (first_row, first): last_row
        for first, first_row, last, last_row in marks.merged
        if first == last and last_row > first_row
    }


def _cell(value: Any, limits: Limits) -> Cell:
    if isinstance(value, str):
        return value[: limits.cell_characters]
    plain: Cell = value
    return plain


def _marks(xml: Any, limits: Limits) -> _Marks:
    marks = _Marks()
    for name, element in _elements(xml):
        if name == "row":
            number = element.get("r", "")
            if element.get("hidden") in ("1", "true") and number.isdigit():
                marks.hidden.add(int(number))
            element.clear()
        elif name == "mergeCell" and len(marks.merged) < limits.row_number:
            marks.merged.append(_corners(element.get("ref", "")))
        elif name == "c" and _lacks_value(element):
            letters, row = coordinate_from_string(element.get("r", ""))
            marks.uncomputed.setdefault(row, []).append(column_index_from_string(letters))
    return marks


def _elements(xml: BinaryIO) -> Iterator[tuple[str, Any]]:
    for _, element in iterparse(xml, events=("end",), forbid_dtd=True):
        yield element.tag.rpartition("}")[2], element


def _corners(reference: str) -> tuple[int, int, int, int]:
    first, first_row, last, last_row = range_boundaries(reference)
    if first is None or first_row is None or last is None or last_row is None:
        raise ValueError(reference)
    return first, first_row, last, last_row


def _lacks_value(element: Any) -> bool:
    names = {child.tag.rpartition("}")[2]: child.text for child in element}
    return "f" in names and names.get("v") is None and "is" not in names
