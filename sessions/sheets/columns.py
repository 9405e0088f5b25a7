"""Which column of a sheet holds what, told by the words of its heading row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from integrations.sheets.table import Cell, Row, Table
from sessions.sheets.written import plain, zone_in

LOOKED_AT = 30

# Of each column: what it may be called, in Russian and in English, as `plain` leaves it.
WORDS: Mapping[str, tuple[str, ...]] = {
    "key": ("№", "№ п п", "номер", "n", "no", "ключ", "код", "key", "id", "number", "#"),
    "title": (
        "название", "наименование", "название встречи", "мероприятие", "событие", "встреча",
        "название мероприятия", "наименование мероприятия", "заголовок", "тема встречи",
        "тема видеоконференции", "тема мероприятия", "тема занятия", "title", "name", "session",
        "session title", "event",
    ),
    "title_en": (
        "название по английски", "название на английском", "английское название",
        "title in english", "english title", "title en", "название en",
    ),
    "date": ("дата", "число", "день", "дата проведения", "дата начала", "когда", "date", "day",
             "start date", "when"),
    "time": ("время", "начало", "время начала", "час", "время проведения", "time", "start",
             "start time", "starts", "begins"),
    "end": ("окончание", "конец", "время окончания", "до", "end", "end time", "ends", "finish"),
    "zone": ("пояс", "часовой пояс", "время по", "по времени", "время города", "зона", "zone",
             "time zone", "timezone", "time of", "tz"),
    "duration": ("длительность", "продолжительность", "длится", "минут", "мин", "duration",
                 "length", "minutes", "how long"),
    "format": ("формат", "вид", "тип", "формат встречи", "вид встречи", "вид мероприятия",
               "тип мероприятия", "format", "type", "kind"),
    "mode": ("участие", "форма участия", "способ участия", "форма проведения", "режим", "очно",
             "очно онлайн", "mode", "attendance", "how people take part", "participation"),
    "presenting": (
        "города", "город", "показывает", "показывают", "показывают города", "представляет",
        "представляют", "ведущий город", "ведущие города", "город организатор",
        "города организаторы", "организатор", "докладывают", "presenting", "presenting cities",
        "presented by", "city", "cities", "host city",
    ),
    "receiving": (
        "перенимают", "перенимают города", "принимают", "принимающие города", "города участники",
        "участники", "города слушатели", "для городов", "receiving", "receiving cities",
        "participating cities", "take the practice home",
    ),
    "speakers": ("спикеры", "спикер", "докладчики", "докладчик", "выступают", "выступающие",
                 "ведущие", "ведущий", "эксперты", "speakers", "speaker", "presenters"),
    "place": ("место", "место проведения", "адрес", "площадка", "где", "place", "venue",
              "location", "address", "where"),
    "topic": ("тема", "тема сезона", "тема опроса", "направление", "topic", "theme", "track"),
    "summary": ("описание", "аннотация", "краткое описание", "содержание", "о чем", "пояснение",
                "summary", "description", "abstract", "about"),
    "language": ("язык", "язык встречи", "language"),
    "visibility": ("доступ", "видимость", "кому открыта", "кому открыто", "кто видит",
                   "visibility", "access", "who may open it", "open to"),
    "state": ("состояние", "статус", "state", "status"),
}  # fmt: skip
# Told, but never taken: the plan has a state of its own.
ONLY_SHOWN = frozenset({"state"})
_NAMES = {word: name for name, words in WORDS.items() for word in words}
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True)
class Header:
    """Where the heading row is, and what each of its columns is.

    columns: name to index, from 0. zone: what the heading of the hours says of their zone, as
    written. in_hours, in_minutes: how lengths are told. ignored: headings nobody understood.
    """

    row: int
    columns: Mapping[str, int]
    zone: str = ""
    in_hours: bool = False
    in_minutes: bool = False
    ignored: Sequence[str] = field(default=())


def find(tables: Sequence[Table]) -> tuple[Table, Header] | None:
    """The first table with a heading row that names at least a title and a date."""
    for table in tables:
        for row in table.rows[:LOOKED_AT]:
            header = _header(row)
            if header is not None:
                return table, header
    return None


def is_header(row: Row) -> bool:
    """Whether the row is a heading once more, as in a table made of several."""
    return _header(row) is not None


def _header(row: Row) -> Header | None:
    columns: dict[str, int] = {}
    ignored: list[str] = []
    zone, length = "", ""
    for index, cell in enumerate(row.cells):
        if not isinstance(cell, str) or not cell.strip():
            continue
        name = _name(cell)
        if name is None or name in columns:
            ignored.append(" ".join(cell.split()))
            continue
        columns[name] = index
        if name == "time":
            zone = zone_in(cell)
        if name == "duration":
            length = plain(cell)
    # Many plans call what is spoken of the topic, and have no other title.
    if "title" not in columns and "topic" in columns:
        columns["title"] = columns.pop("topic")
    if not {"title", "date"} <= columns.keys():
        return None
    columns = {name: at for name, at in columns.items() if name not in ONLY_SHOWN}
    in_hours, in_minutes = _says(length, "час", "hour"), _says(length, "мин", "min")
    return Header(row.number, columns, zone, in_hours, in_minutes, tuple(ignored))


def _says(heading: str, *words: str) -> bool:
    return any(word in heading for word in words)


def _name(heading: Cell) -> str | None:
    whole = plain(str(heading))
    bare = plain(_BRACKETS.sub(" ", str(heading)).partition(",")[0])
    for written in (whole, bare):
        if written in _NAMES:
            return _NAMES[written]
    known = [word for word in _NAMES if len(word) > 3 and bare.startswith(f"{word} ")]
    return _NAMES[max(known, key=len)] if known else None
