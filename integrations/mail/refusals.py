"""What a mail server means by its answer (RFC 5321 section 4.2, RFC 3463)."""

from __future__ import annotations

import re

_CODES = re.compile(r"\b([245]\d\d)[ -](?:(?P<status>[245]\.\d{1,3}\.\d{1,3})\b)?")
# There is no such mailbox or domain, or it is closed; not 5.1.7 and 5.1.8, which are about us.
_GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1"})
_NO_SUCH_CODES = frozenset({"550", "551", "553"})
# Without a status the same codes also say «you are on a black list»: then only words decide.
_NO_SUCH = re.compile(
    r"(?:no such|unknown|invalid|nonexistent|non-existent|inactive|disabled) "
    r"(?:user|mailbox|recipient|address|account|local)"
    r"|(?:user|mailbox|recipient|address|account)\S* (?:is )?"
    r"(?:unknown|unavailable|not found|does ?n[o']t exist|disabled|inactive|rejected)"
    r"|does not exist|no mailbox",
    re.IGNORECASE,
)


def code_of(answer: str) -> str:
    """The three digits of a server's answer, such as 550; empty where it has none."""
    found = _CODES.search(answer)
    return found[1] if found else ""


def status_of(answer: str) -> str:
    """The enhanced status of a server's answer, such as 5.1.1; empty where it gives none."""
    found = _CODES.search(answer)
    return (found["status"] or "") if found else ""


def is_hard(status: str, answer: str = "") -> bool:
    """Whether nothing will ever be taken for this address, so that sending more does harm.

    status: as RFC 3463 has it; where there is none, code and words of `answer` decide. A full
    mailbox, and a letter taken for unwanted mail, say nothing about the next letter.
    """
    if status:
        return status in _GONE
    return code_of(answer) in _NO_SUCH_CODES and bool(_NO_SUCH.search(answer))
