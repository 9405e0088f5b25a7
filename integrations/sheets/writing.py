"""Writing a table as XLSX and as CSV; no cell of it ever becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from integrations.sheets.delimited import GUARDED, is_guarded

Value = str | int | float | date | time | None
_HEAD = Font(bold=True)
_HEAD_FILL = PatternFill("solid", start_color="E2F0F6")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
LONGEST = 32_767  # characters of a cell, as Excel has it
_DATE, _TIME = "DD.MM.YYYY", "HH:MM"
# The XML of a workbook holds no other control characters.
_UNSEEN = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


@dataclass(frozen=True)
class Column:
    """A column: its heading, and how many letters wide a program shows it."""

    heading: str
    width: int = 18


def as_xlsx(
    title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]],
    notes: Sequence[tuple[str, str]] = (), notes_title: str = "",
) -> bytes:  # fmt: skip
    """A workbook with one table, its first row kept in sight; notes: a second sheet of two columns.

    Dates and times are real ones; what begins like a formula stays text.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(title))
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.append([_heading(sheet, column.heading) for column in columns])
    cells = _Cells(sheet)
    for row in rows:
        sheet.append(cells.of(row))
    if notes:
        beside = book.create_sheet(_sheet_name(notes_title or "?"))
        beside.column_dimensions["A"].width, beside.column_dimensions["B"].width = 28, 90
        cells = _Cells(beside)
        for name, text in notes:
            beside.append([_heading(beside, name), *cells.of([text])])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def as_csv(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> bytes:
    """CSV as Excel opens it with a double click: UTF-8 with its mark, semicolons, CRLF.

    An apostrophe stands before what would be taken for a formula (OWASP, CSV injection).
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([guarded(column.heading) for column in columns])
    writer.writerows([guarded(_text(value)) for value in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def guarded(text: str) -> str:
    """The text, told from a formula by an apostrophe where a program could take it for one."""
    return f"'{text}" if is_guarded(text) else text


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, float):
        return str(value).replace(".", ",")
    return str(value)


def _sheet_name(title: str) -> str:
    """Excel takes 31 characters, and none of []:*?/\\."""
    plain = "".join(" " if sign in "[]:*?/\\'" else sign for sign in title).strip()
    return plain[:31] or "1"


def _heading(sheet: Any, text: str) -> Cell:
    cell = Cell(sheet, 1, 1, text)
    cell.data_type = "s"
    cell.font, cell.fill, cell.alignment = _HEAD, _HEAD_FILL, _WRAPPED
    return cell


class _Cells:
    """The cells of a sheet, one for each column and kind of value, used again for every row.

    A write-only sheet has written a row once it is appended; styling a cell anew for each value
    took most of the time.
    """

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._known: dict[tuple[int, str], Cell] = {}

    def of(self, values: Sequence[Value]) -> list[Cell]:
        """A row of cells; good until the next one is asked for."""
        return [self._cell(column, value) for column, value in enumerate(values)]

    def _cell(self, column: int, value: Any) -> Cell:
        text = value.translate(_UNSEEN)[:LONGEST] if isinstance(value, str) else value
        kind = _kind(value)
        cell = self._known.get((column, kind))
        if cell is None:
            cell = self._known[column, kind] = _styled(self._sheet, kind)
        cell.value = text
        if isinstance(value, str):
            # openpyxl takes "=…" for a formula and "#N/A" for an error.
            cell.data_type = "s"
        return cell


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "guarded" if value.startswith(GUARDED) else "text"
    if isinstance(value, time):
        return "time"
    return "date" if isinstance(value, date) else "other"


def _styled(sheet: Any, kind: str) -> Cell:
    cell = Cell(sheet, 1, 1)
    cell.alignment = _WRAPPED
    if kind == "guarded":
        cell.quotePrefix = True
    elif kind in ("time", "date"):
        cell.number_format = _TIME if kind == "time" else _DATE
    return cell
