"""Tokens on the page: shown once, revoked for good."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.builders import a_host, signed_in


def test_a_new_token_is_shown_once_and_works(app: Flask) -> None:
    client = signed_in(app, a_host())

    made = client.post("/me/tokens", data={"name": "site", "scopes": ["read"]})
    later = client.get("/me/tokens")

    secret = re.search(r"vz_[\w-]{43}", made.text)
    assert secret is not None
    assert secret[0] not in later.text
    answer = client.get("/api/v1/sessions/", headers={"Authorization": f"Bearer {secret[0]}"})
    assert answer.status_code == 200


def test_nobody_revokes_the_token_of_another(app: Flask) -> None:
    owner, other = a_host("owner@example.org"), a_host("other@example.org")
    made = signed_in(app, owner).post("/me/tokens", data={"name": "site", "scopes": ["read"]})
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
