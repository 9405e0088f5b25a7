"""No module of the archive parses XML with a library that resolves entities."""

from __future__ import annotations

import ast
from pathlib import Path

ARCHIVE = Path(__file__).parents[3] / "archive"


def imported_by(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_only_defusedxml_parses_xml():
    parsers = {
        module.relative_to(ARCHIVE).as_posix(): sorted(used)
        for module in ARCHIVE.rglob("*.py")
        if (used := imported_by(module) & {"xml", "lxml", "xmltodict", "defusedxml", "bs4"})
    }

    assert {name for used in parsers.values() for name in used} == {"defusedxml"}
