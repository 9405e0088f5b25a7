"""One session is planned quickly, and what hinders is said beside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.models.session import Session
from tests.builders import (
    THURSDAY_10_MOSCOW,
    a_city,
    a_host,
    a_session,
    signed_in,
)
from tests.sessions.web.planner_form import (
    dates,
    strip_of,
    the_form,
    words,
)


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """The browser of a host, who reads Russian."""
    return signed_in(app, a_host())


ONE = {
    "day": "2026-11-04", "at": "10:00", "tz": "Europe/Moscow", "length": "60", "title": "Разбор",
    "format": "consultation", "mode": "online", "visibility": "members",
}  # fmt: skip


def test_one_session_becomes_a_draft_and_its_day_off_is_named(host: FlaskClient) -> None:
    host.get("/language/en")

    answer = host.post("/plan/session", data=ONE)

    [made] = db.session.scalars(select(Session)).all()
    assert (made.title, made.state, made.format, made.visibility, made.duration_min) == (
        "Разбор", "draft", "consultation", "members", 60,
    )  # fmt: skip
    assert made.starts_at == datetime(2026, 11, 4, 7, 0, tzinfo=UTC)
    assert answer.headers["Location"].startswith(f"/sessions/{made.id}")
    assert "This date is a day off: Unity Day." in host.get("/plan").text.replace("\xa0", " ")


def test_a_form_gone_back_to_makes_a_second_session_of_other_words(host: FlaskClient) -> None:
    token = the_form(host.get("/plan/session").text)["once"]

    first = host.post("/plan/session", data={**ONE, "title": "Первая", "once": token})
    second = host.post("/plan/session", data={**ONE, "title": "Вторая", "once": token})

    titles = db.session.scalars(select(Session.title).order_by(Session.id)).all()
    assert titles == ["Первая", "Вторая"]
    assert first.location != second.location


def test_one_session_sent_twice_is_one_draft(host: FlaskClient) -> None:
    token = the_form(host.get("/plan/session").text)["once"]

    first = host.post("/plan/session", data={**ONE, "once": token})
    second = host.post("/plan/session", data={**ONE, "once": token})

    assert first.headers["Location"] == second.headers["Location"]
    assert len(dates()) == 1


def test_one_session_needs_a_date_that_there_is(host: FlaskClient) -> None:
    answers = [
        host.post("/plan/session", data={**ONE, "day": day})
        for day in ("", "вчера", "2026-02-30", "0001-01-01", "9999-12-31")
    ]

    assert ([answer.status_code for answer in answers], dates()) == ([400] * 5, [])
    assert all('value="Разбор"' in answer.text for answer in answers)


def test_the_hour_of_one_session_is_looked_at_before_it_is_made(host: FlaskClient) -> None:
    perm = a_city()
    a_session(THURSDAY_10_MOSCOW, title="Школа и завод", presenting=[perm.id])
    host.get("/language/en")

    page = host.post(
        "/plan/session",
        data={**ONE, "day": "2026-10-15", "format": "seminar", "cities": perm.id, "do": "show"},
    )

    assert (page.status_code, len(dates())) == (200, 1)
    assert "Пермь presents “ Школа и завод ” at the same hour." in words(page.text)
    assert strip_of(page.text) == ["12:00 to 13:00 Пермь 100.0%"]


def test_an_hour_on_offer_is_taken_over_with_what_was_written(host: FlaskClient) -> None:
    page = host.post("/plan/session", data={**ONE, "day": "2026-10-15", "do": "set:at=9:30"}).text

    form = the_form(page)
    assert (form["at"], form["title"]) == ("9:30", "Разбор")


def test_nothing_against_a_date_is_said_as_well(host: FlaskClient) -> None:
    host.get("/language/en")

    page = host.get("/plan/session?day=2026-10-15&part=hour").text

    assert "<html" not in page
    assert "Nothing speaks against Thursday, 15 October 2026." in words(page)
