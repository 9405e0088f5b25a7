"""A table as a spreadsheet holds it, whichever program wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from integrations.runtime.errors import Refused


@dataclass(frozen=True)
class Uncomputed:
    """A formula whose value the file does not hold: no program has computed it yet."""


Cell = str | int | float | bool | datetime | date | time | timedelta | Uncomputed | None


@dataclass(frozen=True)
class Limits:
    """How much of the machine one spreadsheet may have. Empty rows are not counted in `rows`."""

    file_bytes: int = 10_000_000
    unpacked_bytes: int = 120_000_000
    parts: int = 2_000
    tables: int = 20
    rows: int = 5_000
    row_number: int = 100_000
    columns: int = 200
    cell_characters: int = 32_767  # as Excel has it


@dataclass(frozen=True)
class Row:
    """One row that is not empty. number: as the program shows it, from 1; for CSV its line."""

    number: int
    cells: tuple[Cell, ...]
    is_hidden: bool = False
    is_banner: bool = False


@dataclass(frozen=True)
class Table:
    """One sheet of a file, empty rows left out.

    A row is a banner where one merged cell is all there is in it. A cell merged downwards stands
    in each of its rows.
    """

    name: str
    rows: Sequence[Row]


class Unreadable(Refused):
    """The file is not taken; reason: "sheet.kind", "sheet.damaged", "sheet.locked" and such."""


def is_empty(cell: Cell) -> bool:
    """Whether a person sees nothing in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def to_json(cell: Cell) -> Any:
    """The cell in JSON; `from_json` gives it back."""
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, date):
        return {"on": cell.isoformat()}
    if isinstance(cell, time):
        return {"clock": cell.isoformat()}
    if isinstance(cell, timedelta):
        return {"span_s": cell.total_seconds()}
    if isinstance(cell, Uncomputed):
        return {"formula": True}
    return cell


def from_json(kept: Any) -> Cell:
    """A cell that `to_json` wrote."""
    if not isinstance(kept, dict):
        plain: Cell = kept
        return plain
    if "at" in kept:
        return datetime.fromisoformat(kept["at"])
    if "on" in kept:
        return date.fromisoformat(kept["on"])
    if "clock" in kept:
        return time.fromisoformat(kept["clock"])
    if "span_s" in kept:
        return timedelta(seconds=kept["span_s"])
    return Uncomputed()
