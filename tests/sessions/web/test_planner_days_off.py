"""The page on which a host keeps days off and closed dates."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.flows import planning
from sessions.models.programme import Blackout, DayOff
from tests.builders import a_city, a_host, a_person, signed_in
from tests.sessions.web.planner_form import rows, words

PAGE = "/plan/days-off?year=2027"
APRIL_1 = date(2027, 4, 1)


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    browser = signed_in(app, a_host())
    browser.get("/language/en")
    return browser


def test_the_page_lists_the_year_and_writes_nothing(host: FlaskClient) -> None:
    lines = rows(host.get(PAGE).text)

    assert lines[8:10] == [
        "20 February Sat Working day instead of 22 February",
        "22 February Mon Day off (substituted from 02/20/2027) Not a day off",
    ]
    assert db.session.scalars(select(DayOff)).all() == []


def test_a_day_is_added_and_removed_again(host: FlaskClient) -> None:
    host.post(PAGE, data={"do": "write", "day": "2027-04-01", "name": "День города"})
    added = planning.days_off(APRIL_1, APRIL_1)
    host.post(PAGE, data={"do": "remove:2027-04-01"})

    assert (added, planning.days_off(APRIL_1, APRIL_1)) == ({APRIL_1: "День города"}, {})


def test_a_saturday_is_made_a_working_day(host: FlaskClient) -> None:
    host.post(PAGE, data={"do": "write", "day": "2027-05-01", "name": "", "is_off": "0"})

    assert "1 May Sat Working day by hand" in rows(host.get(PAGE).text)
    assert planning.days_off(date(2027, 5, 1), date(2027, 5, 1)) == {}


def test_the_official_calendar_is_one_press_away_once_something_changed(host: FlaskClient) -> None:
    before = "Back to the official calendar" in host.get(PAGE).text
    host.post(PAGE, data={"do": "remove:2027-05-10"})
    after = "Back to the official calendar" in host.get(PAGE).text

    host.post(PAGE, data={"do": "restore"})

    assert (before, after) == (False, True)
    assert date(2027, 5, 10) in planning.days_off(date(2027, 5, 10), date(2027, 5, 10))


def test_dates_are_closed_for_one_city_and_opened_again(host: FlaskClient) -> None:
    city = a_city()
    closed = {
        "do": "close", "first": "2027-04-05", "last": "2027-04-09", "reason": "Выборы",
        "city": str(city.id),
    }  # fmt: skip

    host.post(PAGE, data=closed)
    page = words(host.get(PAGE).text)
    (row,) = db.session.scalars(select(Blackout))
    host.post(PAGE, data={"do": f"reopen:{row.id}"})

    assert "5–9 April 2027 Пермь: Выборы" in page
    assert db.session.scalars(select(Blackout)).all() == []


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"do": "write", "day": "2027-04-01", "name": " "}, "Write the name of the day off."),
        (
            {"do": "write", "day": "2027-04-01", "name": "я" * 121},
            "Make the name at most 120 characters.",
        ),
        ({"do": "write", "day": "вчера", "name": "День"}, "Write the date like this: 15.10.2026."),
        ({"do": "write", "day": "1900-01-01", "name": "День"}, "Pick a date between 2000 and 2100"),
        ({"do": "close", "first": "2027-04-05", "reason": ""}, "Write why these dates are closed."),
    ],
)
def test_what_is_wrong_is_said_and_the_words_are_kept(
    host: FlaskClient, form: dict[str, str], sentence: str
) -> None:
    answer = host.post(PAGE, data=form)

    assert (answer.status_code, sentence in words(answer.text)) == (400, True)
    assert f'value="{form.get("day", form.get("first"))}"' in answer.text


@pytest.mark.parametrize("year", ["abc", "99999", "0001", "-1", ""])
def test_a_year_that_is_none_shows_the_one_of_today(host: FlaskClient, year: str) -> None:
    page = host.get(f"/plan/days-off?year={year}")

    assert (page.status_code, "Days off of 2026" in page.text) == (200, True)


def test_an_unknown_press_changes_nothing(host: FlaskClient) -> None:
    answers = [host.post(PAGE, data={"do": do}) for do in ("", "drop", "reopen:x")]

    assert [answer.status_code for answer in answers] == [302] * 3
    assert db.session.scalars(select(DayOff)).all() == []


def test_the_calendar_is_the_teams_alone(app: Flask, client: FlaskClient) -> None:
    anna = signed_in(app, a_person(account=True))

    assert (client.get(PAGE).status_code, anna.get(PAGE).status_code) == (302, 403)
    assert anna.post(PAGE, data={"do": "restore"}).status_code == 403
