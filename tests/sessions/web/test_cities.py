from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient

from archive.models import Talk
from integrations.runtime.database import db, transaction
from sessions.models.people import Person
from sessions.models.programme import City
from sessions.models.session import AgendaItem, Session, Speaker
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


def in_days(days: int) -> WallTime:
    # START is noon in Moscow.
    return WallTime(datetime(2026, 10, 1, 12, 0) + timedelta(days=days), "Europe/Moscow")


def by(city: City, days: int, title: str, **facts: object) -> Session:
    """A session that the city presents so many days from now."""
    return a_session(in_days(days), title=title, presenting=(city.id,), **facts)


def a_talk(
    session: Session, city: City, keys: Sequence[str] = ("public",), **facts: object
) -> Talk:
    with transaction():
        talk = Talk(
            source=f"session:{session.id}", title=f"Запись: {session.title}", state="published",
            held_on=session.starts_at.date(), cities=[city.name], access_keys=list(keys),
            made_at=START, **facts,
        )  # fmt: skip
        db.session.add(talk)
    return talk


def speaks(session: Session, person: Person) -> None:
    with transaction():
        item = AgendaItem(session_id=session.id, offset_min=0, duration_min=10, title="Доклад")
        item.speakers = [Speaker(person_id=person.id)]
        db.session.add(item)


def figures(page: str) -> dict[str, tuple[int, int]]:
    """City: (sessions, recordings), as the table has them."""
    found = {}
    for row in re.findall(r'<tr><th scope="row">.*?</tr>', page, re.S):
        name, *cells = [
            re.sub(r"<[^>]+>", "", cell).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        found[name] = (int(cells[-2]), int(cells[-1]))
    return found


def part(page: str, name: str) -> str:
    """One section of a city's page in words."""
    [section] = re.findall(rf'<section[^>]*id="{name}".*?</section>', page, re.S)
    text = re.sub(r"<[^>]+>", " ", section).replace("\u2060", "")
    return " ".join(text.split())


def test_the_list_tells_each_citys_hour_and_since_when_it_is_a_member(client: FlaskClient) -> None:
    a_city(region="Пермский край", joined_on=date(2018, 9, 19), name_en="Perm")

    russian = words(client.get("/cities"))
    client.get("/language/en")
    english = words(client.get("/cities"))

    assert "Пермь Пермский край 14:00 по Перми 19 сентября 2018 0 0" in russian
    assert "Perm Пермский край 14:00 Perm time 19 September 2018 0 0" in english


def test_what_a_reader_may_not_open_is_not_counted(app: Flask, client: FlaskClient) -> None:
    perm, omsk = a_city(), a_city("Омск", "Asia/Omsk")
    held = by(perm, -3, "Открытая")
    closed = by(perm, -2, "Закрытая", visibility="participants")
    by(perm, -1, "Черновик", draft=True)
    by(perm, 3, "Будущая")
    a_talk(held, perm)
    a_talk(closed, perm, ["team"])
    host = signed_in(app, a_host())

    stranger, team = client.get("/cities"), host.get("/cities")

    assert figures(stranger.text) == {omsk.name: (0, 0), perm.name: (1, 1)}
    assert figures(team.text) == {omsk.name: (0, 0), perm.name: (2, 2)}


def test_a_city_is_found_by_its_name_or_region_whatever_the_case(client: FlaskClient) -> None:
    a_city("Орёл", "Europe/Moscow", region="Орловская область")
    a_city("Пермь", name_en="Perm")

    def found(asked: str) -> list[str]:
        return list(figures(client.get(f"/cities?q={asked}").text))

    assert [found("орел"), found("орловс"), found("PERM")] == [["Орёл"], ["Орёл"], ["Пермь"]]
    assert found("  ") == ["Орёл", "Пермь"]


def test_a_name_that_no_city_bears_leads_back_to_all(client: FlaskClient) -> None:
    a_city()

    page = client.get("/cities?q=Китеж&sort=hour")

    assert "Такого города здесь нет Просмотрен 1 город и его регион. Все города" in words(page)
    assert 'href="/cities?sort=hour#list"' in page.text


def test_cities_stand_by_hour_or_by_the_year_they_joined(client: FlaskClient) -> None:
    a_city("Владивосток", "Asia/Vladivostok", joined_on=date(2018, 9, 1))
    a_city("Пермь", joined_on=date(2019, 3, 1))
    a_city("Уфа", joined_on=date(2018, 9, 1))
    a_city("Ялта", "Europe/Moscow")

    def headings(order: str) -> list[str]:
        page = client.get(f"/cities?sort={order}").text
        found = re.findall(r'<tr class="v-tr-h">.*?</tr>', page, re.S)
        return [
            " ".join(re.sub(r"<[^>]+>", " ", one).replace("\u00a0", " ").split()) for one in found
        ]

    assert headings("hour") == [
        "12:00, UTC+3 · 1 город", "14:00, UTC+5 · 2 города", "19:00, UTC+10 · 1 город",
    ]  # fmt: skip
    assert headings("joined") == [
        "В программе с 2018 года · 2 города",
        "В программе с 2019 года · 1 город",
        "Год вступления неизвестен · 1 город",
    ]
    assert list(figures(client.get("/cities?sort=joined").text)) == [
        "Владивосток", "Уфа", "Пермь", "Ялта",
    ]  # fmt: skip


def test_every_dot_of_the_map_leads_to_its_city(client: FlaskClient) -> None:
    perm = a_city(lat=58.0, lon=56.2, population=1_000_000)
    a_city("Омск", "Asia/Omsk")

    page = client.get("/cities").text

    assert re.findall(r'<a href="(/cities/\d+)"><title>(.*?)</title>', page) == [
        (f"/cities/{perm.id}", "Пермь")
    ]


def test_a_programme_without_cities_says_so(client: FlaskClient) -> None:
    assert "Городов пока нет" in words(client.get("/cities"))
    assert client.get("/cities/7").status_code == 404


def test_a_citys_page_tells_who_it_is_and_what_hour_it_has(client: FlaskClient) -> None:
    perm = a_city(region="Пермский край", population=1_034_002, joined_on=date(2018, 9, 19))

    page = words(client.get(f"/cities/{perm.id}"))

    assert "Пермский край · 1 034 002 жителя · в программе с 19 сентября 2018" in page
    assert "Четверг, 1 октября 2026 14:00 по Перми (UTC+5) 12:00 по Москве" in page


def test_it_lists_what_is_to_come_and_what_was_shown_with_its_recording(
    client: FlaskClient,
) -> None:
    perm = a_city()
    by(perm, 5, "Позже")
    by(perm, 2, "Скоро")
    a_talk(by(perm, -2, "Прошлая"), perm, duration_s=3600.0)
    by(perm, -5, "Давняя")
    by(a_city("Омск", "Asia/Omsk"), 1, "Чужая")

    page = client.get(f"/cities/{perm.id}").text

    assert re.findall(r'<h3><a href="/sessions/\d+">(.*?)</a>', page) == ["Скоро", "Позже"]
    assert "2 встречи · 1 запись Дата Встреча Вид встречи Запись" in part(page, "shown")
    assert re.findall(r">(29 сен|26 сен)", page.replace("\u00a0", " ")) == ["29 сен", "26 сен"]
    assert "Чужая" not in page


def test_what_is_not_open_to_the_reader_is_not_on_the_citys_page(
    app: Flask, client: FlaskClient
) -> None:
    perm = a_city()
    speaker = a_person("speaker@example.org", given="Елена", family="Самойлова", city=perm)
    for days in (-2, 2):
        for title, facts in (
            ("Для участников", {"visibility": "participants"}),
            ("Для своих", {"visibility": "members"}),
            ("Черновик", {"draft": True}),
        ):
            speaks(by(perm, days, f"{title} {days}", **facts), speaker)
    member = signed_in(app, a_person("m@example.org", roles=[("member", "*")], account=True))
    host = signed_in(app, a_host())

    def seen(browser: FlaskClient) -> set[str]:
        text = browser.get(f"/cities/{perm.id}").text.replace("\u00a0", " ")
        return {
            one for one in ("Для участников", "Для своих", "Черновик", "Самойлова") if one in text
        }

    assert seen(client) == set()
    assert seen(member) == {"Для своих", "Самойлова"}
    assert seen(host) == {"Для участников", "Для своих", "Самойлова"}


def test_its_speakers_are_named_with_their_posts_most_often_heard_first(
    client: FlaskClient,
) -> None:
    perm = a_city()
    once = a_person("one@example.org", given="Пётр", family="Ёлкин", city=perm)
    twice = a_person("two@example.org", given="Елена", family="Самойлова", city=perm)
    with transaction():
        found = db.session.get_one(Person, twice.id)
        found.post, found.organisation = "директор", "лицей № 2"
    first, second = by(perm, -3, "Первая"), by(perm, -2, "Вторая")
    for session, person in ((first, once), (first, twice), (first, twice), (second, twice)):
        speaks(session, person)
    speaks(by(perm, 4, "Будущая"), once)

    spoken = part(client.get(f"/cities/{perm.id}").text, "speakers").replace("\u00a0", " ")

    assert spoken == (
        "Кто выступает от города "
        "ЕС Елена Самойлова директор, лицей № 2 на 2 встречах ПЁ Пётр Ёлкин на 1 встрече"
    )


def test_it_tells_what_the_city_voted_for_once_the_vote_is_over(
    client: FlaskClient, clock: Clock
) -> None:
    perm = a_city()
    past, now = a_season("2025/26", starts_on=date(2025, 9, 1)), a_season("2026/27")
    a_ballot(past)
    a_ballot(now, clock.at + timedelta(days=1))
    chosen, left = a_topic(past, "Наставничество", city_id=perm.id), a_topic(past, "Музеи")
    a_decision(chosen, 2, 3, 1)
    a_decision(left, 1, 3, 2, chosen=False)
    a_vote(chosen, perm)
    a_vote(left, perm)
    a_vote(a_topic(now, "Тайное"), perm)

    page = client.get(f"/cities/{perm.id}").text
    clock.pass_by(days=1)
    later = client.get(f"/cities/{perm.id}").text

    assert part(page, "chosen") == (
        "За что голосовал город Все темы Сезон 2025/26 Наставничество Вошла в сезон Музеи Не вошла"
    )
    assert part(page, "proposed") == (
        "Предложенные темы Сезон 2025/26 Наставничество Вошла в сезон"
    )
    assert part(later, "chosen").startswith(
        "За что голосовал город Все темы Сезон 2026/27 Тайное Сезон 2025/26"
    )


def test_topics_of_a_season_in_the_making_are_the_teams(app: Flask, client: FlaskClient) -> None:
    perm = a_city()
    a_topic(a_season(state="draft"), "Тайная", city_id=perm.id)
    host = signed_in(app, a_host())

    seen = ["Тайная" in browser.get(f"/cities/{perm.id}").text for browser in (client, host)]

    assert seen == [False, True]


def test_who_coordinates_is_told_to_the_team_and_to_that_citys_coordinators(
    app: Flask, client: FlaskClient
) -> None:
    perm, omsk = a_city(), a_city("Омск", "Asia/Omsk")
    irina = a_person(
        "irina@example.org", given="Ирина", family="Сафронова", city=perm,
        roles=[("coordinator", f"city:{perm.id}")], account=True,
    )  # fmt: skip
    other = a_person("other@example.org", roles=[("coordinator", f"city:{omsk.id}")], account=True)
    session = a_session(in_days(3), invited=["irina@example.org"])
    assert session.state == "scheduled"
    browsers = [client, signed_in(app, other), signed_in(app, irina), signed_in(app, a_host())]

    pages = [browser.get(f"/cities/{perm.id}").text for browser in browsers]

    assert ["Ирина Сафронова" in page.replace("\u00a0", " ") for page in pages] == [
        False, False, True, True,
    ]  # fmt: skip
    told = "Для организаторов другим не видно Координаторы Ирина Сафронова Люди 1 Регистрации 1"
    shown = [part(page, "team").replace("\u00a0", " ") for page in pages[2:]]
    assert [one[: len(told)] for one in shown] == [told, told]
    sheet = f'href="/cities/{perm.id}/people.xlsx"'
    assert [sheet in page for page in pages] == [False, False, True, True]


def test_every_empty_part_says_where_to_go_instead(client: FlaskClient) -> None:
    perm = a_city()

    page = client.get(f"/cities/{perm.id}").text

    def way(name: str) -> list[str]:
        [section] = re.findall(rf'<section[^>]*id="{name}".*?</section>', page, re.S)
        return re.findall(r'href="([^"]+)">[^<]+</a></p>', section)

    ways = {name: way(name) for name in ("next", "shown", "speakers", "chosen", "proposed")}
    assert ways == {
        "next": ["/schedule", f"/subscribe?to=city:{perm.id}"], "shown": ["/talks"],
        "speakers": ["/cities"], "chosen": ["/topics"], "proposed": ["/topics"],
    }  # fmt: skip


def test_names_of_cities_lead_to_their_pages(client: FlaskClient) -> None:
    perm = a_city()
    by(perm, 2, "Скоро")

    for page in ("/", "/schedule"):
        assert f'href="/cities/{perm.id}"' in client.get(page).text


def test_the_number_of_queries_does_not_grow_with_sessions(app: Flask) -> None:
    perm = a_city()
    speaker = a_person("speaker@example.org", city=perm)
    host = signed_in(app, a_host())
    season = a_season()
    a_ballot(season)

    def fill(numbers: Sequence[int]) -> None:
        for number in numbers:
            speaks(by(perm, number + 1, f"Скоро {number}"), speaker)
            held = by(perm, -number - 1, f"Прошла {number}")
            speaks(held, speaker)
            a_talk(held, perm)
            a_vote(a_topic(season, f"Тема {number}", city_id=perm.id), perm)

    def asked(address: str) -> int:
        with counted() as sent:
            assert host.get(address).status_code == 200
        return len(sent)

    fill([0])
    few = [asked(f"/cities/{perm.id}"), asked("/cities")]
    fill(range(1, 20))
    many = [asked(f"/cities/{perm.id}"), asked("/cities")]

    assert few == many
    assert max(many) <= 12
