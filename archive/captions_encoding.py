"""The text of a subtitle file, whatever program on whatever desk once wrote it."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from archive.extract.problems import Problem, Unreadable

# Occurrences per 1000 letters of running Russian text, most frequent first.
# fmt: off
_RUSSIAN = dict(zip("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", (
    110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19,
    17, 17, 16, 16, 14, 12, 10, 9, 7, 6, 5, 4, 3, 3, 1, 1,
), strict=True))
# fmt: on
_CYRILLIC_PAGES = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_SAMPLE_BYTES = 200_000


class Decoded(NamedTuple):
    text: str
    encoding: str
    exact: bool
    """False where some bytes fitted no character and became U+FFFD."""


def decode(raw: bytes) -> Decoded:
    """The text and the name of the encoding it was in.

    Knows UTF-8, UTF-16 and UTF-32 by mark, UTF-16 without one, the five Cyrillic code pages
    (told apart by how Russian letters are distributed) and Windows Western.
    Raises Unreadable("wrong_encoding") for bytes that are no text.
    """
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return _lenient(raw[len(mark) :], encoding)
    unmarked = _utf16_without_mark(raw)
    if unmarked:
        return _lenient(raw, unmarked)
    try:
        return Decoded(raw.decode("utf-8"), "utf-8", exact=True)
    except UnicodeDecodeError:
        pass
    if _is_nearly_utf8(raw):
        return _lenient(raw, "utf-8")
    return _lenient(raw, _code_page(raw))


def _lenient(raw: bytes, encoding: str) -> Decoded:
    text = raw.decode(encoding, errors="replace")
    return Decoded(text, encoding, exact="\ufffd" not in text)


def _utf16_without_mark(raw: bytes) -> str | None:
    # Every subtitle file has its arrow; whether it stands on even bytes tells the order.
    arrow = raw.find(b"-\0-\0>")
    if arrow < 0:
        return None
    return "utf-16-be" if arrow % 2 else "utf-16-le"


def _is_nearly_utf8(raw: bytes) -> bool:
    """UTF-8 with a bad spot or two, as a cut or carelessly joined file has."""
    text = raw[:_SAMPLE_BYTES].decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    right = sum(character > "\x7f" for character in text) - wrong
    return right >= 20 and wrong <= max(1, right // 50)


def _code_page(raw: bytes) -> str:
    sample = raw[:_SAMPLE_BYTES]
    if b"\0" in sample:
        raise Unreadable(Problem.WRONG_ENCODING)
    runs = _HIGH_RUN.findall(sample)
    if sum(len(run) for run in runs) < 1.5 * len(runs):
        # Single letters among ASCII ones are accents; Russian words are runs.
        return "cp1252"
    words = b" ".join(runs)
    scores = {page: russian_likeness(words.decode(page, "replace")) for page in _CYRILLIC_PAGES}
    best = max(_CYRILLIC_PAGES, key=lambda page: scores[page])
    if scores[best] < 25:
        raise Unreadable(Problem.WRONG_ENCODING)
    return best


def russian_likeness(text: str) -> float:
    """How much the letters are distributed as in Russian: about 55 for Russian, under 20 else."""
    points = 0
    counted = 0
    before = " "
    for character in text:
        if character != " ":
            counted += 1
            points += _RUSSIAN.get(character.lower(), -60)
            if character.isupper() and before.islower():
                # KOI8-R read as Windows-1251 gives letters too, but "лНЯЙБЮ" for «Москва».
                points -= 60
        before = character
    return points / max(counted, 1)
