"""What the reading process can no longer do once it has confined itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CONFINED = """
import socket, subprocess, sys, os
from dataclasses import replace
from archive.extract.confine import confine
from archive.extract.limits import Limits
confine(replace(Limits(), memory_bytes=200_000_000, written_bytes=1000))
"""


@pytest.fixture
def try_confined(tmp_path):
    """The name of what an attempt raised in a confined process, "" if it succeeded."""

    def attempt(code: str) -> str:
        indented = "".join(f"    {line}\n" for line in code.splitlines())
        script = (
            f"{CONFINED}\ntry:\n{indented}except BaseException as e:\n    print(type(e).__name__)\n"
        )
        ended = subprocess.run(
            [sys.executable, "-P", "-c", script],
            env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return ended.stdout.strip()

    return attempt


def test_it_cannot_reach_a_server_on_this_machine(try_confined):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]

        raised = try_confined(f"socket.create_connection(('127.0.0.1', {port}), timeout=2)")

        assert raised == "Forbidden"
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("subprocess.run(['true'])", "Forbidden"),
        ("os.system('true')", "Forbidden"),
        ("os.fork()", "Forbidden"),
        ("bytearray(300_000_000)", "MemoryError"),
        ("f = open('big', 'wb', buffering=0); f.write(b'x' * 900); f.write(b'x' * 900)", ""),
        ("files = [open('/dev/null') for _ in range(100)]", "OSError"),
        ("len(bytearray(1_000_000))", ""),
    ],
)
def test_it_cannot_take_more_than_it_was_given(try_confined, code, raised):
    assert try_confined(code) == raised


def test_it_cannot_write_a_larger_file_than_allowed(try_confined, tmp_path):
    try_confined("f = open('big', 'wb', buffering=0); f.write(b'x' * 900); f.write(b'x' * 900)")

    assert (tmp_path / "big").stat().st_size == 1000


def test_nothing_of_our_environment_goes_along(read, a_pptx, office, monkeypatch, tmp_path):
    monkeypatch.setenv("VZAIMO_SECRET", "hush")
    office(pages=0)
    program = tmp_path / "programs" / "soffice"
    seen = tmp_path / "seen"
    program.write_text(f"#!/bin/sh\n/usr/bin/env > {seen}\n")

    read(a_pptx(("Наставничество", "")), "pptx")

    names = {line.split("=")[0] for line in seen.read_text().splitlines()}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {
        "PATH",
        "LANG",
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "HOME",
    }
