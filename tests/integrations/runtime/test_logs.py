"""Log lines: the same facts for a program and for the eye."""

from __future__ import annotations

import json
import logging
import sys

from integrations.runtime import logs


def a_record(message: str, **extra: object) -> logging.LogRecord:
    return logging.getLogger("vzaimo.web").makeRecord(
        "vzaimo.web", logging.INFO, __file__, 1, message, (), None, extra=extra
    )


def facts_after(line: str) -> str:
    return line.partition(" INFO vzaimo.web: ")[2]


def test_text_carries_the_facts_that_json_carries() -> None:
    token = logs.context.set({"request_id": "ab12"})
    record = a_record("request", method="GET", path="/search", status=200, error="it broke")

    text, machine = logs.TextLines().format(record), json.loads(logs.JsonLines().format(record))
    logs.context.reset(token)

    assert facts_after(text) == (
        'request request_id=ab12 method=GET path=/search status=200 error="it broke"'
    )
    told = ("request_id", "method", "path", "status", "error")
    assert {name: machine[name] for name in told} == {
        "request_id": "ab12", "method": "GET", "path": "/search", "status": 200,
        "error": "it broke",
    }  # fmt: skip
    assert text.startswith(machine["at"])


def test_a_value_never_breaks_the_line_or_passes_for_another() -> None:
    record = a_record("job failed", error='a\nb "c"', key="x=y", none="")

    assert facts_after(logs.TextLines().format(record)) == (
        'job failed error="a\\nb \\"c\\"" key="x=y" none=""'
    )


def test_a_traceback_follows_the_line() -> None:
    record = a_record("unexpected", kind="talk.read")
    try:
        raise ValueError("broken")
    except ValueError:
        record.exc_info = sys.exc_info()

    lines = logs.TextLines().format(record).splitlines()

    assert facts_after(lines[0]) == "unexpected kind=talk.read"
    assert (lines[1], lines[-1]) == ("Traceback (most recent call last):", "ValueError: broken")
