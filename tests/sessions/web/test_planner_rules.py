"""Every kind of rule as a sentence of fields, with the dates it gives and those it leaves out."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db, transaction
from sessions.flows import keeping_days_off as keeping
from sessions.models.participation import Registration
from sessions.models.programme import Series
from sessions.rules.recurrence import DayOfMonthRule, WeeklyRule
from sessions.rules.timetable import WallTime
from sessions.rules.written_rules import from_json
from tests.builders import THURSDAY_10_MOSCOW, a_city, a_host, a_session, signed_in
from tests.conftest import Clock
from tests.queries import counted
from tests.sessions.web.planner_form import (
    FIRST_WEDNESDAYS,
    THIRD_THURSDAYS,
    dates,
    plan,
    rows,
    strip_of,
    the_form,
    words,
)

COMMON = {"at": "10:00", "tz": "Europe/Moscow", "length": "90", "policy": "skip"}
WEEKLY = {
    **COMMON, "kind": "weekly", "weekdays": ["1", "3"], "every": "2", "first": "2026-10-05",
    "last": "2026-11-08",
}  # fmt: skip
THIRTY_FIRST = {
    **COMMON, "kind": "day_of_month", "day": "31", "short": "skip", "first": "2026-10-01",
    "last": "2027-03-31",
}  # fmt: skip
VISIT = {
    **COMMON, "kind": "dates", "dates": "12.10.2026–14.10.2026, 2026-10-19", "is_visit": "y",
}  # fmt: skip


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """The browser of a host, who reads English here."""
    browser = signed_in(app, a_host())
    browser.get("/language/en")
    return browser


@pytest.fixture
def before_the_season(clock: Clock) -> Clock:
    clock.move_to(datetime(2026, 8, 20, 9, 0, tzinfo=UTC))
    return clock


def the_series() -> Series:
    (series,) = db.session.scalars(select(Series))
    return series


def test_every_other_week_on_two_weekdays(host: FlaskClient) -> None:
    host.post("/plan/series", data=plan(host, WEEKLY))

    assert dates() == [
        date(2026, 10, 6), date(2026, 10, 8), date(2026, 10, 20), date(2026, 10, 22),
        date(2026, 11, 3), date(2026, 11, 5),
    ]  # fmt: skip
    assert from_json(the_series().rule) == WeeklyRule(
        2, (1, 3), date(2026, 10, 5), date(2026, 11, 8)
    )


def test_a_count_ends_a_rule_before_its_last_date(host: FlaskClient) -> None:
    host.post("/plan/series", data=plan(host, {**WEEKLY, "count": "3"}))

    assert dates() == [date(2026, 10, 6), date(2026, 10, 8), date(2026, 10, 20)]


def test_months_without_the_day_are_named_among_what_is_left_out(host: FlaskClient) -> None:
    page = host.get("/plan/series", query_string=THIRTY_FIRST).text

    assert rows(page) == [
        "31 October 2026 Sat Free",
        "November 2026 Left out: the month has no such day",
        "31 December 2026 Thu Left out: Day off (substituted from 01/04/2026)",
        "31 January 2027 Sun Free",
        "February 2027 Left out: the month has no such day",
        "31 March 2027 Wed Free",
    ]


def test_a_short_month_may_meet_on_its_last_day(host: FlaskClient) -> None:
    host.post("/plan/series", data=plan(host, {**THIRTY_FIRST, "short": "last"}))

    assert [f"{day:%m-%d}" for day in dates()] == ["10-31", "11-30", "01-31", "02-28", "03-31"]
    assert from_json(the_series().rule) == DayOfMonthRule(
        31, "last", date(2026, 10, 1), date(2027, 3, 31)
    )


def test_a_visit_is_several_days_that_belong_together(host: FlaskClient) -> None:
    answer = host.post("/plan/series", data=plan(host, VISIT))

    assert dates() == [date(2026, 10, day) for day in (12, 13, 14, 19)]
    assert the_series().is_visit is True
    page = words(host.get(answer.location).text)
    assert "A visit of 4 days, 12–19 October 2026, from 10:00 Moscow time" in page
    assert "This is one visit: people register for all its days." in page


def test_a_date_may_be_added_to_those_written(host: FlaskClient) -> None:
    answer = host.post("/plan/series", data={**VISIT, "add": "2026-10-21", "do": "show"})

    form = the_form(host.get(answer.location).text)
    assert form["dates"] == "12.10.2026–14.10.2026, 2026-10-19, 21.10.2026"
    assert form["on"][-1] == "2026-10-21"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({**VISIT, "dates": "12.10.2026, послезавтра"}, "This is no date: послезавтра."),
        ({**VISIT, "dates": "31.02.2027"}, "This is no date: 31.02.2027."),
        ({**WEEKLY, "weekdays": []}, ""),
        ({**WEEKLY, "count": "много"}, "Write a number from 1 to 366, or nothing for all."),
        ({**THIRTY_FIRST, "first": "вчера"}, "Write the date like this: 15.10.2026."),
        ({**THIRTY_FIRST, "last": "2044-10-01"}, "This date is too far away."),
    ],
)
def test_what_cannot_be_read_of_a_rule_is_said_beside_it(
    host: FlaskClient, change: dict[str, Any], sentence: str
) -> None:
    page = host.get("/plan/series", query_string=change)

    assert page.status_code == 200
    assert sentence.lower() in words(page.text).lower()


def test_another_kind_of_rule_keeps_what_was_written_of_the_others(host: FlaskClient) -> None:
    form = {**THIRD_THURSDAYS, "title": "Среды", "do": "set:kind=weekly"}

    answer = host.post("/plan/series", data=form)

    fields = the_form(host.get(answer.location).text)
    assert (fields["kind"], fields["weekdays"], fields["title"]) == ("weekly", "3", "Среды")
    assert (fields["first"], fields["last"]) == ("2026-09-01", "2027-05-31")


def test_a_date_that_is_picked_offers_what_it_may_mean_and_never_a_fifth(
    host: FlaskClient,
) -> None:
    page = host.get("/plan/series", query_string={**THIRD_THURSDAYS, "picked": "2026-10-29"}).text

    offers = re.findall(r'<button[^>]*value="set:(picked=[^"]*)">([^<]*)<', page)
    assert [html.unescape(name).replace("\xa0", " ") for _, name in offers] == [
        "On the last Thursday of every month",
        "On day 29 of every month",
        "On Thursdays, every week",
        "On Thursdays, every other week",
    ]
    answer = host.post(
        "/plan/series", data={**THIRD_THURSDAYS, "do": f"set:{html.unescape(offers[0][0])}"}
    )
    assert rows(host.get(answer.location).text)[0].startswith("29 October 2026 Thu")


def test_the_three_ways_with_days_off_stand_side_by_side(
    host: FlaskClient, before_the_season: Clock
) -> None:
    page = host.get("/plan/series", query_string=FIRST_WEDNESDAYS).text

    choices = re.findall(r'<button class="v-opt[^>]*value="set:policy=.*?</button>', page, re.S)
    assert [words(choice) for choice in choices] == [
        "9 sessions — ask me 2 on days off: 4 November, 6 January",
        "7 sessions — leave it out left out: 4 November, 6 January",
        "9 sessions — move it a week on moved to 11 November, 13 January",
    ]


def test_a_date_may_be_left_out_by_its_own_decision_and_is_remembered(
    host: FlaskClient, before_the_season: Clock
) -> None:
    host.post("/plan/series", data=plan(host, FIRST_WEDNESDAYS, **{"to-2026-11-04": "skip"}))

    assert (date(2026, 11, 4) in dates(), len(dates())) == (False, 8)
    assert the_series().left_out == ["2026-11-04"]


def test_closed_dates_stand_in_the_preview_with_their_reason(host: FlaskClient) -> None:
    perm = a_city()
    keeping.close(date(2026, 10, 14), date(2026, 10, 16), "Экзамены", None)
    keeping.close(date(2026, 11, 19), date(2026, 11, 19), "Выборы", None, perm.id)

    lines = rows(host.get("/plan/series", query_string={**THIRD_THURSDAYS, "cities": perm.id}).text)

    assert lines[1] == "15 October 2026 Thu Пермь 12:00 Экзамены"
    assert lines[2] == "19 November 2026 Thu Пермь 12:00 This date is a day off: Выборы."


def test_a_city_that_presents_elsewhere_at_the_hour_is_named(host: FlaskClient) -> None:
    perm = a_city()
    a_session(THURSDAY_10_MOSCOW, title="Школа и завод", presenting=[perm.id], format="seminar")

    page = host.get("/plan/series", query_string={**THIRD_THURSDAYS, "cities": perm.id}).text

    assert rows(page)[1] == (
        "15 October 2026 Thu Пермь 12:00 Пермь presents “ Школа и завод ” at the same hour."
    )


def test_people_weigh_more_than_cities_once_they_are_known(host: FlaskClient) -> None:
    perm = a_city()
    a_city("Владивосток", "Asia/Vladivostok", "Владивостоку")
    anna = a_session(invited=["anna@example.org"], at=THURSDAY_10_MOSCOW)
    from_perm(anna.id, perm.id)

    strip = strip_of(host.get("/plan/series", query_string=THIRD_THURSDAYS).text)

    assert strip == [
        "12:00 to 13:30 Пермь 100.0%",
        "17:00 to 18:30 Владивосток after 18:00 0.0%",
    ]


def from_perm(session_id: int, city_id: int) -> None:
    """Those invited to the session are of the city."""
    with transaction():
        for row in db.session.scalars(
            select(Registration).where(Registration.session_id == session_id)
        ):
            row.person.city_id = city_id


def test_the_preview_asks_the_database_the_same_for_two_dates_and_for_forty(
    host: FlaskClient,
) -> None:
    perm = a_city()
    a_session(WallTime(datetime(2026, 10, 6, 10, 0), "Europe/Moscow"), presenting=[perm.id])
    rule = {**WEEKLY, "every": "1", "cities": perm.id, "part": "dates"}
    with counted() as few:
        host.get("/plan/series", query_string={**rule, "count": "2"})

    with counted() as many:
        page = host.get("/plan/series", query_string={**rule, "last": "2027-03-05"})

    assert len(rows(page.text)) > 40
    assert len(many) == len(few) <= 15
