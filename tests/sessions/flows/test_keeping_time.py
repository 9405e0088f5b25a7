"""Sessions begin and end by the clock; calendars see nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.runtime.database import db, transaction
from sessions.flows import keeping_time, scheduling
from sessions.models.audit import AuditLog
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import FRIDAY_10_MOSCOW, a_session

BEGIN = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)  # it lasts 90 minutes
OVER = BEGIN + timedelta(minutes=150)


def now(session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def states(session, clock, work_off, *instants: datetime) -> list[str]:
    found = []
    for at in instants:
        clock.move_to(at)
        work_off()
        found.append(now(session).state)
    return found


def test_session_is_live_at_its_start_and_held_an_hour_after_its_end(clock, work_off):
    session = a_session()
    second = timedelta(seconds=1)

    found = states(session, clock, work_off, BEGIN - second, BEGIN, OVER - second, OVER)

    assert found == ["scheduled", "live", "live", "held"]


def test_moved_session_keeps_its_new_hours_only(clock, work_off):
    session = a_session()
    scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
    day = timedelta(days=1)

    found = states(session, clock, work_off, OVER, BEGIN + day, OVER + day)

    assert found == ["scheduled", "live", "held"]


def test_longer_session_ends_later(clock, work_off):
    session = a_session()
    names = ("title", "title_en", "summary", "format", "mode", "visibility", "place")
    details = {name: getattr(session, name) for name in names} | {"duration_min": 120}
    scheduling.edit(session.id, scheduling.Details(**details), session.revision, None)

    found = states(session, clock, work_off, BEGIN, OVER, OVER + timedelta(minutes=30))

    assert found == ["live", "live", "held"]


def test_live_session_may_be_put_off_an_hour_and_begins_anew(clock, work_off):
    session = a_session()
    states(session, clock, work_off, BEGIN + timedelta(minutes=10))

    eleven = WallTime(datetime(2026, 10, 15, 11, 0), "Europe/Moscow")
    scheduling.move(session.id, eleven, now(session).revision, None)

    hour = timedelta(hours=1)
    assert now(session).state == "scheduled"
    assert states(session, clock, work_off, BEGIN + hour, OVER, OVER + hour) == [
        "live", "live", "held",
    ]  # fmt: skip


def test_nothing_that_calendars_see_changes_and_no_letter_leaves(clock, outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()
    before = (now(session).revision, now(session).sequence, now(session).revised_at)

    states(session, clock, work_off, BEGIN, OVER)

    after = (now(session).revision, now(session).sequence, now(session).revised_at)
    assert (after, len(outbox.letters())) == (before, 1)


@pytest.mark.parametrize("off", ["cancel", "postpone"])
def test_session_that_is_off_is_started_by_nobody(off, clock, work_off):
    session = a_session()
    getattr(scheduling, off)(session.id, session.revision, None)
    before = now(session).state

    assert states(session, clock, work_off, BEGIN, OVER) == [before, before]


def test_reinstated_session_begins_on_time(clock, work_off):
    session = a_session()
    scheduling.cancel(session.id, session.revision, None)
    work_off()
    scheduling.reinstate(session.id, now(session).revision, None)

    assert states(session, clock, work_off, BEGIN) == ["live"]


def test_step_that_is_looked_at_twice_is_taken_once(clock, app):
    session = a_session()
    clock.move_to(BEGIN)

    for _ in range(2):
        keeping_time.step(session.id)

    actions = db.select(AuditLog.action).where(AuditLog.action == "session.start")
    assert (now(session).state, len(db.session.scalars(actions).all())) == ("live", 1)


def test_history_says_that_it_was_the_clock(clock, work_off):
    session = a_session()
    states(session, clock, work_off, BEGIN, OVER)

    rows = db.session.scalars(db.select(AuditLog).order_by(AuditLog.id)).all()

    assert [(row.action, row.person_id) for row in rows[-2:]] == [
        ("session.start", None), ("session.end", None),
    ]  # fmt: skip


def test_sweep_ends_what_nobody_touched_and_begins_what_was_forgotten(clock, work_off):
    long_ago = a_session()
    with transaction():  # as rows that an earlier version wrote, without any job
        row = now(long_ago)
        row.starts_at = datetime(2026, 9, 1, 7, 0, tzinfo=UTC)
    soon = a_session(WallTime(datetime(2026, 10, 2, 10, 0), "Europe/Moscow"))
    far, draft = a_session(), a_session(draft=True)
    with transaction():
        db.session.execute(db.text("DELETE FROM jobs"))
    keeping_time.owe_sweep()
    work_off()
    swept = [now(one).state for one in (long_ago, soon, far, draft)]
    clock.move_to(datetime(2026, 10, 2, 7, 0, tzinfo=UTC))
    work_off()

    assert swept == ["held", "scheduled", "scheduled", "draft"]
    assert now(soon).state == "live"


def test_sweep_owes_the_next_one(clock, work_off):
    session = a_session()
    with transaction():
        db.session.execute(db.text("DELETE FROM jobs"))
    keeping_time.owe_sweep()
    work_off()

    found = []
    for _ in range(40):
        clock.pass_by(hours=12)
        work_off()
        found.append(now(session).state)

    assert found[-1] == "held"
