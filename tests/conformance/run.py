"""Ask each installed calendar implementation what it understands of each file.

python -m tests.conformance.run [--each] [FILE or FOLDER ...]; without one, of the golden files.
Exit code: 0 all agree, 1 somebody differs, 2 fewer than two implementations are installed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from pathlib import Path

# Also where another project copied this folder: then `python run.py` finds what lies beside it.
if __package__:
    from tests.conformance.implementations import IMPLEMENTATIONS, Understood, version
else:
    from implementations import IMPLEMENTATIONS, Understood, version  # type: ignore

GOLDEN = Path(__file__).parent / "golden"
# Faults of others that we know of: (implementation, file) and what goes wrong there.
KNOWN_FAULTS = {
    ("ics", "01-quotes-commas-semicolons-backslashes.ru"): (
        "takes a backslash that is followed by n for a new line, however it is escaped"
    ),
}
_WIDTHS = {"summary": 42, "start": 20, "status": 9, "method": 14, "seq": 3, "attendee": 17}


@dataclass(frozen=True)
class Reading:
    """What the implementations made of one event; `said` holds each by name."""

    said: dict[str, Understood]

    @property
    def first(self) -> Understood:
        return next(iter(self.said.values()))

    @property
    def differences(self) -> list[str]:
        """The facts about which they differ, in words."""
        found = []
        for fact in asdict(self.first):
            told = {name: getattr(one, fact) for name, one in self.said.items()}
            known = {name: value for name, value in told.items() if value is not None}
            if len(set(known.values())) > 1:
                found.append(f"{fact}: " + ", ".join(f"{n} {v!r}" for n, v in known.items()))
        return found


@dataclass(frozen=True)
class Result:
    """A file, how its events were read, what went wrong, and whose fault that is, if known."""

    path: Path
    readings: list[Reading]
    problems: list[str]
    known: list[str]


def calendar_in(path: Path) -> bytes | None:
    """The calendar of a file: all of an .ics, the calendar part of an .eml; None without one."""
    raw = path.read_bytes()
    if path.suffix != ".eml":
        return raw
    for part in message_from_bytes(raw, policy=policy.default).walk():
        if part.get_content_type() == "text/calendar":
            body = part.get_payload(decode=True)
            return body if isinstance(body, bytes) else None
    return None


def examined(path: Path, names: Sequence[str]) -> Result:
    """What the implementations of these names understand of a file."""
    calendar = calendar_in(path)
    if calendar is None:
        return Result(path, [], [], [])
    problems, told = _matters_of_mail(path, calendar), {}
    faults = {name: KNOWN_FAULTS[name, path.stem] for name in names
              if (name, path.stem) in KNOWN_FAULTS}  # fmt: skip
    for name in names:
        if name in faults:
            continue
        try:
            told[name] = {one.uid: one for one in IMPLEMENTATIONS[name](calendar.decode())}
        except Exception as error:  # noqa: BLE001 whatever it raises, it did not understand
            problems.append(f"{name} does not read it: {type(error).__name__}: {error}")
    uids = sorted(
        {uid for events in told.values() for uid in events},
        key=lambda uid: (min(e[uid].start for e in told.values() if uid in e), uid),
    )
    readings = []
    for uid in uids:
        missing = [name for name, events in told.items() if uid not in events]
        problems += [f"{name} does not see {uid}" for name in missing]
        reading = Reading({name: events[uid] for name, events in told.items() if uid in events})
        problems += reading.differences
        readings.append(reading)
    if not readings:
        problems.append("nobody sees an event in it")
    return Result(path, readings, problems, [f"{name} {why}" for name, why in faults.items()])


def _matters_of_mail(path: Path, calendar: bytes) -> list[str]:
    """What a letter and its calendar part must agree about (RFC 6047, section 2.4)."""
    if path.suffix != ".eml":
        return []
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    (part,) = (one for one in letter.walk() if one.get_content_type() == "text/calendar")
    method, lines = str(part.get_param("method")), calendar.replace(b"\r\n ", b"")
    problems = []
    if f"METHOD:{method}\r\n".encode() not in lines:
        problems.append(f"the part says method={method}, the calendar does not")
    if any(f"mailto:{one.addr_spec}\r\n".encode() not in lines for one in letter["To"].addresses):
        problems.append(f"the calendar does not hold the reader: {letter['To']}")
    return problems


def table(results: Iterable[Result], total: int, *, each: bool) -> Iterable[str]:
    """The lines to print. each: a line for every implementation."""
    widths = _WIDTHS
    yield "  ".join(name.ljust(width) for name, width in widths.items()) + "  understood by"
    for result in results:
        if not result.readings and not result.problems:
            continue
        yield f"--- {result.path.parent.name}/{result.path.name}"
        for reading in result.readings:
            if each or reading.differences:
                for name, one in reading.said.items():
                    yield f"{_row(one)}  {name}"
            else:
                yield f"{_row(_fullest(reading))}  {len(reading.said)} of {total}"
        yield from (f"    DIFFERS {problem}" for problem in result.problems)
        yield from (f"    left out: {fault}" for fault in result.known)


def _fullest(reading: Reading) -> Understood:
    """What was told by the one that left out the least."""
    return min(reading.said.values(), key=lambda one: list(asdict(one).values()).count(None))


def _row(one: Understood) -> str:
    cells = {
        "summary": " ".join(one.summary.split()),
        "start": one.start, "status": one.status, "method": one.method, "seq": one.sequence,
        "attendee": one.attendee,
    }  # fmt: skip
    shown = (("-" if cells[name] in (None, "") else str(cells[name]), _WIDTHS[name])
             for name in _WIDTHS)  # fmt: skip
    return "  ".join(text[:width].ljust(width) for text, width in shown)


def files_in(places: Sequence[Path]) -> list[Path]:
    """The calendars and letters at these places, in order."""
    found = []
    for place in places:
        inside = [place] if place.is_file() else place.rglob("*.*")
        found += [path for path in inside if path.suffix in (".ics", ".eml")]
    return sorted(found)


def main(words: Sequence[str] | None = None) -> int:
    """Print the table; the exit code."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("places", nargs="*", type=Path, default=[GOLDEN])
    asked.add_argument("--each", action="store_true", help="a line for each implementation")
    given = asked.parse_args(words)
    names = [name for name in IMPLEMENTATIONS if version(name)]
    for name in IMPLEMENTATIONS:
        print(f"{name} {version(name) or 'is not installed'}")
    if len(names) < 2:
        return 2
    results = [examined(path, names) for path in files_in(given.places)]
    print("\n".join(table(results, len(names), each=given.each)))
    read = [result for result in results if result.readings]
    wrong = [result for result in results if result.problems]
    print(f"{len(read)} files with a calendar, {len(wrong)} of them differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
