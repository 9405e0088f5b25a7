"""Letters over SMTP (RFC 5321)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from integrations.mail.message import wire_address
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings

TIMEOUT_S = 30
# The server wants us to sign in (RFC 4954, section 6): the operator mends that, not the host.
_SIGN_IN_CODES = (530, 534, 535, 538)


class SmtpMailer:
    """One connection a letter: slower than keeping it open, and nothing to go stale."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        with _translated(), self._connected() as server:
            server.sendmail(wire_address(sender), [wire_address(recipient)], raw)
            with suppress(smtplib.SMTPException, OSError):
                server.quit()  # the letter was taken already: a lost goodbye changes nothing
        return "accepted"

    def check(self) -> None:
        with _translated(), self._connected() as server:
            server.noop()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        own = self._settings
        host, port = own.smtp_host, int(own.smtp_port)
        server: smtplib.SMTP
        if own.smtp_tls == "ssl":
            context = ssl.create_default_context()
            server = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        try:
            if own.smtp_tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if own.smtp_user:
                server.login(own.smtp_user, own.smtp_password)
            yield server
        finally:
            server.close()


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
    temporary = code < 500 or code in _SIGN_IN_CODES
    return OutsideError("smtp", temporary=temporary, detail=_words(code, text))


def _words(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
