"""Doing what a row of a sheet says, through what hosts do by hand: draft, move, edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from integrations.runtime.database import db
from integrations.runtime.events import publish
from sessions.events import SessionEdited
from sessions.flows import planning, scheduling
from sessions.flows.planning import SeriesPlan
from sessions.flows.scheduling import Details
from sessions.models.audit import record
from sessions.models.people import Person
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.rules.recurrence import MonthlyRule
from sessions.rules.timetable import WallTime
from sessions.sheets.comparing import Outcome
from sessions.sheets.exporting import plain_values
from sessions.sheets.people_named import NewPerson

_WHEN = frozenset({"date", "time", "zone"})
# What `scheduling.edit` changes, by the names of the columns.
_EDITED = {
    "title": "title", "title_en": "title_en", "summary": "summary", "format": "format",
    "mode": "mode", "visibility": "visibility", "place": "place", "duration": "duration_min",
    "presenting": "presenting",
}  # fmt: skip


@dataclass
class Changing:
    """Applies rows one after another, in the caller's transaction, and remembers what it did.

    done: by number of the row, [what, session id, title]; undo: what taking it back needs.
    """

    season_id: int
    by: int | None
    domain: str
    done: dict[str, list[Any]] = field(default_factory=dict)
    undo: dict[str, list[Any]] = field(
        default_factory=lambda: {"made": [], "edited": [], "people": []}
    )
    _people: dict[NewPerson, int] = field(default_factory=dict)

    def do(self, row: Outcome) -> None:
        """Make the session of a new row, or change that of a changed one."""
        if row.session is None:
            session = self._make(row.values)
            self.undo["made"].append([session.id, session.revision])
            what = "new"
        else:
            was = {change.name: change.was for change in row.changes}
            now = {change.name: change.now for change in row.changes}
            session = self.change(row.session.id, now)
            self.undo["edited"].append([session.id, session.revision, plain_values(was)])
            what = "changed"
        self.done[str(row.number)] = [what, session.id, session.title]

    def session_of(self, row: Outcome) -> int | None:
        """The session a row made or is; None where it stayed out."""
        if str(row.number) in self.done:
            return int(self.done[str(row.number)][1])
        return row.session.id if row.session and row.status == "unchanged" else None

    def counts(self) -> dict[str, int]:
        """How many sessions were made and changed."""
        return {"made": len(self.undo["made"]), "edited": len(self.undo["edited"])}

    def _make(self, values: Mapping[str, Any]) -> Session:
        plan = SeriesPlan(
            title=values["title"],
            rule=MonthlyRule(1, values["date"].weekday(), values["date"], values["date"]),
            tz=values["zone"],
            wall_start=values["time"],
            duration_min=values["duration"],
            format=values["format"],
            mode=values["mode"],
            visibility=values["visibility"],
            summary=values["summary"],
            language=values["language"],
            presenting=values["presenting"],
        )
        wall = WallTime(datetime.combine(values["date"], values["time"]), values["zone"])
        session = planning.draft(plan, wall, self.season_id, self.by, self.domain, None)
        session.title_en, session.place = values["title_en"], values["place"]
        self._put_rest(session, values)
        record(self.by, "session.planned", f"session:{session.id}", title=session.title)
        return session

    def change(self, session_id: int, now: Mapping[str, Any]) -> Session:
        """Give a session new values, by the names of the columns; others keep theirs."""
        session = db.session.get_one(Session, session_id)
        if not _WHEN.isdisjoint(now):
            on = now.get("date", session.wall_start.date())
            at = now.get("time", session.wall_start.time())
            wall = WallTime(datetime.combine(on, at), now.get("zone", session.tz))
            scheduling.move(session_id, wall, session.revision, self.by)
        edited = {_EDITED[name]: value for name, value in now.items() if name in _EDITED}
        if edited:
            details = Details(**{**_details(session), **edited})
            scheduling.edit(session_id, details, session.revision, self.by)
        rest = {name: now[name] for name in ("topic", "language", "receiving", "speakers")
                if name in now}  # fmt: skip
        if rest:
            self._put_rest(session, rest)
            session.revise(sequence=False)
            record(self.by, "session.edited", f"session:{session_id}", was=dict.fromkeys(rest))
            if session.state != "draft":
                publish(SessionEdited(session_id, self.by, tell=False))
        db.session.flush()
        return session

    def _put_rest(self, session: Session, values: Mapping[str, Any]) -> None:
        if "topic" in values:
            session.topic_id = values["topic"]
        if "language" in values:
            session.language = values["language"]
        if "receiving" in values:
            _receive(session, values["receiving"])
        if "speakers" in values:
            self._name_speakers(session, [self._person(one) for one in values["speakers"]])

    def _person(self, one: int | NewPerson) -> int:
        if isinstance(one, int):
            return one
        if one not in self._people:
            person = Person(
                family=one.family, given=one.given, patronymic=one.patronymic, post=one.post,
                city_id=one.city_id,
            )  # fmt: skip
            db.session.add(person)
            db.session.flush()
            record(self.by, "person.made", f"person:{person.id}", name=one.name)
            self._people[one] = person.id
            self.undo["people"].append(person.id)
        return self._people[one]

    def _name_speakers(self, session: Session, people: Sequence[int]) -> None:
        """Have exactly these people speak; those who spoke already stay where they are."""
        for item in session.agenda:
            item.speakers = [one for one in item.speakers if one.person_id in people]
        # An item that was made for names only goes with them.
        session.agenda = [item for item in session.agenda if item.speakers or not _bare(item)]
        speaking = {one.person_id for item in session.agenda for one in item.speakers}
        missing = [one for one in people if one not in speaking]
        if not missing:
            return
        if not session.agenda:
            session.agenda.append(
                AgendaItem(offset_min=0, duration_min=session.duration_min, title=session.title)
            )
        item = session.agenda[0]
        for place, one in enumerate(missing, start=len(item.speakers)):
            item.speakers.append(Speaker(person_id=one, position=place))


def _bare(item: AgendaItem) -> bool:
    """Whether an item of the agenda says nothing beside who speaks."""
    return item.offset_min == 0 and not item.place and not item.title_en


def _details(session: Session) -> dict[str, Any]:
    """The session's own values for an edit."""
    own = {one.name: getattr(session, one.name) for one in fields(Details)
           if one.name != "presenting"}  # fmt: skip
    shown = tuple(part.city_id for part in session.cities if part.role == "presenting")
    return {**own, "presenting": shown}


def _receive(session: Session, cities: Sequence[int]) -> None:
    others = [part for part in session.cities if part.role != "receiving"]
    there = {part.city_id: part for part in session.cities if part.role == "receiving"}
    session.cities = others + [
        there.get(city) or SessionCity(city_id=city, role="receiving") for city in cities
    ]
