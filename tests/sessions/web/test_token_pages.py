"""Tokens on the page: shown once, revoked for good."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from integrations.runtime.database import db, transaction
from sessions.flows import tokens
from sessions.models.people import RoleGrant
from tests.builders import a_host, a_person, signed_in
from tests.sessions.web.reading import words


def test_a_new_token_is_shown_once_and_works(app: Flask) -> None:
    client = signed_in(app, a_host())

    client.post("/me/tokens", data={"name": "site", "scopes": ["read"]})
    made = client.get("/me/tokens")
    later = client.get("/me/tokens")

    secret = re.search(r"vz_[\w-]{43}", made.text)
    assert secret is not None
    assert secret[0] not in later.text
    answer = client.get("/api/v1/sessions/", headers={"Authorization": f"Bearer {secret[0]}"})
    assert answer.status_code == 200


def test_nobody_revokes_the_token_of_another(app: Flask) -> None:
    owner, other = a_host("owner@example.org"), a_host("other@example.org")
    client = signed_in(app, owner)
    client.post("/me/tokens", data={"name": "site", "scopes": ["read"]})
    made = client.get("/me/tokens")
    secret = re.search(r"vz_[\w-]{43}", made.text)
    assert secret is not None
    header = {"Authorization": f"Bearer {secret[0]}"}

    signed_in(app, other).post("/me/tokens/1/revoke")
    after_other = app.test_client().get("/api/v1/sessions/", headers=header).status_code
    signed_in(app, owner).post("/me/tokens/1/revoke")
    after_owner = app.test_client().get("/api/v1/sessions/", headers=header).status_code

    assert (after_other, after_owner) == (200, 401)


def test_the_page_is_for_those_who_signed_in(client: FlaskClient) -> None:
    answer = client.get("/me/tokens")

    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/sign-in/?next=/me/tokens",
    )


def test_after_a_token_is_made_the_form_is_empty_and_reloading_makes_no_other(app: Flask) -> None:
    host = a_host()
    client = signed_in(app, host)

    answer = client.post("/me/tokens", data={"name": "our site", "scopes": ["read"]})
    page = client.get("/me/tokens").text
    client.get("/me/tokens")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/me/tokens")
    assert 'value="our site"' not in page
    assert "checked" not in page
    assert len(tokens.of_person(host.id)) == 1


def test_scopes_stand_in_words_and_only_where_they_are_of_use(app: Flask) -> None:
    member, host = a_person("member@example.org", account=True), a_host()
    editor = a_person("editor@example.org", account=True)
    with transaction():
        db.session.add(RoleGrant(person_id=editor.id, role="editor", scope="*"))
    tokens.issue(host.id, "site", ["read", "plan"], None)

    offered = {}
    for who in (member, host, editor):
        page = signed_in(app, who).get("/me/tokens").text
        offered[who.id] = re.findall(r'name="scopes"[^>]*value="(\w+)"', page)
    page = words(signed_in(app, host).get("/me/tokens"))
    refused = signed_in(app, member).post("/me/tokens", data={"name": "x", "scopes": ["plan"]})

    assert offered == {
        member.id: ["read"], host.id: ["read", "plan", "archive"], editor.id: ["read", "archive"],
    }  # fmt: skip
    assert "планировать встречи, читать то, что вижу я" in page
    assert refused.status_code == 200
    assert tokens.of_person(member.id) == []
