"""From the markup within a cue to plain words and the voice that speaks them."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

# What subtitle programs and careless exports write. A bracket with anything else
# ("<example.org>") is speech about brackets and stays.
_TAGS = (
    "c|i|b|u|s|v|ruby|rt|lang|font|span|em|strong|small|sub|sup|tt|p|br|div|a|h[1-6]|ul|ol|li|"
    "img|script|style|svg|iframe|object|embed|video|audio|source|link|meta|body|html|input|form|"
    "button|math|base|details"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:[.\s/][^<>]*)?>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_KARAOKE = re.compile(r"<\d{1,6}:\d{2}[\d:.]*>")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)*\s+([^<>]*)>", re.IGNORECASE)
_OVERRIDE = re.compile(r"\{\\[^{}]*\}|\{/?[biuBIU]\}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")


class Spoken(NamedTuple):
    voice: str | None
    lines: list[str]


def read_payload(lines: list[str], keep_braces: bool = False) -> list[Spoken]:
    """What is said in one cue, a `Spoken` for each voice in turn; lines without words left out."""
    payload = _KARAOKE.sub("", _BREAK.sub("\n", "\n".join(lines)))
    if not keep_braces:
        payload = _OVERRIDE.sub("", payload)
    pieces = _VOICE.split(payload)
    said = [(None, pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    return [spoken for voice, text in said if (spoken := _spoken(voice, text)).lines]


def _spoken(voice: str | None, text: str) -> Spoken:
    lines = [plain(_TAG.sub("", line)) for line in text.split("\n")]
    return Spoken(plain(voice or "") or None, [line for line in lines if line])


def plain(text: str) -> str:
    """One line of text: entities resolved, unprintable characters gone, single blanks."""
    return plain_line(_ENTITY.sub(lambda entity: html.unescape(entity.group()), text))


def escaped(text: str) -> str:
    """The text as it may stand within a WebVTT cue or voice, nothing in it being markup."""
    return plain_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain_line(text: str) -> str:
    """One line, unprintable characters gone; entities are left as the words they are."""
    return " ".join(_UNPRINTABLE.sub("", text).split())
