"""`vzaimo serve`, `vzaimo worker` and `vzaimo demo` as running processes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import requests

from integrations.runtime.errors import Misconfigured
from integrations.runtime.settings import Settings
from sessions import serving as server
from sessions.app import create_app
from sessions.cli import demonstration
from tests.sessions.cli.terminal import Terminal, free_port, is_running, wait_for


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def serving(terminal: Terminal, port: int) -> str:
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: answers(f"{url}/readyz"), "the server")
    return url


def test_serve_makes_its_database_answers_and_ends_when_asked(terminal: Terminal) -> None:
    port = free_port()
    with terminal.started("serve", "--port", str(port)) as process:
        url = serving(terminal, port)
        wait_for(terminal.worker_is_alive, "the worker")
        ready = requests.get(f"{url}/readyz", timeout=5).json()
        (worker,) = terminal.worker_pids()

        process.terminate()
        code = process.wait(30)

    assert (ready["status"], ready["worker"]) == ("ok", "alive")
    assert code == 0
    assert not is_running(worker)
    assert terminal.ask("SELECT identity FROM workers") == []


@pytest.mark.deep
def test_a_worker_that_was_killed_is_started_again(terminal: Terminal) -> None:
    port = free_port()
    with terminal.started("serve", "--port", str(port)):
        serving(terminal, port)
        wait_for(terminal.worker_is_alive, "the worker")
        (first,) = terminal.worker_pids()

        os.kill(first, signal.SIGKILL)

        wait_for(lambda: terminal.worker_pids() not in ([], [first]), "another worker")
        assert answers(f"http://127.0.0.1:{port}/readyz")
    assert [
        line["code"] for line in terminal.logged("serve") if line["message"] == "worker died"
    ] == [-9]


@pytest.mark.deep
def test_a_worker_whose_server_was_killed_ends_by_itself(terminal: Terminal) -> None:
    port = free_port()
    with terminal.started("serve", "--port", str(port)) as process:
        serving(terminal, port)
        wait_for(terminal.worker_is_alive, "the worker")
        (worker,) = terminal.worker_pids()

        process.kill()
        process.wait()

        wait_for(lambda: not is_running(worker), "the worker to end", 20)


@pytest.mark.deep
def test_ctrl_c_ends_server_and_worker(terminal: Terminal) -> None:
    port = free_port()
    with terminal.started("serve", "--port", str(port)) as process:
        serving(terminal, port)
        wait_for(terminal.worker_is_alive, "the worker")
        (worker,) = terminal.worker_pids()

        os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the whole group
        code = process.wait(30)

    assert (code, is_running(worker)) == (0, False)
    assert "worker died" not in [line["message"] for line in terminal.logged("serve")]


@pytest.mark.deep
def test_a_request_that_runs_is_answered_before_the_end(terminal: Terminal) -> None:
    port = free_port()
    with terminal.started("serve", "--port", str(port), "--no-worker") as running:
        serving(terminal, port)
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\n")
            time.sleep(0.5)  # the server has the beginning
            running.terminate()
            time.sleep(0.5)
            refuses_others = not answers(f"http://127.0.0.1:{port}/healthz")
            line.sendall(b"Host: x\r\n\r\n")
            answer = line.recv(4096)
        code = running.wait(30)

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert (refuses_others, code) == (True, 0)


def test_a_data_directory_that_is_served_is_not_served_again(terminal: Terminal) -> None:
    terminal.data.mkdir()
    (terminal.data / "demo").touch()
    url = "http://127.0.0.1:8123"
    settings = Settings.from_env({}, data=str(terminal.data), base_url=url)

    with server.alone(settings, lambda other: Misconfigured(other, "")):
        served = terminal.run("serve", "--port", str(free_port()))
        shown = terminal.run("demo", "--data", terminal.data, "--no-browser")
    with server.alone(settings, lambda other: Misconfigured(other, "")):
        pass  # what is left of one that ended is in nobody's way

    assert (served.returncode, served.stderr) == (
        2,
        f"Vzaimo serves this data directory already, at {url}. Open that address, or end that "
        "`vzaimo serve` first.\n",
    )
    assert shown.returncode == 2
    assert shown.stderr.endswith(
        f"This demonstration runs already, at {url}. Open that address, or end it first with "
        "Ctrl-C in its terminal.\n"
    )


def test_a_port_that_is_taken_is_told_in_a_sentence(terminal: Terminal) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        said = terminal.here("serve", "--port", str(port))

    assert said.returncode == 2
    assert said.stderr == (
        f"Port {port} of 127.0.0.1 is taken by another program. Stop that program, or choose "
        "another port with --port or VZAIMO_PORT.\n"
    )


def test_a_database_of_a_newer_version_is_not_served(terminal: Terminal) -> None:
    terminal.here("db", "upgrade")
    terminal.change("UPDATE alembic_version SET version_num = 'later'")

    said = terminal.here("serve", "--port", str(free_port()))

    assert said.returncode == 2
    assert said.stderr.startswith("The database was made by a newer version")


def test_a_proxy_is_believed_only_where_a_setting_says_so(terminal: Terminal) -> None:
    believed = []
    for proxies in ("0", "1"):
        settings = Settings.from_env({}, data=str(terminal.data), trusted_proxies=proxies)
        app = create_app(settings)
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            made = server._server(app, settings, listening)
            believed.append(not made.adj.clear_untrusted_proxy_headers)
            made.close()

    assert believed == [False, True]


@pytest.mark.deep
def test_a_demo_shows_itself_and_goes_on_next_time(terminal: Terminal, tmp_path: Path) -> None:
    port = free_port()
    words = ("demo", "--data", terminal.data, "--port", str(port), "--no-browser")
    log = tmp_path / "demo.log"
    seen = []
    for _ in range(2):
        log.write_text("")
        with terminal.started(*words) as running:
            wait_for(lambda: "Ctrl-C ends it" in log.read_text("utf-8"), "the address", 240)
            assert answers(f"http://127.0.0.1:{port}/")
            wait_for(
                lambda: terminal.ask("SELECT count(*) FROM letters WHERE state='owed'") == [(0,)],
                "the letters",
            )
            running.terminate()
            assert running.wait(40) == 0
        seen.append(
            terminal.ask("SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM talks)")
        )

    found = terminal.here("search", "учитель")

    assert f"The demonstration is at http://127.0.0.1:{port}" in log.read_text("utf-8")
    assert re.search(
        rf"VZAIMO_DATA={terminal.data} .*vzaimo search учитель", log.read_text("utf-8")
    )
    ((sessions, talks),) = seen[0]
    assert (sessions > 100, talks) == (True, 16)
    assert seen[1] == seen[0]
    assert found.stdout.startswith("  1. ")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (".venv/bin/vzaimo", ".venv/bin/vzaimo"),
        ("/opt/my tools/vzaimo", "'/opt/my tools/vzaimo'"),
        ("/srv/sessions/__main__.py", "vzaimo"),
    ],
)
def test_a_demo_tells_the_command_as_it_was_typed(
    typed: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [typed, "demo"])

    assert demonstration._own_name() == told


def test_a_demo_keeps_its_hands_off_real_data(terminal: Terminal) -> None:
    terminal.here("db", "upgrade")

    said = terminal.here("demo", "--data", terminal.data, "--no-browser")

    assert said.returncode == 2
    assert said.stderr.startswith(f"{terminal.data} holds something that is no demonstration.")


@pytest.mark.deep
def test_a_demo_takes_the_next_port_that_is_free(terminal: Terminal, tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    log.write_text("")
    with socket.socket() as other:
        try:
            other.bind(("127.0.0.1", 8000))
            other.listen()
        except OSError:
            pass  # taken by somebody else: all the same to us
        with terminal.started("demo", "--data", terminal.data, "--no-browser") as running:
            wait_for(lambda: "Ctrl-C ends it" in log.read_text("utf-8"), "the address")
            running.terminate()
            running.wait(40)

    (port,) = re.findall(r"Port 8000 is taken; using (\d+)\.", log.read_text("utf-8"))
    assert f"The demonstration is at http://127.0.0.1:{port}" in log.read_text("utf-8")


def test_python_m_sessions_is_the_same_command(terminal: Terminal) -> None:
    said = terminal.run("--help")

    assert isinstance(said, subprocess.CompletedProcess)
    assert said.returncode == 0
    assert said.stdout.startswith("Usage: vzaimo [OPTIONS] COMMAND [ARGS]...")
