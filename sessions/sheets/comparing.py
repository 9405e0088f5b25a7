"""The dry run: which session each row is, and what applying it would change. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sessions.rules import lifecycle, timetable, wording
from sessions.sheets import exporting, meaning
from sessions.sheets.hours_meant import hour_told
from sessions.sheets.known import Known, Planned
from sessions.sheets.rows import KEEP, NEW, SAME, Heading, Problem, Question, Reader, Row
from sessions.sheets.written import plain

Status = Literal["new", "changed", "unchanged", "unclear", "refused", "left_out"]
STATUSES: Sequence[Status] = ("new", "changed", "unchanged", "unclear", "refused", "left_out")
DEFAULTS: Mapping[str, Any] = {
    "title_en": "", "duration": 90, "format": "video_conference", "mode": "online",
    "presenting": (), "receiving": (), "speakers": (), "place": "", "topic": None, "summary": "",
    "language": "ru", "visibility": "public",
}  # fmt: skip
_SETS = frozenset({"presenting", "receiving", "speakers"})
_WHEN = frozenset({"date", "time", "zone"})


@dataclass(frozen=True)
class Change:
    """One value that would be another. name: of the column."""

    name: str
    was: Any
    now: Any


@dataclass(frozen=True)
class Outcome:
    """What becomes of one row. values: complete for a new session, else what the row tells.

    key: as the sheet has it, empty where it has none. tells: how many people would get a letter.
    """

    number: int
    status: Status
    title: str
    values: Mapping[str, Any]
    session: Planned | None = None
    changes: Sequence[Change] = ()
    questions: Sequence[str] = ()
    refusals: Sequence[Problem] = ()
    notes: Sequence[Problem] = ()
    tells: int = 0
    key: str = ""


@dataclass
class Preview:
    """The whole dry run. questions: by key, answered ones among them."""

    rows: Sequence[Outcome] = ()
    questions: Mapping[str, Question] = field(default_factory=dict)

    def count(self, status: Status) -> int:
        return sum(row.status == status for row in self.rows)

    @property
    def to_do(self) -> list[Outcome]:
        """The rows that applying would act on."""
        return [row for row in self.rows if row.status in ("new", "changed")]


def compare(
    rows: Sequence[Row], heading: Heading, known: Known,
    answers: Mapping[str, str], left: Collection[int],
) -> Preview:  # fmt: skip
    """What the rows would do to the plan. left: numbers of the rows that are to stay out."""
    reader = Reader(known, heading, answers)
    for row in rows:
        meaning.read_identity(reader, row)
    taking_part = [row for row in rows if row.number not in left]
    _refuse_twice(taking_part)
    whole = [row for row in taking_part if not row.refusals]
    _match(reader, whole)
    for row in whole:
        same = exporting.written(row.session, known) if row.session else {}
        meaning.read_rest(reader, row, same)
    found = [_outcome(reader, row) if row.number not in left else _left(row, known) for row in rows]
    return Preview(found, reader.questions)


def _left(row: Row, known: Known) -> Outcome:
    return Outcome(row.number, "left_out", row.values["title"], row.values)


def _refuse_twice(rows: Sequence[Row]) -> None:
    """A row that says what an earlier one said is refused: nothing is planned twice by mistake."""
    keys: dict[str, int] = {}
    whole: dict[tuple[Any, ...], int] = {}
    for row in rows:
        key = row.values["key"]
        said = tuple(
            (name, row.text(name)) for name in sorted(row.cells) if name != "key" and row.text(name)
        )
        earlier = keys.get(key) if key else whole.get(said)
        if earlier is not None:
            row.refuse("same_key" if key else "same_row", row=earlier, given=key)
        else:
            keys[key] = whole[said] = row.number


def _match(reader: Reader, rows: Sequence[Row]) -> None:
    """Find the session of each row: by key, by title and date, by asking."""
    free = dict(reader.known.sessions)
    by_key = {row.number: _of_key(reader.known, row) for row in rows}
    # Who fits in all respects goes first: an inserted row shifts the numbers of those below it.
    for is_enough in (_is_same, _is_alike):
        for row in rows:
            one = free.get(by_key[row.number] or 0)
            if row.session is None and one is not None and is_enough(row, one):
                row.session = free.pop(one.id)
    _match_by_date(rows, free)
    left = [row for row in rows if row.session is None]
    for row in left:
        keyed = free.get(by_key[row.number] or 0)
        if keyed is not None:
            _ask_which(reader, row, keyed, free, f"identity:{row.values['key']}")
    keyless = [row for row in left if not row.values["key"]]
    _match_by_title(reader, keyless, free)
    _match_by_hour(reader, keyless, free)


def _of_key(known: Known, row: Row) -> int | None:
    key = row.values["key"]
    return known.keys.get(key) or exporting.session_of(key)


def _is_same(row: Row, one: Planned) -> bool:
    return _title(row) == plain(one.values["title"]) and row.values["date"] == one.values["date"]


def _is_alike(row: Row, one: Planned) -> bool:
    return _title(row) == plain(one.values["title"]) or row.values["date"] == one.values["date"]


def _title(row: Row) -> str:
    return plain(row.values["title"])


def _match_by_date(rows: Sequence[Row], free: dict[int, Planned]) -> None:
    """Of several of one title on one date, each takes the one of its hour, else the first."""
    there: dict[tuple[str, Any], list[Planned]] = defaultdict(list)
    for one in free.values():
        there[plain(one.values["title"]), one.values["date"]].append(one)
    for at_its_hour in (True, False):
        for row in rows:
            some = there.get((_title(row), row.values["date"]), [])
            fits = [one for one in some if not at_its_hour or _hour(one) in row.text("time")]
            if row.session is None and fits:
                row.session = free.pop(fits[0].id)
                some.remove(fits[0])


def _hour(one: Planned) -> str:
    return f"{one.values['time']:%H:%M}"


def _match_by_title(reader: Reader, rows: Sequence[Row], free: dict[int, Planned]) -> None:
    """A row whose title is in the plan on another date: moved, or one more? The host says."""
    there: dict[str, list[Planned]] = defaultdict(list)
    for one in free.values():
        there[_bare_title(one)].append(one)
    for row in rows:
        some = there[_title(row)]
        if row.session is None and not row.open and some:
            _ask_which(reader, row, some.pop(0), free, f"moved:{_title(row)}")


def _match_by_hour(reader: Reader, rows: Sequence[Row], free: dict[int, Planned]) -> None:
    """A row with a new title at the hour of one that no row names: renamed, or one more?"""
    there: dict[tuple[date, time], list[Planned]] = defaultdict(list)
    for one in free.values():
        if one.state in lifecycle.MOVABLE:
            there[one.values["date"], one.values["time"]].append(one)
    for row in rows:
        asked = reader.questions.get(f"moved:{_title(row)}")
        told = hour_told(row)
        some = there.get((row.values["date"], told), []) if told else []
        if row.session is None and asked is None and some:
            one = some.pop(0)
            _ask_which(reader, row, one, free, f"renamed:{one.id}")


def _bare_title(one: Planned) -> str:
    return plain(one.values["title"])


def _ask_which(reader: Reader, row: Row, one: Planned, free: dict[int, Planned], key: str) -> None:
    kind, _, subject = key.partition(":")
    given = one.values["title"]
    answer = reader.ask(row, kind, subject, given, (SAME, NEW), (SAME, NEW))
    if answer != NEW:
        # Also while it is open: the page shows what would change.
        row.session = free.pop(one.id)


def _outcome(reader: Reader, row: Row) -> Outcome:
    title = row.values["title"]
    if row.refusals:
        return Outcome(row.number, "refused", title, row.values, row.session,
                       refusals=row.refusals)  # fmt: skip
    told = {name: value for name, value in row.values.items() if name != "key"}
    if row.session is None:
        changes: list[Change] = []
        values = {**DEFAULTS, "zone": reader.known.home, **told}
        if exporting.session_of(row.values["key"]) not in (None, *reader.known.sessions):
            row.notes.append(Problem("other_season", {"given": row.values["key"]}))
    else:
        changes, values = _changes(row.session, told), told
    _judge(reader, row, changes, values)
    if row.refusals:
        status: Status = "refused"
    elif row.open:
        status = "unclear"
    else:
        status = "new" if row.session is None else "changed" if changes else "unchanged"
    tells = row.session.invited if row.session and changes and row.session.state != "draft" else 0
    return Outcome(
        row.number, status, title, values, row.session, changes, row.open, row.refusals,
        row.notes, tells, row.values["key"],
    )  # fmt: skip


def _changes(one: Planned, told: Mapping[str, Any]) -> list[Change]:
    return [
        Change(name, one.values[name], now)
        for name, now in told.items()
        if _comparable(name, one.values[name]) != _comparable(name, now)
    ]


def _comparable(name: str, value: Any) -> Any:
    if name in exporting.TEXTS:
        return wording.one_line(value) if name == "title" else wording.lines(value)
    return frozenset(value) if name in _SETS else value


def _judge(reader: Reader, row: Row, changes: Sequence[Change], values: Mapping[str, Any]) -> None:
    """What speaks against a row that would do something."""
    if row.is_hidden and (changes or row.session is None):
        reader.ask(row, "hidden", "", "", (KEEP,), (KEEP,))
    if row.session is not None and changes and row.session.state not in lifecycle.MOVABLE:
        row.refuse("state", state=row.session.state)
        return
    is_placed = row.session is None or any(change.name in _WHEN for change in changes)
    if not is_placed or row.refusals:
        return
    known, on = reader.known, values["date"]
    if not known.first <= on <= known.last:
        row.refuse("outside", on=on, first=known.first, last=known.last)
        return
    when = {**(row.session.values if row.session else {}), **values}
    if "time" in when and not timetable.at(on, when["time"], when["zone"]).is_shown():
        row.refuse("no_such_hour", given=f"{when['time']:%H:%M}", on=on)
        return
    if _is_past(known, when):
        reader.ask(row, "past", "", "", (KEEP,), (KEEP,))
    if on in known.days_off:
        reader.ask(row, "day_off", on.isoformat(), known.days_off[on], (KEEP,), (KEEP,))


def _is_past(known: Known, when: Mapping[str, Any]) -> bool:
    if "time" in when:
        return timetable.at(when["date"], when["time"], when["zone"]).instant() < known.now
    today: date = known.now.astimezone(ZoneInfo(known.home)).date()
    return bool(when["date"] < today)
