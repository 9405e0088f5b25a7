"""Where a letter's bounce goes: an address of its own, so that it tells which letter came back.

A sub-address (RFC 5233) of the address that letters come from, so that one mailbox takes it.
"""

from __future__ import annotations

import hashlib
import hmac
import re

_BOUNCE = re.compile(r"(?:^|\+)bounce[.+](\d{1,18})\.([0-9a-f]{16})@", re.IGNORECASE)


def bounce_address(mail_from: str, letter_id: int, secret: str) -> str:
    """The envelope sender of a letter, as sessions+bounce.42.0123456789abcdef@example.org."""
    local, _, domain = mail_from.rpartition("@")
    return f"{local}+bounce.{letter_id}.{_mac(letter_id, secret)}@{domain}"


def letter_of(address: str, secret: str) -> int | None:
    """Which letter an address was made for; None where we did not make it.

    Capitals do not count: servers on the way change them.
    """
    found = _BOUNCE.search(address.strip())
    if found is None:
        return None
    letter_id = int(found[1])
    return letter_id if hmac.compare_digest(_mac(letter_id, secret), found[2].lower()) else None


def is_made_up(address: str, secret: str) -> bool:
    """Whether an address is written as one of those, though we did not make it."""
    is_one = _BOUNCE.search(address.strip()) is not None
    return is_one and letter_of(address, secret) is None


def _mac(letter_id: int, secret: str) -> str:
    told = f"bounce:{letter_id}".encode()
    return hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()[:16]
