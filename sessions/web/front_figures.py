"""The season in numbers, as the front page tells them: of a day, each with its definition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select

from archive import shelf
from archive.models import Talk
from integrations.runtime import clock
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.participation import Registration
from sessions.models.poll import Ballot
from sessions.models.programme import City, Season
from sessions.models.session import Session, SessionCity
from sessions.web import schedule, schedule_found, visible

TAKING_PLACE = ("scheduled", "live", "held")


@dataclass(frozen=True)
class Figures:
    """The numbers of a season on a day, as far as this reader may open what they count.

    cities: members of the programme; presented: those of them that presented in this season;
    held: sessions; people: who was registered for one of them, a room with its largest number of
    heads; recordings and recorded_s: all that is published, of whatever season; voted_by: "city"
    or "person", empty where the season has no ballot.
    """

    season: Season
    at: datetime
    cities: int
    presented: int
    held: int
    people: int
    recordings: int
    recorded_s: float
    voted_by: str


def of_the_season(viewer: Viewer) -> Figures | None:
    """The numbers of the season that is on; None where there is no season yet."""
    seasons = db.session.scalars(
        select(Season).where(visible.seasons(viewer)).order_by(Season.starts_on.desc())
    ).all()
    season = schedule.current(seasons)
    if season is None:
        return None
    now = clock.now()
    known = schedule_found.known_of(season.id, viewer, None)
    cities, presented, people, recordings, recorded_s, voted_by = _counted(season.id, viewer, now)
    return Figures(
        season=season,
        at=now,
        cities=cities,
        presented=presented,
        held=schedule_found.held(known, now),
        people=people or 0,
        recordings=recordings,
        recorded_s=recorded_s or 0,
        voted_by=voted_by or "",
    )


def _counted(
    season_id: int, viewer: Viewer, now: datetime
) -> Row[int, int, int | None, int, float | None, str | None]:
    begun = select(Session.id).where(
        Session.season_id == season_id,
        Session.state.in_(TAKING_PLACE),
        Session.starts_at < now,
        visible.may_open(viewer),
    )
    heads = (
        select(func.max(Registration.head_count).label("heads"))
        .where(
            Registration.session_id.in_(begun),
            Registration.state.in_(("registered", "confirmed")),
        )
        .group_by(Registration.person_id)
        .subquery()
    )
    talks = select(Talk.duration_s).where(Talk.state == "published", shelf.open_to(viewer))
    open_talks = talks.subquery()
    presented = select(func.count(SessionCity.city_id.distinct())).where(
        SessionCity.role == "presenting", SessionCity.session_id.in_(begun)
    )
    return db.session.execute(
        select(
            select(func.count(City.id)).scalar_subquery(),
            presented.scalar_subquery(),
            select(func.sum(heads.c.heads)).scalar_subquery(),
            select(func.count()).select_from(open_talks).scalar_subquery(),
            select(func.sum(open_talks.c.duration_s)).scalar_subquery(),
            select(Ballot.electorate).where(Ballot.season_id == season_id).scalar_subquery(),
        )
    ).one()
