"""Letters over SMTP (RFC 5321)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from integrations.mail.message import wire_address
from integrations.mail.port import Deferred
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings

TIMEOUT_S = 30
# The server wants us to sign in (RFC 4954, section 6): the operator mends that, not the host.
_SIGN_IN_CODES = (530, 534, 535, 538)
_CLOSING = 421  # RFC 5321, section 3.8: the server ends the connection, whatever the letter


class SmtpMailer:
    """A connection a letter, unless it is kept open for a mailing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        with self.kept_open() as line:
            return line.send(raw, sender, recipient)

    @contextmanager
    def kept_open(self) -> Iterator[_Line]:
        line = _Line(self._settings)
        try:
            yield line
        finally:
            line.hang_up()

    def check(self) -> None:
        with self.kept_open() as line:
            line.check()


class _Line:
    """One connection, made at the first letter and made anew where the server ended it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        with _translated():
            kept = self._still_there()
            try:
                self._hand_over(raw, sender, recipient)
            except smtplib.SMTPSenderRefused as refused:
                if kept is None or refused.smtp_code != _CLOSING:
                    raise
                # It takes so many letters a connection; nothing of this one was said yet.
                self.hang_up()
                self._hand_over(raw, sender, recipient)
        return "accepted"

    @contextmanager
    def kept_open(self) -> Iterator[_Line]:
        yield self

    def check(self) -> None:
        with _translated():
            self._open().noop()

    def hang_up(self) -> None:
        """Say goodbye; the letters were taken already, so that nothing hangs on its arriving."""
        if self._server is None:
            return
        with suppress(smtplib.SMTPException, OSError):
            self._server.quit()
        self._server.close()
        self._server = None

    def _hand_over(self, raw: bytes, sender: str, recipient: str) -> None:
        self._open().sendmail(wire_address(sender), [wire_address(recipient)], raw)

    def _still_there(self) -> smtplib.SMTP | None:
        """The connection of the letter before, asked whether it lives.

        A line that died in the middle of a letter leaves it unknown whether that was taken; one
        that is found dead before it leaves no doubt.
        """
        if self._server is not None:
            try:
                code, _ = self._server.rset()
            except (smtplib.SMTPException, OSError):
                code = _CLOSING
            if code == _CLOSING:
                self.hang_up()
        return self._server

    def _open(self) -> smtplib.SMTP:
        if self._server is None:
            own = self._settings
            host, port = own.smtp_host, int(own.smtp_port)
            if own.smtp_tls == "ssl":
                context = ssl.create_default_context()
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    host, port, timeout=TIMEOUT_S, context=context
                )
            else:
                server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
            try:
                if own.smtp_tls == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if own.smtp_user:
                    server.login(own.smtp_user, own.smtp_password)
            except BaseException:
                server.close()
                raise
            self._server = server
        return self._server


@contextmanager
def _translated() -> Iterator[None]:
    """SMTP's own errors as ours: 5xx about recipient or letter is final, all else may pass.

    A refused sender is our own setting gone wrong: letters wait until the operator mends it.
    """
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        raise _refusal(*next(iter(refused.recipients.values()))) from refused
    except smtplib.SMTPDataError as refused:
        raise _refusal(refused.smtp_code, refused.smtp_error) from refused
    except smtplib.SMTPResponseException as refused:
        detail = _words(refused.smtp_code, refused.smtp_error)
        raise OutsideError("smtp", temporary=True, detail=detail) from refused
    except (smtplib.SMTPException, OSError) as error:
        raise OutsideError("smtp", temporary=True, detail=str(error)) from error


def _refusal(code: int, text: bytes | str) -> OutsideError:
    detail = _words(code, text)
    if code == _CLOSING or code in _SIGN_IN_CODES:
        return OutsideError("smtp", temporary=True, detail=detail)
    if code < 500:
        return Deferred("smtp", temporary=True, detail=detail)
    return OutsideError("smtp", temporary=False, detail=detail)


def _words(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
