from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient

from archive.models import Talk
from integrations.runtime.database import db, transaction
from sessions.models.poll import Topic
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import (
    a_ballot,
    a_city,
    a_decision,
    a_host,
    a_person,
    a_season,
    a_session,
    a_topic,
    a_vote,
    signed_in,
)
from tests.conftest import START, Clock
from tests.queries import counted
from tests.sessions.web.reading import words


def on(topic: Topic, days: int, title: str, **facts: object) -> Session:
    """A session on the topic, so many days from now."""
    at = WallTime(datetime(2026, 10, 1, 12, 0) + timedelta(days=days), "Europe/Moscow")
    session = a_session(at, title=title, **facts)
    with transaction():
        db.session.get_one(Session, session.id).topic_id = topic.id
    return session


def a_talk(session: Session, keys: Sequence[str] = ("public",)) -> Talk:
    with transaction():
        talk = Talk(
            source=f"session:{session.id}", title=f"Запись: {session.title}", state="published",
            access_keys=list(keys), duration_s=3600.0, made_at=START,
        )  # fmt: skip
        db.session.add(talk)
    return talk


def rows(page: str) -> list[str]:
    """The topics as they stand, each in words."""
    found = re.findall(r'<li id="topic-\d+">.*?(?=<li id="topic-|</section>|</main>)', page, re.S)
    texts = [
        re.sub(r"<[^>]+>", " ", one).replace("\u2060", "").replace("\u00a0", " ") for one in found
    ]
    return [" ".join(text.split()) for text in texts]


def test_topics_stand_by_place_with_what_was_decided(client: FlaskClient) -> None:
    season, perm = a_season(), a_city()
    a_ballot(season, quota=5)
    chosen = a_topic(season, "Наставничество", city_id=perm.id)
    left = a_topic(season, "Музеи")
    a_vote(chosen, perm)
    a_decision(left, 1, 123, 2, chosen=False)
    a_decision(chosen, 61, 123, 1)

    page = client.get("/topics")

    assert rows(page.text) == [
        "Место 1 Наставничество 61 город из 123 Предложил город Пермь "
        "Встреч по этой теме пока не назначено.",
        "Место 2 Музеи 1 город из 123",
    ]
    assert (
        "2 темы. Города голосовали 1–31 мая 2026. У каждого города 5 голосов. "
        "Участвовал 1 город из 123."
    ) in words(page)


def test_while_the_vote_is_on_topics_stand_by_name_without_a_count(
    client: FlaskClient, clock: Clock
) -> None:
    season, perm = a_season(), a_city()
    a_ballot(season, clock.at + timedelta(days=2))
    a_topic(season, "Музеи", abstract="Как оживить школьный музей.")
    wanted = a_topic(season, "Наставничество")
    a_vote(wanted, perm)

    page = client.get("/topics")
    own = client.get(f"/topics/{season.id}/{wanted.id}")

    assert rows(page.text) == ["Музеи Как оживить школьный музей.", "Наставничество"]
    assert "Голосование идёт до 3 октября 2026, 12:00 по Москве." in words(page)
    assert "Участвовал 1 город из 1." in words(page)
    assert 'class="v-votes"' not in page.text + own.text
    assert "Эту тему" not in words(own)


def test_before_the_vote_its_dates_stand_there_and_without_one_that_there_is_none(
    client: FlaskClient, clock: Clock
) -> None:
    season = a_season()
    a_topic(season)

    without = words(client.get("/topics"))
    a_ballot(season, clock.at + timedelta(days=40))
    before = words(client.get("/topics"))

    assert "Голосование за темы этого сезона не объявлено." in without
    assert "Голосование откроется 11 октября 2026 и закончится 10 ноября 2026." in before


def test_where_people_voted_they_are_counted(client: FlaskClient) -> None:
    season = a_season()
    a_ballot(season, electorate="person", quota=1)
    topic = a_topic(season)
    a_vote(topic, a_person())
    a_person("other@example.org")

    page = client.get("/topics")
    own = client.get(f"/topics/{season.id}/{topic.id}")

    assert rows(page.text) == ["Место 1 Наставничество 1 человек из 2"]
    assert "Участники голосовали 1–31 мая 2026. У каждого участника 1 голос." in words(page)
    assert "Эту тему выбрал 1 человек из 2: 1-е место из 1." in words(own)
    assert "Белова" not in own.text


def test_what_came_of_a_topic_is_told_as_far_as_the_reader_may_open_it(
    app: Flask, client: FlaskClient
) -> None:
    season = a_season()
    a_ballot(season)
    topic = a_topic(season)
    a_talk(on(topic, -3, "Открытая"))
    a_talk(on(topic, -2, "С закрытой записью"), ["team"])
    on(topic, 2, "Закрытая", visibility="participants")
    on(topic, 3, "Черновик", draft=True)
    host = signed_in(app, a_host())

    def seen(browser: FlaskClient, address: str) -> tuple[list[str], int]:
        page = browser.get(address).text
        titles = re.findall(r'<a href="/sessions/\d+">(.*?)</a>', page.replace("\u00a0", " "))
        return titles, len(re.findall(r'href="/talks/\d+"', page))

    public = (["Открытая", "С закрытой записью"], 1)
    team = (["Открытая", "С закрытой записью", "Закрытая"], 2)
    for address in ("/topics", f"/topics/{season.id}/{topic.id}"):
        assert (seen(client, address), seen(host, address)) == (public, team)


def test_a_topics_page_names_the_cities_that_chose_it(client: FlaskClient) -> None:
    season = a_season()
    perm, omsk = a_city(name_en="Perm"), a_city("Омск", "Asia/Omsk")
    a_city("Казань", "Europe/Moscow")
    a_ballot(season)
    topic = a_topic(
        season, title_en="Mentoring", abstract="Кто наставник.\nИ зачем.", city_id=perm.id
    )
    a_vote(topic, perm, omsk)

    page = client.get(f"/topics/{season.id}/{topic.id}")
    client.get("/language/en")
    english = client.get(f"/topics/{season.id}/{topic.id}")

    assert "Предложил город Пермь Кто наставник. И зачем." in words(page)
    assert "Эту тему выбрали 2 города из 3: 1-е место из 1." in words(page)
    assert "Какие 2 города её выбрали Омск Пермь" in words(page)
    assert re.findall(r'<i class="y" title="(.*?)">', page.text) == ["Омск", "Пермь"]
    assert page.text.count("<i></i>") == 1
    assert "2 cities of 3 chose this topic: place 1 of 1." in words(english)
    assert "Mentoring" in english.text
    assert re.findall(r'<i class="y" title="(.*?)">', english.text) == ["Омск", "Perm"]


def test_a_topic_stands_under_its_own_season_only(client: FlaskClient) -> None:
    season, other = a_season("2026/27"), a_season("2025/26", starts_on=date(2025, 9, 1))
    topic = a_topic(season)

    addresses = (f"/topics/{season.id}/{topic.id}", f"/topics/{other.id}/{topic.id}", "/topics/77")

    assert [client.get(address).status_code for address in addresses] == [200, 404, 404]


def test_a_season_in_the_making_is_the_teams(app: Flask, client: FlaskClient) -> None:
    season = a_season(state="draft")
    topic = a_topic(season)
    host = signed_in(app, a_host())

    def answers(browser: FlaskClient) -> list[int]:
        addresses = (f"/topics/{season.id}", f"/topics/{season.id}/{topic.id}")
        return [browser.get(address).status_code for address in addresses]

    assert (answers(client), answers(host)) == ([404, 404], [200, 200])
    assert "Сезонов пока нет" in words(client.get("/topics"))


def test_a_season_without_topics_leads_to_its_schedule(client: FlaskClient) -> None:
    season = a_season()

    page = client.get("/topics")

    assert "В этом сезоне тем пока нет" in words(page)
    assert f'class="btn btn-primary" href="/schedule/{season.id}"' in page.text


def test_the_number_of_queries_does_not_grow_with_topics_and_sessions(app: Flask) -> None:
    season, perm = a_season(), a_city()
    a_ballot(season)
    topic = a_topic(season)
    host = signed_in(app, a_host())
    addresses = ("/topics", f"/topics/{season.id}/{topic.id}")

    def fill(numbers: Sequence[int]) -> None:
        for number in numbers:
            a_talk(on(topic, -number - 1, f"Прошла {number}", presenting=(perm.id,)))
            city = a_city(f"Город {number}")
            a_vote(topic, city)
            a_vote(a_topic(season, f"Тема {number}", city_id=city.id), city)

    def asked(address: str) -> int:
        with counted() as sent:
            assert host.get(address).status_code == 200
        return len(sent)

    fill([0])
    few = [asked(address) for address in addresses]
    fill(range(1, 20))
    many = [asked(address) for address in addresses]

    assert few == many
    assert max(many) <= 13
