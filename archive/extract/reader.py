"""Runs the reading process and outlives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.extract.job import Job
from archive.extract.problems import Problem

_LINE_BYTES = 8_000_000
_ROOT = Path(__file__).parents[2]
# How a process dies that asked for more memory than it may have and did not check: PDFium stops
# itself on purpose. A wild pointer (SIGSEGV, SIGBUS) is a damaged file.
_OUT_OF_MEMORY = (signal.SIGABRT, signal.SIGTRAP, signal.SIGILL, signal.SIGKILL)

Answer = dict[str, Any]


@dataclass(slots=True)
class Ending:
    """How a reading process came to its end.

    peak_bytes: the most memory it held, as of its last answer.
    crashed: it did not get to say what was wrong; another attempt, further on, may do better.
    """

    problem: Problem | None = None
    details: dict[str, object] = field(default_factory=dict)
    crashed: bool = False
    peak_bytes: int = 0


def run(job: Job, wall_s: float, on_answer: Callable[[Answer], None]) -> Ending:
    """Do a job in a process of its own, handing each answer on as it comes.

    The process and all it started are gone when this returns, also when `on_answer` raises.
    """
    process = _start(job)
    late = threading.Event()
    timer = threading.Timer(max(wall_s, 0.0), _stop, (process, late))
    timer.start()
    ending = Ending()
    try:
        _converse(process, job, ending, on_answer)
    except BaseException:
        _kill_group(process.pid)
        raise
    finally:
        # Not reaped before its group is gone: until then no other process can bear its number.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        timer.cancel()
        timer.join()
        _kill_group(process.pid)
        code = process.wait()
    _judge(ending, code, late.is_set())
    return ending


def _start(job: Job) -> subprocess.Popen[bytes]:
    # No variable of ours goes along: they hold passwords.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
    environment |= {"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "HOME": job.out_dir}
    return subprocess.Popen(
        # -P: a file named json.py beside the deck is not to be imported.
        [sys.executable, "-P", "-m", "archive.extract.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=job.out_dir or None,
        env={key: value for key, value in environment.items() if value},
        start_new_session=True,
    )


def _converse(
    process: subprocess.Popen[bytes], job: Job, ending: Ending, on_answer: Callable[[Answer], None]
) -> None:
    requests, answers = process.stdin, process.stdout
    if requests is None or answers is None:
        raise RuntimeError("the process was started without pipes")
    with answers:
        try:
            with requests:
                requests.write(json.dumps(job.as_json()).encode())
        except BrokenPipeError:
            return
        while (line := answers.readline(_LINE_BYTES)).endswith(b"\n"):
            answer = json.loads(line)
            ending.peak_bytes = int(answer["peak_bytes"])
            if "problem" in answer:
                ending.problem = Problem(answer["problem"])
                ending.details = dict(answer.get("details") or {})
            else:
                on_answer(answer)
        if line:
            # Half a line, or one without end: nothing more to expect from it.
            _kill_group(process.pid)


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    _kill_group(process.pid)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _judge(ending: Ending, code: int, late: bool) -> None:
    if late or code == -signal.SIGXCPU:
        ending.problem, ending.crashed = Problem.TIMED_OUT, False
    elif code == 0:
        # The child says when memory ran out on Python's side; the rest of the file may be well.
        ending.crashed = ending.problem is Problem.OUT_OF_MEMORY
    else:
        ending.crashed = True
        out_of_memory = -code in _OUT_OF_MEMORY
        ending.problem = Problem.OUT_OF_MEMORY if out_of_memory else Problem.DAMAGED
        ending.details = {"exit": code}


def time_left(deadline: float) -> float:
    """Seconds until a deadline on the monotonic clock, never negative."""
    return max(0.0, deadline - time.monotonic())
