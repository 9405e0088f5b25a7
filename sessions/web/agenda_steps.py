"""What the buttons of an agenda do to its rows, and what is odd about the hours in them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask_babel import gettext

from sessions.rules import agenda
from sessions.rules.agenda import Slot, Trouble
from sessions.web import typography
from sessions.web.agenda_form import AgendaForm, ItemRow, SpeakerRow

Row = TypeVar("Row", ItemRow, SpeakerRow)
_STEP = re.compile(r"(add-item|drop-item|add-speaker|drop-speaker|up|down|find)(?: (i\d+)(s\d+)?)?")
ADD_ITEM = "add-item"


def step(form: AgendaForm, asked: str, duration_min: int) -> str:
    """Do what a button asks of the rows; the id of the control to go on with, empty for none."""
    found = _STEP.fullmatch(asked)
    what, key, place = found.groups() if found else ("", None, None)
    if what == ADD_ITEM:
        return _add_item(form, duration_min)
    row = next((one for one in form.rows if one.key == key), None)
    if row is None:
        return ""
    if what == "drop-item":
        return _drop(form.rows, row) or ADD_ITEM
    if what == "add-speaker":
        row.speakers.append(SpeakerRow(f"{row.key}s{_free(row.speakers, 's')}"))
        return f"{row.speakers[-1].key}-who"
    speaker = next((one for one in row.speakers if one.key == f"{key}{place}"), None)
    return _step_speaker(form, row, speaker, what) if speaker else ""


def _step_speaker(form: AgendaForm, row: ItemRow, speaker: SpeakerRow, what: str) -> str:
    if what == "drop-speaker":
        return _drop(row.speakers, speaker) or f"{row.key}-add"
    if what == "find":
        if not speaker.who:
            return f"{speaker.key}-who"
        if form.look_for(speaker):
            return f"{row.key}-add"
        return f"{speaker.key}-match-0" if speaker.matches else f"{speaker.key}-family"
    at = row.speakers.index(speaker)
    to = max(0, min(len(row.speakers) - 1, at + (1 if what == "down" else -1)))
    row.speakers.insert(to, row.speakers.pop(at))
    # The end of the list has no further way: the focus goes to the way back.
    is_at_end = to == (len(row.speakers) - 1 if what == "down" else 0)
    return f"{speaker.key}-{({'up': 'down', 'down': 'up'}[what]) if is_at_end else what}"


def _add_item(form: AgendaForm, duration_min: int) -> str:
    """A row that begins where the one before it ends."""
    row = ItemRow(f"i{_free(form.rows, 'i')}")
    slots = _slots(form, duration_min)
    ends = max((slot.end_min for slot in slots if slot), default=0)
    zone = ZoneInfo(form.session.tz)
    row.at = typography.clock((form.session.starts_at + timedelta(minutes=ends)).astimezone(zone))
    form.rows.append(row)
    return f"{row.key}-title"


def _drop(rows: list[Row], row: Row) -> str:
    """Take a row away; the control that takes the next one away, empty where none is left."""
    at = rows.index(row)
    rows.remove(row)
    return f"{rows[min(at, len(rows) - 1)].key}-drop" if rows else ""


def _free(rows: list[Row], letter: str) -> int:
    """A number that no row has, nor had: what the browser kept of a dropped row must not return."""
    return max((int(row.key.rpartition(letter)[2]) for row in rows), default=-1) + 1


def _slots(form: AgendaForm, duration_min: int) -> list[Slot | None]:
    """When each row takes place, None where its hour or length cannot be read."""
    wall = form.session.wall
    return [
        Slot(agenda.offset_min(wall, duration_min, row.clock), row.minutes, row.place)
        if row.clock is not None and row.minutes is not None
        else None
        for row in form.rows
    ]


def oddities(form: AgendaForm, duration_min: int) -> dict[str, list[str]]:
    """What is odd about the hours of each row, in words, by its key."""
    slots = _slots(form, duration_min)
    readable = [(row, slot) for row, slot in zip(form.rows, slots, strict=True) if slot]
    found = agenda.troubles([slot for _, slot in readable], duration_min)
    rows = [row for row, _ in readable]
    return {
        row.key: [_words(one, rows) for one in troubles]
        for row, troubles in zip(rows, found, strict=True)
        if troubles
    }


def _words(trouble: Trouble, rows: list[ItemRow]) -> str:
    if trouble.other is not None:
        other = rows[trouble.other]
        return gettext(
            "Shares %(num)s min with “%(title)s”.", num=trouble.minutes,
            title=other.title or other.at,
        )  # fmt: skip
    if trouble.kind == "before":
        return gettext("Begins %(num)s min before the session does.", num=trouble.minutes)
    return gettext("Ends %(num)s min after the session does.", num=trouble.minutes)
