"""A season carried over: everything but dates and people, and once."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import func, select

from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.flows import copying, planning, scheduling
from sessions.models.programme import Blackout, Season, Series
from sessions.models.session import AgendaItem, Session, Speaker
from sessions.rules.days_off import Policy
from sessions.rules.recurrence import MonthlyRule, WeeklyRule
from sessions.rules.timetable import WallTime
from tests.builders import a_city, a_person, a_plan, a_season, a_session, a_topic

DOMAIN = "vzaimo.test"
OCTOBER_15 = WallTime(datetime(2026, 10, 15, 10, 0), "Europe/Moscow")
NOVEMBER_19 = WallTime(datetime(2026, 11, 19, 12, 30), "Asia/Yekaterinburg")


def a_full_session() -> Session:
    """Published, with cities, an agenda, a speaker who confirmed, and someone invited."""
    perm = a_city()
    session = a_session(
        OCTOBER_15, presenting=[perm.id], summary="О чём", invited=["anna@example.org"]
    )
    person = a_person("boris@example.org", given="Борис")
    topic = a_topic(session.season)
    with transaction():
        session.topic_id, session.title_en, session.capacity_online = topic.id, "Mentors", 90
        session.agenda = [
            AgendaItem(
                offset_min=10, duration_min=20, title="Показ", title_en="Show", place="Зал",
                speakers=[Speaker(person_id=person.id, state="confirmed", token="secret")],
            )
        ]  # fmt: skip
    return session


def a_series(policy: Policy = "ask", **changes: object) -> Series:
    """The third Thursdays of September to November, as drafts."""
    rule = MonthlyRule(3, 3, date(2026, 9, 1), date(2026, 11, 30))
    plan = a_plan(rule=rule, policy=policy, **changes)
    dates = planning.preview(plan)
    return db.session.get_one(Series, planning.plan_series(plan, dates, None, DOMAIN))


def made_of(season_id: int) -> list[Session]:
    return list(
        db.session.scalars(
            select(Session).where(Session.season_id == season_id).order_by(Session.starts_at)
        )
    )


def everything(season_id: int) -> dict[int, date]:
    """All that is proposed, on the dates proposed."""
    return {
        row.source.id: row.later.on
        for row in copying.proposals(season_id)
        if row.is_wanted and row.later
    }


def carry(season: Season, chosen: dict[int, date] | None = None) -> copying.CarriedOver:
    wanted = everything(season.id) if chosen is None else chosen
    return copying.carry_over(season.id, wanted, None, DOMAIN)


class TestCarryingOver:
    def test_series_is_made_anew_by_its_rule(self, app):
        series = a_series()

        made = carry(series.season)

        copies = made_of(made.season_id)
        assert [copy.wall_start for copy in copies] == [
            datetime(2027, 9, 16, 10), datetime(2027, 10, 21, 10), datetime(2027, 11, 18, 10),
        ]  # fmt: skip
        new = db.session.get_one(Series, copies[0].series_id)
        assert new.id != series.id
        assert {copy.series_id for copy in copies} == {new.id}
        assert (new.rule["first_on"], new.rule["last_on"], new.season_id, new.wall_start) == (
            "2027-09-01", "2027-11-30", made.season_id, time(10, 0),
        )  # fmt: skip
        assert {copy.state for copy in copies} == {"draft"}

    def test_single_session_goes_to_the_same_weekday_of_the_month(self, app):
        source = a_full_session()

        copy = made_of(carry(source.season).season_id)[0]

        assert (copy.wall_start, copy.copied_from_id) == (datetime(2027, 10, 21, 10), source.id)
        assert (copy.topic_id, copy.agenda[0].speakers[0].state) == (None, "named")

    def test_session_moved_by_hand_goes_back_to_its_rule(self, app):
        series = a_series()
        first = made_of(series.season_id)[0]
        scheduling.move(first.id, WallTime(datetime(2026, 9, 18, 15, 0), "Europe/Moscow"), 1, None)

        copy = made_of(carry(series.season).season_id)[0]

        assert copy.wall_start.date() == date(2027, 9, 16)

    def test_season_is_made_once_and_named_after_its_years(self, app):
        a_full_session()
        season = db.session.scalars(select(Season)).one()

        made = carry(season)

        new = db.session.get_one(Season, made.season_id)
        assert (new.name, new.starts_on, new.ends_on, new.state) == (
            "2027/28", date(2027, 9, 1), date(2028, 8, 31), "draft",
        )  # fmt: skip

    def test_season_that_is_there_takes_the_drafts(self, app):
        source = a_full_session()
        there = a_season("Следующий", starts_on=date(2027, 9, 1), ends_on=date(2028, 5, 31))

        assert carry(source.season).season_id == there.id

    def test_done_twice_makes_nothing_twice(self, app):
        series = a_series()
        a_full_session()
        first = carry(series.season)
        chosen = {source.id: date(2027, 12, 1) for source in made_of(series.season_id)}

        again = carry(series.season, chosen)

        assert (first.sessions, again.sessions) == (4, 0)
        assert db.session.scalar(select(func.count(Session.id))) == 8
        assert db.session.scalar(select(func.count(Series.id))) == 2

    def test_what_was_left_out_can_follow_into_the_same_series(self, app):
        series = a_series()
        chosen = everything(series.season_id)
        last = max(chosen)
        left = chosen.pop(last)
        made = carry(series.season, chosen)
        new = made_of(made.season_id)[0].series
        left_out = list(new.left_out)

        carry(series.season, {last: left})

        db.session.expire_all()
        assert left_out == ["2027-11-18"]
        assert ([one.series_id for one in made_of(made.season_id)], new.left_out) == (
            [new.id] * 3, [],
        )  # fmt: skip

    def test_day_off_is_named_and_the_host_may_move_off_it(self, app):
        a_session(WallTime(datetime(2026, 11, 5, 10, 0), "Europe/Moscow"))
        season = db.session.scalars(select(Season)).one()
        row = copying.proposals(season.id)[0]

        copy = made_of(carry(season, {row.source.id: row.later.free}).season_id)[0]

        assert (row.later.on, row.later.holiday, row.later.free) == (
            date(2027, 11, 4), "День народного единства", date(2027, 11, 11),
        )  # fmt: skip
        assert (copy.wall_start.date(), copy.holiday) == (
            date(2027, 11, 11), "День народного единства",
        )  # fmt: skip

    def test_days_on_which_the_programme_does_not_meet_count_as_days_off(self, app):
        source = a_full_session()
        with transaction():
            db.session.add(
                Blackout(first_on=date(2027, 10, 18), last_on=date(2027, 10, 24), reason="Каникулы")
            )

        row = copying.proposals(source.season_id)[0]

        assert (row.later.holiday, row.later.free) == ("Каникулы", date(2027, 10, 28))

    @pytest.mark.parametrize(
        ("policy", "wanted", "moves"),
        [("ask", True, False), ("skip", False, False), ("shift", True, True)],
    )
    def test_series_says_what_becomes_of_a_day_off(self, policy, wanted, moves, app):
        series = a_series(policy)
        with transaction():
            day = date(2027, 9, 16)
            db.session.add(Blackout(first_on=day, last_on=day, reason="Выборы"))

        row = copying.proposals(series.season_id)[0]

        assert (row.is_wanted, row.moves) == (wanted, moves)

    def test_weekly_series_is_carried_over_without_doubles_nor_moves_by_hand(self, app):
        rule = WeeklyRule(1, (3,), date(2026, 10, 29), date(2026, 11, 19))
        plan = a_plan(rule=rule, policy="shift")
        planning.plan_series(plan, planning.preview(plan), None, DOMAIN)
        season = db.session.scalars(select(Season)).one()
        chosen = {
            row.source.id: row.later.free if row.moves else row.later.on
            for row in copying.proposals(season.id)
        }

        copies = made_of(carry(season, chosen).season_id)

        assert [(copy.wall_start.date(), copy.is_moved) for copy in copies] == [
            (date(2027, 10, 28), False), (date(2027, 11, 8), False),
            (date(2027, 11, 11), False), (date(2027, 11, 18), False),
        ]  # fmt: skip

    def test_single_session_is_not_offered_the_hour_of_another(self, app):
        a_session(WallTime(datetime(2026, 11, 5, 10, 0), "Europe/Moscow"))
        a_session(WallTime(datetime(2026, 11, 12, 11, 0), "Europe/Moscow"))
        a_session(WallTime(datetime(2026, 11, 19, 11, 30), "Europe/Moscow"))
        season = db.session.scalars(select(Season)).one()

        first = copying.proposals(season.id)[0]

        assert (first.later.on, first.later.free) == (date(2027, 11, 4), date(2027, 11, 18))

    def test_date_before_the_season_of_that_year_is_not_wanted(self, app):
        rule = WeeklyRule(1, (1,), date(2026, 9, 1), date(2026, 9, 8))
        plan = a_plan(rule=rule)
        planning.plan_series(plan, planning.preview(plan), None, DOMAIN)
        season = db.session.scalars(select(Season)).one()

        rows = copying.proposals(season.id)

        assert [(row.later.on, row.is_outside, row.is_wanted) for row in rows] == [
            (date(2027, 8, 31), True, False), (date(2027, 9, 7), False, True),
        ]  # fmt: skip

    def test_cancelled_session_is_offered_but_not_wanted(self, app):
        source = a_full_session()
        scheduling.cancel(source.id, source.revision, None)

        rows = copying.proposals(source.season_id)

        assert [(row.source.id, row.is_wanted) for row in rows] == [(source.id, False)]

    def test_nothing_ticked_is_refused(self, app):
        source = a_full_session()

        with pytest.raises(Refused, match=r"copy\.nothing"):
            carry(source.season, {})

    def test_session_of_another_season_is_not_carried(self, app):
        source = a_full_session()
        other = a_session(WallTime(datetime(2030, 10, 15, 10, 0), "Europe/Moscow"))

        made = carry(source.season, {other.id: date(2031, 10, 16)})

        assert made.sessions == 0
