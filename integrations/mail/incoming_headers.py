"""Headers of a message from a stranger: decoded, bounded, and what our own server says of them."""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from email.message import Message
from email.policy import Compat32
from email.utils import parsedate_to_datetime
from quopri import decodestring

MAX_VALUE = 16_000
# Longer parameters cost the standard parser time that grows with their square.
MAX_CONTENT_VALUE = 2_000
MAX_ADDRESSES = 100
MAX_ADDRESS = 320

_CHARSET = re.compile(
    r"utf[-_]?8|utf[-_]?16(?:[-_]?[lb]e)?|(?:us-)?ascii|iso[-_]8859[-_][0-9]{1,2}|"
    r"(?:windows|cp)[-_]?[0-9]{3,4}|ibm866|koi8-[ru]|(?:x-)?mac-cyrillic|gb2312|gbk|gb18030|big5|"
    r"euc-(?:jp|kr)|shift_jis|iso-2022-(?:jp|kr)",
    re.I,
)
_WORD = re.compile(r"=\?([A-Za-z0-9_.:*-]{1,60})\?([qQbB])\?([^?]*)\?=")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?', re.S)
_ANGLE = re.compile(r"<([^<>]*)>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_RESULT = re.compile(r"\s*([a-z0-9-]+)(?:/[0-9]+)?\s*=\s*([a-z]+)", re.I)
_TOLD = re.compile(r"([a-z]+)\.([a-z0-9-]+)\s*=\s*(\S+)", re.I)


class Bounded(Compat32):
    """How the standard parser keeps headers: as they came, and none longer than has a use."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        longest = MAX_CONTENT_VALUE if name.lower().startswith("content-") else MAX_VALUE
        return name, value[:longest]


class Headers:
    """The headers of one message by name, each as text on one line."""

    def __init__(self, message: Message) -> None:
        self._told: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._told.setdefault(name.lower(), []).append(str(value))

    def all(self, name: str) -> list[str]:
        """Every header of a name, undecoded; the uppermost is the youngest."""
        return [_one_line(text_of(value)) for value in self._told.get(name.lower(), ())]

    def first(self, name: str) -> str:
        """The uppermost header of a name, undecoded; empty where there is none."""
        return next(iter(self.all(name)), "")

    def words(self, name: str) -> str:
        """The uppermost header of a name as people read it (RFC 2047)."""
        return decoded_words(self.first(name))

    def addresses(self, *names: str) -> tuple[str, ...]:
        """The addresses in headers of these names, each once, in order, in lower case."""
        found = (one for name in names for value in self.all(name) for one in addresses_in(value))
        return tuple(dict.fromkeys(found))[:MAX_ADDRESSES]

    def message_id(self, name: str = "Message-ID") -> str:
        """An id without its brackets."""
        return plain_id(self.first(name))

    def instant(self, name: str) -> datetime | None:
        """A date as a UTC instant; None where it is missing or is none."""
        try:
            told = parsedate_to_datetime(self.first(name)[:200])
            return told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None


def plain_id(text: str) -> str:
    """A Message-ID without its brackets and what else a server wrote around it."""
    found = _ANGLE.search(text)
    return _one_line(found[1] if found else text)[:500]


def decoded(raw: bytes, charset: str = "") -> str:
    """Bytes as text: in UTF-8 if they are, else as is told, else in the Russian code page."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    name = charset.lower().removeprefix("x-") if _CHARSET.fullmatch(charset.strip()) else "cp1251"
    try:
        return raw.decode(name.strip(), errors="replace")
    except LookupError:
        return raw.decode("cp1251", errors="replace")


def decoded_words(text: str) -> str:
    """A header with its encoded words decoded; a letter split between two words is mended."""
    pieces: list[str] = []
    held, charset, at = b"", "", 0
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        follows = at > 0 and not between.strip()
        if not (follows and word[1].lower() == charset):
            pieces.append(decoded(held, charset))
            held, charset = b"", word[1].lower()
        if not follows:
            pieces.append(between)
        held += _word_bytes(word[2], word[3])
        at = word.end()
    return _one_line("".join([*pieces, decoded(held, charset), text[at:]]))


def from_base64(raw: bytes) -> bytes:
    """What base64 means, though broken: strange characters left out, a cut end forgiven."""
    useful = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    useful = useful[: len(useful) - (len(useful) % 4 == 1)]
    try:
        return binascii.a2b_base64(useful + b"=" * (-len(useful) % 4))
    except binascii.Error:
        return b""


def addresses_in(value: str) -> list[str]:
    """The addresses of a header such as From or To; what stands in quotes or comments is none."""
    bare = _without_comments(_QUOTED.sub(" ", value[:MAX_VALUE]))
    found = []
    for piece in re.split(r"[,;]", bare):
        angles = _ANGLE.findall(piece)
        for told in angles or [word for word in re.split(r"[\s:]", piece) if "@" in word]:
            address = told.strip().lower().removeprefix("mailto:")
            local, _, domain = address.rpartition("@")
            fits = local and domain and len(address) <= MAX_ADDRESS
            if fits and not _UNFIT.search(address):
                found.append(address)
    return found


def vouched_for(headers: Headers, authserv_id: str) -> bool:
    """Whether our own server says that the domain of From is who sent this (RFC 8601).

    Believed are a DKIM signature by that domain or one above it, and DMARC. Of Authentication-
    Results the uppermost under our server's name counts: what lies below may have come with the
    message. ARC by itself proves nothing, as anyone may seal; a server that trusts a sealer says so
    as DMARC. A message with two authors is nobody's.
    """
    senders = [one for value in headers.all("From") for one in addresses_in(value)]
    if not authserv_id or len(senders) != 1 or len(headers.all("From")) != 1:
        return False
    domain = senders[0].rpartition("@")[2]
    for value in headers.all("Authentication-Results"):
        server, *results = _split_results(value)
        if server.split() and server.split()[0].lower() == authserv_id.lower():
            return any(_vouches(result, domain) for result in results)
    return False


def _vouches(result: str, domain: str) -> bool:
    told = _RESULT.match(result)
    if told is None or told[2].lower() != "pass":
        return False
    said = {f"{m[1]}.{m[2]}".lower(): m[3].strip('"').lower() for m in _TOLD.finditer(result)}
    if told[1].lower() == "dmarc":
        return said.get("header.from", "").rpartition("@")[2] == domain
    if told[1].lower() != "dkim":
        return False
    signer = said.get("header.d") or said.get("header.i", "").rpartition("@")[2]
    return "." in signer and (domain == signer or domain.endswith(f".{signer}"))


def _split_results(value: str) -> list[str]:
    """The parts between semicolons; what is quoted cannot end a part or look like a property."""
    quiet = _QUOTED.sub(lambda found: re.sub(r"[\s;=()]", "_", found[0]), value)
    return _without_comments(quiet).split(";")


def _without_comments(value: str) -> str:
    kept: list[str] = []
    depth = 0
    for piece in re.split(r"([()])", value):
        if piece in ("(", ")"):
            depth = depth + 1 if piece == "(" else max(0, depth - 1)
        elif depth == 0:
            kept.append(piece)
    return " ".join(kept)


def text_of(value: str) -> str:
    """A header's text: the parser keeps bytes that are not ASCII as surrogates."""
    return decoded(value.encode("utf-8", "surrogateescape"))


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8")
    return from_base64(raw) if encoding in "bB" else decodestring(raw, header=True)


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()
