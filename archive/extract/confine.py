"""What the reading process takes away from itself before it opens a stranger's file."""

from __future__ import annotations

import ctypes
import resource
import signal
import sys

from archive.extract.limits import Limits

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_NETWORK = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "urllib.")
_PROCESSES = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "pty.spawn")


class Forbidden(Exception):  # noqa: N818 - it names what was tried
    """Code in the reading process reached for the network or for another program."""


def confine(limits: Limits, may_start_programs: bool = False) -> None:
    """Give up memory, time, files, network and other programs, for good.

    The kernel enforces the first three; the network too where it lets us leave it (a container
    may not). The audit hook is the second fence for both: it binds Python code only.
    """
    kernel = ctypes.CDLL(None, use_errno=True)
    # A worker that is killed takes its reader along.
    kernel.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    kernel.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if kernel.unshare(_CLONE_NEWNET) != 0:
        kernel.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    _set("RLIMIT_AS", limits.memory_bytes)
    # The soft limit below the hard one: SIGXCPU tells what happened, SIGKILL would not.
    _set("RLIMIT_CPU", limits.cpu_s, limits.cpu_s + 5)
    _set("RLIMIT_FSIZE", limits.written_bytes)
    _set("RLIMIT_NOFILE", limits.open_files)
    _set("RLIMIT_CORE", 0)
    forbidden = _NETWORK if may_start_programs else _NETWORK + _PROCESSES

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(forbidden):
            raise Forbidden(event)

    sys.addaudithook(refuse)


def _set(name: str, soft: int, hard: int | None = None) -> None:
    which = getattr(resource, name)
    _, ceiling = resource.getrlimit(which)
    hard = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        hard = min(hard, ceiling)
    resource.setrlimit(which, (min(soft, hard), hard))
