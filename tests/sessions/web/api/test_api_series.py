"""Series in the API: looked at, planned, and who sees how much of them."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from integrations.runtime.database import db
from sessions.flows import planning, scheduling
from sessions.models.programme import Series
from sessions.models.session import Session
from tests.builders import a_city, a_host, a_person, a_plan, a_session
from tests.queries import counted
from tests.sessions.web.api.calling import ENGLISH, bearer

SERIES = "/api/v1/series/"
FIRST_WEDNESDAYS: dict[str, Any] = {
    "title": "Первые среды",
    "rule": {
        "kind": "monthly", "n": 1, "weekday": 2,
        "first_on": "2026-10-01", "last_on": "2027-01-31",
    },
    "wall_start": "10:00",
    "tz": "Europe/Moscow",
    "duration_min": 90,
    "holiday_policy": "shift",
}  # fmt: skip


def made() -> int:
    return db.session.scalar(select(func.count(Session.id))) or 0


def test_a_preview_tells_hours_days_off_and_makes_nothing(client: FlaskClient) -> None:
    a_city("Омск", "Asia/Omsk", "Омску")
    body = {**FIRST_WEDNESDAYS, "left_out": ["2026-12-02"]}

    answer = client.post(f"{SERIES}preview", json=body, headers=bearer(a_host(), "read", "plan"))

    told = answer.json or {}
    assert [(one["on"], one["moved_from"], one["is_made"]) for one in told["dates"]] == [
        ("2026-10-07", None, True),
        ("2026-11-11", "2026-11-04", True),
        ("2026-12-02", None, False),
        ("2027-01-13", "2027-01-06", True),
    ]
    assert told["sessions"] == 3
    hours = told["dates"][0]["hours"]
    assert [(one["tz"], one["starts_at"], one["kind"]) for one in hours] == [
        ("Asia/Omsk", "2026-10-07T13:00:00+06:00", "working")
    ]
    assert (made(), db.session.scalar(select(func.count(Series.id)))) == (0, 0)


def test_a_preview_names_what_is_in_the_way(client: FlaskClient) -> None:
    city = a_city()
    other = a_session(title="Занято", presenting=(city.id,), format="seminar")
    body = {
        **FIRST_WEDNESDAYS, "presenting": [city.id],
        "rule": {"kind": "dates", "dates": ["2026-10-15"]},
    }  # fmt: skip

    answer = client.post(f"{SERIES}preview", json=body, headers=bearer(a_host(), "read", "plan"))

    found = (answer.json or {})["dates"][0]["conflicts"]
    assert [(one["kind"], one["severity"], one["sessions"]) for one in found] == [
        ("city_twice", "warning", [other.id]),
        ("same_audience", "notice", [other.id]),
    ]
    assert "Занято" in found[0]["text"]
    assert "<" not in found[0]["text"]


def test_a_longer_rule_takes_no_more_queries(client: FlaskClient) -> None:
    city = a_city()
    headers = bearer(a_host(), "read", "plan")
    a_session(presenting=(city.id,))
    weekly = {"kind": "weekly", "every": 1, "weekdays": [0, 3],
              "first_on": "2026-10-12", "last_on": "2027-06-30"}  # fmt: skip
    body = {**FIRST_WEDNESDAYS, "presenting": [city.id]}
    client.post(f"{SERIES}preview", json=body, headers=headers)

    with counted() as short:
        one = {**body, "rule": {"kind": "dates", "dates": ["2026-10-15"]}}
        client.post(f"{SERIES}preview", json=one, headers=headers)
    with counted() as long:
        answer = client.post(f"{SERIES}preview", json={**body, "rule": weekly}, headers=headers)

    assert len((answer.json or {})["dates"]) > 60
    assert len(long) == len(short)


def test_a_series_is_made_once_however_often_it_is_sent(client: FlaskClient) -> None:
    headers = {**bearer(a_host(), "read", "plan"), "Idempotency-Key": "autumn"}
    body = {**FIRST_WEDNESDAYS, "left_out": ["2026-12-02"]}

    first = client.post(SERIES, json=body, headers=headers)
    again = client.post(SERIES, json=body, headers=headers)

    told = first.json or {}
    assert (first.status_code, again.status_code, again.json) == (201, 201, told)
    assert first.headers["Location"].endswith(f"/api/v1/series/{told['id']}")
    assert (told["sessions"], told["left_out"], made()) == (3, ["2026-12-02"], 3)
    listed = client.get(f"{SERIES}{told['id']}/sessions", headers=headers).json or {}
    assert [(one["wall_start"], one["state"]) for one in listed["items"]] == [
        ("2026-10-07T10:00:00", "draft"),
        ("2026-11-11T10:00:00", "draft"),
        ("2027-01-13T10:00:00", "draft"),
    ]


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        ({"kind": "weekly", "every": 1}, "#/rule/weekdays"),
        ({"kind": "monthly", "n": 0, "weekday": 1, "first_on": "2026-10-01",
          "last_on": "2026-12-01"}, "#/rule/n"),
        ({"kind": "monthly", "n": 1, "weekday": 1, "first_on": "2026-12-01",
          "last_on": "2026-10-01"}, "#/rule/last_on"),
        ({"kind": "weekly", "every": 1, "weekdays": [0, 1, 2, 3, 4, 5, 6],
          "first_on": "2026-10-01", "last_on": "2030-10-01"}, "#/rule"),
        ({"kind": "yearly"}, "#/rule/kind"),
    ],
)  # fmt: skip
def test_a_rule_that_is_none_is_refused(
    client: FlaskClient, rule: dict[str, object], pointer: str
) -> None:
    headers = bearer(a_host(), "read", "plan")

    answers = [
        client.post(f"{SERIES}{path}", json={**FIRST_WEDNESDAYS, "rule": rule}, headers=headers)
        for path in ("preview", "")
    ]

    assert [one.status_code for one in answers] == [422, 422]
    assert [one["pointer"] for one in (answers[0].json or {})["errors"]] == [pointer]


def test_a_rule_of_more_than_ten_years_is_refused_in_words(client: FlaskClient) -> None:
    rule = {"kind": "weekly", "every": 1, "weekdays": [2], "first_on": "2026-10-01",
            "last_on": "2037-10-01"}  # fmt: skip
    headers = {**bearer(a_host(), "read", "plan"), "Accept-Language": "en"}

    answer = client.post(
        f"{SERIES}preview", json={**FIRST_WEDNESDAYS, "rule": rule}, headers=headers
    )

    assert [one["detail"] for one in (answer.json or {})["errors"]] == [
        "A rule goes on for ten years at most. Shorten it."
    ]


def test_a_rule_without_dates_makes_no_series(client: FlaskClient) -> None:
    past = {"kind": "dates", "dates": ["2026-09-30"]}
    headers = bearer(a_host(), "read", "plan")

    answer = client.post(SERIES, json={**FIRST_WEDNESDAYS, "rule": past}, headers=headers)

    assert (answer.status_code, (answer.json or {})["code"]) == (422, "series.no_dates")


def test_planning_a_series_is_for_hosts(client: FlaskClient) -> None:
    member = bearer(a_person("member@example.org"), "read", "plan")

    told = [
        client.post(f"{SERIES}{path}", json=FIRST_WEDNESDAYS, headers=who).status_code
        for path in ("preview", "")
        for who in (ENGLISH, member)
    ]

    assert told == [401, 403, 401, 403]


def test_a_series_shows_the_rule_to_the_team_only(client: FlaskClient) -> None:
    plan = a_plan()
    series_id = planning.plan_series(plan, planning.preview(plan), None, "vzaimo.test")
    headers = bearer(a_host(), "read")
    page = f"{SERIES}{series_id}"

    hidden = client.get(page)
    first = db.session.scalars(select(Session).order_by(Session.starts_at)).first()
    assert first is not None
    scheduling.schedule(first.id, first.revision, None)
    season = f"/api/v1/seasons/{first.season_id}/series"
    stranger, host = client.get(page).json or {}, client.get(page, headers=headers).json or {}

    assert hidden.status_code == 404
    assert (stranger["sessions"], host["sessions"]) == (1, 9)
    assert "rule" not in stranger
    assert host["rule"]["kind"] == "monthly"
    assert (client.get(season).json or {})["items"] == [stranger]
    assert len((client.get(f"{page}/sessions").json or {})["items"]) == 1
