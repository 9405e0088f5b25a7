"""Reading the addresses a host pastes, from a letter, a spreadsheet or a list."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]«»|]+@[^\s<>,;:\"'()\[\]«»|]+")
_VALID = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]+@(?:[\w](?:[\w-]{0,61}[\w])?\.)+[^\W\d_](?:[\w-]{0,61}[\w])", re.UNICODE
)


@dataclass(frozen=True)
class Pasted:
    """`people`: (name, address in lower case), in order, each address once. `unclear`: as pasted."""

    people: list[tuple[str, str]] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def read_addresses(text: str) -> Pasted:
    """Take names and addresses out of pasted text.

    Entries are separated by new lines, semicolons, or commas; a name may stand before the address,
    in quotes or not, with the address in angle brackets or not.
    """
    people: dict[str, str] = {}
    unclear: list[str] = []
    for piece in _pieces(text):
        found = _ADDRESS.findall(piece)
        if not found:
            unclear.append(piece)
        for place, raw in enumerate(found):
            address = raw.strip(".").lower()
            if not _VALID.fullmatch(address):
                unclear.append(raw)
                continue
            name = _name(piece.split(raw)[0]) if place == 0 else ""
            if not people.get(address):
                people[address] = name
    return Pasted([(name, address) for address, name in people.items()], unclear)


def _pieces(text: str) -> list[str]:
    """The entries of the text; a comma inside «Иванова, Анна <a@b.org>» does not part them."""
    pieces: list[str] = []
    for line in re.split(r"[\n\r;]+", text):
        waiting = ""
        for part in re.split(r",|\t", line):
            waiting = f"{waiting} {part}".strip()
            if "@" in part:
                pieces.append(waiting)
                waiting = ""
        if waiting:
            pieces.append(waiting)
    return pieces


def _name(before: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[<\"'«»():]|mailto", " ", before)).strip(" ,-–—")


def split_name(name: str) -> tuple[str, str, str]:
    """(family, given, patronymic) of a written name.

    «Ложкина Марина Андреевна» and «Марина Андреевна Ложкина» both; two words are given and family
    unless the first looks like a Russian family name and the second like a given one cannot be told.
    """
    words = name.split()
    if len(words) >= 3:
        for place, word in enumerate(words):
            if re.search(r"(вич|вна|ична|инична|оглы|кызы)$", word.lower()):
                if place == 1:
                    return " ".join(words[2:]), words[0], word
                return " ".join(words[: place - 1]), words[place - 1], word
    if len(words) >= 2:
        return words[-1], " ".join(words[:-1]), ""
    return "", name.strip(), ""
