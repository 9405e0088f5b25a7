"""The rules of a zone change: the hour on the wall stays, the instant follows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.calendaring import tz_database
from integrations.runtime.database import db, transaction
from sessions.flows import following_zones, scheduling
from sessions.models.audit import AuditLog
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import a_session

# Volgograd went from UTC+4 to UTC+3 on 2020-12-27; the rules of 2020e were the first to say so.
WEDNESDAY_10_VOLGOGRAD = WallTime(datetime(2021, 1, 20, 10, 0), "Europe/Volgograd")
PLANNED = datetime(2020, 12, 1, 9, 0, tzinfo=UTC)
SIX, SEVEN = (datetime(2021, 1, 20, hour, 0, tzinfo=UTC) for hour in (6, 7))


def now(session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def planned_by_old_rules(wall: WallTime = WEDNESDAY_10_VOLGOGRAD, at=SIX, **facts) -> Session:
    session = a_session(wall, **facts)
    with transaction():
        row = now(session)
        row.starts_at, row.tzdata_version = at, "2020d"
    return now(session)


@pytest.fixture(autouse=True)
def december(clock):
    clock.move_to(PLANNED)


def test_session_is_placed_by_the_rules_in_use(app):
    assert a_session().tzdata_version == tz_database.version() != ""


def test_volgograd_keeps_ten_on_the_wall_and_is_an_hour_later_elsewhere(outbox, work_off):
    session = planned_by_old_rules(invited=["anna@example.org"])
    work_off()

    (shifted,) = following_zones.follow()
    work_off()

    first, second = outbox.calendars_to("anna@example.org")
    assert (now(session).wall, now(session).starts_at) == (WEDNESDAY_10_VOLGOGRAD, SEVEN)
    assert (first.decoded("DTSTART"), second.decoded("DTSTART")) == (SIX, SEVEN)
    assert (second["UID"], second["SEQUENCE"]) == (first["UID"], first["SEQUENCE"] + 1)
    assert (shifted.session_id, shifted.was, shifted.now) == (session.id, SIX, SEVEN)


def test_history_names_the_rules_and_both_instants(app):
    session = planned_by_old_rules()

    following_zones.follow()

    row = db.session.scalars(db.select(AuditLog).order_by(AuditLog.id.desc())).first()
    assert (row.action, row.subject, row.person_id) == (
        "session.tzdata", f"session:{session.id}", None,
    )  # fmt: skip
    assert row.details == {
        "was": SIX.isoformat(), "now": SEVEN.isoformat(), "tz": "Europe/Volgograd",
        "rules_were": "2020d", "rules": tz_database.version(),
    }  # fmt: skip


def test_second_look_changes_nothing(outbox, work_off):
    planned_by_old_rules(invited=["anna@example.org"])
    following_zones.follow()

    again = following_zones.follow()
    work_off()

    assert (again, len(outbox.letters())) == ([], 1)


def test_past_session_stays_as_it_was(app, clock):
    session = planned_by_old_rules()
    clock.move_to(SEVEN)

    shifted = following_zones.follow()

    assert (shifted, now(session).starts_at, now(session).tzdata_version) == ([], SIX, "2020d")


def test_session_whose_zone_did_not_change_only_learns_the_version(outbox, work_off):
    moscow = WallTime(datetime(2021, 1, 20, 10, 0), "Europe/Moscow")
    session = planned_by_old_rules(moscow, SEVEN, invited=["anna@example.org"])
    work_off()
    before = (session.revision, session.sequence, session.revised_at)

    shifted = following_zones.follow()
    work_off()

    after = now(session)
    assert (after.revision, after.sequence, after.revised_at) == before
    assert (shifted, after.tzdata_version) == ([], tz_database.version())
    assert len(outbox.letters()) == 1


@pytest.mark.parametrize("state", ["draft", "postponed", "cancelled"])
def test_session_that_no_calendar_has_is_put_right_without_a_letter(state, outbox, work_off):
    session = planned_by_old_rules(draft=state == "draft", invited=["anna@example.org"])
    work_off()
    if state != "draft":
        step = {"postponed": "postpone", "cancelled": "cancel"}[state]
        getattr(scheduling, step)(session.id, now(session).revision, None)
        work_off()
    before = (now(session).sequence, len(outbox.letters()))

    following_zones.follow()
    work_off()

    assert now(session).starts_at == SEVEN
    assert (now(session).sequence, len(outbox.letters())) == before


def test_session_begins_by_the_new_rules(clock, work_off):
    session = planned_by_old_rules()
    following_zones.follow()
    clock.move_to(SIX)
    work_off()
    at_six = now(session).state
    clock.move_to(SEVEN)
    work_off()

    assert (at_six, now(session).state) == ("scheduled", "live")
