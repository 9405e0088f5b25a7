"""A season is carried over to the next year, and only once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.models import days_off, drafting
from sessions.models.audit import record
from sessions.models.programme import Season, Series
from sessions.models.session import AgendaItem, Session
from sessions.rules import repeating, written_rules
from sessions.rules.recurrence import Rule
from sessions.rules.repeating import Later
from sessions.rules.timetable import WallTime


@dataclass(frozen=True)
class Proposal:
    """What a session would become a year later.

    later: None where its rule gives no date; policy: what its series does with a day off;
    made_id: the session that it was made into already; is_outside: whether the date is before the
    season of that year, or after it.
    """

    source: Session
    later: Later | None
    policy: str = "ask"
    made_id: int | None = None
    is_outside: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether it is carried over unless the host says otherwise."""
        if self.later is None or self.made_id is not None or self.is_outside:
            return False
        if self.source.state == "cancelled":
            return False
        # What its rule leaves out stays out: all days off, or those it can move nowhere.
        is_left_out = self.policy == "skip" or (self.policy == "shift" and not self.later.free)
        return not (self.later.holiday and is_left_out)

    @property
    def moves(self) -> bool:
        """Whether its rule moves it off the day off."""
        return self.later is not None and bool(self.later.free) and self.policy == "shift"


@dataclass(frozen=True)
class CarriedOver:
    """The season that has the drafts now, and how many of them are new."""

    season_id: int
    sessions: int


def proposals(season_id: int, locale: str = "ru") -> list[Proposal]:
    """What every session of a season would become a year later, in order; nothing is made.

    Sessions of a series go where its rule puts them, others to the same weekday of the month by
    its number; days off are looked at.
    """
    season = db.session.get_one(Season, season_id)
    sources = _sources(season_id)
    later = _looked_at(sources, _dates(sources), locale)
    made = _made(season, sources)
    first, last = _days(season)
    rows = [
        Proposal(
            source=source,
            later=(to := later[source.id]),
            policy=source.series.holiday_policy if source.series else "ask",
            made_id=made[source.id].id if source.id in made else None,
            is_outside=to is not None and not first <= to.on <= last,
        )
        for source in sources
    ]
    return sorted(rows, key=lambda row: (row.later.on if row.later else date.max, row.source.id))


def _looked_at(
    sources: Sequence[Session], dates: Mapping[int, date | None], locale: str
) -> dict[int, Later | None]:
    """What is known of the date of each session, by its id."""
    days = [day for day in dates.values() if day is not None]
    off = days_off.between(min(days), max(days) + timedelta(days=366), locale) if days else {}
    found: dict[int, Later | None] = dict.fromkeys(dates)
    for members in _of_series(sources).values():
        series = members[0].series
        rule = _rule(series) if series is not None else None
        own = {one.id: day for one in members if (day := dates[one.id]) is not None}
        known = repeating.looked_at(
            own.values(), off, repeating.rule_later(rule) if rule is not None else None
        )
        found |= {id_: known[day] for id_, day in own.items()}
    for source in sources:
        day = dates[source.id]
        if source.series_id is None and day is not None:
            # Only days off need a way out, and with it a look at who meets at that hour.
            taken = _meeting(source, sources, dates) if day in off else ()
            found[source.id] = repeating.looked_at([day], off, taken=taken)[day]
    return found


def _meeting(
    source: Session, sources: Iterable[Session], dates: Mapping[int, date | None]
) -> set[date]:
    """The days on which others would meet at the hour of this session."""
    at, long = source.starts_at.time(), timedelta(minutes=source.duration_min)
    begins = datetime.combine(source.starts_at.date(), at)
    return {
        day
        for one in sources
        if one is not source and (day := dates[one.id]) is not None
        and begins < datetime.combine(begins, one.starts_at.time())
        + timedelta(minutes=one.duration_min)
        and datetime.combine(begins, one.starts_at.time()) < begins + long
    }  # fmt: skip


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
    copy = drafting.copy_of(
        source, WallTime(datetime.combine(on, source.wall_start.time()), source.tz),
        target.id, domain,
    )  # fmt: skip
    original = later.on if later is not None else on
    copy.holiday = later.holiday if later is not None else ""
    if source.series_id is not None:
        new = series[source.series_id]
        copy.series_id = new.id
        copy.original_wall_start = datetime.combine(original, source.original_wall_start.time())
        # Where its rule moves it by itself nobody did by hand.
        copy.is_moved = on != original and not (row.moves and later and on == later.free)
        new.left_out = [day for day in new.left_out if day != original.isoformat()]
    db.session.add(copy)
    db.session.flush()


def _sources(season_id: int, *parts: ExecutableOption) -> Sequence[Session]:
    return db.session.scalars(
        select(Session)
        .where(Session.season_id == season_id)
        .options(joinedload(Session.series), *parts)
        .order_by(Session.starts_at, Session.id)
    ).all()


def _dates(sources: Iterable[Session]) -> dict[int, date | None]:
    """The date of each session a year later, before days off are looked at."""
    sources = list(sources)
    found: dict[int, date | None] = {
        one.id: repeating.year_later(one.wall_start.date())
        for one in sources
        if one.series_id is None
    }
    for members in _of_series(sources).values():
        series = members[0].series
        days = [one.original_wall_start.date() for one in members]
        later = repeating.dates_later(_rule(series) if series else None, days)
        found |= {one.id: later[day] for one, day in zip(members, days, strict=True)}
    return found


def _of_series(sources: Iterable[Session]) -> dict[int, list[Session]]:
    """The sessions of each series, by its id; those of none are left out."""
    found: dict[int, list[Session]] = {}
    for source in sources:
        if source.series_id is not None:
            found.setdefault(source.series_id, []).append(source)
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


def _days(season: Season) -> tuple[date, date]:
    """The first and the last day of the season of the year after."""
    later = _target(season)
    if later is not None:
        return later.starts_on, later.ends_on
    return repeating.next_year(season.starts_on), repeating.next_year(season.ends_on)


def _new_season(season: Season) -> Season:
    first, last = _days(season)
    later = Season(
        name=repeating.name_later(season.name, season.starts_on),
        name_en=repeating.name_later(season.name_en, season.starts_on) if season.name_en else "",
        starts_on=first,
        ends_on=last,
        state="draft",
    )
    db.session.add(later)
    db.session.flush()
    return later
