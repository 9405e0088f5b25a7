"""The announced plan of a season, kept version by version once it is quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations.runtime.database import db
from sessions.flows import scheduling, versioning
from sessions.models.programme import SeasonVersion
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import FRIDAY_10_MOSCOW, THURSDAY_10_MOSCOW, a_city, a_session


@pytest.fixture
def settings(settings):
    """Five minutes of quiet."""
    return replace(settings, quiet_minutes="5")


def now(session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def quiet_down(clock, work_off) -> None:
    clock.pass_by(minutes=5)
    work_off()


def versions() -> list[SeasonVersion]:
    return list(db.session.scalars(db.select(SeasonVersion).order_by(SeasonVersion.number)))


def kinds(version: SeasonVersion) -> list[tuple[int, str]]:
    return [(one["session"], one["kind"]) for one in version.changes]


def test_first_version_is_the_plan_as_a_whole(clock, work_off):
    city = a_city()
    session = a_session(presenting=[city.id])

    quiet_down(clock, work_off)

    (version,) = versions()
    assert (version.number, version.changes) == (1, [])
    assert version.announced_at == datetime(2026, 10, 1, 9, 5, tzinfo=UTC)
    assert version.snapshot == {
        str(session.id): {
            "title": session.title, "title_en": "", "starts_at": "2026-10-15T07:00:00+00:00",
            "tz": "Europe/Moscow", "duration_min": 90, "format": "video_conference",
            "mode": "online", "place": "", "state": "on", "cities": [city.id],
        }
    }  # fmt: skip


def test_changes_of_many_sessions_become_one_version_when_all_is_quiet(clock, work_off):
    moved, postponed, cancelled = a_session(), a_session(), a_session()
    quiet_down(clock, work_off)
    scheduling.move(moved.id, FRIDAY_10_MOSCOW, now(moved).revision, None)
    clock.pass_by(minutes=4)
    work_off()
    scheduling.postpone(postponed.id, now(postponed).revision, None)
    clock.pass_by(minutes=4)
    work_off()
    scheduling.cancel(cancelled.id, now(cancelled).revision, None)
    before = len(versions())
    quiet_down(clock, work_off)

    assert before == 1
    assert [kinds(one) for one in versions()] == [
        [], [(postponed.id, "postponed"), (cancelled.id, "cancelled"), (moved.id, "moved")],
    ]  # fmt: skip


def test_plan_that_never_becomes_quiet_is_announced_after_an_hour(clock, work_off):
    session = a_session()
    quiet_down(clock, work_off)
    clock.pass_by(hours=2)
    work_off()
    for number in range(16):
        to = FRIDAY_10_MOSCOW if number % 2 == 0 else THURSDAY_10_MOSCOW
        scheduling.move(session.id, to, now(session).revision, None)
        other = a_session()
        clock.pass_by(minutes=4)
        work_off()

    assert len(versions()) == 2
    assert versions()[1].announced_at == datetime(2026, 10, 1, 12, 5, tzinfo=UTC)
    assert str(other.id) not in versions()[1].snapshot


def test_change_that_was_undone_makes_no_version(clock, work_off):
    session = a_session()
    quiet_down(clock, work_off)
    scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
    scheduling.move(session.id, THURSDAY_10_MOSCOW, now(session).revision, None)

    quiet_down(clock, work_off)

    assert len(versions()) == 1


def test_cancelled_session_that_comes_back_is_reinstated(clock, work_off):
    session = a_session()
    quiet_down(clock, work_off)
    for step in ("cancel", "reinstate"):
        getattr(scheduling, step)(session.id, now(session).revision, None)
        quiet_down(clock, work_off)

    assert [kinds(one) for one in versions()] == [
        [], [(session.id, "cancelled")], [(session.id, "reinstated")],
    ]  # fmt: skip


@pytest.mark.parametrize("hidden", [{"visibility": "members"}, {"visibility": "participants"}])
def test_session_that_not_everybody_may_see_stays_out(hidden, clock, work_off):
    public = a_session()
    quiet_down(clock, work_off)
    secret = a_session(title="Secret", **hidden)
    scheduling.move(secret.id, FRIDAY_10_MOSCOW, now(secret).revision, None)

    quiet_down(clock, work_off)

    (version,) = versions()
    assert list(version.snapshot) == [str(public.id)]


def test_draft_stays_out_whatever_befalls_it(clock, work_off):
    a_session()
    quiet_down(clock, work_off)
    draft = a_session(draft=True)
    scheduling.move(draft.id, FRIDAY_10_MOSCOW, 1, None)
    scheduling.cancel(draft.id, 2, None)

    versioning.write(draft.season_id)

    assert [list(one.snapshot) for one in versions()] == [["1"]]


def test_published_session_is_added(clock, work_off):
    a_session()
    quiet_down(clock, work_off)

    session = a_session()
    quiet_down(clock, work_off)

    assert kinds(versions()[-1]) == [(session.id, "added")]


def test_going_live_and_being_held_makes_no_version(clock, work_off):
    session = a_session()
    quiet_down(clock, work_off)
    clock.move_to(datetime(2026, 10, 15, 12, 0, tzinfo=UTC))

    work_off()
    versioning.write(session.season_id)

    assert (now(session).state, len(versions())) == ("held", 1)


def test_each_season_has_versions_of_its_own(clock, work_off):
    this = a_session()
    next_ = a_session(WallTime(datetime(2027, 10, 14, 10, 0), "Europe/Moscow"))

    quiet_down(clock, work_off)

    assert [(one.season_id, one.number) for one in versions()] == [
        (this.season_id, 1), (next_.season_id, 1),
    ]  # fmt: skip
