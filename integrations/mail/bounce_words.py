"""The words by which mail servers tell that a letter did not arrive, and whether it ever can."""

from __future__ import annotations

import re

MAX_WORDS = 20_000
MAX_DIAGNOSTIC = 500

# The address does not exist or never will: RFC 3463 and RFC 7505. Others concern this letter,
# the server's day, or a full mailbox.
_GONE_STATUS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
_GONE_WORDS = re.compile(
    r"user (?:is )?unknown|unknown user|no such (?:user|recipient|mailbox|address)|user not found|"
    r"(?:user|mailbox|account|address|recipient) (?:that you tried to reach )?does ?n[o']t exist|"
    r"(?:mailbox|account|user) (?:is )?(?:disabled|unavailable|not found|inactive|not available)|"
    r"(?:invalid|non-?existent) (?:mailbox|recipient|user)|recipientnot?found|recipnotfound|"
    r"recipient not found|unknown recipient|recipient name is not recognized|"
    r"recipient address rejected: access denied|host (?:or domain name )?not found|"
    r"does ?n[o']t have (?:an account|a [\w.]{1,40} account)|no mailbox here|"
    r"пользователь не найден|нет такого пользовател|не существует|адрес не найден|ящик отключен",
    re.I,
)
_LATER_WORDS = re.compile(
    r"quota|mailbox (?:is )?full|over ?limit|insufficient|spam|blacklist|blocklist|blocked|policy|"
    r"dmarc|dkim|greylist|try again|rate limit|too (?:large|many)|переполнен|превышен",
    re.I,
)
_FAILED_WORDS = re.compile(
    r"could ?n[o']t be (?:delivered|sent)|was ?n[o']t able to deliver|undeliver|"
    r"delivery (?:to .{1,200} )?(?:has )?fail|did not reach|address\(es\) failed|"
    r"delivery status notification|failure notice|mail (?:delivery )?failure|returned mail|"
    r"returning message to sender|message delayed|delivery (?:is )?delayed|"
    r"not yet been delivered|не может\s+быть\s+(?:доставлено|отправлено)|недоставлен|"
    r"не\s+(?:было\s+)?доставлено|не удалось доставить|не удается доставить|доставка .{0,80}задерж",
    re.I | re.S,
)
_DELAY_WORDS = re.compile(
    r"\bdelayed\b|will (?:continue to|keep) (?:try|retry)|not yet been delivered|still trying|"
    r"still being retried|задерж|пока не доставлено",
    re.I,
)
_FINAL_WORDS = re.compile(r"permanent (?:error|failure)|given up|giving up|окончательн", re.I)
_COPY_BEGINS = re.compile(
    r"^(?:-{2,} ?(?:below this line is a copy|this is a copy|original message|the header|returned|"
    r"unsent)|original message headers:|исходные заголовки)",
    re.I | re.M,
)
_MARK = r"""<>@\s:;,"'()\x00-\x1f\x7f"""
_ADDRESS_LINE = re.compile(
    rf"[ \t]*<?([^{_MARK}]{{1,64}}@[^{_MARK}]{{1,255}})>?[ \t]*(?:[:(]|on |$)", re.I
)
_STATUS = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_CODE = re.compile(r"(?<![0-9.])([45])[0-5][0-9](?=[ -])")


def speaks_of_failure(text: str) -> bool:
    """Whether a subject or the beginning of a text tells that a letter did not arrive."""
    return _FAILED_WORDS.search(text[:MAX_WORDS]) is not None


def action_of(text: str) -> str:
    """What a text without an Action field tells: "failed" or "delayed"."""
    is_late = _DELAY_WORDS.search(text[:MAX_WORDS]) and not _FINAL_WORDS.search(text[:MAX_WORDS])
    return "delayed" if is_late else "failed"


def status_of(diagnostic: str) -> str:
    """The enhanced status code (RFC 3463) in a server's words, of a plain SMTP code its class."""
    found = _STATUS.search(diagnostic)
    if found:
        return found[1]
    plain = _CODE.search(diagnostic)
    return f"{plain[1]}.0.0" if plain else ""


def is_gone(action: str, status: str, diagnostic: str) -> bool:
    """Whether an address will never take mail. In doubt it may: nobody is cut off by a guess.

    Words come before codes: Yandex says 5.7.1 of an address that is not there.
    """
    if action != "failed" or status.startswith(("4.", "2.")):
        return False
    if _GONE_WORDS.search(diagnostic):
        return True
    return status in _GONE_STATUS and not _LATER_WORDS.search(diagnostic)


def before_the_copy(text: str) -> str:
    """A text without the copy of our letter that some servers put below their words."""
    found = _COPY_BEGINS.search(text)
    return text[: found.start()] if found else text


def copy_in(text: str) -> str:
    """The copy of our letter below a server's words; empty where there is none."""
    found = _COPY_BEGINS.search(text)
    return text[found.end() :] if found else ""


def recipients_told(text: str) -> list[tuple[str, str]]:
    """The addresses that begin a line of a server's words, each with what is said of it below."""
    found: list[tuple[str, list[str]]] = []
    for line in text[:MAX_WORDS].splitlines():
        told = _ADDRESS_LINE.match(line)
        if told:
            found.append((told[1].lower(), [line[told.end() :]]))
        elif found and line.strip() and len(found[-1][1]) < 8:
            found[-1][1].append(line)
    return [(address, one_line(" ".join(lines))) for address, lines in found]


def one_line(text: str) -> str:
    """Words on one line, at most as long as a diagnostic may be."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text[: 4 * MAX_DIAGNOSTIC]).strip()[
        :MAX_DIAGNOSTIC
    ]
