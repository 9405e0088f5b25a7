"""Tables of a TOML source whose fields cannot be missed in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class SourceError(ValueError):
    """A source lacks something or holds the wrong kind of it; the message says where."""


class Table:
    """One table of a source file, whose fields can be missed only loudly."""

    def __init__(self, where: str, raw: Mapping[str, Any]) -> None:
        self.where = where
        self.raw = raw

    def text(self, key: str) -> str:
        """A text that is not empty. Raises SourceError."""
        found = self._typed(key, str, "a text")
        if not found.strip():
            raise SourceError(f"{self.where}: “{key}” is empty")
        return str(found)

    def text_or(self, key: str, default: str = "") -> str:
        """A text that may be left out."""
        return self.text(key) if key in self.raw else default

    def whole(self, key: str) -> int:
        """A whole number. Raises SourceError."""
        return int(self._typed(key, int, "a whole number"))

    def whole_or_none(self, key: str) -> int | None:
        """A whole number that may be left out."""
        return self.whole(key) if key in self.raw else None

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        """One of a few words. Raises SourceError."""
        found = self.text(key)
        if found not in allowed:
            raise SourceError(f"{self.where}: “{key}” must be one of {', '.join(allowed)}")
        return found

    def number(self, key: str) -> float:
        """A number, with or without a fraction. Raises SourceError."""
        return float(self._typed(key, (int, float), "a number"))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts. Raises SourceError."""
        found = self._typed(key, list, "a list")
        if not all(isinstance(one, str) for one in found):
            raise SourceError(f"{self.where}: “{key}” must hold texts only")
        return tuple(found)

    def rows(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts. Raises SourceError."""
        found = self._typed(key, list, "a list")
        rows = [Table(f"{self.where}, {key}", {"row": row}).texts("row") for row in found]
        return tuple(rows)

    def table(self, key: str) -> Table:
        """A table inside this one. Raises SourceError."""
        return Table(f"{self.where}, {key}", self._typed(key, dict, "a table"))

    def all(self, key: str, make: Callable[[Table], T]) -> tuple[T, ...]:
        """Every table of a list, each made into an object. Raises SourceError."""
        found = self._typed(key, list, "a list of tables")
        tables = enumerate(found, start=1)
        return tuple(make(Table(f"{self.where}, {key} {n}", raw)) for n, raw in tables)

    def _typed(self, key: str, kind: type | tuple[type, ...], called: str) -> Any:
        if key not in self.raw:
            raise SourceError(f"{self.where}: “{key}” is missing")
        found = self.raw[key]
        if not isinstance(found, kind) or isinstance(found, bool):
            raise SourceError(f"{self.where}: “{key}” must be {called}")
        return found
