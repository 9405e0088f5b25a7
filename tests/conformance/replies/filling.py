"""Takes one of these files and makes it the answer to an invitation of your own.

Needs the standard library alone. From the command line:

    python filling.py outlook-desktop-accepted.eml --uid … --organizer … --attendee … > answer.eml
"""

from __future__ import annotations

import argparse
import base64
import quopri
import re
import sys
from pathlib import Path

UID = "7b0f4c52-6f0e-4f5f-9a58-2d1c6f1f2a10@example.org"
ORGANIZER = "sessions+k3vTq9ZsW2aB@example.org"
ATTENDEE = "anna@school.example.org"
BOUNCES = "sessions+bounce.1207.0123456789abcdef@example.org"
MESSAGE_ID = "vzaimo-1207@example.org"

_BASE64 = re.compile(rb"(?<=\n\n)(?:[A-Za-z0-9+/]{4,76}={0,2}\n)+")
_QUOTED = re.compile(
    rb"(Content-Transfer-Encoding: quoted-printable\n(?:[^\n]+\n)*\n)(.*?)(?=\n--|\Z)", re.S | re.I
)


def filled(
    raw: bytes,
    *,
    uid: str = UID,
    organizer: str = ORGANIZER,
    attendee: str = ATTENDEE,
    bounces: str = BOUNCES,
    message_id: str = MESSAGE_ID,
) -> bytes:
    """The message with your values in place of ours, in headers and in encoded parts, with CRLF.

    organizer: the ORGANIZER of your invitation; bounces: its envelope sender; message_id: of your
    letter, without brackets.
    """
    words = {
        UID: uid, ORGANIZER: organizer, ATTENDEE: attendee, BOUNCES: bounces,
        MESSAGE_ID: message_id,
    }  # fmt: skip
    text = raw.replace(b"\r\n", b"\n")
    text = _BASE64.sub(lambda found: _recoded(found[0], words), text)
    text = _QUOTED.sub(lambda found: found[1] + _requoted(found[2], words), text)
    return _put(text, words).replace(b"\n", b"\r\n")


def _put(text: bytes, words: dict[str, str]) -> bytes:
    """Unfolds nothing: in these files no value is parted by a fold. Capitals do not count."""
    for ours, yours in words.items():
        text = re.sub(re.escape(ours.encode()), lambda _, new=yours: new.encode(), text, flags=re.I)
    return text


def _recoded(block: bytes, words: dict[str, str]) -> bytes:
    try:
        content = base64.b64decode(block, validate=False)
    except ValueError:
        return block
    changed = _put(content, words)
    return block if changed == content else base64.encodebytes(changed)


def _requoted(block: bytes, words: dict[str, str]) -> bytes:
    content = quopri.decodestring(block)
    changed = _put(content, words)
    return block if changed == content else quopri.encodestring(changed)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", type=Path)
    for name in ("uid", "organizer", "attendee", "bounces", "message_id"):
        asked.add_argument(f"--{name.replace('_', '-')}", default=globals()[name.upper()])
    told = vars(asked.parse_args())
    sys.stdout.buffer.write(filled(told.pop("file").read_bytes(), **told))


if __name__ == "__main__":
    main()
