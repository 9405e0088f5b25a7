"""CSV as programs really write it: any of three encodings, any of four separators."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence

from integrations.sheets.table import Limits, Row, Table, Unreadable

_SEPARATORS = (";", "\t", ",", "|")
_LOOKED_AT = 60
# What a program takes for a formula; `writing` puts an apostrophe before it.
GUARDED = ("=", "+", "-", "@", "\t", "\r")


def read_delimited(raw: bytes, limits: Limits) -> Table:
    """The one table of a CSV file. Raises Unreadable, with the codes of `reading.read`."""
    text = decoded(raw)
    separator, text = _separator(text)
    rows: list[Row] = []
    try:
        for number, cells in _lines(text, separator):
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) >= limits.rows or number > limits.row_number:
                raise Unreadable("sheet.too_long", rows=limits.rows)
            if len(cells) > limits.columns and any(map(str.strip, cells[limits.columns :])):
                raise Unreadable("sheet.too_wide", columns=limits.columns)
            rows.append(
                Row(number, tuple(_plain(cell, limits) for cell in cells[: limits.columns]))
            )
    except csv.Error as broken:
        raise Unreadable("sheet.damaged") from broken
    return Table("", rows)


def decoded(raw: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16, with or without a byte order mark, or in cp1251."""
    encoding = "utf-8-sig"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in raw[:2000]:
        # Separators and line ends are below U+0100: their zero byte tells which half comes first.
        even, odd = raw[:2000:2].count(0), raw[1:2000:2].count(0)
        encoding = "utf-16-be" if even > odd else "utf-16-le"
    for candidate in (encoding, "cp1251"):
        try:
            text = raw.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("sheet.encoding")


def _separator(text: str) -> tuple[str, str]:
    """The separator, and the text without the line in which Excel names it."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[4], "\n" + rest
    return max(_SEPARATORS, key=lambda one: _evenness(text, one)), text


def _evenness(text: str, separator: str) -> tuple[int, int]:
    """(lines that are cut into the commonest number of cells, that number); (0, 0) where uncut."""
    counts: Counter[int] = Counter()
    try:
        for _, cells in _lines(text, separator):
            if any(cells):
                counts[len(cells)] += 1
            if counts.total() >= _LOOKED_AT:
                break
    except csv.Error:
        return 0, 0
    wide = {length: times for length, times in counts.items() if length > 1}
    if not wide:
        return 0, 0
    length = max(wide, key=lambda one: (wide[one], one))
    return wide[length], length


def _lines(text: str, separator: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Each record with the number of the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    begins = 1
    for cells in reader:
        yield begins, cells
        begins = reader.line_num + 1


def is_guarded(text: str) -> bool:
    """Whether `writing` puts an apostrophe before the text: programs look behind blanks."""
    return text.startswith(GUARDED) or text.lstrip(" '\ufeff\xa0").startswith(GUARDED)


def _plain(cell: str, limits: Limits) -> str:
    if cell.startswith("'") and is_guarded(cell[1:]):
        cell = cell[1:]
    return cell[: limits.cell_characters]
