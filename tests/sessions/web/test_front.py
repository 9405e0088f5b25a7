from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient

from archive.models import MediaFile, Talk
from integrations.runtime.database import db, transaction
from sessions.flows import scheduling
from sessions.models.people import Person
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from sessions.web import hours
from sessions.web.hours import Place
from tests.builders import a_city, a_host, a_person, a_session, signed_in
from tests.conftest import START, Clock


def words(part: str) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", part))
    return " ".join(text.replace("\u2060", "").split())


def following(page: str) -> str:
    """The panel of the next session, in words; empty where there is none."""
    return words("".join(re.findall(r'<section class="v-next".*?</section>', page, re.S)))


def soon(page: str) -> list[str]:
    """The titles of the sessions after it."""
    [listed] = re.findall(r'<section[^>]*aria-labelledby="soon".*?</section>', page, re.S)
    return re.findall(r'<h3><a href="/sessions/\d+">(.*?)</a>', listed)


def recent(page: str) -> list[str]:
    """The titles of the talks."""
    [listed] = re.findall(r'<section[^>]*aria-labelledby="recent".*?</section>', page, re.S)
    return re.findall(r'<h3><a href="/talks/\d+">(.*?)</a>', listed)


def in_hours(number: float) -> WallTime:
    # START is noon in Moscow.
    return WallTime(datetime(2026, 10, 1, 12, 0) + timedelta(hours=number), "Europe/Moscow")


def a_talk(title: str, held_on: date | None = None, **facts: object) -> Talk:
    with transaction():
        talk = Talk(
            source=f"import:{title}",
            title=title,
            held_on=held_on,
            state="published",
            access_keys=["public", "member", "team"],
            made_at=START,
        )
        for name, value in facts.items():
            setattr(talk, name, value)
        db.session.add(talk)
    return talk


def test_the_next_session_leads_with_the_hour_of_the_reader(client: FlaskClient) -> None:
    a_session(in_hours(22), title="Наставничество", presenting=(a_city().id,))
    client.set_cookie("tz", "Asia/Yekaterinburg")

    russian = following(client.get("/").text)
    client.get("/language/en")
    english = following(client.get("/").text)

    assert "Пятница, 2 октября 2026 12:00 по Екатеринбургу (UTC+5) 10:00 по Москве" in russian
    assert english.startswith(
        "Video conference The next session Tomorrow Наставничество Пермь Friday, 2 October"
    )


def test_the_sessions_after_it_follow_in_order(client: FlaskClient) -> None:
    for number in (5, 1, 4, 2, 3, 6):
        a_session(in_hours(number * 24), title=f"Встреча {number}")

    page = client.get("/").text

    assert "Встреча 1" in following(page).replace("\xa0", " ")
    assert [title.replace("\xa0", " ") for title in soon(page)] == [
        f"Встреча {number}" for number in (2, 3, 4, 5)
    ]


def test_what_is_off_or_over_or_a_draft_is_not_next(app: Flask, clock: Clock) -> None:
    host = signed_in(app, a_host())
    cancelled = a_session(in_hours(1), title="Отменённая")
    scheduling.cancel(cancelled.id, cancelled.revision, None)
    a_session(in_hours(2), draft=True, title="Черновая")
    postponed = a_session(in_hours(3), title="Отложенная")
    with transaction():
        db.session.get_one(Session, postponed.id).state = "postponed"
    a_session(in_hours(-2), title="Прошедшая")
    a_session(in_hours(4), title="Настоящая")

    page = host.get("/").text

    assert "Настоящая" in following(page)
    assert soon(page) == ["Отложенная"]
    assert ("Отменённая" in page, "Черновая" in page, "Прошедшая" in page) == (False, False, False)


def test_how_near_the_next_session_is_follows_the_clock_of_the_reader(
    client: FlaskClient, clock: Clock
) -> None:
    a_session(in_hours(10), title="Вечерняя")  # 22:00 in Moscow, 2 October in Kamchatka
    client.get("/language/en")

    said = []
    for zone, at in (
        ("Europe/Moscow", START),
        ("Asia/Kamchatka", START),
        ("Europe/Moscow", datetime(2026, 9, 29, 9, 0, tzinfo=UTC)),
        ("Europe/Moscow", datetime(2026, 10, 1, 19, 30, tzinfo=UTC)),
    ):
        client.set_cookie("tz", zone)
        clock.move_to(at)
        said.append(re.findall("Today|Tomorrow|On now", following(client.get("/").text)))

    assert said == [["Today"], ["Tomorrow"], [], ["On now"]]


def test_a_session_closed_to_the_reader_is_not_announced(app: Flask, client: FlaskClient) -> None:
    a_session(in_hours(5), title="Для своих", visibility="members")
    a_session(in_hours(9), title="Для всех")
    anna = signed_in(app, a_person(account=True))

    pages = [browser.get("/").text.replace("\xa0", " ") for browser in (client, anna)]

    assert ["Для своих" in page for page in pages] == [False, True]


def test_recordings_stand_latest_first_and_only_those_the_reader_may_open(
    app: Flask, client: FlaskClient
) -> None:
    a_talk("Давняя", date(2025, 1, 1))
    a_talk("Без даты")
    a_talk("Для команды", date(2026, 9, 3), access_keys=["team"])
    a_talk("Ещё читается", date(2026, 9, 2), state="read")
    a_talk("Недавняя", date(2026, 9, 1), cities=["Пермь"], duration_s=5280)
    host = signed_in(app, a_host())

    anyones, hosts = client.get("/").text, host.get("/").text

    assert [title.replace("\xa0", " ") for title in recent(anyones)] == [
        "Недавняя", "Давняя", "Без даты",
    ]  # fmt: skip
    assert recent(hosts)[0].replace("\xa0", " ") == "Для команды"


def test_a_picture_is_asked_for_only_where_there_is_one(client: FlaskClient) -> None:
    bare, pictured = a_talk("Без картинки"), a_talk("С картинкой")
    with transaction():
        db.session.add(
            MediaFile(
                talk_id=pictured.id,
                kind="video",
                original_name="a.mp4",
                sha256="0" * 64,
                size_bytes=1,
                key="a",
                poster_key="b",
                added_at=START,
            )
        )

    page = client.get("/").text

    assert re.findall(r'<img src="(/talks/[^"]+)"', page) == [f"/talks/{pictured.id}/poster"]
    assert f"/talks/{bare.id}" in page


def test_a_fresh_installation_leads_a_host_to_the_planner_and_tells_others_what_this_is(
    app: Flask, client: FlaskClient
) -> None:
    host = signed_in(app, a_host())
    for browser in (client, host):
        browser.get("/language/en")

    anyones, hosts = client.get("/").text, host.get("/").text

    assert "Plan the first session" in words(hosts)
    assert 'href="/plan/series"' in hosts
    assert "Cities teach one another here" in words(anyones)
    assert ('href="/plan' in anyones, 'href="/sign-in/' in anyones) == (False, True)


def test_the_search_box_asks_the_search_page(client: FlaskClient) -> None:
    page = client.get("/").text

    [action] = re.findall(r'<form class="v-search" action="([^"]+)"', page)
    assert client.get(action, query_string={"q": "наставник"}).status_code == 200


def test_the_same_offset_is_one_column_and_the_reader_leads_theirs() -> None:
    found = hours.local_hours(
        datetime(2026, 10, 15, 7, 0, tzinfo=UTC),
        timedelta(minutes=90),
        [
            Place("Тюмень", "Asia/Yekaterinburg"),
            Place("Москва", "Europe/Moscow"),
            Place("Пермь", "Asia/Yekaterinburg"),
            Place("Анадырь", "Asia/Anadyr"),
        ],
        Place("Пермь", "Asia/Yekaterinburg"),
        "Europe/Moscow",
    )

    assert [(hour.at.hour, hour.names, hour.mine, hour.late) for hour in found] == [
        (10, ("Москва",), False, False),
        (12, ("Пермь", "Тюмень"), True, False),
        (19, ("Анадырь",), False, True),
    ]


def test_an_hour_of_another_day_names_its_date() -> None:
    found = hours.local_hours(
        datetime(2026, 10, 15, 19, 0, tzinfo=UTC),
        timedelta(minutes=60),
        [Place("Камчатка", "Asia/Kamchatka"), Place("Москва", "Europe/Moscow")],
        None,
        "Europe/Moscow",
    )

    assert [(hour.at.hour, hour.on) for hour in found] == [(22, None), (7, date(2026, 10, 16))]


def test_late_is_what_ends_after_six_or_begins_before_nine() -> None:
    def late(hour: int, minute: int, length_min: int) -> bool:
        at = datetime(2026, 10, 15, hour, minute, tzinfo=UTC)
        return hours.out_of_hours(at, timedelta(minutes=length_min))

    assert [late(16, 30, 90), late(16, 31, 90), late(9, 0, 60), late(8, 59, 60)] == [
        False, True, False, True,
    ]  # fmt: skip
    assert late(23, 0, 120)


def test_a_reader_chooses_a_zone_for_this_browser(client: FlaskClient) -> None:
    a_session(in_hours(22))
    client.set_cookie("tz", "Europe/Moscow")

    answer = client.post("/zone", data={"place": "Asia/Omsk", "next": "/schedule"})

    assert answer.headers["Location"] == "/schedule"
    assert "13:00 по Омску" in following(client.get("/").text)
    client.post("/zone", data={"place": ""})
    assert "10:00 по Москве" in following(client.get("/").text)


def test_a_city_of_the_programme_stands_for_its_zone(client: FlaskClient) -> None:
    city = a_city("Томск", "Asia/Tomsk", "Томску")
    a_session(in_hours(22))

    page = client.get("/zone").text
    client.post("/zone", data={"place": f"city:{city.id}"})

    assert f'value="city:{city.id}"' in page
    assert "14:00 по Томску" in following(client.get("/").text)


def test_each_zone_stands_once_in_russian_and_by_region(client: FlaskClient) -> None:
    a_city("Томск", "Asia/Tomsk", "Томску")

    page = client.get("/zone").text

    lists = {
        heading: re.findall(r'<option value="([^"]*)"[^>]*>([^<]*) \(', options)
        for heading, options in re.findall(
            r'<optgroup label="([^"]*)">(.*?)</optgroup>', page, re.S
        )
    }
    shown = [name for zones in lists.values() for _, name in zones]
    russian = [name for _, name in lists["Россия"]]
    assert list(lists) == [
        "Города программы", "Россия", "Австралия", "Азия", "Америка", "Антарктида",
        "Атлантический океан", "Африка", "Европа", "Индийский океан", "Тихий океан",
        "UTC",
    ]  # fmt: skip
    assert len(shown) == len(set(shown)) > 400
    assert (russian[0], russian[-1], len(russian)) == ("Анадырь", "Якутск", 25)
    assert ("Europe/Kyiv", "Киев") in lists["Европа"]
    assert ("Asia/Kolkata", "Калькутта") in lists["Азия"]


def test_someone_signed_in_keeps_the_zone_in_their_profile(app: Flask) -> None:
    who = a_person(account=True)
    anna = signed_in(app, who)

    anna.post("/zone", data={"place": "Asia/Omsk"})
    kept = db.session.get_one(Person, who.id, populate_existing=True).tz
    anna.post("/zone", data={"place": ""})

    assert kept == "Asia/Omsk"
    assert db.session.get_one(Person, who.id, populate_existing=True).tz is None


def test_a_zone_that_does_not_exist_changes_nothing(client: FlaskClient) -> None:
    client.get("/language/en")
    client.post("/zone", data={"place": "Asia/Omsk"})

    for wrong in ("Asia/Atlantis", "city:77", "city:x", "../../etc/passwd"):
        client.post("/zone", data={"place": wrong})

    page = client.get("/zone").text
    assert "This zone is not known here." in words(page)
    assert "Omsk time (UTC+6)" in words(page)


def test_choosing_a_zone_leads_nowhere_but_into_this_site(client: FlaskClient) -> None:
    answer = client.post("/zone", data={"place": "Asia/Omsk", "next": "https://elsewhere.example"})

    assert answer.headers["Location"] == "/"
