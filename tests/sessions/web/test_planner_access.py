"""The planner is the team's alone."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import (
    a_host,
    a_person,
    signed_in,
)
from tests.sessions.web.planner_form import (
    THIRD_THURSDAYS,
    a_series,
    dates,
    plan,
    states,
)


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """The browser of a host, who reads Russian."""
    return signed_in(app, a_host())


PAGES = ["/plan", "/plan/series", "/plan/session", "/plan/series/1"]


def test_a_reader_who_is_signed_out_is_asked_to_sign_in(client: FlaskClient) -> None:
    answers = [client.get(page) for page in PAGES]

    assert [answer.status_code for answer in answers] == [302] * 4
    assert [answer.headers["Location"] for answer in answers] == [
        f"/sign-in/?next={page}" for page in PAGES
    ]


def test_a_member_may_not_plan(app: Flask) -> None:
    anna = signed_in(app, a_person(account=True))

    assert [anna.get(page).status_code for page in PAGES] == [403] * 4


def test_a_form_sent_signed_out_changes_nothing(client: FlaskClient, host: FlaskClient) -> None:
    form = plan(host, THIRD_THURSDAYS)
    url, revisions = a_series(host)
    before = (dates(), states())

    answers = [
        client.post("/plan/series", data=form),
        client.post("/plan/session", data={"day": "2026-11-04", "title": "Разбор"}),
        client.post(f"{url}/publish", data=revisions),
    ]

    assert [answer.status_code for answer in answers] == [302] * 3
    assert {answer.headers["Location"].split("?")[0] for answer in answers} == {"/sign-in/"}
    assert (dates(), states()) == before


def test_a_form_without_its_token_is_refused(app: Flask, host: FlaskClient) -> None:
    form = plan(host, THIRD_THURSDAYS)
    del form["csrf_token"]
    app.config["WTF_CSRF_ENABLED"] = True

    answer = host.post("/plan/series", data=form)

    assert (answer.status_code, dates()) == (400, [])
