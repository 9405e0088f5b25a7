"""Doing what a row of a sheet says, through what hosts do by hand: draft, move, edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from integrations.runtime.database import db
from sessions.flows import describing, planning, scheduling
from sessions.flows.describing import CITY_ROLES, Description, Item
from sessions.flows.planning import SeriesPlan
from sessions.models.audit import record
from sessions.models.people import Person
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.rules.recurrence import MonthlyRule
from sessions.rules.timetable import WallTime
from sessions.sheets.comparing import Outcome
from sessions.sheets.exporting import plain_values
from sessions.sheets.people_named import NewPerson

_WHEN = frozenset({"date", "time", "zone"})
# Columns that a session calls otherwise.
_NAMES = {"duration": "duration_min", "topic": "topic_id"}


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
            session = db.session.get_one(Session, row.session.id)
            stood = [session.state, session.is_moved]
            self.change(session.id, now)
            self.undo["edited"].append([session.id, session.revision, plain_values(was), *stood])
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
        self._fill(session, values)
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
        told = {_NAMES.get(name, name): value for name, value in now.items() if name not in _WHEN}
        if "speakers" in told:
            people = [self._person(one) for one in told.pop("speakers")]
            told["agenda"] = _agenda(session, people)
        if told:
            own = _description(session)
            describing.describe(session_id, replace(own, **told), session.revision, self.by)
        db.session.flush()
        return session

    def _fill(self, session: Session, values: Mapping[str, Any]) -> None:
        """What a draft has beside its plan."""
        session.title_en, session.place = values["title_en"], values["place"]
        session.topic_id = values["topic"]
        session.cities += [
            SessionCity(city_id=city, role="receiving") for city in values["receiving"]
        ]
        if not values["speakers"]:
            return
        session.agenda = [
            AgendaItem(
                offset_min=0,
                duration_min=session.duration_min,
                title=session.title,
                speakers=[
                    Speaker(person_id=self._person(one), position=place)
                    for place, one in enumerate(values["speakers"])
                ],
            )
        ]

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


def _description(session: Session) -> Description:
    """What the session is, for an edit of some of it."""
    plain = {one.name: getattr(session, one.name) for one in fields(Description)
             if one.name not in (*CITY_ROLES, "agenda")}  # fmt: skip
    cities: dict[str, Any] = {
        role: tuple(part.city_id for part in session.cities if part.role == role)
        for role in CITY_ROLES
    }
    return Description(**plain, **cities, agenda=_items(session))


def _items(session: Session) -> list[Item]:
    return [
        Item(
            item.offset_min, item.duration_min, item.title, item.title_en, item.place,
            [one.person_id for one in item.speakers], item.id,
        )
        for item in session.agenda
    ]  # fmt: skip


def _agenda(session: Session, people: Sequence[int]) -> list[Item]:
    """The agenda with exactly these people; those who spoke already stay where they are."""
    items = [
        replace(item, speakers=[one for one in item.speakers if one in people])
        for item in _items(session)
    ]
    # An item that was made for names only goes with them.
    items = [item for item in items if item.speakers or not _is_bare(item, session)]
    speaking = {one for item in items for one in item.speakers}
    missing = [one for one in people if one not in speaking]
    if missing and not items:
        items = [Item(0, session.duration_min, session.title)]
    if missing:
        items[0] = replace(items[0], speakers=[*items[0].speakers, *missing])
    return items


def _is_bare(item: Item, session: Session) -> bool:
    """Whether an item of the agenda says nothing beside who speaks."""
    return item.title == session.title and item.offset_min == 0 and not item.place
