"""A form that came too late: to sign in, kept to be sent again, or refused."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from integrations.runtime.database import db
from sessions.flows import tokens
from sessions.models.people import Person
from tests.builders import a_person, signed_in


def guarded(app: Flask, client: FlaskClient) -> FlaskClient:
    """The browser, from now on asked for the token of each form."""
    app.config["WTF_CSRF_ENABLED"] = True
    return client


def test_one_who_is_signed_out_is_led_to_sign_in(app: Flask) -> None:
    client = guarded(app, app.test_client())

    answer = client.post("/me/tokens", data={"name": "site"})
    public = client.post("/zone", data={"place": "Asia/Omsk"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=/")
    assert public.status_code == 400


@pytest.mark.parametrize(
    "told",
    [
        {"Origin": "http://localhost"},
        {"Referer": "http://localhost/zone"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
def test_what_was_written_on_our_page_can_be_sent_again(app: Flask, told: dict[str, str]) -> None:
    who = a_person(account=True)
    client = guarded(app, signed_in(app, who))

    late = client.post("/zone", data={"place": "Asia/Omsk", "csrf_token": "old"}, headers=told)
    fields = dict(re.findall(r'name="(place|csrf_token)"[^>]*value="([^"]*)"', late.text))
    client.post("/zone", data=fields)

    assert late.status_code == 400
    assert fields["place"] == "Asia/Omsk"
    assert db.session.get_one(Person, who.id, populate_existing=True).tz == "Asia/Omsk"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null", "Referer": "http://localhost/zone"},
        {"Referer": "https://elsewhere.example/"},
        {"Sec-Fetch-Site": "cross-site", "Referer": "http://localhost/zone"},
    ],
)
def test_what_another_site_sent_is_not_offered_again(app: Flask, told: dict[str, str]) -> None:
    who = a_person(account=True)
    client = guarded(app, signed_in(app, who))

    answer = client.post("/me/tokens", data={"name": "theirs"}, headers=told)

    assert answer.status_code == 400
    assert "theirs" not in answer.text
    assert tokens.of_person(who.id) == []
