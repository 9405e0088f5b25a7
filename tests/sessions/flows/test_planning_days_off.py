"""The calendar that planning goes by: the official one, the host's changes, closed dates."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from integrations.calendaring import public_holidays
from integrations.runtime.database import db
from integrations.runtime.errors import Refused
from sessions.flows import keeping_days_off as keeping
from sessions.flows import planning
from sessions.models.audit import AuditLog
from sessions.models.programme import Blackout, DayOff
from sessions.models.session import Session
from sessions.rules.recurrence import MonthlyRule
from tests.builders import a_city, a_plan

pytestmark = pytest.mark.usefixtures("app")

NOVEMBER_4, FEBRUARY_20, FEBRUARY_22 = date(2026, 11, 4), date(2027, 2, 20), date(2027, 2, 22)
YEAR = (date(2027, 1, 1), date(2027, 12, 31))


def rows(year: int = 2027) -> dict[date, DayOff]:
    found = db.session.scalars(select(DayOff).order_by(DayOff.day))
    return {row.day: row for row in found if row.day.year == year}


def test_asking_for_days_off_writes_nothing() -> None:
    before = planning.days_off(*YEAR)

    assert (len(before), rows()) == (20, {})


def test_a_year_that_was_touched_is_kept_whole_with_its_working_saturday() -> None:
    official = planning.days_off(*YEAR)

    keeping.write(date(2027, 4, 1), "День города", None)

    kept = rows()
    assert (kept[FEBRUARY_20].is_off, kept[FEBRUARY_20].source) == (False, "calendar")
    assert kept[FEBRUARY_22].name == "Выходной (перенесено с 20.02.2027)"
    assert planning.days_off(*YEAR) == dict(
        sorted({**official, date(2027, 4, 1): "День города"}.items())
    )


def test_a_saturday_that_is_worked_is_no_day_off_before_and_after_the_year_is_kept() -> None:
    before = FEBRUARY_20 in planning.days_off(*YEAR)
    keeping.write(date(2027, 4, 1), "День города", None)

    assert (before, FEBRUARY_20 in planning.days_off(*YEAR)) == (False, False)


def test_a_holiday_rested_for_later_is_no_working_day() -> None:
    worked = [one.day for one in public_holidays.of_year(2027) if not one.is_off]

    assert worked == [FEBRUARY_20]


def test_an_official_day_off_that_is_removed_stays_removed() -> None:
    keeping.remove(NOVEMBER_4, None)
    keeping.remove(NOVEMBER_4, None)

    assert planning.days_off(NOVEMBER_4, NOVEMBER_4) == {}
    assert rows(2026)[NOVEMBER_4].is_off is False
    assert db.session.scalar(
        select(func.count()).select_from(AuditLog).where(AuditLog.action == "day_off.removed")
    ) == 1  # fmt: skip


def test_a_day_off_of_the_hosts_own_is_gone_when_it_is_removed() -> None:
    keeping.write(date(2027, 4, 1), "День города", None)

    keeping.remove(date(2027, 4, 1), None)

    assert date(2027, 4, 1) not in rows()


def test_the_official_calendar_comes_back() -> None:
    official = planning.days_off(*YEAR)
    keeping.write(date(2027, 4, 1), "День города", None)
    keeping.remove(FEBRUARY_22, None)

    keeping.restore(2027, None)

    assert planning.days_off(*YEAR) == official
    assert {row.source for row in rows().values()} == {"calendar"}


def test_a_day_that_is_renamed_loses_the_english_of_its_old_name() -> None:
    keeping.write(NOVEMBER_4, "Общегородской субботник", None)

    assert planning.days_off(NOVEMBER_4, NOVEMBER_4, "en") == {
        NOVEMBER_4: "Общегородской субботник"
    }


@pytest.mark.parametrize(
    ("day", "name", "reason"),
    [
        (date(2027, 4, 1), "  ", "days_off.name"),
        (date(1999, 4, 1), "День", "days_off.year"),
        (date(2101, 4, 1), "День", "days_off.year"),
    ],
)
def test_a_day_off_needs_a_name_and_a_year_within_reach(day: date, name: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason.replace(".", r"\.")):
        keeping.write(day, name, None)

    assert rows() == {}


def test_dates_that_the_programme_closes_are_days_off_with_their_reason() -> None:
    keeping.close(date(2027, 5, 9), date(2027, 5, 11), "Экзамены в школах", None)

    assert planning.days_off(date(2027, 5, 8), date(2027, 5, 12)) == {
        date(2027, 5, 9): "День Победы; Экзамены в школах",
        date(2027, 5, 10): "День Победы (выходной); Экзамены в школах",
        date(2027, 5, 11): "Экзамены в школах",
    }


def test_dates_that_one_city_closes_are_days_off_for_nobody_else() -> None:
    city = a_city()
    keeping.close(date(2027, 4, 5), date(2027, 4, 9), "Выборы", None, city.id)

    assert planning.days_off(date(2027, 4, 1), date(2027, 4, 30)) == {}


def test_closed_dates_are_opened_again() -> None:
    keeping.close(date(2027, 4, 5), date(2027, 4, 9), "Ремонт", None)
    (row,) = db.session.scalars(select(Blackout))

    keeping.reopen(row.id, None)
    keeping.reopen(row.id, None)

    assert planning.days_off(date(2027, 4, 5), date(2027, 4, 9)) == {}


@pytest.mark.parametrize(
    ("first", "last", "why", "city", "reason"),
    [
        (date(2027, 4, 5), date(2027, 4, 4), "Ремонт", None, "blackout.order"),
        (date(2027, 4, 5), date(2028, 6, 4), "Ремонт", None, "blackout.long"),
        (date(2027, 4, 5), date(2027, 4, 5), " ", None, "blackout.reason"),
        (date(2027, 4, 5), date(2027, 4, 5), "Ремонт", 77, "blackout.city"),
    ],
)
def test_what_cannot_be_closed_is_refused(
    first: date, last: date, why: str, city: int | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason.replace(".", r"\.")):
        keeping.close(first, last, why, None, city)

    assert db.session.scalars(select(Blackout)).all() == []


def test_planning_keeps_the_calendar_of_its_years_and_names_the_day_off_of_a_session() -> None:
    plan = a_plan(rule=MonthlyRule(1, 2, date(2026, 11, 1), date(2026, 12, 31)), policy="shift")

    planning.plan_series(plan, planning.preview(plan), None, "vzaimo.test")

    assert (len(rows(2026)) > 10, rows(2027)) == (True, {})
    assert [
        (one.wall_start.date(), one.holiday)
        for one in db.session.scalars(select(Session).order_by(Session.starts_at))
    ] == [(date(2026, 11, 11), "День народного единства"), (date(2026, 12, 2), "")]
