"""Reading the addresses a host pastes, and the one of ours that answers come to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# From the beginning of a word alone: from each of its letters anew, a long one would take hours.
_ADDRESS = re.compile(r"(?<![^\s<>,;:\"()\[\]«»|])[^\s<>,;:\"()\[\]«»|]+@[^\s<>,;:\"()\[\]«»|]+")
_ATOM = r"[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]+"
# A domain may be written in Cyrillic; before the @ mail servers take Latin letters.
_LABEL = r"\w(?:[\w-]{0,61}\w)?"
_VALID = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[^\W\d_][\w-]{{0,61}}\w")
_LONGEST_LOCAL, _LONGEST = 64, 254  # RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3, in bytes
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_NUMBERING = re.compile(r"^\s*\d+\s*[.)]\s*")
_PATRONYMIC = re.compile(r"(вич|вна|ична|инична|оглы|кызы)$")
_FAMILY = re.compile(
    r"(ов|ова|ев|ева|ёв|ёва|ин|ина|ын|ына|ский|ская|цкий|цкая|ых|их|ко|юк|ук|ян|дзе|швили)$"
)
# Given names that end like family names.
_GIVEN = frozenset(
    [
        "альбина",
        "алина",
        "ангелина",
        "арина",
        "валентин",
        "валентина",
        "галина",
        "дина",
        "екатерина",
        "ирина",
        "карина",
        "константин",
        "кристина",
        "лев",
        "марина",
        "мартин",
        "нина",
        "полина",
        "регина",
        "сабина",
        "яков",
    ]
)


@dataclass(frozen=True)
class Pasted:
    """`people`: (name, address in lower case), in order, each once. `unclear`: as pasted."""

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
            address = _unquoted(raw).strip(".").lower()
            if not _is_deliverable(address):
                unclear.append(raw)
                continue
            name = _name(piece.split(raw)[0]) if place == 0 else ""
            if not people.get(address):
                people[address] = name
    return Pasted([(name, address) for address, name in people.items()], unclear)


def _unquoted(raw: str) -> str:
    """The address without single quotes around it; the apostrophe in o'neil@ is its own.

    Where that cannot be told, as in 'anna'@, the quote stays at its beginning, and it is unclear.
    """
    local, _, domain = raw.rstrip("'.").rpartition("@")
    if local.startswith("'") and ("'" not in local[1:] or raw.rstrip(".").endswith("'")):
        local = local[1:]
    return f"{local}@{domain}"


def organizer_address(mail_from: str, token: str) -> str:
    """The sub-address that tells whose answer it is (RFC 5233)."""
    local, _, domain = mail_from.rpartition("@")
    return f"{local}+{token}@{domain}"


def token_of(address: str, mail_from: str) -> str | None:
    """The token in a sub-address of `mail_from`; None for any other address.

    As it is written there: mail servers may have made its letters small, so compare without
    capitals. That of a bounce is no token.
    """
    local, _, domain = address.strip().rpartition("@")
    own, _, home = mail_from.rpartition("@")
    before, plus, token = (
        local[: len(own) + 1],
        local[len(own) : len(own) + 1],
        local[len(own) + 1 :],
    )
    if plus != "+" or before.lower() != f"{own}+".lower() or not _is_same_domain(domain, home):
        return None
    return token if _TOKEN.fullmatch(token) else None


def _is_same_domain(one: str, other: str) -> bool:
    try:
        return one.lower().encode("idna") == other.lower().encode("idna")
    except UnicodeError:
        return one.lower() == other.lower()


def _is_deliverable(address: str) -> bool:
    if len(address) > _LONGEST or address[0] == "'" or not _VALID.fullmatch(address):
        return False
    local, _, domain = address.rpartition("@")
    try:
        on_the_wire = domain.encode("idna")
    except UnicodeError:
        return False
    return len(local) <= _LONGEST_LOCAL and len(local) + 1 + len(on_the_wire) <= _LONGEST


def is_beyond_ascii(piece: str) -> bool:
    """Whether an unclear piece is an address but for letters before the @ that are not Latin."""
    found = _ADDRESS.fullmatch(piece)
    local, _, domain = piece.rpartition("@")
    return bool(found) and not local.isascii() and _is_deliverable(f"a@{domain}".lower())


def _pieces(text: str) -> list[str]:
    """The entries of the text; a comma inside «Иванова, Анна <a@b.org>» does not part them."""
    pieces: list[str] = []
    for line in re.split(r"[\n\r;]+", text):
        waiting: list[str] = []
        for part in re.split(r",|\t", line):
            if part.strip():
                waiting.append(part if waiting else part.strip())
            if "@" in part:
                pieces.append(", ".join(waiting))
                waiting = []
        if waiting:
            pieces.append(", ".join(waiting))
    return pieces


def _name(before: str) -> str:
    before = re.sub(r"\([^()]*\)", " ", _NUMBERING.sub("", before))
    plain = re.sub(r"[<\"«»():|]|mailto|(?<!\w)'|'(?!\w)", " ", before)
    return re.sub(r"\s+", " ", plain).replace(" ,", ",").strip(" ,-–—")


def split_name(name: str) -> tuple[str, str, str]:
    """(family, given, patronymic) of a written name.

    The family name stands first before a comma, or where a patronymic ends the name, or where of
    two words only the first looks like a Russian family name; else it stands last.
    """
    before, comma, after = (part.strip() for part in name.partition(","))
    words = (after if comma else before).split()
    family = before if comma else ""
    patronymic = ""
    for place, word in enumerate(words):
        if place > 0 and _PATRONYMIC.search(word.lower()):
            patronymic = words.pop(place)
            if not family and place < len(words):
                family = " ".join(words[place:])
                words = words[:place]
            elif not family and place > 1:
                family = " ".join(words[: place - 1])
                words = words[place - 1 :]
            break
    if not family and not patronymic and len(words) > 1:
        at = 1 if _is_family(words[0]) and not _is_family(words[1]) else -1
        family = " ".join(words[:at] if at == 1 else words[at:])
        words = words[at:] if at == 1 else words[:at]
    return family, " ".join(words), patronymic


def _is_family(word: str) -> bool:
    return word.lower() not in _GIVEN and _FAMILY.search(word.lower()) is not None
