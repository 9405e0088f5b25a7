"""The JSON API: what it gives to whom, and how it says no."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.flows import tokens
from sessions.models.people import Person
from sessions.models.session import Session
from tests.builders import a_host, a_person, a_session, signed_in

SESSIONS = "/api/v1/sessions/"


def bearer(person: Person, *scopes: str) -> dict[str, str]:
    return {"Authorization": "Bearer " + tokens.issue(person.id, "test", list(scopes), None)}


def titles(client: FlaskClient, headers: dict[str, str] | None = None) -> list[str]:
    return [item["title"] for item in client.get(SESSIONS, headers=headers).json["items"]]  # type: ignore[index]


def test_a_stranger_gets_public_sessions_only(client: FlaskClient) -> None:
    a_session(title="open")
    a_session(title="draft", draft=True)
    a_session(title="members", visibility="members")

    assert titles(client) == ["open"]


def test_a_token_gives_what_its_owner_may_see(client: FlaskClient) -> None:
    host, member = a_host(), a_person("member@example.org")
    a_session(title="draft", draft=True)
    a_session(title="members", visibility="members")

    assert titles(client, bearer(host, "read")) == ["draft", "members"]
    assert titles(client, bearer(member, "read")) == ["members"]


def test_a_cookie_counts_for_nothing(app: Flask) -> None:
    a_session(title="draft", draft=True)
    client = signed_in(app, a_host())

    assert titles(client) == []


def test_a_revoked_token_is_refused(client: FlaskClient) -> None:
    host = a_host()
    headers = bearer(host, "read")
    tokens.revoke(tokens.of_person(host.id)[0].id, host.id)

    answer = client.get(SESSIONS, headers=headers)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_planning_takes_the_scope_and_the_role(client: FlaskClient) -> None:
    host, member = a_host(), a_person("member@example.org")
    body = {
        "title": "Семинар", "wall_start": "2026-11-12T10:00:00", "tz": "Asia/Omsk",
        "duration_min": 60,
    }  # fmt: skip

    without = client.post(SESSIONS, json=body)
    reader = client.post(SESSIONS, json=body, headers=bearer(host, "read"))
    outsider = client.post(SESSIONS, json=body, headers=bearer(member, "read", "plan"))
    planned = client.post(SESSIONS, json=body, headers=bearer(host, "read", "plan"))

    assert (without.status_code, reader.status_code, outsider.status_code) == (401, 403, 403)
    assert planned.status_code == 201
    assert planned.json is not None
    assert (planned.json["state"], planned.json["starts_at"]) == (
        "draft",
        "2026-11-12T04:00:00+00:00",
    )
    assert db.session.scalars(select(Session.title)).all() == ["Семинар"]


def test_a_refusal_says_what_is_lacking(client: FlaskClient) -> None:
    host, member = a_host(), a_person("member@example.org")
    body = {
        "title": "Семинар", "wall_start": "2026-11-12T10:00:00", "tz": "Asia/Omsk",
        "duration_min": 60,
    }  # fmt: skip
    callers = [(host, ("read",)), (host, ("plan",)), (member, ("read", "plan"))]

    told = [
        (client.post(SESSIONS, json=body, headers=bearer(who, *scopes)).json or {})["message"]
        for who, scopes in callers
    ]

    assert told == [
        "This token lacks the scope plan; it has read.",
        "This token lacks the scope read; it has plan.",
        "Only hosts and administrators plan sessions; the owner of this token is neither.",
    ]


def test_a_bad_value_is_named(client: FlaskClient) -> None:
    headers = bearer(a_host(), "read", "plan")
    body = {"title": "", "wall_start": "soon", "tz": "Omsk", "duration_min": 60}

    answer = client.post(SESSIONS, json=body, headers=headers)

    assert answer.status_code == 422
    assert answer.json is not None
    assert set(answer.json["errors"]["json"]) == {"title", "wall_start"}


def test_a_title_keeps_only_what_can_be_seen(client: FlaskClient) -> None:
    headers = bearer(a_host(), "read", "plan")
    body = {"wall_start": "2026-10-15T10:00:00", "tz": "Europe/Moscow", "duration_min": 90}

    planned = client.post(SESSIONS, json={**body, "title": "\u202eИмя\x00\u2028"}, headers=headers)
    unseen = client.post(SESSIONS, json={**body, "title": "\u200b\u3164"}, headers=headers)
    no_object = client.post(SESSIONS, json=[1], headers=headers)

    assert (planned.status_code, planned.json["title"]) == (201, "Имя")
    assert (unseen.status_code, no_object.status_code) == (422, 422)


def test_errors_have_one_shape(client: FlaskClient) -> None:
    missing = client.get("/api/v1/sessions/99").json
    unknown = client.get("/api/v1/nothing").json
    query = client.get("/api/v1/search").json

    shapes = [sorted(answer) for answer in (missing, unknown, query) if answer]
    assert shapes == [["code", "errors", "message", "request_id"]] * 3


def test_pages_of_errors_stay_pages(client: FlaskClient) -> None:
    answer = client.get("/nothing-here")

    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_the_description_names_every_endpoint(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").json
    page = client.get("/api/v1/docs/")

    assert described is not None
    assert sorted(described["paths"]) == [
        "/api/v1/search",
        "/api/v1/sessions/",
        "/api/v1/sessions/{session_id}",
        "/api/v1/talks/",
        "/api/v1/talks/{talk_id}",
        "/api/v1/talks/{talk_id}/transcript",
    ]
    assert page.status_code == 200


@pytest.mark.parametrize("page", ["/api/v1/sessions/?page=0", "/api/v1/sessions/?per_page=100000"])
def test_a_page_out_of_range_is_refused(client: FlaskClient, page: str) -> None:
    assert client.get(page).status_code == 422
