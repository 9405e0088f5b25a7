"""What people write, without the characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata

# Between visible characters these join letters and emoji; alone they show nothing.
_JOINERS = "\u200c\u200d"
# Not of the categories below, and yet nothing is seen of them.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_NEVER = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Zs", "Zl", "Zp", "Mn"})
_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_LINES = re.compile("\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


def one_line(text: str) -> str:
    """The text on one line, without control, direction and format characters.

    Empty where nothing of it can be seen.
    """
    return _seen(re.sub(" {2,}", " ", _without(_BREAKS.sub(" ", text))))


def lines(text: str) -> str:
    """The same for a text of several lines, which end in a line feed."""
    kept = [_without(line.replace("\t", " ")).rstrip() for line in _LINES.split(text)]
    return _seen("\n".join(kept))


def _without(text: str) -> str:
    return "".join(
        sign for sign in text if sign in _JOINERS or unicodedata.category(sign) not in _NEVER
    )


def _seen(text: str) -> str:
    shown = (s not in _BLANKS and unicodedata.category(s) not in _UNSEEN for s in text)
    return text.strip() if any(shown) else ""
