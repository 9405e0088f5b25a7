"""Rules as plain JSON values, the form in which a series keeps its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from sessions.rules.recurrence import DatesRule, DayOfMonthRule, MonthlyRule, Rule, WeeklyRule

_KINDS: dict[str, type[Any]] = {
    rule.kind: rule for rule in (MonthlyRule, DayOfMonthRule, WeeklyRule, DatesRule)
}


def to_json(rule: Rule) -> dict[str, Any]:
    """The rule as a dict of strings, numbers and lists, its `kind` first; dates as YYYY-MM-DD."""
    written: dict[str, Any] = {"kind": rule.kind}
    for field in fields(rule):
        value = getattr(rule, field.name)
        if value is not None:
            written[field.name] = _plain(value)
    return written


def from_json(written: Mapping[str, Any]) -> Rule:
    """The rule that was written down; without a `kind` it is a monthly one.

    Raises ValueError("field: what is wrong") where a field lacks, is unknown or is no such value.
    """
    kind = written.get("kind", MonthlyRule.kind)
    rule = _KINDS.get(kind) if isinstance(kind, str) else None
    if rule is None:
        raise ValueError("kind: unknown")
    names = [field.name for field in fields(rule)]
    for name in written:
        if name not in names and name != "kind":
            raise ValueError(f"{name}: unknown")
    read: Rule = rule(**{name: _read(name, written) for name in names})
    return read


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _read(name: str, written: Mapping[str, Any]) -> Any:
    value = written.get(name)
    if value is None and name == "count":
        return None
    if value is None:
        raise ValueError(f"{name}: missing")
    return _READ[name](name, value)


def _number(name: str, value: Any) -> int:
    # True is an int to Python, but nobody means the first Wednesday by it.
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name}: no whole number")
    return value


def _date(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as wrong:
        raise ValueError(f"{name}: no date like 2026-09-30") from wrong


def _word(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name}: no word")
    return value


def _several(read: Callable[[str, Any], Any]) -> Callable[[str, Any], tuple[Any, ...]]:
    def read_all(name: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError(f"{name}: no list")
        return tuple(read(name, one) for one in value)

    return read_all


_READ: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(("n", "weekday", "day", "every", "count"), _number),
    **dict.fromkeys(("first_on", "last_on"), _date),
    "dates": _several(_date),
    "weekdays": _several(_number),
    "short": _word,
}
