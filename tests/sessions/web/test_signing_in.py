"""Signing in: by a letter, with a password, and what stops those who guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import PASSWORD, a_host, a_person, signed_in
from tests.conftest import Clock
from tests.outbox import Outbox

WorkOff = Callable[[], int]


def the_link(outbox: Outbox, address: str) -> str:
    """The path of the last sign-in link sent to an address."""
    text = outbox.to(address)[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = re.search(r"http://vzaimo\.test(/sign-in/link/\S+)", text)
    assert found is not None
    return found[1]


def name_shown(client: FlaskClient) -> bool:
    return "Орлова" in client.get("/").text


def test_a_password_signs_in(app: Flask) -> None:
    client = signed_in(app, a_host())

    assert name_shown(client)


def test_a_wrong_password_is_refused_in_one_sentence_that_tells_nothing(
    client: FlaskClient,
) -> None:
    a_host()

    wrong = client.post("/sign-in/", data={"email": "host@example.org", "password": "no, not this"})
    unknown = client.post(
        "/sign-in/", data={"email": "who@example.org", "password": "no, not this"}
    )

    def told(text: str) -> list[str]:
        return re.findall(r'role="alert".*?<p>(.*?)</p>', text, re.DOTALL)

    assert told(wrong.text) == told(unknown.text) != []


def test_too_many_failures_make_even_the_right_password_wait(
    client: FlaskClient, clock: Clock
) -> None:
    a_host()
    for _ in range(10):
        client.post("/sign-in/", data={"email": "host@example.org", "password": "guess"})

    at_once = client.post("/sign-in/", data={"email": "host@example.org", "password": PASSWORD})
    clock.pass_by(minutes=16)
    later = client.post("/sign-in/", data={"email": "host@example.org", "password": PASSWORD})

    assert (at_once.status_code, later.status_code) == (200, 302)


def test_a_letter_brings_a_link_that_signs_in_once(
    client: FlaskClient, outbox: Outbox, work_off: WorkOff
) -> None:
    a_host()
    client.post("/sign-in/link", data={"address": " Host@Example.org "})
    work_off()
    link = the_link(outbox, "host@example.org")

    looked = client.get(link)
    entered = client.post(link)
    again = client.post(link)

    assert (looked.status_code, entered.status_code, again.status_code) == (200, 302, 410)
    assert name_shown(client)


def test_a_link_is_not_spent_by_a_scanner_that_only_looks(
    client: FlaskClient, outbox: Outbox, work_off: WorkOff
) -> None:
    a_host()
    client.post("/sign-in/link", data={"address": "host@example.org"})
    work_off()
    link = the_link(outbox, "host@example.org")
    client.get(link)
    client.get(link)

    entered = client.post(link)

    assert entered.status_code == 302


def test_a_link_dies_after_half_an_hour(
    client: FlaskClient, outbox: Outbox, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_host()
    client.post("/sign-in/link", data={"address": "host@example.org"})
    work_off()
    link = the_link(outbox, "host@example.org")
    monkeypatch.setattr("sessions.web.signing_in.LINK_MINUTES", -1)

    assert client.post(link).status_code == 410


def test_an_unknown_address_gets_the_same_page_and_no_letter(
    client: FlaskClient, outbox: Outbox, work_off: WorkOff
) -> None:
    a_person("known@example.org", account=True)

    known = client.post("/sign-in/link", data={"address": "known@example.org"})
    unknown = client.post("/sign-in/link", data={"address": "unknow@example.org"})
    work_off()

    assert known.text.replace("known@", "") == unknown.text.replace("unknow@", "")
    assert [str(letter["To"]) for letter in outbox.letters()] == ["Анна Белова <known@example.org>"]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_next_leads_nowhere_but_here(app: Flask, target: str) -> None:
    a_host()
    client = app.test_client()

    answer = client.post(
        "/sign-in/", data={"email": "host@example.org", "password": PASSWORD, "next": target}
    )

    leads_to = urljoin("http://vzaimo.test/sign-in/", answer.headers.get("Location", "/"))
    assert urlsplit(leads_to).netloc == "vzaimo.test"


def test_signing_out_takes_a_post(app: Flask) -> None:
    client = signed_in(app, a_host())

    by_get = client.get("/sign-out")
    by_post = client.post("/sign-out")

    assert (by_get.status_code, by_post.status_code) == (405, 302)
    assert not name_shown(client)


def test_one_mailbox_is_not_flooded(client: FlaskClient) -> None:
    answers = [
        client.post("/sign-in/link", data={"address": "host@example.org"}).status_code
        for _ in range(6)
    ]
    other = client.post("/sign-in/link", data={"address": "other@example.org"}).status_code

    assert (answers, other) == ([200] * 5 + [429], 200)
