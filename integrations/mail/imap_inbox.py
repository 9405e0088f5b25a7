"""The mailbox over IMAP (RFC 3501), whatever else reads it at the same time.

What was read moves to Vzaimo/Done or Vzaimo/Quarantine beside the folder; where the server lets us
make none, the message stays and bears a keyword.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import (
    CapabilityError,
    IMAPClientAbortError,
    IMAPClientError,
    LoginError,
)

from integrations.mail.inbox_port import LARGEST_BYTES, OpenInbox, Place, Waiting
from integrations.runtime import clock
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings

TIMEOUT = SocketTimeout(connect=15, read=60)
OURS = "Vzaimo"
_FOLDERS: Mapping[Place, str] = {"done": "Done", "quarantine": "Quarantine"}
_KEYWORDS: Mapping[Place, str] = {"done": "VzaimoDone", "quarantine": "VzaimoQuarantine"}
_UNTOUCHED = ["UNDELETED", *(part for word in _KEYWORDS.values() for part in ("UNKEYWORD", word))]

Found = TypeVar("Found")


class ImapInbox:
    """Signs in anew for every reading; a line that is lost meanwhile is made again, once a call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @contextmanager
    def opened(self) -> Iterator[OpenInbox]:
        with _translated():
            reading = _Reading(self._settings)
        try:
            yield reading
        finally:
            reading.close()

    def check(self) -> None:
        with self.opened() as inbox:
            inbox.waiting()


class _Reading:
    """A signed-in line with the folder selected. Keys are "<UIDVALIDITY>.<UID>"."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._line, self._validity = self._connected()
        self._made: dict[Place, str | None] = {}

    def waiting(self) -> list[str]:
        uids = self._asked(lambda line: line.search(_UNTOUCHED))
        return [f"{self._validity}.{uid}" for uid in sorted(uids)]

    def fetch(self, key: str) -> Waiting | None:
        part = f"BODY.PEEK[]<0.{LARGEST_BYTES}>"
        facts = self._about(key, ["FLAGS", "RFC822.SIZE", "INTERNALDATE", part])
        # Between the list and now another reader may have put it away: Dovecot then says NIL.
        raw = facts.get(b"BODY[]<0>")
        if raw is None or b"\\Deleted" in facts.get(b"FLAGS", ()):
            return None
        at = facts.get(b"INTERNALDATE")
        return Waiting(
            key=key,
            raw=bytes(raw),
            received_at=at.astimezone(UTC) if isinstance(at, datetime) else clock.now(),
            size_bytes=int(facts.get(b"RFC822.SIZE", 0)),
        )

    def put_away(self, key: str, place: Place) -> None:
        if not self._about(key, ["UID"]):
            return
        folder = self._folder(place)
        uid = self._uid(key)
        if uid is None:
            return
        if folder is None:
            self._asked(lambda line: line.add_flags([uid], [_KEYWORDS[place]], silent=True))
        else:
            self._asked(lambda line: _move(line, uid, folder))

    def close(self) -> None:
        with suppress(IMAPClientError, OSError):
            self._line.logout()

    def _about(self, key: str, facts: list[str]) -> Mapping[bytes, Any]:
        """What the server tells of a message; nothing where it is gone."""
        uid = self._uid(key)
        if uid is None:
            return {}
        found = self._asked(lambda line: line.fetch([uid], facts))
        answer: Mapping[bytes, Any] = found.get(uid, {})
        return answer

    def _uid(self, key: str) -> int | None:
        validity, _, uid = key.partition(".")
        # Once the server counts anew, the number belongs to another message.
        return int(uid) if int(validity) == self._validity else None

    def _folder(self, place: Place) -> str | None:
        if place not in self._made:
            self._made[place] = self._asked(lambda line: _made(line, _FOLDERS[place]))
        return self._made[place]

    def _asked(self, ask: Callable[[Any], Found]) -> Found:
        """The answer; asked once more over a new line where the old one is lost."""
        with _translated():
            try:
                return ask(self._line)
            except (IMAPClientAbortError, OSError):
                with suppress(IMAPClientError, OSError):
                    self._line.shutdown()
                self._line, self._validity = self._connected()
                return ask(self._line)

    def _connected(self) -> tuple[Any, int]:
        own = self._settings
        line = IMAPClient(
            own.imap_host, int(own.imap_port), ssl=own.imap_tls == "ssl",
            ssl_context=_context() if own.imap_tls == "ssl" else None, timeout=TIMEOUT,
        )  # fmt: skip
        try:
            line.normalise_times = False
            if own.imap_tls == "starttls":
                line.starttls(_context())
            line.login(own.imap_user, own.imap_password)
            selected = line.select_folder(own.imap_folder)
        except BaseException:
            with suppress(IMAPClientError, OSError):
                line.shutdown()
            raise
        return line, int(selected.get(b"UIDVALIDITY", 0))


def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _made(line: Any, name: str) -> str | None:
    """Our folder for what was read, made where it is missing; None where we may make none."""
    try:
        personal = line.namespace().personal
    except (CapabilityError, IMAPClientError, ValueError):
        personal = None
    prefix, separator = personal[0] if personal else ("", "/")
    separator = separator.decode() if isinstance(separator, bytes) else separator or ""
    folder = f"{prefix}{OURS}{separator or ' '}{name}"
    try:
        if not line.folder_exists(folder):
            line.create_folder(folder)
            with suppress(IMAPClientError):
                line.subscribe_folder(folder)
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        # Another worker may have made it since we looked.
        return folder if line.folder_exists(folder) else None
    return folder


def _move(line: Any, uid: int, folder: str) -> None:
    if line.has_capability("MOVE"):
        line.move([uid], folder)
        return
    line.copy([uid], folder)
    line.delete_messages([uid], silent=True)
    # A plain EXPUNGE would take away what other readers have marked.
    if line.has_capability("UIDPLUS"):
        line.uid_expunge([uid])


@contextmanager
def _translated() -> Iterator[None]:
    """IMAP's own errors as ours: a refused sign-in is the operator's to mend, all else may pass."""
    try:
        yield
    except LoginError as refused:
        raise OutsideError("imap", temporary=False, detail=_words(refused)) from refused
    except (IMAPClientError, OSError) as error:
        raise OutsideError("imap", temporary=True, detail=_words(error)) from error


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
