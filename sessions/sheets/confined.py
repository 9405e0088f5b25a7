"""Reading a spreadsheet in a process of its own, which has given up what it could do harm with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from integrations.sheets.table import Limits, Row, Table, Unreadable, from_json

_ROOT = Path(__file__).parents[2]
_WALL_S = 60.0
_FILE_BYTES = Limits().file_bytes


def read(raw: bytes) -> list[Table]:
    """The tables of a file. Raises Unreadable, as `integrations.sheets.reading.read` does."""
    if len(raw) > _FILE_BYTES:
        raise Unreadable("sheet.too_big", megabytes=_FILE_BYTES // 1_000_000)
    # No variable of ours goes along: they hold passwords. defusedxml reads, not lxml.
    environment = {
        "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1", "OPENPYXL_LXML": "False",
    }  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "sessions.sheets.child"],
            input=raw, capture_output=True, env=environment, timeout=_WALL_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise Unreadable("sheet.too_big_inside") from late
    if done.returncode != 0:
        raise Unreadable("sheet.too_big_inside" if done.returncode < 0 else "sheet.damaged")
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise Unreadable(answer["refused"], **answer["details"])
    return [
        Table(
            name,
            [
                Row(number, tuple(map(from_json, cells)), hidden, banner)
                for number, cells, hidden, banner in rows
            ],
        )
        for name, rows in answer["tables"]
    ]
