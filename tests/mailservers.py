"""A real Dovecot on loopback, and a real SMTP server that delivers into its mailboxes."""

from __future__ import annotations

import mailbox
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from imapclient import IMAPClient

PASSWORD = "for-tests-only"
_PROGRAM = "/usr/sbin/dovecot"
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/mail/%u
imap_capability = {capability}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = {tls}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Dovecot:
    """A running server. Any name is a user; all have the same password."""

    folder: Path
    port: int
    tls_port: int
    owner: pwd.struct_passwd
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def certificate(self) -> Path:
        return self.folder / "cert.pem"

    def settings(self, user: str = "rsvp@vzaimo.test", **changes: str) -> dict[str, str]:
        """What leads an application to this user's mailbox, in the clear."""
        return {
            "inbox": "imap", "imap_host": "127.0.0.1", "imap_port": str(self.port),
            "imap_user": user, "imap_password": PASSWORD, "imap_tls": "none", **changes,
        }  # fmt: skip

    def deliver(self, user: str, raw: bytes) -> None:
        """Put a message into a user's mailbox, as the delivery of a mail server does."""
        folder = self.folder / "mail" / user
        box = mailbox.Maildir(folder, create=True)
        box.add(raw)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    @contextmanager
    def client(self, user: str = "rsvp@vzaimo.test") -> Iterator[Any]:
        """A mail program of the user's own."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10) as client:
            client.login(user, PASSWORD)
            yield client

    def messages(self, folder: str, user: str = "rsvp@vzaimo.test") -> list[bytes]:
        """What lies in a folder, oldest first; nothing where there is no such folder."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(["UNDELETED"]), ["BODY.PEEK[]"])
            return [facts[b"BODY[]"] for _, facts in sorted(found.items())]

    def start(self) -> None:
        self._process = subprocess.Popen(
            [_PROGRAM, "-F", "-c", str(self.folder / "dovecot.conf")],
            user=self.owner.pw_uid, group=self.owner.pw_gid, extra_groups=[],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        give_up = time.monotonic() + 20
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                if line.recv(4) == b"* OK":
                    return
            if self._process.poll() is not None or time.monotonic() > give_up:
                log = self.folder / "dovecot.log"
                raise RuntimeError(log.read_text() if log.exists() else "dovecot did not start")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it with all its lines, as a machine that goes down does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            (self.folder / "run" / "master.pid").unlink(missing_ok=True)


@contextmanager
def dovecot(
    *, tls: bool = False, capability: str = "", separator: str = "/", prefix: str = ""
) -> Iterator[Dovecot]:
    """Debian's dovecot-imapd, started as an ordinary user in a folder of its own.

    capability: what it says it can, empty for all. prefix: what its folders' names begin with.
    """
    if not Path(_PROGRAM).exists():
        pytest.skip("dovecot-imapd is not installed")
    # Dovecot does not run wholly as root, and another user cannot read pytest's own folders.
    owner = pwd.getpwnam("games") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    folder = Path(tempfile.mkdtemp(prefix="vz-imap-", dir="/tmp"))
    server = Dovecot(folder, free_port(), free_port() if tls else 0, owner)
    try:
        for part in ("run", "state", "mail", "home"):
            (folder / part).mkdir()
        _certificate(folder)
        config = _CONFIG.format(
            folder=folder, ssl="yes" if tls else "no", user=owner.pw_name,
            group=_group(owner.pw_gid), uid=owner.pw_uid, gid=owner.pw_gid, password=PASSWORD,
            port=server.port, tls_port=server.tls_port, tls="yes" if tls else "no",
            capability=capability, separator=separator, prefix=prefix,
        )  # fmt: skip
        if not tls:
            config = config.replace("ssl_cert", "#ssl_cert").replace("ssl_key", "#ssl_key")
        (folder / "dovecot.conf").write_text(config)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _group(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name


def _certificate(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip


@dataclass
class Delivering:
    """An SMTP server whose letters land in mailboxes: name+anything@ in that of name@.

    The recipient stands in Delivered-To and the sender in Return-Path, as mail servers write them.
    refused: addresses that it does not know. letters: (sender, recipient, message), in order.
    """

    imap: Dovecot
    refused: set[str] = field(default_factory=set)
    sub_addresses: bool = True
    letters: list[tuple[str, str, bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        known = self.sub_addresses or "+" not in address
        if address.lower() in self.refused or not known:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        for address in envelope.rcpt_tos:
            local, _, domain = address.lower().rpartition("@")
            raw = bytes(envelope.original_content)
            head = f"Return-Path: <{envelope.mail_from or ''}>\r\nDelivered-To: {address}\r\n"
            self.letters.append((envelope.mail_from or "", address, raw))
            self.imap.deliver(f"{local.partition('+')[0]}@{domain}", head.encode() + raw)
        return "250 OK"


@contextmanager
def delivering(imap: Dovecot, **facts: Any) -> Iterator[tuple[Delivering, dict[str, str]]]:
    """A running SMTP server and the settings that lead to it."""
    handler, port = Delivering(imap, **facts), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, {"mail": "smtp", "smtp_host": "127.0.0.1", "smtp_port": str(port)}
    finally:
        controller.stop()
        for thread in threading.enumerate():
            if thread is controller._thread:
                thread.join(5)
