"""The process that reads one spreadsheet: `python -m sessions.sheets.child`.

The file comes on standard input; on standard output goes JSON: {"tables": [[name, [[number, cells,
hidden, banner], ...]], ...]} or {"refused": code, "details": {...}}.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from archive.extract.confine import confine
from archive.extract.limits import Limits
from integrations.sheets import reading
from integrations.sheets.table import Unreadable, to_json

LIMITS = Limits(memory_bytes=1_000_000_000, cpu_s=60, written_bytes=0)


def main() -> int:
    """Read what stands on standard input and say what is in it; 0 unless the process is ended."""
    raw = sys.stdin.buffer.read()
    confine(LIMITS)
    json.dump(_answer(raw), sys.stdout)
    return 0


def _answer(raw: bytes) -> dict[str, Any]:
    try:
        tables = reading.read(raw)
    except Unreadable as refused:
        return {"refused": refused.reason, "details": refused.details}
    except MemoryError:
        return {"refused": "sheet.too_big_inside", "details": {}}
    except Exception:  # noqa: BLE001 - whatever a library throws here, the file made it
        return {"refused": "sheet.damaged", "details": {}}
    return {
        "tables": [
            [
                table.name,
                [
                    [row.number, [to_json(cell) for cell in row.cells], row.is_hidden,
                     row.is_banner]
                    for row in table.rows
                ],
            ]
            for table in tables
        ]
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
