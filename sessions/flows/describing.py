"""A host says what a session is: its words, cities, seats and agenda, saved as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused, Stale
from integrations.runtime.events import publish
from sessions.events import DraftChanged, SessionEdited
from sessions.models import speaking
from sessions.models.audit import record
from sessions.models.people import Person, PersonEmail
from sessions.models.poll import Topic
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.rules import lifecycle, quiet

CITY_ROLES = ("host", "presenting", "receiving")
_PLAIN = (
    "title", "title_en", "summary", "summary_en", "language", "format", "mode", "visibility",
    "place", "duration_min", "capacity_online", "capacity_in_person", "topic_id", "owner_id",
)  # fmt: skip
# Calendars take these for another time or place: everyone is told, whatever the host says.
_ELSEWHERE = frozenset({"duration_min", "place", "mode"})
# What a letter shows; of anything else it would say the same thing twice.
_IN_LETTERS = _ELSEWHERE | {"title", "title_en", "summary", "summary_en", "format", "presenting"}


@dataclass(frozen=True)
class Newcomer:
    """Someone who is to speak and whom we do not know yet; found by the address where we do."""

    family: str = ""
    given: str = ""
    patronymic: str = ""
    post: str = ""
    organisation: str = ""
    city_id: int | None = None
    email: str = ""


@dataclass(frozen=True)
class Item:
    """One line of an agenda. id: the item it replaces, None for a new one; speakers in order."""

    offset_min: int
    duration_min: int
    title: str
    title_en: str = ""
    place: str = ""
    speakers: Sequence[int | Newcomer] = ()
    id: int | None = None


@dataclass(frozen=True)
class Description:
    """Everything a host says of a session but its date. Cities by id, in order."""

    title: str
    title_en: str
    summary: str
    summary_en: str
    language: str
    format: str
    mode: str
    visibility: str
    place: str
    duration_min: int
    capacity_online: int | None = None
    capacity_in_person: int | None = None
    topic_id: int | None = None
    owner_id: int | None = None
    host: Sequence[int] = ()
    presenting: Sequence[int] = ()
    receiving: Sequence[int] = ()
    agenda: Sequence[Item] = field(default=())


def describe(
    session_id: int, now: Description, seen_revision: int, by: int | None, *, tell: bool = True
) -> None:
    """Save what a session is. Raises Stale, or Refused("topic.other_season").

    tell: whether those invited get a letter; a change of length, place or mode is always told, and
    one that no letter shows (agenda, seats, who may open it) never. Nothing happens where nothing
    is different.
    """
    with transaction():
        session = Session.locked(session_id)
        if seen_revision != session.revision:
            raise Stale({"title": session.title, "revision": session.revision})
        _check_topic(session, now.topic_id)
        speaking.remember(session)
        was: dict[str, object] = {**_set_words(session, now), **_set_cities(session, now)}
        was |= _set_agenda(session, now.agenda)
        if not was:
            return
        db.session.flush()
        is_in_calendars = session.state in lifecycle.JOINABLE
        is_elsewhere = not was.keys().isdisjoint(_ELSEWHERE)
        if was.keys().isdisjoint(_IN_LETTERS):
            session.revision += 1  # for the next host; calendars have nothing to correct
        else:
            session.revise(sequence=is_elsewhere and is_in_calendars)
        record(by, "session.edited", f"session:{session.id}", was=was)
        if session.state != "draft":
            matters = is_elsewhere or (tell and not was.keys().isdisjoint(_IN_LETTERS))
            urgent = is_elsewhere and quiet.is_urgent(clock.now(), session.starts_at)
            publish(SessionEdited(session.id, by, is_in_calendars and matters, urgent))
        else:
            publish(DraftChanged(session.id, by))


def _check_topic(session: Session, topic_id: int | None) -> None:
    if topic_id is not None and topic_id != session.topic_id:
        topic = db.session.get(Topic, topic_id)
        if topic is None or topic.season_id != session.season_id:
            raise Refused("topic.other_season")


def _set_words(session: Session, now: Description) -> dict[str, object]:
    """Write the plain values; those that were replaced, by name."""
    was = {name: getattr(session, name) for name in _PLAIN}
    for name in _PLAIN:
        setattr(session, name, getattr(now, name))
    return {name: value for name, value in was.items() if value != getattr(now, name)}


def _set_cities(session: Session, now: Description) -> dict[str, object]:
    """Keep the rows of cities that stay: their ids may be referred to."""
    was: dict[str, object] = {}
    known = {(part.role, part.city_id): part for part in session.cities}
    kept: list[SessionCity] = [part for part in session.cities if part.role not in CITY_ROLES]
    for role in CITY_ROLES:
        before = [part for part in session.cities if part.role == role]
        wanted = dict.fromkeys(getattr(now, role))
        if {part.city_id for part in before} != set(wanted):
            was[role] = [part.city.name for part in before]
        kept += [known.get((role, id_)) or SessionCity(city_id=id_, role=role) for id_ in wanted]
    if was:
        session.cities = kept
    return was


def _set_agenda(session: Session, lines: Iterable[Item]) -> dict[str, object]:
    """Make the agenda these lines; what it was, where anything of it is different."""
    before = {item.id: item for item in session.agenda}
    titles = [item.title for item in session.agenda]
    names = list(dict.fromkeys(s.person.name for item in session.agenda for s in item.speakers))
    agenda: list[AgendaItem] = []
    gone: list[Speaker] = []
    is_other = other_people = False
    for line in lines:
        item = before.pop(line.id, None) if line.id is not None else None
        is_other |= item is None
        item = item or AgendaItem()
        is_other |= _set_line(item, line)
        other_people |= _set_speakers(item, line, gone)
        agenda.append(item)
    for item in before.values():
        is_other, other_people = True, other_people or bool(item.speakers)
        gone += item.speakers
    if is_other or other_people:
        _replace(session, agenda, gone)
    was: dict[str, object] = {"agenda": titles} if is_other else {}
    return {**was, "speakers": names} if other_people else was


def _replace(session: Session, agenda: list[AgendaItem], gone: Iterable[Speaker]) -> None:
    """Put the new agenda in place; the links of those who speak no more lead nowhere.

    One letter asks a person for all their items: while one of these stays, its link stays good.
    """
    asked = [(one.person_id, one.token, one.letter) for one in gone if one.token]
    for speaker in gone:
        speaker.token = None
    session.agenda = agenda
    db.session.flush()
    speaking = {one.person_id: one for item in agenda for one in item.speakers}
    for person_id, token, letter in asked:
        heir = speaking.get(person_id)
        if heir is not None and heir.token is None:
            heir.token, heir.letter = token, letter
        elif letter is not None and letter.state == "owed":
            letter.state = "superseded"


def _set_line(item: AgendaItem, line: Item) -> bool:
    """Write the words of one line; whether any of them is different."""
    names = ("offset_min", "duration_min", "title", "title_en", "place")
    is_other = any(getattr(item, name) != getattr(line, name) for name in names)
    for name in names:
        setattr(item, name, getattr(line, name))
    return is_other


def _set_speakers(item: AgendaItem, line: Item, gone: list[Speaker]) -> bool:
    """Have these people speak, in this order; whether they are others or stand elsewhere.

    gone: takes those who do not speak in this item any more.
    """
    before = {speaker.person_id: speaker for speaker in item.speakers}
    people = [one if isinstance(one, int) else _person(one).id for one in line.speakers]
    wanted = list(dict.fromkeys(people))
    if wanted == list(before):
        return False
    gone += [speaker for person_id, speaker in before.items() if person_id not in wanted]
    item.speakers = [before.get(id_) or Speaker(person_id=id_) for id_ in wanted]
    for position, speaker in enumerate(item.speakers):
        speaker.position = position
    return True


def _person(new: Newcomer) -> Person:
    """The person at the address, or a new one; in the caller's transaction."""
    address = new.email.strip().lower()
    known = _known_at(address)
    if known is not None:
        return known
    person = Person(
        family=new.family, given=new.given, patronymic=new.patronymic, post=new.post,
        organisation=new.organisation, city_id=new.city_id,
        emails=[PersonEmail(address=address)] if address else [],
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(person)
    except IntegrityError:
        # Another transaction wrote the same address since we looked; theirs is the person.
        known = _known_at(address)
        if known is None:
            raise
        return known
    return person


def _known_at(address: str) -> Person | None:
    if not address:
        return None
    return db.session.scalars(
        select(Person).join(PersonEmail).where(PersonEmail.address == address)
    ).first()
