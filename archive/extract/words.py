"""From the characters that a PDF gives to words that can be searched."""

from __future__ import annotations

import re
import unicodedata

from archive.captions_encoding import russian_likeness

_HYPHEN = re.compile(r"(\w+)[\x02\xad]\s*(\w+(?:-\w+)?)")
_WRITTEN_HYPHEN = re.compile(r"(\w+)-[ \t]*\n[ \t]*([а-яёa-z]\w*(?:-\w+)?)")
_AFTER_HYPHEN = {"то", "либо", "нибудь", "ка", "таки", "на", "за", "де"}
_BEFORE_HYPHEN = {"по", "кое", "из", "во", "интернет", "онлайн", "медиа", "веб", "вице", "экс"}
_RUNS = re.compile(r"([.…_\-–—=*·•])\1{3,}")
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_BAD_CATEGORIES = {"Cc", "Cn", "Co", "Cs"}
_VOWELS = set("аеёиоуыэюяіїєaeiouyäöüáéíóú")
ENOUGH_LETTERS = 80


def cleaned(raw: str) -> str:
    """The text with words joined that a line end had parted, one blank between words."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n")
    text = _WRITTEN_HYPHEN.sub(_joined, _HYPHEN.sub(_joined, text))
    text = "".join(c for c in text if c in "\n\t" or _is_printable(c))
    lines = [_BLANKS.sub(" ", line).strip() for line in text.split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def readable(raw: str) -> str | None:
    """Real text, mended where it can be; None where the font gave numbers for letters.

    A font without a code table yields the numbers of its glyphs: control characters, or letters
    that make no word. Some give Windows-1251 as if it were Western ("Ïðèâåò"): that is undone.
    """
    letters = [c for c in raw if c.isalpha()]
    if not letters and not raw.strip():
        return ""
    if _share_of_bad(raw) > 0.2:
        return None
    accented = sum("\xc0" <= c <= "\xff" for c in letters)
    if accented > 0.6 * len(letters) and len(letters) >= 4:
        return _from_1251(raw)
    return None if _is_gibberish(letters, raw) else raw


def _joined(parted: re.Match[str]) -> str:
    before, after = parted.group(1), parted.group(2)
    keeps = (
        after[0].isupper()  # Санкт-Петербург
        or "-" in after  # Ростов-на-Дону
        or after.lower() in _AFTER_HYPHEN
        or before.lower() in _BEFORE_HYPHEN
        or before[-1].isdigit()
    )
    return f"{before}-{after}" if keeps else before + after


def _is_printable(character: str) -> bool:
    if character in "\ufffe\uffff\ufffd\u200b\ufeff\xad":
        return False
    return unicodedata.category(character) not in _BAD_CATEGORIES


def _share_of_bad(raw: str) -> float:
    # The hyphen at a line end comes as \x02; a private character is often a bullet.
    seen = [c for c in raw.replace("\r", "").replace("\x02", "\xad") if not c.isspace()]
    bullets = len(re.findall(r"(?m)^\s*[\ue000-\uf8ff]", raw))
    bad = sum(c != "\xad" and not _is_printable(c) for c in seen) - bullets
    return bad / max(len(seen), 1)


def _from_1251(raw: str) -> str | None:
    mended = "".join(
        c.encode("latin-1").decode("cp1251", "replace") if c < "\u0100" else c for c in raw
    )
    words = "".join(c if c.isalpha() else " " for c in mended)
    return mended if russian_likeness(words) > 25 else None


def _is_gibberish(letters: list[str], raw: str) -> bool:
    """Text in Latin or Cyrillic letters that hardly has vowels, or is mostly not letters."""
    if len(letters) < ENOUGH_LETTERS:
        return False
    alphabetic = [c.lower() for c in letters if c < "\u0500"]
    if len(alphabetic) < 0.8 * len(letters):
        return False
    vowels = sum(c in _VOWELS for c in alphabetic) / len(alphabetic)
    dense = "".join(_RUNS.sub("", raw).split())
    worded = sum(c.isalnum() for c in dense) / len(dense)
    return vowels < 0.12 or worded < 0.4
