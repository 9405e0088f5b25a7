"""Log lines with the request or job they belong to: one JSON object a line, or plain text."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

from integrations.runtime.settings import Settings

context: ContextVar[dict[str, object] | None] = ContextVar("log_context", default=None)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_PLAIN = re.compile(r"[^\s\"=]+")


class JsonLines(logging.Formatter):
    """Time (UTC), level, logger, message, what the line belongs to, `extra` fields, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": _at(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """The same facts for the eye, as key=value after the message; a traceback on its own lines."""

    def format(self, record: logging.LogRecord) -> str:
        told = " ".join(f"{name}={_as_word(value)}" for name, value in _facts(record).items())
        line = f"{_at(record)} {record.levelname} {record.name}: {record.getMessage()}"
        if told:
            line += f" {told}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _facts(record: logging.LogRecord) -> dict[str, object]:
    """What the line belongs to, and the fields given as `extra`."""
    extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    return {**(context.get() or {}), **extra}


def _as_word(value: object) -> str:
    """The value as one word; quoted where it would be read as several, or as none."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def configure(settings: Settings) -> None:
    """Send all logs to standard error in the configured format and level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
