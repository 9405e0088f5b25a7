"""The plan of a season: what is planned, and what is missing."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sessions.flows import planning
from tests.builders import (
    a_host,
    a_plan,
    a_session,
    signed_in,
)
from tests.conftest import Clock
from tests.queries import counted
from tests.sessions.web.planner_form import (
    a_series,
    words,
)


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """The browser of a host, who reads Russian."""
    return signed_in(app, a_host())


@pytest.fixture
def before_the_season(clock: Clock) -> Clock:
    clock.move_to(datetime(2026, 8, 20, 9, 0, tzinfo=UTC))
    return clock


def test_the_planner_lists_series_and_single_drafts(host: FlaskClient) -> None:
    empty = host.get("/plan").text
    a_session(draft=True, title="Одиночный черновик")
    a_session(title="Опубликованная")
    url, _ = a_series(host)

    page = host.get("/plan").text

    assert ("Одиночный черновик" in empty, "Одиночный черновик" in page) == (False, True)
    assert ("Опубликованная" in page, url in page) == (False, True)


def figures(page: str) -> list[str]:
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.S)
    return [words(f"{number} {name}") for name, number in found]


def test_the_plan_of_a_season_counts_what_is_planned_and_names_what_is_missing(
    host: FlaskClient, before_the_season: Clock
) -> None:
    a_series(host)
    a_session(draft=True, title="Разбор", format="consultation")
    host.get("/language/en")

    page = host.get("/plan").text

    assert figures(page) == [
        "9 video conferences",
        "1 other sessions",
        "9 weeks with a session, of 53",
        "3 months without a session",
        "10 drafts to publish",
    ]
    assert re.findall(r'href="/plan/session\?day=([\d-]+)"', page) == [
        "2027-06-17", "2027-07-15", "2027-08-19",
    ]  # fmt: skip


def test_another_season_is_shown_when_it_is_asked_for(host: FlaskClient) -> None:
    a_series(host)
    planning.plan_one(a_plan(title="Прошлая"), datetime(2025, 10, 2, 10, 0), None, "vzaimo.test")
    host.get("/language/en")

    page = host.get("/plan?season=2").text

    assert figures(page)[0] == "1 video conferences"
    assert "Прошлая" in page


def test_an_empty_plan_leads_to_the_first_series(host: FlaskClient) -> None:
    host.get("/language/en")

    page = host.get("/plan").text

    assert ("Plan the first session" in page, "/plan/series" in page) == (True, True)


def test_the_plan_of_a_season_asks_the_database_the_same_for_few_and_for_many(
    host: FlaskClient,
) -> None:
    a_series(host)
    with counted() as few:
        host.get("/plan")
    for _ in range(3):
        a_series(host)

    with counted() as many:
        host.get("/plan")

    assert len(many) == len(few) <= 10
