"""Web server and worker kept running together, and ended together."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from types import FrameType
from typing import Any

import waitress
from flask import Flask
from flask_babel import gettext

from archive import indexing
from integrations.runtime import ports, worker
from integrations.runtime.errors import Misconfigured
from integrations.runtime.settings import Settings
from integrations.textsearch.port import TextIndex
from sessions import inbox
from sessions.flows import digesting, following_zones, keeping_time, reminding

# A form around the largest file; beyond it the application's own page says that it is too large.
_FORM_BYTES = 4_000_000
LOCK = "serving.lock"  # holds the process's number and its address
_FINISH_S = 15
_END_S = 20
_LONGEST_PAUSE_S = 30.0
_HEALTHY_S = 60.0

log = logging.getLogger(__name__)


def listen(settings: Settings) -> socket.socket:
    """The socket that the settings name. Raises Misconfigured where it cannot be had."""
    host, port = settings.host, int(settings.port)
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(1024)
        except BaseException:
            listening.close()
            raise
    except (OSError, OverflowError) as error:
        raise _cannot_listen(error, host, port) from error
    return listening


def _cannot_listen(error: Exception, host: str, port: int) -> Misconfigured:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return Misconfigured(
            gettext("Port %(port)s of %(host)s is taken by another program", port=port, host=host),
            gettext("Stop that program, or choose another port with --port or VZAIMO_PORT."),
        )
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return Misconfigured(
            gettext("This user may not listen on port %(port)s", port=port),
            gettext("Choose a port above 1023 with --port or VZAIMO_PORT."),
        )
    return Misconfigured(
        gettext("%(host)s:%(port)s is no address of this machine", host=host, port=port),
        gettext("Choose another with --host and --port, such as 127.0.0.1 or 0.0.0.0."),
    )


@contextmanager
def alone(settings: Settings, taken: Callable[[str], Misconfigured]) -> Iterator[None]:
    """Keep the data directory for one server. Raises what `taken` makes of the other's address.

    The lock is the system's: it goes with the process that holds it, however that ends.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise taken(file.read().partition(" ")[2].strip()) from None
        file.truncate(0)
        file.write(f"{os.getpid()} {settings.base_url}\n")
        file.flush()
        yield
        file.truncate(0)


def serve(app: Flask, settings: Settings, listening: socket.socket, *, with_worker: bool) -> None:
    """Answer requests until the process is asked to end; then let what runs come to its end."""
    server = _server(app, settings, listening)
    with _ending_by_signal(server) as stop, closing(server):
        threading.Thread(target=_warm_up, daemon=True).start()
        with kept_worker(settings) if with_worker else nullcontext():
            _run(server, stop)


def _server(app: Flask, settings: Settings, listening: socket.socket) -> Any:
    return waitress.create_server(
        app,
        sockets=[listening],
        threads=int(settings.threads),
        ident="vzaimo",
        max_request_body_size=settings.upload_limit_bytes + _FORM_BYTES,
        connection_limit=1000,
        asyncore_use_poll=True,
        # The application itself says how many proxies to believe.
        clear_untrusted_proxy_headers=not int(settings.trusted_proxies),
    )


def _warm_up() -> None:
    """Load the dictionary before the first reader waits for it."""
    ports.get(TextIndex).marks("слово", "слово")


def _run(server: Any, stop: threading.Event) -> None:
    """Answer until `stop`; then take no new connection, and let what was begun come to its end.

    Waitress's own run() drops what its threads have answered but its loop has not yet sent.
    """
    while not stop.is_set():
        _turn(server)
    server.del_channel()
    server.socket.close()
    give_up = time.monotonic() + _FINISH_S
    while any(map(_is_busy, list(server.active_channels.values()))) and time.monotonic() < give_up:
        _turn(server)
    server.task_dispatcher.shutdown()


def _turn(server: Any) -> None:
    own = server.adj
    server.asyncore.loop(own.asyncore_loop_timeout, own.asyncore_use_poll, server._map, 1)


def _is_busy(channel: Any) -> bool:
    """Whether a request is coming in, is being worked on, or its answer is not sent yet."""
    return bool(channel.request or channel.requests or channel.total_outbufs_len)


@contextmanager
def _ending_by_signal(server: Any) -> Iterator[threading.Event]:
    """Gives what SIGTERM and Ctrl-C set inside."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()
        server.pull_trigger()

    before = {name: signal.signal(name, end) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


@contextmanager
def kept_worker(settings: Settings) -> Iterator[None]:
    """A worker as a child process, started again whenever it dies; ended with the block."""
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(settings, over), name="worker keeper")
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(settings: Settings, over: threading.Event) -> None:
    pause_s = 1.0
    while not over.is_set():
        started = time.monotonic()
        child = subprocess.Popen(  # noqa: S603 our own program
            [sys.executable, "-m", "sessions", "worker", "--parent", str(os.getpid())],
            env={**os.environ, **settings.as_environ()},
            stdin=subprocess.DEVNULL,
        )
        while child.poll() is None and not over.wait(0.2):
            pass
        if over.is_set():
            _end(child)
            return
        pause_s = (
            1.0 if time.monotonic() - started > _HEALTHY_S else min(2 * pause_s, _LONGEST_PAUSE_S)
        )
        log.error("worker died", extra={"code": child.returncode, "again_in_s": pause_s})
        over.wait(pause_s)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the worker to end after the job it has; a job cut off is safe to run again."""
    child.terminate()
    try:
        child.wait(_END_S)
    except subprocess.TimeoutExpired:
        log.warning("worker killed: its job took too long to end")
        child.kill()
        child.wait()


def work(app: Flask, parent: int | None = None) -> None:
    """Be a worker until asked to end, or until the process that started us is gone."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    # Ctrl-C reaches child processes, too; ours are ended by the one who started them.
    signal.signal(signal.SIGINT, end if parent is None else signal.SIG_IGN)
    is_orphan: Callable[[], bool] = lambda: parent is not None and os.getppid() != parent  # noqa: E731
    with app.app_context():
        indexing.owe_whole()
        following_zones.follow()
        keeping_time.owe_sweep()
        reminding.owe_sweep()
        digesting.owe_sweep()
        inbox.owe_poll()
    worker.work(app, stop, is_orphan)
