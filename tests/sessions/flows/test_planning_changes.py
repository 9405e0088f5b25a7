"""A series follows its changed rule: what moves, what stays, and what never comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select

from integrations.runtime.database import db
from integrations.runtime.errors import Stale
from sessions.flows import inviting, planning, replanning, scheduling
from sessions.flows.planning import SeriesPlan
from sessions.flows.replanning import Outcome, Wish
from sessions.models.programme import Series
from sessions.models.session import Session
from sessions.rules.recurrence import LAST, DayOfMonthRule, MonthlyRule, dates_of
from sessions.rules.timetable import WallTime
from sessions.rules.written_rules import from_json
from sessions.web.planner_change import hands
from tests.builders import a_city, a_plan
from tests.conftest import Clock
from tests.outbox import Outbox

pytestmark = pytest.mark.usefixtures("app", "before_the_season")

WEDNESDAY, THURSDAY = 2, 3
SEASON = (date(2026, 9, 1), date(2027, 5, 31))
FIRST_WEDNESDAYS = MonthlyRule(1, WEDNESDAY, *SEASON)
MOSCOW = "Europe/Moscow"


@pytest.fixture
def before_the_season(clock: Clock) -> Clock:
    clock.move_to(datetime(2026, 8, 20, 9, 0, tzinfo=UTC))
    return clock


def a_series(plan: SeriesPlan) -> int:
    return planning.plan_series(plan, planning.preview(plan), None, "vzaimo.test")


def sessions(series_id: int | None = None) -> list[Session]:
    query = select(Session).order_by(Session.starts_at, Session.id)
    return [
        one for one in db.session.scalars(query) if series_id is None or one.series_id == series_id
    ]


def walls(series_id: int) -> list[str]:
    return [f"{one.wall_start:%m-%d %H:%M}" for one in sessions(series_id)]


def seen(series_id: int, wish: Wish) -> Outcome:
    return replanning.outcome(db.session.get_one(Series, series_id), wish)


def replan(series_id: int, wish: Wish) -> int:
    shown = seen(series_id, replace(wish, moved_too=frozenset())).shown
    return replanning.replan(series_id, wish, shown, hands(), None, "vzaimo.test")


def test_the_season_has_four_fifth_wednesdays_twelve_last_ones_and_seven_thirty_firsts() -> None:
    year = (date(2026, 9, 1), date(2027, 8, 31))

    counted = [
        len(dates_of(rule))
        for rule in (
            MonthlyRule(5, WEDNESDAY, *year),
            MonthlyRule(LAST, WEDNESDAY, *year),
            DayOfMonthRule(31, "skip", *year),
            DayOfMonthRule(31, "last", *year),
        )
    ]

    assert counted == [4, 12, 7, 12]


@pytest.mark.parametrize(
    ("policy", "count", "around_the_holidays"),
    [
        ("shift", 9, ["11-11", "01-13"]),
        ("skip", 7, []),
        ("ask", 9, ["11-04", "01-06"]),
    ],
)
def test_first_wednesdays_meet_the_fourth_of_november_and_the_sixth_of_january(
    policy: str, count: int, around_the_holidays: list[str]
) -> None:
    made = sessions(a_series(a_plan(rule=FIRST_WEDNESDAYS, policy=policy)))

    assert len(made) == count
    named = [f"{one.wall_start:%m-%d}" for one in made if one.holiday]
    assert named == around_the_holidays


def test_a_regeneration_does_not_resurrect_the_date_of_a_moved_session() -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)
    october = sessions(series_id)[1]
    uid = october.uid
    scheduling.move(
        october.id, WallTime(datetime(2026, 10, 9, 12, 0), MOSCOW), october.revision, None
    )

    replan(series_id, Wish(plan))

    assert walls(series_id)[:3] == ["09-02 10:00", "10-09 12:00", "12-02 10:00"]
    assert (len(sessions(series_id)), sessions(series_id)[1].uid) == (7, uid)


def test_a_cancelled_session_stays_cancelled_and_gets_no_double() -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)
    october = sessions(series_id)[1]
    scheduling.cancel(october.id, october.revision, None)

    replan(series_id, Wish(replace(plan, wall_start=time(11, 0))))

    found = [(f"{one.wall_start:%m-%d %H}", one.state) for one in sessions(series_id)]
    assert found[:3] == [
        ("09-02 11", "draft"), ("10-07 10", "cancelled"), ("12-02 11", "draft"),
    ]  # fmt: skip
    assert len(found) == 7


def test_the_same_change_twice_changes_nothing_the_second_time() -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)
    thursdays = replace(plan, rule=MonthlyRule(1, THURSDAY, *SEASON))

    replan(series_id, Wish(thursdays))
    again = seen(series_id, Wish(thursdays))

    assert (again.change, again.make, again.drop) == ([], [], [])


def test_another_weekday_moves_the_sessions_of_each_month_with_their_identity() -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)
    uids = {one.uid for one in sessions(series_id)}

    replan(series_id, Wish(replace(plan, rule=MonthlyRule(1, THURSDAY, *SEASON))))

    found = sessions(series_id)
    assert {one.uid for one in found} > uids
    assert walls(series_id) == [
        "09-03 10:00", "10-01 10:00", "11-05 10:00", "12-03 10:00", "02-04 10:00", "03-04 10:00",
        "04-01 10:00", "05-06 10:00",
    ]  # fmt: skip
    assert not any(one.is_moved for one in found)
    assert [one.original_wall_start for one in found] == [one.wall_start for one in found]


def test_a_session_moved_by_hand_follows_only_when_it_is_ticked() -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)
    october = sessions(series_id)[1]
    scheduling.move(
        october.id, WallTime(datetime(2026, 10, 9, 12, 0), MOSCOW), october.revision, None
    )
    later = replace(plan, wall_start=time(11, 0))

    replan(series_id, Wish(later))
    before = walls(series_id)[1]
    replan(series_id, Wish(later, moved_too=frozenset({october.id})))

    assert (before, walls(series_id)[1]) == ("10-09 12:00", "10-07 11:00")
    assert sessions(series_id)[1].is_moved is False


def test_from_a_session_on_the_series_becomes_two() -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)
    february = date(2027, 2, 3)

    rule = replace(FIRST_WEDNESDAYS, first_on=february)
    later = replan(
        series_id, Wish(replace(plan, rule=rule, wall_start=time(9, 0)), "following", february)
    )

    assert walls(series_id) == ["09-02 10:00", "10-07 10:00", "12-02 10:00"]
    assert walls(later) == ["02-03 09:00", "03-03 09:00", "04-07 09:00", "05-05 09:00"]
    kept = from_json(db.session.get_one(Series, series_id).rule)
    assert kept == replace(FIRST_WEDNESDAYS, last_on=date(2027, 2, 2))


def test_one_session_alone_changes_and_counts_as_moved_by_hand() -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)

    replan(series_id, Wish(replace(plan, wall_start=time(14, 0)), "one", date(2026, 12, 2)))

    assert walls(series_id)[1:4] == ["10-07 10:00", "12-02 14:00", "02-03 10:00"]
    assert [one.is_moved for one in sessions(series_id)][1:4] == [False, True, False]


def test_a_title_of_ones_own_stays_when_that_of_the_series_changes() -> None:
    city = a_city()
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)
    october = sessions(series_id)[1]
    hands().edit(october.id, {"title": "Октябрьская"}, october.revision, None)

    replan(series_id, Wish(replace(plan, title="Среды", presenting=(city.id,))))

    found = sessions(series_id)
    assert [one.title for one in found][:3] == ["Среды", "Октябрьская", "Среды"]
    assert {tuple(part.city_id for part in one.cities) for one in found} == {(city.id,)}
    assert db.session.get_one(Series, series_id).title == "Среды"


def test_a_date_the_host_did_not_want_is_not_made_by_the_next_change() -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    dates = [day for day in planning.preview(plan) if day.on != date(2026, 10, 7)]
    series_id = planning.plan_series(plan, dates, None, "vzaimo.test", [date(2026, 10, 7)])
    wish = Wish(replace(plan, wall_start=time(11, 0)))

    offered = seen(series_id, wish)
    replan(series_id, replace(wish, unwanted=offered.unwanted))

    assert [day.on for day in offered.make] == [date(2026, 10, 7)]
    assert offered.unwanted == {date(2026, 10, 7)}
    assert walls(series_id)[:2] == ["09-02 11:00", "12-02 11:00"]
    assert db.session.get_one(Series, series_id).left_out == ["2026-10-07"]


def test_sessions_the_rule_gives_no_more_are_called_off_unless_they_are_spared() -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)
    shorter = replace(plan, rule=replace(FIRST_WEDNESDAYS, last_on=date(2027, 3, 31)))
    may = sessions(series_id)[-1]

    replan(series_id, Wish(shorter, spared=frozenset({may.id})))

    assert [one.state for one in sessions(series_id)] == ["draft"] * 5 + ["cancelled", "draft"]


def test_what_changed_since_it_was_shown_is_refused_and_nothing_is_done() -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)
    wish = Wish(replace(plan, wall_start=time(11, 0)))
    shown = seen(series_id, wish).shown
    may = sessions(series_id)[-1]
    scheduling.move(may.id, WallTime(datetime(2027, 5, 6, 10, 0), MOSCOW), may.revision, None)

    with pytest.raises(Stale):
        replanning.replan(series_id, wish, shown, hands(), None, "vzaimo.test")

    assert walls(series_id)[0] == "09-02 10:00"


def test_those_invited_get_one_letter_for_all_that_changed(
    outbox: Outbox, work_off: Callable[[], object]
) -> None:
    plan = a_plan(rule=FIRST_WEDNESDAYS, policy="skip")
    series_id = a_series(plan)
    september = sessions(series_id)[0]
    inviting.invite(september.id, [("", "anna@example.org")], None)
    scheduling.schedule(september.id, 1, None)
    work_off()
    changed = replace(plan, wall_start=time(11, 0), duration_min=60, title="Среды")

    replan(series_id, Wish(changed))
    work_off()

    letters: list[Mapping[str, object]] = list(outbox.calendars_to("anna@example.org"))
    assert len(letters) == 2
    assert letters[0]["UID"] == letters[1]["UID"]
