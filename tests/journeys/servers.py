"""Real servers for long stories: our own, and an SMTP server that keeps every letter."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import requests
from aiosmtpd.controller import Controller

from integrations.runtime.settings import Settings

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class PostOffice:
    """An SMTP server on loopback. `taken`: every letter it said yes to, in order."""

    delay_s: float = 0.0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        import asyncio

        with self.lock:
            self.taken.append((envelope.rcpt_tos[0], bytes(envelope.content)))
        await asyncio.sleep(self.delay_s)  # the sender waits, its letter already taken
        return "250 OK"

    def recipients(self) -> list[str]:
        with self.lock:
            return [recipient for recipient, _ in self.taken]

    def doubled(self) -> dict[str, list[bytes]]:
        """The letters that came more than once, by Message-ID."""
        by_id: dict[str, list[bytes]] = {}
        for _, raw in self.taken:
            by_id.setdefault(str(message_from_bytes(raw)["Message-ID"]), []).append(raw)
        return {key: copies for key, copies in by_id.items() if len(copies) > 1}


@contextmanager
def post_office(delay_s: float = 0.0) -> Iterator[tuple[PostOffice, int]]:
    """A running post office and its port."""
    office, port = PostOffice(delay_s), free_port()
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield office, port
    finally:
        controller.stop()


class Vzaimo:
    """`vzaimo serve` as a process group, so that a kill takes web and worker together."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environ = {**os.environ, **self.settings.as_environ(), "LC_ALL": "C.UTF-8"}
        with (self.settings.data_dir / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sessions", "serve"],
                cwd=ROOT, env=environ, start_new_session=True, stdout=log, stderr=log,
            )  # fmt: skip
        wait_for(self._answers, 40, "the server to answer")

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """kill -9 of everything at once."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something is so. Raises AssertionError naming it when it takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}")
