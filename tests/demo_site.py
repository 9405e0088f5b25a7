"""The demonstration as `vzaimo demo` makes it, served by processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests
from flask import Flask

from integrations.runtime.settings import Settings
from sessions.app import create_app
from sessions.cli import demonstration
from tests.journeys.servers import ROOT, free_port, wait_for

_START_S = 180


class DemoSite:
    """One data directory, filled by `vzaimo demo`. `url`: where it answers while it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: Settings = demonstration._settings("127.0.0.1", free_port(), folder / "demo")
        self.url = self.settings.base_url
        self._process: subprocess.Popen[bytes] | None = None

    def demonstrate(self) -> float:
        """Fill the directory and serve it with its worker; seconds until the first answer."""
        data, port = str(self.settings.data_dir), str(self.settings.port)
        return self._run("demo", "--no-browser", "--data", data, "--port", port)

    def open(self) -> None:
        """Serve what an earlier run left in the folder, or else a new demonstration."""
        if any(self.settings.letters_dir.glob("*.eml")):
            self.serve()
        else:
            self.demonstrate()
            self.a_letter()

    def serve(self, database_url: str = "") -> float:
        """Serve what is there without a worker; seconds until the first answer.

        database_url: another database than the demonstration's own.
        """
        more = {"VZAIMO_DATABASE_URL": database_url} if database_url else {}
        return self._run("serve", "--no-worker", **more)

    def app(self) -> Flask:
        """The application of this process, on the same directory."""
        return create_app(self.settings)

    def a_letter(self) -> None:
        """Wait until the worker has sent its first letter."""
        wait_for(lambda: any(self.settings.letters_dir.glob("*.eml")), 60, "the first letter")

    def memory_bytes(self) -> dict[str, int]:
        """What each process of the server holds in memory, by what it runs."""
        found = {}
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                if self._process and os.getpgid(int(status.parent.name)) == self._process.pid:
                    command = status.with_name("cmdline").read_text().split("\0")
                    found[command[3]] = _resident(status)
            except (OSError, IndexError):
                continue  # it ended while we looked
        return found

    def stop(self) -> None:
        """End the server and all that it started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None

    def _run(self, *command: str, **more: str) -> float:
        environ = {**os.environ, **self.settings.as_environ(), "LC_ALL": "C.UTF-8", **more}
        started = time.monotonic()
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sessions", *command],
                cwd=ROOT, env=environ, start_new_session=True, stdout=log, stderr=log,
            )  # fmt: skip
        wait_for(self._answers, _START_S, "the server to answer")
        return time.monotonic() - started

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "server.log").read_text()[-2000:]
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False


def _resident(status: Path) -> int:
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024
