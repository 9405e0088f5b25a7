"""The process that reads one stranger's file: `python -m archive.extract.child`.

It gets its job as JSON on standard input and answers in JSON lines, each page as soon as it is
read, so that a crash on page 63 leaves 62 pages:
{"total": 140}, {"page": {...}}, {"facts": {...}}, {"problem": "damaged", "details": {...}}.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from archive.extract.confine import confine
from archive.extract.job import Emit, Job
from archive.extract.problems import Problem, Unreadable


def _read_deck(job: Job, emit: Emit) -> None:
    # Imported when needed: each of these libraries costs memory and start-up time.
    if job.format == "pdf":
        from archive.extract.pdf_pages import read_pdf

        read_pdf(job, emit)
    elif job.format == "pptx":
        from archive.extract.powerpoint import read_pptx

        read_pptx(job, emit)
    else:
        from archive.extract.opendocument import read_odp

        read_odp(job, emit)


def _convert(job: Job, emit: Emit) -> None:
    from archive.extract.office import convert

    convert(job, emit)


def _probe(job: Job, emit: Emit) -> None:
    from archive.extract.media import examine

    examine(job, emit)


_NEARLY_ALL = 0.7
TASKS: dict[str, Callable[[Job, Emit], None]] = {
    "deck": _read_deck,
    "convert": _convert,
    "probe": _probe,
}


def main() -> int:
    """Do the job on standard input; 0 once everything there was to say has been said."""
    job = Job.from_json(json.loads(sys.stdin.buffer.read()))
    answers = _private_output()

    def emit(**answer: Any) -> None:
        answers.write(json.dumps({**answer, "peak_bytes": peak_bytes()}) + "\n")
        answers.flush()

    _confine(job)
    try:
        TASKS[job.task](job, emit)
    except Unreadable as refused:
        emit(problem=_real_reason(refused, job).value, details=refused.details)
    except MemoryError:
        emit(problem=Problem.OUT_OF_MEMORY.value, details={})
    except Exception as error:  # noqa: BLE001 - whatever a library throws here, the file made it
        emit(problem=Problem.DAMAGED.value, details={"error": type(error).__name__})
    emit(done=True)
    return 0


def _real_reason(refused: Unreadable, job: Job) -> Problem:
    """libxml2 tells of missing memory as of a fault in the file."""
    starved = peak_bytes() > _NEARLY_ALL * job.limits.memory_bytes
    return Problem.OUT_OF_MEMORY if starved and refused.reason == "damaged" else refused.reason


def peak_bytes() -> int:
    """The most memory this process has held.

    Not getrusage: on Linux that begins with what the parent held when it started us.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found.group(1)) * 1024 if found else 0


def _confine(job: Job) -> None:
    limits = job.limits
    if job.task == "convert":
        limits = replace(limits, memory_bytes=limits.convert_memory_bytes, open_files=1_024)
    confine(limits, may_start_programs=job.task == "convert")


def _private_output() -> TextIO:
    """Standard output under another number: what a library prints must not mix with answers."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


if __name__ == "__main__":
    sys.exit(main())
