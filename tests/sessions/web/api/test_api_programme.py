"""Seasons, cities and one's own sessions in the API."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from integrations.runtime.database import db
from sessions.models.participation import Invitation, Registration
from tests.builders import (
    BALLOT_CLOSED,
    a_ballot,
    a_city,
    a_host,
    a_person,
    a_season,
    a_session,
    a_topic,
    a_vote,
)
from tests.conftest import Clock
from tests.queries import counted
from tests.sessions.web.api.calling import bearer


def test_a_season_tells_its_figures_and_what_topics_won(client: FlaskClient, clock: Clock) -> None:
    city, season = a_city(), a_season()
    a_ballot(season)
    topic = a_topic(season, "Наставничество", city_id=city.id)
    a_vote(topic, city)
    a_session(presenting=(city.id,))
    a_session(draft=True)

    told = client.get(f"/api/v1/seasons/{season.id}").json or {}

    assert told["figures"] == {"held": 0, "to_come": 1, "cities": 1, "recordings": 0}
    assert told["ballot"]["closes_at"] == "2026-05-31T15:00:00+00:00"
    assert [(one["title"], one["city"]["name"], one["won"]) for one in told["topics"]] == [
        (
            "Наставничество",
            "Пермь",
            {"votes": 1, "electorate": 1, "place": 1, "is_chosen": None},
        )
    ]


def test_votes_are_not_told_before_the_ballot_is_over(client: FlaskClient, clock: Clock) -> None:
    city, season = a_city(), a_season()
    a_ballot(season)
    a_vote(a_topic(season), city)
    clock.move_to(BALLOT_CLOSED - timedelta(minutes=1))

    told = client.get(f"/api/v1/seasons/{season.id}").json or {}

    assert [one["won"] for one in told["topics"]] == [None]


def test_a_season_in_draft_is_the_teams(client: FlaskClient) -> None:
    a_season("идёт")
    draft = a_season("черновик", state="draft")
    headers = bearer(a_host(), "read")

    listed = client.get("/api/v1/seasons/").json or {}
    to_host = client.get("/api/v1/seasons/", headers=headers).json or {}

    assert [one["name"] for one in listed["items"]] == ["идёт"]
    assert len(to_host["items"]) == 2
    assert client.get(f"/api/v1/seasons/{draft.id}").status_code == 404
    assert client.get(f"/api/v1/seasons/{draft.id}/series").status_code == 404


def test_cities_are_found_by_name_region_and_zone(client: FlaskClient) -> None:
    perm = a_city(name_en="Perm", region="Пермский край")
    a_city("Орёл", "Europe/Moscow", "Орлу")
    a_session(presenting=(perm.id,))

    def found(asked: str) -> list[str]:
        answer = client.get(f"/api/v1/cities/?{asked}").json or {}
        return [one["name"] for one in answer["items"]]

    assert found("") == ["Орёл", "Пермь"]
    assert found("q=орел") == ["Орёл"]
    assert found("q=perm") == found("q=край") == ["Пермь"]
    assert found("tz=Europe/Moscow") == ["Орёл"]
    assert found("per_page=1&page=2") == ["Пермь"]
    one = client.get(f"/api/v1/cities/{perm.id}").json or {}
    assert (one["tz"], one["shown"], one["url"]) == (
        "Asia/Yekaterinburg",
        0,
        f"http://vzaimo.test/cities/{perm.id}",
    )
    assert client.get("/api/v1/cities/999").status_code == 404


def test_my_sessions_are_mine_with_my_own_link(client: FlaskClient, clock: Clock) -> None:
    mine = a_session(title="моя", invited=["anna@example.org", "boris@example.org"])
    a_session(title="чужая", invited=["boris@example.org"])
    invitations = {
        one.attendee_email: one
        for one in db.session.query(Invitation).join(Registration)
        if one.registration.session_id == mine.id
    }
    anna = invitations["anna@example.org"].registration.person
    secret, other = (invitations[f"{who}@example.org"].token for who in ("anna", "boris"))
    headers = bearer(anna, "read")

    answer = client.get("/api/v1/me/sessions", headers=headers)
    over = client.get("/api/v1/me/sessions?when=over", headers=headers).json or {}

    (only,) = (answer.json or {})["items"]
    assert (only["session"]["title"], only["registration"], only["answer"]) == (
        "моя",
        "invited",
        None,
    )
    assert only["join_url"] == f"http://vzaimo.test/j/{secret}"
    assert other not in answer.text
    assert "example.org" not in answer.text
    assert over["items"] == []
    clock.pass_by(days=30)
    later = client.get("/api/v1/me/sessions?when=over", headers=headers).json or {}
    assert [one["join_url"] for one in later["items"]] == [None]


def test_who_has_no_token_has_no_sessions(client: FlaskClient) -> None:
    plans = bearer(a_person(), "plan")

    assert client.get("/api/v1/me/sessions").status_code == 401
    assert client.get("/api/v1/me/", headers=plans).status_code == 403


def test_me_is_who_owns_the_token(client: FlaskClient) -> None:
    anna = a_person(city=a_city())

    told = client.get("/api/v1/me/", headers=bearer(anna, "read")).json or {}

    assert (told["name"], told["tz"], told["city"]["name"], told["scopes"]) == (
        "Анна Белова",
        "Asia/Yekaterinburg",
        "Пермь",
        ["read"],
    )
    assert "example.org" not in str(told)


def test_fuller_lists_take_no_more_queries(client: FlaskClient) -> None:
    season, city = a_season(), a_city()
    headers = bearer(a_host(), "read")
    pages = ["/api/v1/seasons/", "/api/v1/cities/", f"/api/v1/seasons/{season.id}",
             f"/api/v1/seasons/{season.id}/series", "/api/v1/me/sessions"]  # fmt: skip

    def asked() -> list[int]:
        numbers = []
        for page in pages:
            with counted() as sent:
                assert client.get(page, headers=headers).status_code == 200
            numbers.append(len(sent))
        return numbers

    asked()
    few = asked()
    for n in range(5):
        a_topic(season, f"Тема {n}", city_id=a_city(f"Город {n}").id)
        a_session(presenting=(city.id,), invited=["host@example.org"])
    many = asked()

    # Whose sessions are there, their cities, invitations and answers are asked for too.
    assert many[:4] == few[:4]
    assert max(many) <= 12
