"""Whose answer a letter is: what it proves, and of whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Standing = Literal["theirs", "forwarded", "unproven"]


def standing(*, is_holders: bool, is_proven: bool, is_vouched: bool, is_invited: bool) -> Standing:
    """Whether an answer counts for the one it names.

    is_proven: the letter knows a secret of an invitation: its token, or the Message-ID of a letter
    about it. is_holders: the one named is the one that this invitation was sent to. is_vouched: our
    own mail server says that the letter comes from the one named, who is invited. is_invited: the
    one named has an invitation, whosever. An answer by someone uninvited to an invitation is a
    forwarded one (RFC 5546, section 3.2.3); a sender's name alone proves nothing, and a secret of
    one invited proves nothing of another.
    """
    if is_vouched or (is_proven and is_holders):
        return "theirs"
    return "forwarded" if is_proven and not is_invited else "unproven"


def spellings(address: str) -> frozenset[str]:
    """The ways in which one address may be written: in small letters, its domain in both forms."""
    local, _, domain = address.strip().lower().rpartition("@")
    found = {f"{local}@{domain}"}
    for change in (_in_ascii, _in_letters):
        try:
            found.add(f"{local}@{change(domain)}")
        except UnicodeError:
            continue
    return frozenset(found)


def is_same(address: str, others: Iterable[str]) -> bool:
    """Whether an address is one of the others, however it is written."""
    own = spellings(address)
    return bool(address) and any(not own.isdisjoint(spellings(other)) for other in others)


def _in_ascii(domain: str) -> str:
    return domain.encode("idna").decode()


def _in_letters(domain: str) -> str:
    return domain.encode().decode("idna")
