"""A series that was made: publishing it, inviting to all of it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.flows import meetings, scheduling
from sessions.models.participation import Registration
from sessions.models.session import Session
from tests.builders import (
    THURSDAY_10_MOSCOW,
    a_host,
    a_session,
    signed_in,
)
from tests.conftest import Clock
from tests.sessions.web.planner_form import (
    a_series,
    states,
    the_form,
)


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """The browser of a host, who reads Russian."""
    return signed_in(app, a_host())


@pytest.fixture
def before_the_season(clock: Clock) -> Clock:
    clock.move_to(datetime(2026, 8, 20, 9, 0, tzinfo=UTC))
    return clock


def test_one_press_publishes_every_draft_of_the_series(host: FlaskClient) -> None:
    url, form = a_series(host)
    host.get("/language/en")

    host.post(f"{url}/publish", data=form)
    page = host.get(url).text

    assert states() == ["scheduled"] * 9
    assert "9 sessions are published." in page.replace("\xa0", " ")
    assert "Publish all" not in page


def test_a_draft_changed_meanwhile_is_reported_and_waits(host: FlaskClient) -> None:
    url, form = a_series(host)
    third = db.session.scalars(select(Session).order_by(Session.id)).all()[2]
    scheduling.move(third.id, THURSDAY_10_MOSCOW, third.revision, None)
    host.get("/language/en")

    host.post(f"{url}/publish", data=form)
    page = host.get(url).text

    assert states() == ["scheduled"] * 2 + ["draft"] + ["scheduled"] * 6
    said = html.unescape(page).replace("\xa0", " ")
    assert "8 sessions are published." in said
    assert "“Первые три года учителя”, 15 October: someone changed it meanwhile." in said.replace(
        "«", "“"
    ).replace("»", "”")


def test_publishing_twice_reports_nothing_as_changed(host: FlaskClient) -> None:
    url, form = a_series(host)

    host.post(f"{url}/publish", data=form)
    first = host.get(url).text
    host.post(f"{url}/publish", data=form)
    again = host.get(url).text

    assert states() == ["scheduled"] * 9
    assert (first.count("v-band"), again.count("v-band")) == (1, 0)


def test_a_session_of_another_series_is_not_published_along(host: FlaskClient) -> None:
    url, form = a_series(host)
    other = a_session(draft=True)

    host.post(f"{url}/publish", data={**form, f"revision-{other.id}": "1"})

    assert states() == ["scheduled"] * 9 + ["draft"]


def test_an_unknown_series_is_not_found(host: FlaskClient) -> None:
    assert host.get("/plan/series/77").status_code == 404
    assert host.post("/plan/series/77/publish").status_code == 404


def test_publishing_all_has_a_room_made_for_each_that_meets_online(
    host: FlaskClient, work_off: Any
) -> None:
    url, form = a_series(host)
    drafts = db.session.scalars(select(Session).order_by(Session.id)).all()
    meetings.use_link(drafts[0].id, "https://rooms.example/a", None)

    page = host.get(url).text
    chosen = re.findall(r'<option selected value="(\w+)">', page)
    host.post(f"{url}/publish", data={**form, "new_room": chosen[0]})
    work_off()

    rooms = [meetings.meeting_of(one.id) for one in drafts]
    assert chosen == ["jitsi"]
    assert [room and room.service for room in rooms] == ["link"] + ["jitsi"] * 8


def test_people_are_invited_to_every_session_of_the_series_still_to_come(
    host: FlaskClient, before_the_season: Clock
) -> None:
    url, _ = a_series(host)
    host.get("/language/en")
    sessions = db.session.scalars(select(Session).order_by(Session.id)).all()
    scheduling.schedule(sessions[1].id, 1, None)
    scheduling.cancel(sessions[2].id, 1, None)
    before_the_season.move_to(datetime(2026, 9, 18, 9, 0, tzinfo=UTC))

    pasted = {"addresses": "Анна Белова <anna@example.org>\nboris@example", "once": "one-form"}
    answers = [host.post(f"{url}/invite", data=pasted) for _ in range(2)]
    page = host.get(answers[0].location).text.replace("\xa0", " ")

    invited = db.session.scalars(select(Registration.session_id)).all()
    assert [answer.location for answer in answers] == [f"{url}?unclear=1#invite"] * 2
    assert sorted(invited) == [one.id for one in (sessions[1], *sessions[3:])]
    assert "1 person is invited to all sessions still to come." in page
    assert re.findall(r"<textarea[^>]*>\s*([^<]*)</textarea>", page) == ["boris@example"]


def test_inviting_nobody_to_a_series_says_what_is_missing(
    host: FlaskClient, before_the_season: Clock
) -> None:
    url, _ = a_series(host)
    host.get("/language/en")

    answer = host.post(f"{url}/invite", data={"addresses": "boris@example"})

    assert answer.status_code == 400
    assert "There is no whole address in the box." in answer.text.replace("\xa0", " ")
    assert db.session.scalars(select(Registration)).all() == []


def test_drafts_of_a_series_are_published_from_the_plan_of_the_season(host: FlaskClient) -> None:
    a_series(host)
    host.get("/language/en")
    form = the_form(host.get("/plan").text)

    answer = host.post("/plan/series/1/publish", data=form)

    assert (answer.location, states()) == ("/plan?season=1", ["scheduled"] * 9)
