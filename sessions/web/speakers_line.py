"""Who is to speak in a session, and whether they will: as many queries for any number of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from integrations.runtime.database import db
from sessions.models.people import Person
from sessions.models.session import AgendaItem, Speaker


@dataclass(frozen=True)
class Speaking:
    """A person and what they show, in the order of the agenda; `one` bears their answer."""

    person: Person
    items: Sequence[AgendaItem]
    one: Speaker


@dataclass(frozen=True)
class Line:
    """The speakers of a session, and how many of them are in which state."""

    people: Sequence[Speaking]

    def in_state(self, state: str) -> list[Speaking]:
        return [who for who in self.people if who.one.state == state]

    @property
    def askable(self) -> int:
        """How many were not asked yet and have an address."""
        return sum(bool(who.person.emails) for who in self.in_state("named"))


def of_session(session_id: int) -> Line:
    """Everyone who is to speak, read with as many queries for any number of them."""
    rows = db.session.scalars(
        select(Speaker)
        .join(AgendaItem)
        .where(AgendaItem.session_id == session_id)
        .options(
            joinedload(Speaker.item), joinedload(Speaker.letter),
            joinedload(Speaker.person).selectinload(Person.emails),
        )
        .order_by(AgendaItem.offset_min, AgendaItem.id, Speaker.position, Speaker.id)
    )  # fmt: skip
    found: dict[int, list[Speaker]] = {}
    for speaker in rows:
        found.setdefault(speaker.person_id, []).append(speaker)
    return Line(
        [
            Speaking(rows[0].person, [row.item for row in rows], _bearer(rows))
            for rows in found.values()
        ]
    )


def _bearer(rows: Sequence[Speaker]) -> Speaker:
    """The row that says most: an item added since is not asked about yet."""
    named = [row for row in rows if row.state == "named"]
    return named[0] if named else next((row for row in rows if row.token), rows[0])


def checks(line: Line) -> list[tuple[Literal["warn", "ok"], str]]:
    """What a host should know of the speakers before the session; nothing where none is named."""
    found: list[tuple[Literal["warn", "ok"], str]] = []
    declined = [who.person.name for who in line.in_state("declined")]
    if declined:
        found.append(("warn", gettext("Cannot speak: %(names)s.", names=", ".join(declined))))
    silent, unasked = len(line.in_state("asked")), len(line.in_state("named"))
    if unasked:
        text = ngettext(
            "%(num)s speaker was not asked yet.", "%(num)s speakers were not asked yet.", unasked
        )
        found.append(("warn", text))
    if silent:
        text = ngettext(
            "%(num)s speaker has not answered.", "%(num)s speakers have not answered.", silent
        )
        found.append(("warn", text))
    if line.people and not found:
        found.append(("ok", gettext("All speakers will speak.")))
    return found
