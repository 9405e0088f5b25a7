"""The plan of a season: what is planned, and what is missing."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sessions.flows import planning, scheduling
from tests.builders import (
    FRIDAY_10_MOSCOW,
    a_host,
    a_plan,
    a_session,
    signed_in,
)
from tests.conftest import Clock
from tests.queries import counted
from tests.sessions.web.planner_form import (
    a_series,
    states,
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
        "1 other session",
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

    assert figures(page)[0] == "1 video conference"
    assert "Прошлая" in page


def test_a_series_of_a_season_to_come_is_offered_its_months(
    host: FlaskClient, before_the_season: Clock
) -> None:
    a_series(host)
    before_the_season.move_to(datetime(2026, 2, 1, 9, 0, tzinfo=UTC))
    coming = host.get("/plan").text
    before_the_season.move_to(datetime(2026, 10, 1, 9, 0, tzinfo=UTC))
    running = host.get("/plan").text

    offers = [re.findall(r'href="(/plan/series(?:\?[^"]*)?)"', page) for page in (coming, running)]

    assert offers == [["/plan/series?first=2026-09-01&amp;last=2027-05-31"], ["/plan/series"]]


def test_one_press_publishes_the_whole_plan_of_a_season_and_of_no_other(host: FlaskClient) -> None:
    a_series(host)
    a_session(draft=True, title="Открытие")
    planning.plan_one(a_plan(title="Прошлая"), datetime(2025, 10, 2, 10, 0), None, "vzaimo.test")
    host.get("/language/en")
    page = host.get("/plan?season=1").text
    form = dict(re.findall(r'name="(revision-\d+)" value="(\d+)"', page))

    answer = host.post("/plan/seasons/1/publish", data={**form, "revision-11": "1"})
    plan = words(host.get(answer.location).text)

    assert (answer.location, states()) == ("/plan?season=1", ["scheduled"] * 10 + ["draft"])
    assert ("10 sessions are published." in plan, "Publish the whole plan" in plan) == (True, False)


def test_of_many_single_drafts_the_first_are_listed_and_the_others_counted(
    host: FlaskClient,
) -> None:
    for number in range(53):
        a_session(draft=True, title=f"Разбор {number}")
    host.get("/language/en")

    page = host.get("/plan").text

    assert (page.count("Разбор"), "and 3 more" in words(page)) == (50, True)


def test_a_draft_changed_meanwhile_waits_when_the_plan_is_published(host: FlaskClient) -> None:
    a_series(host)
    host.get("/language/en")
    form = dict(re.findall(r'name="(revision-\d+)" value="(\d+)"', host.get("/plan").text))
    scheduling.move(3, FRIDAY_10_MOSCOW, 1, None)

    answer = host.post("/plan/seasons/1/publish", data=form)

    assert states() == ["scheduled"] * 2 + ["draft"] + ["scheduled"] * 6
    assert "someone changed it meanwhile" in words(host.get(answer.location).text)


def test_reloading_the_press_that_published_shows_the_plan(host: FlaskClient) -> None:
    assert host.get("/plan/seasons/7/publish").location == "/plan?season=7"


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
