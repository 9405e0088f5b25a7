"""Letters over SMTP (RFC 5321)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings

TIMEOUT_S = 30


class SmtpMailer:
    """One connection a letter: slower than keeping it open, and nothing to go stale."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        with _translated(), self._connected() as server:
            server.sendmail(sender, [recipient], raw)
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
    """SMTP's own errors as ours: 5xx about the letter is final, all else may pass."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        code, text = next(iter(refused.recipients.values()))
        raise OutsideError("smtp", temporary=code < 500, detail=_words(code, text)) from refused
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
        code, text = refused.smtp_code, refused.smtp_error
        raise OutsideError("smtp", temporary=code < 500, detail=_words(code, text)) from refused
    except (smtplib.SMTPException, OSError) as error:
        raise OutsideError("smtp", temporary=True, detail=str(error)) from error


def _words(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
