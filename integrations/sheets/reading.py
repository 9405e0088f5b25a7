"""Reading a spreadsheet, XLSX or CSV, by what is in it and not by its name."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.sheets.delimited import read_delimited
from integrations.sheets.table import Limits, Table, Unreadable
from integrations.sheets.workbook import read_workbook

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LIMITS = Limits()


def read(raw: bytes, limits: Limits = _LIMITS) -> Sequence[Table]:
    """The tables of a file, those without a row left out.

    Raises Unreadable: "sheet.empty", "sheet.too_big", "sheet.too_big_inside", "sheet.too_long",
    "sheet.too_wide", "sheet.damaged", "sheet.encoding", "sheet.old_or_locked" or "sheet.kind".
    """
    if len(raw) > limits.file_bytes:
        raise Unreadable("sheet.too_big", megabytes=limits.file_bytes // 1_000_000)
    if raw.startswith(_ZIP):
        tables = read_workbook(raw, limits)
    elif raw.startswith(_OLE):
        # Both XLS of before 2007 and an XLSX with a password are such containers.
        raise Unreadable("sheet.old_or_locked")
    elif raw.startswith((b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff")):
        raise Unreadable("sheet.kind")
    else:
        tables = [read_delimited(raw, limits)]
    found = [table for table in tables if table.rows]
    if not found:
        raise Unreadable("sheet.empty")
    return found
