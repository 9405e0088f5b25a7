"""How the readers of incoming mail bear damaged and hostile input. Run by hand, never in CI.

    python -m tests.bench.fuzz_replies [--inputs 100000] [--seed 1]

Mutates the messages of tests/conformance/replies in many ways and reads each, with the calendar
files in it. Then reads inputs made to cost as much as the limits allow. Prints what became of them,
the slowest, and the largest memory; ends with 1 if anything but Unreadable was raised.
"""

from __future__ import annotations

import argparse
import base64
import random
import resource
import sys
import time
import traceback
import tracemalloc
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from integrations.calendaring import content_lines, reply
from integrations.mail import incoming
from integrations.mail.incoming import Incoming
from integrations.runtime.errors import Unreadable
from tests.conformance.replies.meaning import files

TOKENS = [
    b"\r\n", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b":", b";", b",", b'"', b"=", b"<",
    b">", b"(", b")", b"\\", b" ", b"\t", b"BEGIN:VEVENT\n", b"END:VEVENT\n", b"BEGIN:VCALENDAR\n",
    b"END:VCALENDAR\n", b"BEGIN:VTIMEZONE\n", b"METHOD:REPLY\n", b"METHOD:COUNTER\n", b"UID:1\n",
    b"RRULE:FREQ=SECONDLY\n", b"RDATE:20270101\n", b";TZID=", b"DTSTART:00010101T000000\n",
    b"DTSTART;TZID=Asia/Kamchatka:99991231T235959\n", b"DURATION:P999999999W\n", b"SEQUENCE:-1\n",
    b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:x@y\n", b"mailto:",
    b"Content-Type: multipart/mixed; boundary=b",
    b"\n--b\n", b"\n--b--\n", b"Content-Transfer-Encoding: base64\n", b"message/rfc822",
    b"message/delivery-status", b"; charset=utf-16", b"filename*0*=", b"boundary*=", b"=?utf-8?B?",
    b"?=", b"Final-Recipient: rfc822; ", b"Status: 5.1.1\n", b"9" * 5000, b"A" * 9000,
]  # fmt: skip


Told = TypeVar("Told", Incoming, reply.Reply)


def fit_to_keep(told: Told) -> Told:
    """The same; raises ValueError for text that no database keeps: NUL, half a surrogate pair."""
    texts = [value for value in vars(told).values() if isinstance(value, str)]
    texts += [repr(getattr(told, "bounces", "")), repr(getattr(told, "recipients", ""))]
    for text in texts:
        if "\0" in text or "\\x00" in text or "\\udc" in text or len(text) > 60_000:
            raise ValueError(f"not fit to keep: {text[:200]!r}")
        text.encode()
    return told


class Tally:
    """What became of the inputs, and which cost the most."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.failures: list[str] = []
        self.slowest: list[tuple[float, str, int]] = []
        self.inputs = 0

    def read(self, name: str, raw: bytes) -> None:
        self.inputs += 1
        began = time.perf_counter()
        try:
            mail = fit_to_keep(incoming.read(raw, authserv_id="mx.example.org"))
        except Unreadable as why:
            self._unreadable("message", why)
        except Exception:  # noqa: BLE001 - to be counted
            self._failed()
        else:
            self.outcomes["message understood"] += 1
            for calendar in mail.calendars:
                self._calendar(calendar)
        self.slowest.append((time.perf_counter() - began, name, len(raw)))
        self.slowest = sorted(self.slowest, reverse=True)[:3]

    def _calendar(self, calendar: bytes) -> None:
        try:
            found = [fit_to_keep(one) for one in reply.read(calendar)]
        except Unreadable as why:
            self._unreadable("calendar", why)
        except Exception:  # noqa: BLE001 - to be counted
            self._failed()
        else:
            self.outcomes["calendar understood" if found else "calendar without an answer"] += 1

    def _unreadable(self, what: str, why: Unreadable) -> None:
        if why.reason.endswith(".unforeseen"):
            self._failed()
        else:
            self.outcomes[f"{what} unreadable: {why.reason}"] += 1

    def _failed(self) -> None:
        self.outcomes["EXCEPTIONS"] += 1
        self.failures.append(traceback.format_exc())


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """The message, damaged in one to six ways; half of the time within its base64 parts."""
    if chance.random() < 0.5:
        raw = _decoded_parts(raw)
    text = bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        chance.choice(_WAYS)(text, chance)
    return bytes(text)


def _decoded_parts(raw: bytes) -> bytes:
    """With its base64 parts in clear, so that damage reaches what is in them."""
    pieces = raw.split(b"\n\n")
    for n, piece in enumerate(pieces):
        bare = b"".join(piece.split(b"\n--")[0].split())
        if len(bare) > 60 and not set(bare) - set(base64.b64encode(bytes(range(256))) + b"+/="):
            clear = base64.b64decode(bare[: len(bare) // 4 * 4])
            rest = piece.partition(b"\n--")
            pieces[n] = clear + rest[1] + rest[2]
    return b"\n\n".join(pieces).replace(b"Content-Transfer-Encoding: base64\n", b"")


def _flip(text: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8)):
        if text:
            text[chance.randrange(len(text))] = chance.randrange(256)


def _insert(text: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(text))
    text[at:at] = chance.choice(TOKENS) * chance.choice([1, 1, 1, 2, 50])


def _delete(text: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(text))
    del text[at : at + chance.choice([1, 4, 40, 400])]


def _repeat(text: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(text))
    text[at:at] = text[at : at + chance.choice([10, 100, 1000])] * chance.choice([1, 2, 20])


def _cut(text: bytearray, chance: random.Random) -> None:
    del text[chance.randint(len(text) // 2, len(text)) :]


def _swap_lines(text: bytearray, chance: random.Random) -> None:
    lines = bytes(text).split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    text[:] = b"\n".join(lines)


def _line_ends(text: bytearray, chance: random.Random) -> None:
    text[:] = bytes(text).replace(b"\n", chance.choice([b"\r\n", b"\r\r\n", b"\r", b"\n\n"]))


_WAYS: list[Callable[[bytearray, random.Random], None]] = [
    _flip, _insert, _delete, _repeat, _cut, _swap_lines, _line_ends,
]  # fmt: skip


def dear_inputs() -> dict[str, bytes]:
    """Inputs that cost as much as the limits of the readers let them."""
    head = b"BEGIN:VCALENDAR\nMETHOD:REPLY\n"
    room = content_lines.MAX_BYTES - len(head)

    def calendar(unit: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
        content = head + before + unit * ((room - len(before) - len(after)) // len(unit)) + after
        return b"Content-Type: text/calendar\n\n" + content

    event, end = b"BEGIN:VEVENT\nUID:1\n", b"\nEND:VEVENT\n"
    lines = incoming.MAX_LINES
    return {
        "calendar: short lines": calendar(b"A\n", event, end),
        "calendar: components": calendar(b"BEGIN:A\nEND:A\n"),
        "calendar: open and closed": calendar(b"BEGIN:A\n" * 8 + b"END:A\n" * 8),
        "calendar: answers": calendar(event + b"ATTENDEE:mailto:a@b" + end),
        "calendar: attendees": calendar(b"ATTENDEE;PARTSTAT=X:mailto:a@b\n", event, end),
        "calendar: parameters": calendar(b"ATTENDEE;" + b"A=b;" * 2000 + b"C=d:x@y\n", event, end),
        "calendar: quotes": calendar(b"ATTENDEE;" + b'a="' * 2700 + b":x@y\n", event, end),
        "calendar: comments": calendar(b"COMMENT:" + b"\\\\" * 4000 + b"\n", event, end),
        "calendar: zones": calendar(
            b"BEGIN:VTIMEZONE\nTZID:Z\nBEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETTO:+0100\n"
            b"RRULE:FREQ=YEARLY\nRDATE:" + b"20000101," * 100 + b"\nEND:STANDARD\nEND:VTIMEZONE\n"
        ),
        "calendar: one line": calendar(b"x", event + b"COMMENT:"),
        "calendar: folds": calendar(b"\n x", event + b"COMMENT:"),
        "mail: short lines": b"A: b\n\n" + b"a\n" * (lines - 2),
        "mail: one line": b"A: b\n\n" + b"a" * (incoming.MAX_BYTES - 6),
        "mail: base64": b"Content-Transfer-Encoding: base64\n\n" + b"QUJD" * 2_500_000,
        "mail: quoted-printable": b"Content-Transfer-Encoding: quoted-printable\n\n"
        + b"=41" * 3_400_000,
        "mail: parts": b'Content-Type: multipart/mixed; boundary="b"\n\n'
        + b"--b\n\n\n" * (incoming.MAX_BOUNDARIES - 1),
        "mail: headers of a part": b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n'
        + b"a:b\n" * (lines - 10),
        "mail: groups of a report": b"Content-Type: message/delivery-status\n\n"
        + b"Final-Recipient: x\n\n" * (lines // 2 - 2),
        "mail: levels": b"".join(
            b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
            for n in range(incoming.MAX_LEVELS - 1)
        )
        + b"-a\n" * (incoming.MAX_LINES_TIMES_LEVELS // incoming.MAX_LEVELS - 300),
        "mail: messages in one another": b"Content-Type: message/rfc822\n\n" * 99,
        "mail: parameters": b"Content-Type: a" + b'; "' * 80_000 + b"\n\n",
        "mail: comments": b"From: " + b"(" * 200_000 + b"\n\n",
        "mail: words of a server": b"Return-Path: <>\nSubject: failure notice\n\n" + b"a@" * 90_000,
    }


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--inputs", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    chance, tally = random.Random(told.seed), Tally()
    seeds = [(path.name, path.read_bytes()) for path in files()]
    # Those with a calendar part in them twice: most can go wrong there.
    seeds += [(name, raw) for name, raw in seeds if b"calendar" in raw or b"ics" in raw]
    began = time.perf_counter()
    for number in range(told.inputs):
        name, raw = chance.choice(seeds)
        tally.read(f"{number} of {name}", mutated(raw, chance))
    took = time.perf_counter() - began
    print(f"{tally.inputs} mutated messages, seed {told.seed}, {took:.0f} s")
    for outcome, count in sorted(tally.outcomes.items(), key=lambda item: -item[1]):
        print(f"{count:10}  {outcome}")
    print("slowest:", *(f"{s * 1000:.0f} ms ({n}, {b} bytes)" for s, n, b in tally.slowest))
    print(f"largest memory of the process: {_peak_mib():.0f} MiB")
    dear = Tally()
    _tell_what_is_dear(dear)
    # One of each kind, told by its last line.
    kinds = {one.strip().rpartition("\n")[2][:80]: one for one in tally.failures + dear.failures}
    print("\n".join(kinds.values()))
    return 1 if tally.failures or dear.failures else 0


def _tell_what_is_dear(tally: Tally) -> None:
    print(f"{'made to be dear':34}{'bytes':>10}{'CPU s':>8}{'MiB':>6}  outcome")
    for name, raw in dear_inputs().items():
        before = tally.outcomes.copy()
        began = time.process_time()
        tally.read(name, raw)
        took = time.process_time() - began
        outcome = ", ".join((tally.outcomes - before).keys())
        tracemalloc.start()
        Tally().read(name, raw)
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        print(f"{name:34}{len(raw):10}{took:8.2f}{peak:6.0f}  {outcome}")


def _peak_mib() -> float:
    """ru_maxrss is in KiB on Linux, in bytes on macOS."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


if __name__ == "__main__":
    sys.exit(main())
