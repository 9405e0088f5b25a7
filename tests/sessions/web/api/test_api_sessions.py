"""Sessions in the API: which are found, what of each is told to whom."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from integrations.runtime.database import db, transaction
from sessions.flows import describing
from sessions.flows.describing import Description, Item, Newcomer
from sessions.models.people import Person, PersonEmail
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import (
    FRIDAY_10_MOSCOW,
    THURSDAY_10_MOSCOW,
    a_city,
    a_decision,
    a_host,
    a_person,
    a_season,
    a_session,
    a_topic,
)
from tests.queries import counted
from tests.sessions.web.api.calling import bearer

SESSIONS = "/api/v1/sessions/"


def described(session: Session, **changes: Any) -> None:
    facts: dict[str, Any] = {
        name: getattr(session, name)
        for name in ("title", "title_en", "summary", "summary_en", "language", "format", "mode",
                     "visibility", "place", "duration_min")
    }  # fmt: skip
    describing.describe(session.id, Description(**{**facts, **changes}), session.revision, None)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["Ёлка", "второе"]),
        ("city={perm}", ["Ёлка"]),
        ("format=seminar", ["второе"]),
        ("mode=hybrid", ["второе"]),
        ("state=draft", []),
        ("from=2026-10-16", ["второе"]),
        ("to=2026-10-15", ["Ёлка"]),
        ("q=ЕЛК", ["Ёлка"]),
        ("q=ёлка+наставник", []),
        ("season=999", []),
        ("per_page=1&page=2", ["второе"]),
    ],
)
def test_sessions_are_found_by_what_they_are(
    client: FlaskClient, asked: str, found: list[str]
) -> None:
    perm = a_city()
    a_session(title="Ёлка", presenting=(perm.id,))
    a_session(FRIDAY_10_MOSCOW, title="второе", format="seminar", mode="hybrid")

    answer = client.get(f"{SESSIONS}?{asked.format(perm=perm.id)}").json or {}

    assert [one["title"] for one in answer["items"]] == found


def test_a_day_is_one_of_the_programmes_zone(client: FlaskClient) -> None:
    at = WallTime(THURSDAY_10_MOSCOW.local.replace(hour=1), "Europe/Moscow")
    a_session(at, title="ночью")

    answer = client.get(f"{SESSIONS}?from=2026-10-15&to=2026-10-15").json or {}

    assert [one["starts_at"] for one in answer["items"]] == ["2026-10-14T22:00:00+00:00"]


def test_one_session_tells_all_but_addresses(client: FlaskClient) -> None:
    city, season = a_city(), a_season()
    topic = a_topic(season, "Наставничество")
    a_decision(topic, votes=9, of=11, place=1)
    session = a_session(presenting=(city.id,), invited=["guest@example.org"])
    with transaction():
        nameless = Person(emails=[PersonEmail(address="nameless@example.org")])
        db.session.add(nameless)
    anna = Newcomer(
        family="Белова", given="Анна", post="директор", organisation="школа № 7",
        city_id=city.id, email="anna@example.org",
    )  # fmt: skip
    described(
        session, presenting=[city.id], topic_id=topic.id,
        agenda=[Item(15, 30, "Пара", speakers=[anna, nameless.id])],
    )  # fmt: skip

    answer = client.get(f"{SESSIONS}{session.id}")

    told = answer.json or {}
    assert told["agenda"] == [
        {
            "id": told["agenda"][0]["id"],
            "offset_min": 15,
            "starts_at": "2026-10-15T07:15:00+00:00",
            "duration_min": 30,
            "title": "Пара",
            "title_en": "",
            "place": "",
            "speakers": [
                {
                    "name": "Анна Белова",
                    "post": "директор",
                    "organisation": "школа № 7",
                    "city": {"id": city.id, "name": "Пермь", "name_en": "", "tz": city.tz},
                },
                {"name": "", "post": "", "organisation": "", "city": None},
            ],
        }
    ]
    assert told["topic"]["won"] == {"votes": 9, "electorate": 11, "place": 1, "is_chosen": True}
    assert (told["wall_start"], told["tz"]) == ("2026-10-15T10:00:00", "Europe/Moscow")
    assert [one["role"] for one in told["cities"]] == ["presenting"]
    assert (told["materials"], told["may_change"]) == (None, False)
    assert "example.org" not in answer.text


def test_who_may_change_a_session_learns_who_was_only_asked(client: FlaskClient) -> None:
    session = a_session()
    described(session, agenda=[Item(0, 30, "Пара", speakers=[Newcomer(given="Анна")])])
    with transaction():
        speaker = db.session.get_one(Session, session.id).agenda[0].speakers[0]
        speaker.state = "asked"
    own = bearer(a_person("own@example.org", roles=[("session_host", f"session:{session.id}")]),
                 "read")  # fmt: skip

    stranger = client.get(f"{SESSIONS}{session.id}").json or {}
    hosting = client.get(f"{SESSIONS}{session.id}", headers=own).json or {}

    assert stranger["agenda"][0]["speakers"] == []
    assert [one["state"] for one in hosting["agenda"][0]["speakers"]] == ["asked"]
    assert hosting["may_change"] is True


def test_a_draft_is_there_for_its_host_only(client: FlaskClient) -> None:
    session = a_session(draft=True)
    grant = ("session_host", f"session:{session.id}")
    callers = [
        bearer(a_person("own@example.org", roles=[grant]), "read"),
        bearer(a_person("other@example.org", roles=[("session_host", "session:77")]), "read"),
        bearer(a_person("member@example.org"), "read"),
        {},
    ]

    told = [client.get(f"{SESSIONS}{session.id}", headers=who).status_code for who in callers]

    assert told == [200, 404, 404, 404]


def test_what_a_caller_has_is_not_sent_again(client: FlaskClient) -> None:
    session = a_session()
    page = f"{SESSIONS}{session.id}"
    tag = client.get(page).headers["ETag"]

    again = client.get(page, headers={"If-None-Match": tag})
    described(session, title="Другое")
    after = client.get(page, headers={"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")
    assert (after.status_code, (after.json or {})["title"]) == (200, "Другое")
    assert after.headers["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Accept-Language"} <= set(after.vary)


def test_a_longer_list_takes_no_more_queries(app: Flask, client: FlaskClient) -> None:
    cities = [a_city(f"Город {n}") for n in range(4)]
    headers = bearer(a_host(), "read")
    a_session(presenting=(cities[0].id,))
    with counted() as few:
        client.get(f"{SESSIONS}?q=учителя", headers=headers)
    for _ in range(8):
        a_session(presenting=tuple(city.id for city in cities))

    with counted() as many:
        answer = client.get(f"{SESSIONS}?q=учителя", headers=headers).json or {}

    assert answer["total"] == 9
    # The first call also wrote when the token was used.
    assert len(many) <= len(few)
    assert len(many) <= 10


def test_a_key_that_comes_with_another_session_is_refused(client: FlaskClient) -> None:
    headers = {**bearer(a_host(), "read", "plan"), "Idempotency-Key": "one"}
    body = {
        "title": "Первая", "tz": "Europe/Moscow", "wall_start": "2026-10-15T10:00",
        "duration_min": 60,
    }  # fmt: skip

    first = client.post(SESSIONS, json=body, headers=headers)
    again = client.post(SESSIONS, json=body, headers=headers)
    other = client.post(SESSIONS, json={**body, "title": "Вторая"}, headers=headers)

    assert (first.status_code, again.json) == (201, first.json)
    assert (other.status_code, (other.json or {})["code"]) == (422, "key.reused")


def test_a_title_is_as_long_as_pages_and_sheets_take_it(client: FlaskClient) -> None:
    headers = bearer(a_host(), "read", "plan")
    body = {"tz": "Europe/Moscow", "wall_start": "2026-10-15T10:00", "duration_min": 60}

    told = [
        client.post(SESSIONS, json={**body, "title": "т" * length}, headers=headers).status_code
        for length in (200, 201)
    ]

    assert told == [201, 422]


def test_what_is_nested_deeper_than_can_be_read_is_refused(client: FlaskClient) -> None:
    headers = {**bearer(a_host(), "read", "plan"), "Content-Type": "application/json"}

    answer = client.post(SESSIONS, data='{"a":' * 200_000, headers=headers)

    assert (answer.status_code, (answer.json or {})["code"]) == (400, "request.malformed")
