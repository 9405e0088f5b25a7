"""A session is held once more; a season is carried over to the next year, and only once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.models import days_off
from sessions.models.audit import record
from sessions.models.programme import Season, Series
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.rules import repeating, written_rules
from sessions.rules.recurrence import Rule
from sessions.rules.repeating import Later
from sessions.rules.timetable import WallTime

_COPIED = (
    "title", "title_en", "summary", "summary_en", "language", "format", "mode", "visibility",
    "place", "capacity_online", "capacity_in_person", "owner_id", "duration_min",
)  # fmt: skip
_ITEM = ("offset_min", "duration_min", "title", "title_en", "place")


@dataclass(frozen=True)
class Proposal:
    """What a session would become a year later.

    later: None where its rule gives no date; policy: what its series does with a day off;
    made_id: the session that it was made into already.
    """

    source: Session
    later: Later | None
    policy: str = "ask"
    made_id: int | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether it is carried over unless the host says otherwise."""
        if self.later is None or self.made_id is not None or self.source.state == "cancelled":
            return False
        return not (self.later.holiday and self.policy == "skip")

    @property
    def moves(self) -> bool:
        """Whether its rule moves it off the day off."""
        return self.later is not None and bool(self.later.free) and self.policy == "shift"


@dataclass(frozen=True)
class CarriedOver:
    """The season that has the drafts now, and how many of them are new."""

    season_id: int
    sessions: int


def repeat(session_id: int, at: WallTime, by: int | None, domain: str) -> int:
    """A draft of the same session at another time, outside any series; its id.

    It has everything but registrations, recordings, the room, and what speakers answered.
    """
    with transaction():
        source = db.session.get_one(Session, session_id)
        copy = _copy(source, at, source.season_id, domain)
        copy.season_id = _season_at(at.local.date(), source.season_id)
        copy.topic_id = source.topic_id if copy.season_id == source.season_id else None
        copy.holiday = days_off.between(at.local.date(), at.local.date()).get(at.local.date(), "")
        db.session.add(copy)
        db.session.flush()
        record(by, "session.copied", f"session:{copy.id}", source=source.id, title=source.title)
        return copy.id


def proposals(season_id: int, locale: str = "ru") -> list[Proposal]:
    """What every session of a season would become a year later, in order; nothing is made.

    Sessions of a series go where its rule puts them, others to the same weekday of the month by
    its number; days off are looked at.
    """
    season = db.session.get_one(Season, season_id)
    sources = _sources(season_id)
    dates = _dates(sources)
    found = [day for day in dates.values() if day is not None]
    off = {}
    if found:
        off = days_off.between(min(found), max(found) + timedelta(days=366), locale)
    made = _made(season, sources)
    rows = [
        Proposal(
            source=source,
            later=repeating.looked_at(on, off) if (on := dates[source.id]) is not None else None,
            policy=source.series.holiday_policy if source.series else "ask",
            made_id=made[source.id].id if source.id in made else None,
        )
        for source in sources
    ]
    return sorted(rows, key=lambda row: (row.later.on if row.later else date.max, row.source.id))


def carry_over(
    season_id: int, chosen: Mapping[int, date], by: int | None, domain: str
) -> CarriedOver:
    """Make drafts a year later of these sessions (by id, with their dates), series anew.

    Whatever was carried over before is left as it is. Raises Refused("copy.nothing").
    """
    with transaction():
        season = db.session.get_one(Season, season_id, with_for_update={"of": Season})
        rows = {row.source.id: row for row in proposals(season_id)}
        wanted = {
            id_: on for id_, on in chosen.items() if id_ in rows and rows[id_].made_id is None
        }
        if not chosen:
            raise Refused("copy.nothing")
        agendas = selectinload(Session.agenda).selectinload(AgendaItem.speakers)
        _sources(season_id, selectinload(Session.cities), agendas)
        target = _target(season) or _new_season(season)
        series = _series(season, target, rows.values(), wanted)
        for id_, on in wanted.items():
            _carry(rows[id_], on, target, series, domain)
        if wanted:
            record(
                by, "season.carried_over", f"season:{target.id}",
                source=season.id, sessions=len(wanted),
            )  # fmt: skip
        return CarriedOver(target.id, len(wanted))


def _carry(
    row: Proposal, on: date, target: Season, series: Mapping[int, Series], domain: str
) -> None:
    source, later = row.source, row.later
    copy = _copy(
        source, WallTime(datetime.combine(on, source.wall_start.time()), source.tz),
        target.id, domain,
    )  # fmt: skip
    original = later.on if later is not None else on
    copy.holiday = later.holiday if later is not None else ""
    if source.series_id is not None:
        new = series[source.series_id]
        copy.series_id = new.id
        copy.original_wall_start = datetime.combine(original, source.original_wall_start.time())
        copy.is_moved = on != original
        new.left_out = [day for day in new.left_out if day != original.isoformat()]
    db.session.add(copy)
    db.session.flush()


def _copy(source: Session, at: WallTime, season_id: int, domain: str) -> Session:
    """A draft with what the source says of itself; nobody is asked to speak yet."""
    copy = Session(
        **{name: getattr(source, name) for name in _COPIED},
        season_id=season_id,
        copied_from_id=source.id,
        original_wall_start=at.local,
        uid=f"{uuid.uuid4()}@{domain}",
        revised_at=clock.now().replace(microsecond=0),
    )
    copy.place_at(at)
    copy.cities = [SessionCity(city_id=part.city_id, role=part.role) for part in source.cities]
    copy.agenda = [
        AgendaItem(
            **{name: getattr(item, name) for name in _ITEM},
            speakers=[
                Speaker(person_id=one.person_id, role=one.role, position=one.position)
                for one in item.speakers
            ],
        )
        for item in source.agenda
    ]
    return copy


def _sources(season_id: int, *parts: ExecutableOption) -> Sequence[Session]:
    return db.session.scalars(
        select(Session)
        .where(Session.season_id == season_id)
        .options(joinedload(Session.series), *parts)
        .order_by(Session.starts_at, Session.id)
    ).all()


def _dates(sources: Iterable[Session]) -> dict[int, date | None]:
    """The date of each session a year later, before days off are looked at."""
    of_series: dict[int, list[Session]] = {}
    found: dict[int, date | None] = {}
    for source in sources:
        if source.series is None:
            found[source.id] = repeating.year_later(source.wall_start.date())
        else:
            of_series.setdefault(source.series.id, []).append(source)
    for members in of_series.values():
        series = members[0].series
        assert series is not None
        rule, days = _rule(series), [one.original_wall_start.date() for one in members]
        later = (
            repeating.dates_later(rule, days)
            if rule is not None
            else {day: repeating.year_later(day) for day in days}
        )
        found |= {one.id: later[one.original_wall_start.date()] for one in members}
    return found


def _rule(series: Series) -> Rule | None:
    """The rule of a series; None for one whose dates are written down nowhere."""
    return written_rules.from_json(series.rule) if series.rule else None


def _made(season: Season, sources: Sequence[Session]) -> dict[int, Session]:
    """What was carried over already, by the id of its source."""
    target = _target(season)
    if target is None:
        return {}
    rows = db.session.scalars(
        select(Session).where(
            Session.season_id == target.id, Session.copied_from_id.in_([s.id for s in sources])
        )
    )
    return {row.copied_from_id or 0: row for row in rows}


def _series(
    season: Season, target: Season, rows: Iterable[Proposal], wanted: Mapping[int, date]
) -> dict[int, Series]:
    """The series that the wanted sessions go to, by the id of the series they come from."""
    rows = list(rows)
    made = _made(season, [row.source for row in rows])
    found: dict[int, Series] = {}
    for row in rows:
        old, copy = row.source.series, made.get(row.source.id)
        if old is not None and copy is not None and copy.series_id is not None:
            found[old.id] = db.session.get_one(Series, copy.series_id)
    for row in rows:
        old = row.source.series
        if old is not None and old.id not in found and row.source.id in wanted:
            found[old.id] = _series_later(old, target)
    for row in rows:
        old, later = row.source.series, row.later
        if old is None or later is None or row.source.id in wanted or row.source.id in made:
            continue
        day = later.on.isoformat()
        if old.id in found and day not in found[old.id].left_out:
            found[old.id].left_out = [*found[old.id].left_out, day]
    return found


def _series_later(old: Series, target: Season) -> Series:
    rule = _rule(old)
    series = Series(
        season_id=target.id, title=old.title, tz=old.tz,
        rule=written_rules.to_json(repeating.rule_later(rule)) if rule else {},
        wall_start=old.wall_start, duration_min=old.duration_min,
        holiday_policy=old.holiday_policy, template=dict(old.template), left_out=[],
        is_visit=old.is_visit,
    )  # fmt: skip
    db.session.add(series)
    db.session.flush()
    return series


def _target(season: Season) -> Season | None:
    """The season of the year after: the one in which the middle of this one lies a year later."""
    middle = repeating.next_year(season.starts_on + (season.ends_on - season.starts_on) / 2)
    return db.session.scalars(
        select(Season)
        .where(Season.starts_on <= middle, Season.ends_on >= middle, Season.id != season.id)
        .order_by(Season.id)
    ).first()


def _new_season(season: Season) -> Season:
    later = Season(
        name=repeating.name_later(season.name, season.starts_on),
        name_en=repeating.name_later(season.name_en, season.starts_on) if season.name_en else "",
        starts_on=repeating.next_year(season.starts_on),
        ends_on=repeating.next_year(season.ends_on),
        state="draft",
    )
    db.session.add(later)
    db.session.flush()
    return later


def _season_at(on: date, otherwise: int) -> int:
    """The season that contains a date; where there is none, the one the session is from."""
    found = db.session.scalars(
        select(Season.id).where(Season.starts_on <= on, Season.ends_on >= on).order_by(Season.id)
    ).first()
    return found or otherwise
