"""The consultation of a demonstration that one can join at once: it always includes the present."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.flows import inviting, meetings, planning, scheduling
from sessions.flows.planning import SeriesPlan
from sessions.models.session import Session
from sessions.rules.lifecycle import MOVABLE
from sessions.rules.recurrence import MonthlyRule
from sessions.rules.timetable import WallTime

TZ = "Europe/Moscow"
SERVICE = "jitsi"
TITLE = "Открытая комната: вопросы ведущим программы"
TITLE_EN = "Open room: ask the hosts of the programme"
SUMMARY = (
    "Два часа без повестки: можно проверить звук и камеру, спросить о сезоне и познакомиться с "
    "соседями. Заходите в любую минуту."
)
SUMMARY_EN = (
    "Two hours without an agenda: try your sound and camera, ask about the season, meet your "
    "neighbours. Come in at any minute."
)
LENGTH_MIN = 120
GUESTS = ("m.lozhkina@school171.perm.example", "zuev@iskra.novosibirsk.example")
# One date is planned, no series: the rule is never asked.
NO_RULE = MonthlyRule(1, 0, date(2000, 1, 1), date(2000, 1, 1))
KEEP = "demo.open_room"
_HALF_HOUR = timedelta(minutes=30)


def keep(host: int, once: Callable[[Callable[[], int]], int]) -> int:
    """The room, made by `once` where there is none, and brought to the present; its id."""
    session_id = once(lambda: _new(host))
    _bring(session_id)
    return session_id


def bring_near() -> None:
    """Have the room include the present moment, where it is over."""
    session_id = db.session.scalar(
        select(Session.id).where(Session.title == TITLE).order_by(Session.id.desc()).limit(1)
    )
    if session_id is not None:
        _bring(session_id)


@jobs.handles(KEEP)
def go_on(running: jobs.Running) -> None:
    """When the two hours are over, the room opens anew, as long as the demonstration runs."""
    _bring(running.payload["session_id"])


def start_near(now: datetime) -> datetime:
    """The half hour that has just struck."""
    past = timedelta(minutes=now.minute % 30, seconds=now.second, microseconds=now.microsecond)
    return now - past


def wall(start: datetime) -> WallTime:
    """The instant as a clock of the programme shows it."""
    return WallTime(start.astimezone(ZoneInfo(TZ)).replace(tzinfo=None), TZ)


def _bring(session_id: int) -> None:
    with transaction():
        session = Session.locked(session_id)
        if session.state in MOVABLE and session.ends_at <= clock.now():
            to = wall(start_near(clock.now()))
            scheduling.move(session_id, to, session.revision, session.owner_id)
        over_at = session.ends_at
        key = f"{KEEP}:{session_id}:{over_at:%Y%m%dT%H%M}"
        jobs.enqueue(KEEP, key, {"session_id": session_id}, run_at=over_at)


def _new(host: int) -> int:
    start = wall(start_near(clock.now()))
    plan = SeriesPlan(
        title=TITLE, summary=SUMMARY, rule=NO_RULE, tz=TZ, wall_start=time(0), mode="online",
        duration_min=LENGTH_MIN, format="consultation",
    )  # fmt: skip
    session_id = planning.plan_one(plan, start.local, host, ports.get(Settings).domain)
    session = db.session.get_one(Session, session_id)
    session.title_en, session.summary_en = TITLE_EN, SUMMARY_EN
    meetings.use_service(session_id, SERVICE, host)
    inviting.invite(session_id, [("", address) for address in GUESTS], host)
    scheduling.schedule(session_id, 1, host)
    return session_id
