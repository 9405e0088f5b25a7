"""A host plans: drafts that only the team sees, in the season they fall into."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from integrations.runtime.database import db
from integrations.runtime.errors import Refused
from sessions.flows import planning
from sessions.models.audit import AuditLog
from sessions.models.programme import Season, Series
from sessions.models.session import Session
from sessions.rules.recurrence import DatesRule, DayOfMonthRule, MonthlyRule
from sessions.rules.written_rules import from_json
from tests.builders import a_city, a_host, a_plan

pytestmark = pytest.mark.usefixtures("app")


def sessions() -> list[Session]:
    return list(db.session.scalars(select(Session).order_by(Session.starts_at)))


def test_a_series_makes_a_draft_for_every_date() -> None:
    host, city = a_host(), a_city()
    plan = a_plan(presenting=[city.id])

    planning.plan_series(plan, planning.preview(plan), host.id, "vzaimo.test")

    assert [session.wall_start for session in sessions()][:2] == [
        datetime(2026, 9, 17, 10, 0),
        datetime(2026, 10, 15, 10, 0),
    ]
    assert {session.state for session in sessions()} == {"draft"}
    assert len(sessions()) == 9
    assert [part.city.name for part in sessions()[0].cities] == ["Пермь"]


def test_a_session_moved_off_a_day_off_is_known_by_the_date_its_rule_gave() -> None:
    plan = a_plan(rule=MonthlyRule(1, 2, date(2026, 11, 1), date(2026, 11, 30)), policy="shift")

    planning.plan_series(plan, planning.preview(plan), None, "vzaimo.test")

    (session,) = sessions()
    assert session.wall_start == datetime(2026, 11, 11, 10, 0)
    assert session.original_wall_start == datetime(2026, 11, 4, 10, 0)


def test_a_series_keeps_any_rule_as_it_was_written() -> None:
    rule = DatesRule((date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 12)))
    plan = a_plan(rule=rule)

    planning.plan_series(plan, planning.preview(plan), None, "vzaimo.test")

    (series,) = db.session.scalars(select(Series))
    assert from_json(series.rule) == rule
    assert [session.wall_start.day for session in sessions()] == [10, 11, 12]


def test_a_rule_that_ends_on_a_leap_day_is_previewed() -> None:
    plan = a_plan(rule=DayOfMonthRule(29, "skip", date(2028, 2, 1), date(2028, 2, 29)))

    assert [day.on for day in planning.preview(plan)] == [date(2028, 2, 29)]


def test_every_session_has_an_address_of_its_own_in_calendars() -> None:
    plan = a_plan()

    planning.plan_series(plan, planning.preview(plan), None, "vzaimo.test")

    uids = [session.uid for session in sessions()]
    assert len(set(uids)) == 9
    assert all(uid.endswith("@vzaimo.test") for uid in uids)


def test_dates_fall_into_their_seasons() -> None:
    plan = a_plan(rule=MonthlyRule(1, 0, date(2026, 7, 1), date(2026, 10, 31)))

    planning.plan_series(plan, planning.preview(plan), None, "vzaimo.test")

    assert [session.season.name for session in sessions()] == ["2025/26"] * 2 + ["2026/27"] * 2
    assert [
        (season.starts_on, season.ends_on)
        for season in db.session.scalars(select(Season).order_by(Season.starts_on))
    ] == [(date(2025, 9, 1), date(2026, 8, 31)), (date(2026, 9, 1), date(2027, 8, 31))]


def test_no_dates_make_no_series() -> None:
    with pytest.raises(Refused, match=r"series\.no_dates"):
        planning.plan_series(a_plan(), [], None, "vzaimo.test")

    assert sessions() == []


def test_the_audit_says_who_planned() -> None:
    host = a_host()

    planning.plan_one(a_plan(), datetime(2026, 11, 2, 9, 30), host.id, "vzaimo.test")

    (row,) = db.session.scalars(select(AuditLog).where(AuditLog.action == "session.planned"))
    assert (row.person_id, row.subject) == (host.id, f"session:{sessions()[0].id}")


def test_days_off_are_named_in_the_readers_language() -> None:
    russian = planning.days_off(date(2026, 11, 4), date(2026, 11, 4), "ru")
    english = planning.days_off(date(2026, 11, 4), date(2026, 11, 4), "en")

    assert (russian, english) == (
        {date(2026, 11, 4): "День народного единства"},
        {date(2026, 11, 4): "Unity Day"},
    )
