"""What the cells of a row mean: values where that is certain, questions and refusals where not."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date

from integrations.sheets.table import Cell, Uncomputed, is_empty
from sessions.rules import wording
from sessions.sheets import people_named, vocabulary, written
from sessions.sheets.hours_meant import read_hours, read_zone
from sessions.sheets.people_named import Named, NewPerson
from sessions.sheets.rows import DAY, MONTH, NEW, NONE, Problem, Reader, Row
from sessions.sheets.written import bare_city, plain, text_of

LONGEST = {"title": 200, "title_en": 200, "place": 200, "summary": 4000}
CLEARED = frozenset({"-", "–", "—", "−"})


def read_identity(reader: Reader, row: Row) -> None:
    """Key, title and date: what tells which session a row is."""
    row.values["key"] = wording.one_line(row.text("key"))[:80]
    for name, cell in row.cells.items():
        if isinstance(cell, Uncomputed):
            row.refuse("formula", column=name)
    title = wording.one_line(row.text("title"))
    if not title:
        if not isinstance(row.cells.get("title"), Uncomputed):
            row.refuse("no_title")
    elif len(title) > LONGEST["title"]:
        row.refuse("too_long", column="title", most=LONGEST["title"])
    row.values["title"] = title
    cell = row.cells.get("date")
    if is_empty(cell):
        row.refuse("no_date")
        return
    if isinstance(cell, Uncomputed):
        return
    on = _date(reader, row, cell)
    if on is None:
        row.refuse("bad_date", given=text_of(cell))
        return
    row.values["date"] = on


def _date(reader: Reader, row: Row, cell: Cell) -> date | None:
    """The date of a cell; of one with slashes the host says whether the month stands first."""
    first, last = reader.known.first, reader.known.last
    on = written.date_in(cell, first, last)
    swapped = written.month_first(cell)
    other = written.date_in(swapped, first, last) if swapped else None
    if other is None or other == on:
        return on
    answer = reader.ask(row, "slashes", "", text_of(cell), (DAY, MONTH), (DAY, MONTH))
    return other if answer == MONTH or (answer is None and on is None) else on


def read_rest(reader: Reader, row: Row, same: Mapping[str, Collection[str]]) -> None:
    """All other columns. same: what export writes for the row's session, by column."""
    for name, read in _READERS.items():
        text = row.text(name)
        if name not in row.cells or is_empty(row.cells[name]):
            continue
        if row.session is not None and wording.lines(text) in same.get(name, ()):
            row.values[name] = row.session.values[name]
        else:
            read(reader, row, name, text)
    read_hours(reader, row, same)


def _read_text(_reader: Reader, row: Row, name: str, text: str) -> None:
    clean = wording.lines(text) if name == "summary" else wording.one_line(text)
    if len(clean) > LONGEST[name]:
        row.refuse("too_long", column=name, most=LONGEST[name])
    else:
        row.values[name] = "" if clean in CLEARED else clean


def _read_word(reader: Reader, row: Row, name: str, text: str) -> None:
    code = vocabulary.code_of(name, text)
    if code is None:
        choices = vocabulary.codes(name)
        code = reader.ask(row, name, plain(text), text, choices, choices)
    if code is not None:
        row.values[name] = code


def _read_cities(reader: Reader, row: Row, name: str, text: str) -> None:
    if text in CLEARED:
        row.values[name] = ()
        return
    names, ids = reader.known.city_names, []
    for piece in _pieces(text, names):
        city = names.get(bare_city(piece))
        if city is None:
            near = [str(one) for one in reader.known.nearest_cities(piece)]
            every = {str(one.id) for one in reader.known.cities} | {NONE}
            answer = reader.ask(row, "city", plain(piece), piece, near, every)
            city = int(answer) if answer not in (None, NONE) else None
        if city is not None:
            ids.append(city)
    row.values[name] = tuple(dict.fromkeys(ids))


def _pieces(text: str, names: Collection[str]) -> list[str]:
    """The names of a list; «и» parts two only where the whole is no name."""
    found: list[str] = []
    for piece in re.split(r"[,;/\n\r]+|\s[+&]\s", text):
        parts = [piece] if bare_city(piece) in names else re.split(r"\s+(?:и|and)\s+", piece)
        found += [part.strip() for part in parts if plain(part)]
    return found


def _read_topic(reader: Reader, row: Row, _name: str, text: str) -> None:
    if text in CLEARED:
        row.values["topic"] = None
        return
    topics = {plain(title): topic_id for topic_id, title in reader.known.topics.items()}
    topic = topics.get(plain(text))
    if topic is None:
        every = [str(one) for one in reader.known.topics]
        answer = reader.ask(row, "topic", plain(text), text, (), [*every, NONE])
        if answer is None:
            return
        topic = None if answer == NONE else int(answer)
    row.values["topic"] = topic


def _read_speakers(reader: Reader, row: Row, _name: str, text: str) -> None:
    if text in CLEARED:
        row.values["speakers"] = ()
        return
    before = row.session.values["speakers"] if row.session else ()
    people = [_speaker(reader, row, named, before) for named in people_named.named_in(text)]
    row.values["speakers"] = tuple(dict.fromkeys(one for one in people if one is not None))


def _speaker(
    reader: Reader, row: Row, named: Named, before: Collection[int]
) -> int | NewPerson | None:
    """The person meant; None where nobody is to be named, or it is not clear who."""
    fits = people_named.candidates(named, reader.known)
    fits = [person for person in fits if person.id in before] or fits
    new = people_named.new_person(named, reader.known)
    if len(fits) == 1:
        return fits[0].id
    if not fits and new is not None:
        row.notes.append(Problem("new_person", {"name": new.name}))
        return new
    shown = fits or people_named.like(named, reader.known)
    given = named.name or named.address
    allowed = [str(person.id) for person in shown] + [NONE] + ([NEW] if new else [])
    answer = reader.ask(row, "speaker", plain(given), given, allowed, allowed)
    if answer in (None, NONE):
        return None
    return new if answer == NEW else int(answer or 0)


_READERS: Mapping[str, Callable[[Reader, Row, str, str], None]] = {
    "title_en": _read_text,
    "place": _read_text,
    "summary": _read_text,
    **dict.fromkeys(sorted(vocabulary.NAMED), _read_word),
    "presenting": _read_cities,
    "receiving": _read_cities,
    "topic": _read_topic,
    "speakers": _read_speakers,
    "zone": read_zone,
}
