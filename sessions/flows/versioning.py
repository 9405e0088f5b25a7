"""The announced plan of a season is kept, version by version, with what was new in each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, not_, select
from sqlalchemy.orm import selectinload

from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.models.programme import Season, SeasonVersion
from sessions.models.session import Session
from sessions.rules import quiet, versions

VERSION = "season.version"
# Where somebody goes on changing the plan, the public hears of it all the same.
LONGEST = timedelta(hours=1)


def owe(session_id: int) -> None:
    """Owe a version of the session's season for when it is quiet; caller's transaction."""
    season_id = db.session.get_one(Session, session_id).season_id
    _owe(season_id, quiet.over_at(clock.now(), _quiet()))
    # One that waits already keeps its instant: so long after the first change, not the last.
    late = {"season_id": season_id, "late": True}
    jobs.enqueue(VERSION, f"{VERSION}:{season_id}:late", late, run_at=clock.now() + LONGEST)


@jobs.handles(VERSION)
def write_when_quiet(running: jobs.Running) -> None:
    """Write the version, unless the plan changed meanwhile: then look again when that is quiet.

    An hour after the first change it is written in any case.
    """
    season_id = running.payload["season_id"]
    with transaction():
        season = db.session.get(Season, season_id, with_for_update=True)
        if season is None:
            return
        over_at = _quiet_at(season_id)
        is_late = bool(running.payload.get("late"))
        if over_at is not None and over_at > clock.now() and not is_late:
            _owe(season_id, over_at)
        else:
            write(season_id)


def write(season_id: int) -> SeasonVersion | None:
    """Keep the public plan of a season as its next version, at once; None where nothing is new.

    The first has no list of changes: all of it is new.
    """
    with transaction():
        db.session.get_one(Season, season_id, with_for_update=True, populate_existing=True)
        last = db.session.scalars(
            select(SeasonVersion)
            .where(SeasonVersion.season_id == season_id)
            .order_by(SeasonVersion.number.desc())
            .limit(1)
        ).first()
        plan = public_plan(season_id)
        changes = versions.differences(last.snapshot, plan) if last else []
        if not changes and (last or not plan):
            return None
        version = SeasonVersion(
            season_id=season_id, number=last.number + 1 if last else 1, announced_at=clock.now(),
            snapshot=plan, changes=changes,
        )  # fmt: skip
        db.session.add(version)
        db.session.flush()
        return version


def public_plan(season_id: int) -> dict[str, dict[str, Any]]:
    """The season as everybody may see it: announced, public sessions by their id as text."""
    found = db.session.scalars(
        select(Session)
        .where(Session.season_id == season_id, Session.visibility == "public", _announced())
        .options(selectinload(Session.cities))
        .order_by(Session.id)
    ).all()
    return {str(session.id): _shown(session) for session in found}


def _shown(session: Session) -> dict[str, Any]:
    return {
        "title": session.title,
        "title_en": session.title_en,
        "starts_at": session.starts_at.isoformat(),
        "tz": session.tz,
        "duration_min": session.duration_min,
        "format": session.format,
        "mode": session.mode,
        "place": session.place,
        "state": versions.public_state(session.state),
        "cities": sorted(part.city_id for part in session.cities if part.role == "presenting"),
    }


def _announced() -> Any:
    never = and_(Session.state == "cancelled", Session.announced_revision == 0)
    return and_(Session.state != "draft", not_(never))


def _quiet() -> timedelta:
    return timedelta(minutes=int(ports.get(Settings).quiet_minutes))


def _quiet_at(season_id: int) -> datetime | None:
    """When the season's last change will have been quiet for long enough."""
    latest = db.session.scalar(
        select(func.max(Session.revised_at)).where(Session.season_id == season_id, _announced())
    )
    # Stamps run a second ahead for every edit within a second: they are no time to wait for.
    return quiet.over_at(min(latest, clock.now()), _quiet()) if latest else None


def _owe(season_id: int, at: datetime) -> None:
    # Changes of the same minute share one look.
    key = f"{VERSION}:{season_id}:{at:%Y%m%dT%H%M}"
    jobs.enqueue(VERSION, key, {"season_id": season_id}, run_at=at)
