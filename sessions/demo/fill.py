"""The demo's seasons put into a database, as people would do it; what is there is left alone.

Every piece is made in one transaction, together with its mark in the audit log: broken off anywhere
and begun again, nothing is doubled.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from sessions.demo import (
    accounts,
    casting,
    crowd,
    fill_archive,
    fill_people,
    fill_series,
    fill_sessions,
    fill_topics,
    open_room,
    repertoire,
    sources,
    talk_files,
    talk_text,
    timetabling,
)
from sessions.demo import year as dates
from sessions.demo.city_table import read_cities
from sessions.demo.fill_sessions import Made
from sessions.demo.timetabling import Slot
from sessions.flows import versioning
from sessions.flows.planning import days_off
from sessions.models.audit import AuditLog, record
from sessions.models.programme import City, Season

MADE = "demo.made"
BEGUN, FILLED, ROOM = "begun", "filled", "session:open-room"
CHUNK = 40
ANNOUNCED_BEFORE = timedelta(days=12)

Told = Callable[[int, int], None]


class Filling:
    """One run over the sources, as of the moment at which the first run began."""

    def __init__(self, tell: Told) -> None:
        self.tell = tell
        begun = self._begun()
        self.now = datetime.fromisoformat(begun["at"])
        self.namespace = uuid.UUID(begun["namespace"])
        self.told = sources.read_season()
        self.cities = read_cities()
        self.repertoire = repertoire.read_repertoire()
        self.talks = {talk.slug: talk for talk in talk_text.read_talks()}
        self.people = crowd.everyone(self.told.people, self.talks.values(), self.cities)
        self.slots = self._slots()

    def run(self) -> None:
        """Make what is missing; the work that follows from it is owed, not done."""
        once("seasons", self._seasons)
        once("cities", self._cities)
        city_ids = {row.name: row.id for row in db.session.scalars(select(City))}
        by_key = {city.key: city_ids[city.name] for city in self.cities}
        once("people", partial(fill_people.put, self.people, by_key))
        for email, password in (accounts.HOST, accounts.GUEST):
            once(f"account:{email}", partial(fill_people.account, email, password))
        season_ids = {row.starts_on.year: row.id for row in db.session.scalars(select(Season))}
        for year in sorted({slot.year for slot in self.slots}):
            once(f"topics:{year}", partial(self._topics, year, season_ids[year], by_key))
            once(f"series:{year}", partial(fill_series.put, year, season_ids[year]))
        made = Made(
            cities=by_key,
            people=fill_people.ids(self.people),
            seasons=season_ids,
            series=fill_series.ids(season_ids),
            topics=fill_topics.ids(season_ids, self.repertoire),
            namespace=self.namespace,
            crowd=self.people,
            now=self.now,
        )
        self._sessions(made)
        open_room.keep(made.people[accounts.HOST_KEY], partial(once, ROOM))

    def _begun(self) -> dict[str, str]:
        """When the first run began, and what the UIDs of its sessions are made of."""
        with transaction():
            known = _details(BEGUN)
            if known is None:
                known = {"at": clock.now().isoformat(), "namespace": str(uuid.uuid4())}
                record(None, MADE, f"demo:{BEGUN}", id=0, **known)
            return known

    def _slots(self) -> list[Slot]:
        year = dates.season_year(self.now.date())
        off = days_off(date(year - 1, 9, 1), date(year + 2, 8, 31))
        seasons = timetabling.Seasons(self.cities, self.repertoire, off)
        timelines = {slug: talk_files.timeline_of(talk) for slug, talk in self.talks.items()}
        contents = casting.contents_of(self.talks.values(), timelines, self.repertoire)
        return casting.cast(seasons, self.now, self.talks, contents, self.told)

    def _seasons(self) -> int:
        today = self.now.astimezone(ZoneInfo(timetabling.HOME)).date()
        for year in sorted({slot.year for slot in self.slots}):
            starts_on, ends_on = dates.bounds(year)
            name = f"{year}/{(year + 1) % 100:02}"
            state = "closed" if ends_on < today else "planned" if starts_on > today else "running"
            motto = self.told.mottos["last" if state == "closed" else "current"]
            db.session.add(
                Season(name=name, name_en=name, starts_on=starts_on, ends_on=ends_on, state=state,
                       motto=motto.motto, motto_en=motto.motto_en)
            )  # fmt: skip
        return 0

    def _cities(self) -> int:
        db.session.add_all(
            City(
                name=city.name, name_en=city.name_en, dative=city.dative, region=city.region,
                region_en=city.region_en, tz=city.tz, lat=city.lat, lon=city.lon,
                population=city.population, joined_on=city.joined_on,
            )
            for city in self.cities
        )  # fmt: skip
        return 0

    def _topics(self, year: int, season_id: int, city_ids: dict[str, int]) -> int:
        this = dates.season_year(self.now.date())
        which = "last" if year < this else "current"
        names = {city.name: city_ids[city.key] for city in self.cities}
        closes_at = min(datetime(year, 9, 5, 15, tzinfo=UTC), self.now - timedelta(hours=1))
        return fill_topics.put(self.repertoire, which, season_id, names, closes_at)

    def _sessions(self, made: Made) -> None:
        parts = [self.slots[start : start + CHUNK] for start in range(0, len(self.slots), CHUNK)]
        recorded = [slot for slot in self.slots if slot.talk]
        steps = len(parts) + len(recorded)
        for done, part in enumerate(parts):
            self.tell(done, steps)
            once(f"sessions:{part[0].key}", partial(_all, part, partial(fill_sessions.put, made)))
        for year, season_id in made.seasons.items():
            once(f"announced:{year}", partial(_versions, season_id, made, self.slots))
        for done, slot in enumerate(recorded, start=len(parts)):
            self.tell(done, steps)
            once(f"talk:{slot.talk}", partial(fill_archive.hand_over, made, slot, self.talks))


def _all(part: Sequence[Slot], put: Callable[[Slot], None]) -> int:
    for slot in part:
        put(slot)
    return 0


def _versions(season_id: int, made: Made, slots: Sequence[Slot]) -> int:
    """The plan as it was announced, and again with what was called off and postponed since."""
    with clock.standing_at(made.now - ANNOUNCED_BEFORE):
        versioning.write(season_id)
    for slot in slots:
        if made.seasons[slot.year] == season_id:
            fill_sessions.change(made, slot)
    versioning.write(season_id)
    return season_id


def fill(tell: Told = lambda _done, _of: None) -> None:
    """The demo's seasons in the database; the recordings are owed to the reader.

    tell: is told how many of how many steps are done. Whoever calls again only has the open room
    brought to the present.
    """
    if _details(FILLED) is None:
        Filling(tell).run()
        once(FILLED, lambda: 0)
    else:
        open_room.bring_near()


def mark_recordings() -> None:
    """Give the recordings that were read their chapters, and slides the seconds they were shown."""
    for talk in talk_text.read_talks():
        once(f"marked:{talk.slug}", partial(fill_archive.mark, talk))
    once(f"marked:{casting.FILMED}", fill_archive.mark_sample)


def once(mark: str, make: Callable[[], int]) -> int:
    """The id of what `make` made, now or in an earlier run."""
    with transaction():
        known = _details(mark)
        if known is not None:
            return int(known["id"])
        made = make()
        record(None, MADE, f"demo:{mark}", id=made)
        return made


def _details(mark: str) -> dict[str, str] | None:
    return db.session.scalars(
        select(AuditLog.details).where(AuditLog.subject == f"demo:{mark}", AuditLog.action == MADE)
    ).first()
