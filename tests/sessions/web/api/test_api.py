"""The JSON API: what it gives to whom, and how it says no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import gettext
from sqlalchemy import select

from integrations.runtime import language
from integrations.runtime.database import db
from sessions.flows import tokens
from sessions.models.session import Session
from sessions.web.api import problems
from tests.builders import a_host, a_person, a_session, signed_in
from tests.sessions.web.api.calling import ENGLISH, bearer

SESSIONS = "/api/v1/sessions/"
STEPS = ("schedule", "move", "postpone", "reschedule", "cancel", "reinstate", "end")


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
        (client.post(SESSIONS, json=body, headers=bearer(who, *scopes)).json or {})["detail"]
        for who, scopes in callers
    ]

    assert told == [
        "This token lacks the scope plan; it has read.",
        "This token lacks the scope read; it has plan.",
        "The owner of this token may not do this.",
    ]


def test_a_bad_value_is_named(client: FlaskClient) -> None:
    headers = bearer(a_host(), "read", "plan")
    body = {"title": "", "wall_start": "soon", "tz": "Omsk", "duration_min": 60}

    answer = client.post(SESSIONS, json=body, headers=headers)

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "input.invalid"
    assert {one["pointer"]: one["detail"] for one in answer.json["errors"]} == {
        "#/title": "It must be from 1 to 200 characters or entries long.",
        "#/tz": "This is no IANA zone, such as Europe/Moscow.",
        "#/wall_start": "Write date and hour like this: 2026-10-15T10:00.",
    }


def test_a_title_keeps_only_what_can_be_seen(client: FlaskClient) -> None:
    headers = bearer(a_host(), "read", "plan")
    body = {"wall_start": "2026-10-15T10:00:00", "tz": "Europe/Moscow", "duration_min": 90}

    planned = client.post(SESSIONS, json={**body, "title": "\u202eИмя\x00\u2028"}, headers=headers)
    unseen = client.post(SESSIONS, json={**body, "title": "\u200b\u3164"}, headers=headers)
    no_object = client.post(SESSIONS, json=[1], headers=headers)

    assert (planned.status_code, planned.json["title"]) == (201, "Имя")
    assert (unseen.status_code, no_object.status_code) == (422, 422)


def test_errors_have_one_shape(client: FlaskClient) -> None:
    answers = [client.get(f"/api/v1/{path}", headers=ENGLISH) for path in
               ("sessions/99", "nothing", "search")]  # fmt: skip
    answers.append(client.delete(SESSIONS, headers=ENGLISH))

    told = [(one.mimetype, one.status_code, (one.json or {})["code"]) for one in answers]
    assert told == [
        ("application/problem+json", 404, "not_found"),
        ("application/problem+json", 404, "not_found"),
        ("application/problem+json", 422, "input.invalid"),
        ("application/problem+json", 405, "method.not_allowed"),
    ]
    assert answers[0].json == {
        "type": "http://vzaimo.test/api/v1/docs/#not_found",
        "title": "There is no such thing, or it is not open to you.",
        "status": 404,
        "detail": "There is no such thing, or it is not open to you.",
        "code": "not_found",
        "errors": [],
        "request_id": answers[0].headers["X-Request-ID"],
    }
    assert sorted(answers[3].headers["Allow"].split(", ")) == ["GET", "HEAD", "OPTIONS", "POST"]


def test_errors_are_said_in_the_language_of_the_caller(client: FlaskClient) -> None:
    english = a_person("en@example.org", locale="en")
    body = {"title": "Седьмой"}

    own = client.post(SESSIONS, json=body, headers=_without_language(bearer(english, "read")))
    asked = client.post(
        SESSIONS, json=body, headers={**bearer(english, "read"), "Accept-Language": "ru"}
    )

    assert own.json is not None
    assert asked.json is not None
    assert (own.json["code"], asked.json["code"]) == ("token.scope", "token.scope")
    with language.speaking("en"):
        assert own.json["title"] == gettext("This token lacks a scope.")
    with language.speaking("ru"):
        assert asked.json["title"] == gettext("This token lacks a scope.")


def _without_language(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name == "Authorization"}


def test_pages_of_errors_stay_pages(client: FlaskClient) -> None:
    answer = client.get("/nothing-here")

    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_the_description_names_every_endpoint(app: Flask, client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").json
    page = client.get("/api/v1/docs/")

    assert described is not None
    own = {
        re.sub(r"<int:(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api_") and not rule.endpoint.startswith("api_docs.")
    }
    assert set(described["paths"]) == own
    assert page.status_code == 200


def test_the_description_holds_together(client: FlaskClient) -> None:
    described: dict[str, Any] = client.get("/api/v1/openapi.json").json or {}

    operations = {
        (path, method): operation
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
    leads = [ref.removeprefix("#/").split("/") for ref in _references(described)]
    assert [ref for ref in leads if _at(described, ref) is None] == []
    assert [key for key, one in operations.items() if "default" not in one["responses"]] == []
    assert [key for key, one in operations.items() if not one.get("summary")] == []
    problem = described["components"]["responses"]["DEFAULT_ERROR"]["content"]
    assert list(problem) == ["application/problem+json"]
    guarded = {path for (path, method), one in operations.items() if "security" in one}
    assert guarded == {
        "/api/v1/me/",
        "/api/v1/me/sessions",
        "/api/v1/series/",
        "/api/v1/series/preview",
        "/api/v1/sessions/",
        "/api/v1/sessions/{session_id}",
        *(f"/api/v1/sessions/{{session_id}}/{step}" for step in STEPS),
    }


def _references(within: object) -> Iterator[str]:
    if isinstance(within, dict):
        for name, inner in within.items():
            if name == "$ref":
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(within, list):
        for inner in within:
            yield from _references(inner)


def _at(described: dict[str, Any], steps: list[str]) -> object:
    found: Any = described
    for step in steps:
        found = found.get(step, {})
    return found or None


def test_the_page_of_the_description_lists_every_code(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs/").text

    listed = re.findall(r'<tr id="([^"]+)"', page)
    assert [one for one in problems.PROBLEMS if one not in listed] == []
    assert "session.cannot_cancel" in listed


@pytest.mark.parametrize("page", ["/api/v1/sessions/?page=0", "/api/v1/sessions/?per_page=100000"])
def test_a_page_out_of_range_is_refused(client: FlaskClient, page: str) -> None:
    assert client.get(page).status_code == 422
