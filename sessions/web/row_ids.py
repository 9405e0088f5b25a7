"""Numbers of rows in addresses."""

from __future__ import annotations

from flask import abort, request
from werkzeug.routing import IntegerConverter, Map

MOST = 2**31 - 1
NUMBERED = ("page", "before")


class RowId(IntegerConverter):
    """`<int:…>` in an address: a number that a row may have; any other is no page of ours.

    Databases answer a number that does not fit their column with an error of their own.
    """

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None,
                 max: int | None = MOST, signed: bool = False) -> None:  # fmt: skip
        super().__init__(map, fixed_digits, min, max, signed)


def refuse_huge_numbers() -> None:
    """404 for the page after all others; a number beyond a column's range is no row's."""
    for name in NUMBERED:
        asked = request.args.get(name, "")
        if asked.isdecimal() and (len(asked) > len(str(MOST)) or int(asked) > MOST):
            abort(404)
