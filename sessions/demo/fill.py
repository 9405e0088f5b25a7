"""The demo season put into a database, as people would do it; what is there already is left alone.

Every piece is made in one transaction, together with its mark in the audit log: broken off anywhere
and begun again, nothing is doubled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO, cast

from sqlalchemy import select

from archive import entries
from archive.models import Chapter, MediaFile, Slide
from integrations.runtime import clock, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.demo import accounts, open_room, sample_talk, sources
from sessions.demo.sources import Gathering
from sessions.flows import admitting, handing_over, inviting, meetings, planning, scheduling
from sessions.models.audit import AuditLog, record
from sessions.models.people import Person
from sessions.models.programme import City, Season
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.rules.lifecycle import MOVABLE
from sessions.rules.timetable import WallTime, at
from sessions.web import signing_in

MADE = "demo.made"
ROOM = "session:open-room"
INVITED_BEFORE = timedelta(days=14)
HANDED_OVER_AFTER = timedelta(days=1)
SERVICE = "jitsi"


class Filling:
    """One run over the sources; `cities` and `people` give the ids of their keys."""

    def __init__(self) -> None:
        self.source = sources.read_season()
        self.today = clock.now().date()
        self.cities: dict[str, int] = {}
        self.people: dict[str, int] = {}

    def run(self) -> None:
        """Make what is missing; the work that follows from it is owed, not done."""
        _once("season", self._season)
        for city in self.source.cities:
            self.cities[city.key] = _once(f"city:{city.key}", partial(self._city, city))
        for person in self.source.people:
            self.people[person.key] = _once(f"person:{person.key}", partial(self._person, person))
        for email, password in (accounts.HOST, accounts.GUEST):
            _once(f"account:{email}", partial(_account, email, password))
        _once(f"session:{self.source.past.key}", self._held)
        for gathering in self.source.coming:
            _once(f"session:{gathering.key}", partial(self._coming, gathering))
        self._open_room()

    def _season(self) -> int:
        source = self.source.season
        season = Season(
            name=source.named(source.name, self.today),
            name_en=source.named(source.name_en, self.today),
            starts_on=self.today + timedelta(days=source.starts_days),
            ends_on=self.today + timedelta(days=source.ends_days),
            state="running",
        )
        return _kept(season)

    def _city(self, source: sources.City) -> int:
        city = City(
            name=source.name,
            name_en=source.name_en,
            dative=source.name_dative,
            region=source.region,
            tz=source.tz,
            lat=source.lat,
            lon=source.lon,
            population=source.population,
        )
        return _kept(city)

    def _person(self, source: sources.Person) -> int:
        person = inviting.person_at(source.email)
        person.family, person.given, person.patronymic = (
            source.family,
            source.given,
            source.patronymic,
        )
        person.post, person.organisation = source.post, source.organisation
        person.city_id = self.cities[source.city]
        if source.role in ("host", "editor", "member"):
            admitting.grant(person, source.role, "*")
        elif source.role == "coordinator":
            admitting.grant(person, source.role, f"city:{person.city_id}")
        return _kept(person)

    def _coming(self, source: Gathering) -> int:
        session_id = self._planned(source, with_room=source.mode != "in_person")
        scheduling.schedule(session_id, 1, self.people[source.owner])
        return session_id

    def _held(self) -> int:
        """The session behind us, told in its order: invited, held, its recording handed over."""
        source = self.source.past
        started = self._wall(source).instant()
        with clock.standing_at(started - INVITED_BEFORE):
            session_id = self._coming(source)
        with clock.standing_at(started + HANDED_OVER_AFTER), ExitStack() as opened:
            files = [
                (cast(BinaryIO, opened.enter_context(sample_talk.talk_file(name).open("rb"))), name)
                for name in (sample_talk.FILM, sample_talk.DECK_PDF, sample_talk.TRANSCRIPT)
            ]
            handing_over.hand_over(session_id, files, self.people[source.owner])
        return session_id

    def _planned(self, source: Gathering, *, with_room: bool) -> int:
        """A draft with its cities, agenda, room and guests."""
        owner, wall = self.people[source.owner], self._wall(source)
        plan = planning.SeriesPlan(
            title=source.title,
            rule=open_room.NO_RULE,
            tz=wall.tz,
            wall_start=wall.local.time(),
            duration_min=source.length_min,
            format=source.format,
            mode=source.mode,
            summary=source.summary,
            presenting=[self.cities[key] for key in source.presenting],
        )
        session_id = planning.plan_one(plan, wall.local, owner, ports.get(Settings).domain)
        session = db.session.get_one(Session, session_id)
        session.title_en, session.place = source.title_en, source.place
        session.cities += [
            SessionCity(city_id=self.cities[key], role="receiving") for key in source.receiving
        ]
        session.agenda = [
            AgendaItem(
                offset_min=item.after_min,
                duration_min=item.length_min,
                title=item.title,
                speakers=[Speaker(person_id=self.people[key]) for key in item.speakers],
            )
            for item in source.agenda
        ]
        host = db.session.get_one(Person, owner)
        admitting.grant(host, "session_host", f"session:{session_id}")
        db.session.flush()
        if with_room:
            meetings.use_service(session_id, SERVICE, owner)
        self._invite(session_id, {*source.presenting, *source.receiving}, owner)
        return session_id

    def _wall(self, source: Gathering) -> WallTime:
        tz = next(city.tz for city in self.source.cities if city.key == source.when.clock)
        return at(source.when.held_on(self.today), source.when.start, tz)

    def _invite(self, session_id: int, cities: Collection[str], by: int) -> None:
        """Everyone from these cities, but for the one who invites."""
        guests = [
            ("", person.email)
            for person in self.source.people
            if person.city in cities and self.people[person.key] != by
        ]
        inviting.invite(session_id, guests, by)

    def _open_room(self) -> None:
        """A session one can join now; moved to the present when the demo is started again."""
        host = self.people[accounts.HOST_KEY]
        start = open_room.start_near(clock.now())
        session_id = _once(ROOM, partial(self._new_room, start, host))
        with transaction():
            session = Session.locked(session_id)
            if session.state in MOVABLE and session.ends_at <= clock.now():
                scheduling.move(session_id, open_room.wall(start), session.revision, host)

    def _new_room(self, start: datetime, host: int) -> int:
        session_id = planning.plan_one(
            open_room.plan(), open_room.wall(start).local, host, ports.get(Settings).domain
        )
        db.session.get_one(Session, session_id).title_en = open_room.TITLE_EN
        meetings.use_service(session_id, SERVICE, host)
        self._invite(session_id, {"perm", "novosibirsk"}, host)
        scheduling.schedule(session_id, 1, host)
        return session_id


def fill() -> None:
    """The demo season in the database; its recording is owed to the reader."""
    Filling().run()


def mark_recording() -> None:
    """Give the recording that was read its chapters, and its slides the seconds they were shown."""
    source = sources.read_season().past
    session_id = _made(f"session:{source.key}")
    if session_id is not None:
        _once("recording", partial(_marked, session_id))


def _marked(session_id: int) -> int:
    talk = handing_over.talk_of(session_id)
    if talk is None:
        raise LookupError("the recording was removed")
    timeline = sample_talk.read_timeline()
    talk.chapters = [Chapter(start_s=one.start_s, title=one.title) for one in timeline.chapters]
    shown = {one.page: one for one in reversed(timeline.showings)}  # a page's first showing counts
    slides = (
        select(Slide)
        .join(MediaFile, MediaFile.id == Slide.file_id)
        .where(Slide.talk_id == talk.id, MediaFile.original_name == sample_talk.DECK_PDF)
    )
    for slide in db.session.scalars(slides):
        if slide.page in shown:
            slide.from_s, slide.to_s = shown[slide.page].from_s, shown[slide.page].to_s
    db.session.flush()
    entries.renew_talk(talk)
    return talk.id


def _account(email: str, password: str) -> int:
    person = inviting.person_at(email)
    role = person.grants[0].role if person.grants else "member"
    account_id, _ = admitting.admit(email, role=role, password_hash=signing_in.hashed(password))
    return account_id


def _once(mark: str, make: Callable[[], int]) -> int:
    """The id of what `make` made, now or in an earlier run."""
    with transaction():
        made = _made(mark)
        if made is None:
            made = make()
            record(None, MADE, f"demo:{mark}", id=made)
        return made


def _made(mark: str) -> int | None:
    details = db.session.scalars(
        select(AuditLog.details).where(AuditLog.subject == f"demo:{mark}", AuditLog.action == MADE)
    ).first()
    return int(details["id"]) if details else None


def _kept(row: Season | City | Person) -> int:
    db.session.add(row)
    db.session.flush()
    return row.id
