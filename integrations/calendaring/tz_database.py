"""Which rules of the time zones are in use."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import tzdata  # type: ignore[import-untyped]

_A_ZONE = "Europe/Moscow"


@cache
def version() -> str:
    """The version of the tz database that zones come from, such as "2026a"; empty where untold."""
    return version_in(zoneinfo.TZPATH)


def version_in(folders: Iterable[str]) -> str:
    """The version that zones found by this search path have.

    A zone comes from the first folder that has it, else from the package tzdata (PEP 615).
    """
    for folder in map(Path, folders):
        if (folder / _A_ZONE).is_file():
            return _told_by(folder)
    return str(tzdata.IANA_VERSION)


def _told_by(folder: Path) -> str:
    """What a compiled database says of itself: tzdata.zi (zic), or +VERSION (BSD and macOS)."""
    try:
        with (folder / "tzdata.zi").open(encoding="utf-8", errors="replace") as rules:
            head = rules.readline(100)
        if head.startswith("# version "):
            return head.removeprefix("# version ").strip()[:20]
    except OSError:
        pass
    try:
        return (folder / "+VERSION").read_text(encoding="utf-8", errors="replace").strip()[:20]
    except OSError:
        return ""
