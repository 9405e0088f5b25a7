"""A host changes a series on its page: sees what follows, ticks, and has it done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.flows import inviting, scheduling
from sessions.models.programme import Series
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from sessions.web.planner_change import hands
from tests.builders import a_host, a_person, a_session, signed_in
from tests.conftest import Clock
from tests.queries import counted
from tests.sessions.web.planner_form import a_series, rows, the_form, words

CHANGE = "/plan/series/1/change"


@pytest.fixture
def host(app: Flask, clock: Clock) -> FlaskClient:
    clock.move_to(datetime(2026, 8, 20, 9, 0, tzinfo=UTC))
    browser = signed_in(app, a_host())
    browser.get("/language/en")
    a_series(browser)
    return browser


def walls() -> list[str]:
    db.session.expire_all()
    query = select(Session.wall_start).order_by(Session.starts_at)
    return [f"{wall:%m-%d %H}" for wall in db.session.scalars(query)]


def sent(host: FlaskClient, **changes: Any) -> dict[str, Any]:
    """The form of the page that shows what these fields come to."""
    shown = host.post(CHANGE, data={**the_form(host.get(CHANGE).text), **changes, "do": "show"})
    return {**the_form(host.get(shown.location).text), "do": "make"}


def test_the_page_shows_the_series_as_it_is_and_that_nothing_changes(host: FlaskClient) -> None:
    page = host.get(CHANGE).text

    form = the_form(page)
    assert [form[name] for name in ("n", "weekday", "at", "first", "last", "title")] == [
        "3", "3", "10:00", "2026-09-01", "2027-05-31", "Первые три года учителя",
    ]  # fmt: skip
    assert "Nothing changes so far." in words(page)


def test_another_hour_is_shown_before_it_is_given(host: FlaskClient) -> None:
    form = sent(host, at="11:00")
    before = walls()

    answer = host.post(CHANGE, data=form)

    assert (before[0], walls()[0], len(walls())) == ("09-17 10", "09-17 11", 9)
    assert answer.location == "/plan/series/1"
    assert "9 sessions are changed." in words(host.get(answer.location).text)


def test_the_same_form_sent_twice_changes_the_series_once(host: FlaskClient) -> None:
    form = sent(host, at="11:00", scope="following", **{"from": "2027-01-21"})

    first, second = (host.post(CHANGE, data=form).location for _ in range(2))

    assert first == second == "/plan/series/2"
    assert len(db.session.scalars(select(Series)).all()) == 2
    assert [wall[-2:] for wall in walls()] == ["10"] * 4 + ["11"] * 5


def test_only_one_session_is_changed_where_only_one_is_meant(host: FlaskClient) -> None:
    page = host.get(f"{CHANGE}?scope=one&from=2026-10-15").text
    shown = host.post(CHANGE, data={**the_form(page), "at": "12:00", "do": "show"}).location

    host.post(CHANGE, data={**the_form(host.get(shown).text), "do": "make"})

    assert walls()[:3] == ["09-17 10", "10-15 12", "11-19 10"]


def test_one_session_is_shown_with_words_of_its_own_and_nothing_changes(host: FlaskClient) -> None:
    october = db.session.scalars(select(Session).order_by(Session.starts_at)).all()[1]
    hands().edit(october.id, {"title": "Октябрьская"}, october.revision, None)

    page = host.get(f"{CHANGE}?scope=one&from=2026-10-15").text

    assert the_form(page)["title"] == "Октябрьская"
    assert "Nothing changes so far." in words(page)


def test_a_session_moved_by_hand_stays_until_it_is_ticked(host: FlaskClient) -> None:
    october = db.session.scalars(select(Session).order_by(Session.starts_at)).all()[1]
    there = WallTime(datetime(2026, 10, 20, 14, 0), "Europe/Moscow")
    scheduling.move(october.id, there, october.revision, None)
    form = sent(host, at="11:00")

    host.post(CHANGE, data=form)
    stayed = walls()[1]
    host.post(CHANGE, data={**sent(host), "also": str(october.id)})

    assert (stayed, walls()[1]) == ("10-20 14", "10-15 11")


def test_a_session_is_chosen_by_the_date_it_has_now(host: FlaskClient) -> None:
    october = db.session.scalars(select(Session).order_by(Session.starts_at)).all()[1]
    there = WallTime(datetime(2026, 10, 20, 14, 0), "Europe/Moscow")
    scheduling.move(october.id, there, october.revision, None)

    page = host.get(CHANGE).text

    assert '<option value="2026-10-15">20 October 2026</option>' in page.replace("\u00a0", " ")


def test_dates_and_drops_are_done_as_they_are_ticked(host: FlaskClient) -> None:
    form = sent(host, last="2027-06-30", first="2026-10-01")

    host.post(CHANGE, data={**form, "drop": [], "make": []})

    assert walls()[0] == "09-17 10"
    assert len(walls()) == 9
    series = db.session.get_one(Series, 1)
    assert series.left_out == ["2027-06-17"]


def test_a_change_made_meanwhile_is_shown_before_anything_is_done(host: FlaskClient) -> None:
    form = sent(host, at="11:00")
    may = db.session.scalars(select(Session).order_by(Session.starts_at)).all()[-1]
    there = WallTime(datetime(2027, 5, 21, 10, 0), "Europe/Moscow")
    scheduling.move(may.id, there, may.revision, None)

    answer = host.post(CHANGE, data=form)

    assert (answer.status_code, walls()[0]) == (409, "09-17 10")
    assert "Meanwhile something has changed" in words(answer.text)


def test_another_weekday_is_shown_with_its_reason(host: FlaskClient) -> None:
    page = host.post(
        CHANGE, data={**the_form(host.get(CHANGE).text), "weekday": "2", "do": "show"}
    ).location

    lines = rows(host.get(page).text)

    assert lines[0] == (
        "Первые три года учителя 17 September 2026 Thu , 10:00 Moscow time "
        "16 September 2026 Wed , 10:00 Moscow time The rule gives another date"
    )


def test_what_cannot_be_read_is_said_and_changes_nothing(host: FlaskClient) -> None:
    form = the_form(host.get(CHANGE).text)

    answer = host.post(CHANGE, data={**form, "at": "полдень", "do": "make"})

    assert (answer.status_code, walls()[0]) == (400, "09-17 10")
    assert "Start: write the hour like this: 10:00." in words(answer.text)


def test_what_hinders_a_new_hour_is_said_with_those_who_hear_of_it(host: FlaskClient) -> None:
    october = db.session.scalars(select(Session).order_by(Session.starts_at)).all()[1]
    inviting.invite(october.id, [("", "anna@example.org")], None)
    scheduling.schedule(october.id, october.revision, None)
    a_session(WallTime(datetime(2026, 10, 15, 15, 0), "Europe/Moscow"), title="Школа и завод")

    shown = host.post(
        CHANGE, data={**the_form(host.get(CHANGE).text), "at": "15:00", "do": "show"}
    ).location
    page = host.get(shown).text

    assert rows(page)[1].endswith("The same hour: “ Школа и завод ”.")
    assert "9 sessions change . 1 person gets a letter." in words(page)


def test_junk_in_the_address_is_no_error_of_ours(host: FlaskClient) -> None:
    fields = ("scope", "from", "at", "also", "kind", "first", "last", "count", "dates", "cities")

    answers = [
        host.get(CHANGE, query_string={"at": "10:00", name: junk})
        for name in fields
        for junk in ("abc", "", "9" * 40, "-5", "0001-01-01", "9999-12-31")
    ]

    assert {answer.status_code for answer in answers} == {200}


def test_the_page_asks_the_database_a_fixed_number_of_questions(host: FlaskClient) -> None:
    with counted() as asked:
        host.get(f"{CHANGE}?scope=following&from=2026-10-15")

    assert len(asked) <= 20


def test_a_series_is_changed_by_the_team_alone(app: Flask, host: FlaskClient) -> None:
    form = sent(host, at="11:00")
    anna = signed_in(app, a_person(account=True))

    assert (anna.get(CHANGE).status_code, anna.post(CHANGE, data=form).status_code) == (403, 403)
    assert walls()[0] == "09-17 10"
    assert host.get("/plan/series/77/change").status_code == 404
