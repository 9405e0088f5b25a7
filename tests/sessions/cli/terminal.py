"""The command as an operator runs it: a process of its own, on a data directory of its own."""

from __future__ import annotations

import ctypes
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from sessions.cli import main

ROOT = Path(__file__).parents[3]
_PR_CAPBSET_DROP, _DAC_OVERRIDE, _DAC_READ_SEARCH = 24, 1, 2  # capabilities(7), prctl(2)
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Terminal:
    """A terminal in English; `data` is what VZAIMO_DATA names."""

    data: Path

    def environ(self, **more: str) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("VZAIMO_")}
        return {**kept, "VZAIMO_DATA": str(self.data), "LC_ALL": "C.UTF-8", **more}

    def run_without_power(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """The same as one whom the rights of files hold back, even where the tests run as root."""
        return self.run(*words, before=_give_up_power)

    def run(
        self,
        *words: str | Path,
        typed: str = "",
        before: Callable[[], None] | None = None,
        **more: str,
    ) -> subprocess.CompletedProcess[str]:
        """What the command said, and its exit code."""
        return subprocess.run(
            [sys.executable, "-m", "sessions", *map(str, words)],
            cwd=ROOT, env=self.environ(**more), input=typed, capture_output=True, text=True,
            timeout=120, preexec_fn=before,
        )  # fmt: skip

    def here(self, *words: str | Path, typed: str = "", **more: str) -> Said:
        """The same without a process of its own: quicker, where the process is not the point."""
        out, err = io.StringIO(), io.StringIO()
        with (
            patch.dict(os.environ, self.environ(**more), clear=True),
            patch.object(sys, "stdin", io.StringIO(typed)),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main([str(word) for word in words])
        code = int(ended.value.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    @contextmanager
    def started(self, *words: str | Path, **more: str) -> Iterator[subprocess.Popen[str]]:
        """The command left running; killed in the end if it still does."""
        with (self.data.parent / f"{words[0]}.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "sessions", *map(str, words)],
                cwd=ROOT, env=self.environ(**more), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, text=True, start_new_session=True,
            )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def logged(self, command: str) -> list[dict[str, Any]]:
        """What a started command wrote in its log, but for lines that are no JSON."""
        text = (self.data.parent / f"{command}.log").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows straight from the database; none while it is not made yet."""
        path = self.data / "vzaimo.sqlite"
        if not path.exists():
            return []
        connection = sqlite3.connect(path, timeout=30)
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return []
        finally:
            connection.close()

    def change(self, statement: str) -> None:
        """Do to the database what no command does."""
        connection = sqlite3.connect(self.data / "vzaimo.sqlite", timeout=30)
        try:
            with connection:
                connection.execute(statement)
        finally:
            connection.close()

    def worker_is_alive(self) -> bool:
        return bool(self.ask("SELECT 1 FROM workers"))

    def worker_pids(self) -> list[int]:
        return [int(name.split(":")[-2]) for (name,) in self.ask("SELECT identity FROM workers")]


def _give_up_power() -> None:
    """Drop from what a program may get the capabilities that overrule the rights of files."""
    for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # fails for all but root: no need then


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until something is so; an AssertionError names what never was."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_running(pid: int) -> bool:
    """Whether the process is there and is more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def a_transcript(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cues = [
        f"00:{at // 60:02}:{at % 60:02}.000 --> 00:{at // 60:02}:{at % 60:02}.900\n{line}\n"
        for at, line in enumerate(lines)
    ]
    path.write_text("WEBVTT\n\n" + "\n".join(cues), "utf-8")
    return path
