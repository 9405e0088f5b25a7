"""A season's sessions as a calendar: on which day they stand, for whom, and what is beside them."""

from __future__ import annotations

import html
import re
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from archive.models import Talk
from integrations.runtime.database import db, transaction
from sessions.flows import scheduling
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from sessions.web import schedule_month
from tests.builders import (
    a_city,
    a_decision,
    a_host,
    a_person,
    a_season,
    a_session,
    a_topic,
    signed_in,
)
from tests.conftest import START, Clock
from tests.sessions.web.test_schedule import counted, rows


def at(month: int, day: int, hour: int = 10, year: int = 2026) -> WallTime:
    return WallTime(datetime(year, month, day, hour, 0), "Europe/Moscow")


def text(markup: str) -> str:
    found = html.unescape(re.sub(r"<[^>]+>", " ", markup))
    return " ".join(found.replace("\u2060", "").replace("\u2011", "-").split())


def cells(page: str) -> list[tuple[str, str]]:
    """The days of the grid in order: their classes, and what stands in them."""
    grid = page.partition('<table class="v-month">')[2].partition("</table>")[0]
    return [
        (classes.strip(), text(re.sub(r'<a class="v-day".*?</a>', "", cell)))
        for classes, cell in re.findall(r'<td class="([^"]*)">(.*?)</td>', grid, re.S)
    ]


def filled(page: str) -> list[str]:
    """The days on which something takes place."""
    return [said for _, said in cells(page) if re.search(r"\d:\d\d", said)]


def listed(page: str) -> dict[str, bool]:
    """The headings of the days under the grid, and which of them shows by itself."""
    days = re.findall(r'<section id="d\d+"( class="on")?><h2>(.*?)</h2>', page)
    return {text(heading): bool(shown) for shown, heading in days}


def month_links(page: str) -> list[str]:
    [nav] = re.findall(r'<nav[^>]*aria-label="Months of the season".*?</nav>', page, re.S)
    return re.findall(r"month=(\d{4}-\d\d)", nav)


@pytest.fixture
def english(client: FlaskClient) -> FlaskClient:
    client.get("/language/en")
    return client


def test_a_month_runs_from_monday_to_sunday_with_the_days_around_it(english: FlaskClient) -> None:
    a_season()
    a_session(at(11, 19), title="Наставничество")

    page = english.get("/schedule?month=2026-11").text

    days = [said.split(",")[0].split(" ")[0] for _, said in cells(page)]
    assert days == [
        *map(str, range(26, 32)), *map(str, range(1, 31)), *map(str, range(1, 7)),
    ]  # fmt: skip
    assert ["out" in classes for classes, _ in cells(page)] == [True] * 6 + [False] * 30 + [
        True
    ] * 6
    assert filled(page) == ["19 10:00 Наставничество"]


def test_today_and_the_days_off_are_marked_and_holidays_named(
    english: FlaskClient, clock: Clock
) -> None:
    a_season()
    a_session(at(11, 19))

    page = english.get("/schedule?month=2026-11").text
    clock.move_to(datetime.fromisoformat("2026-11-22T07:00+00:00"))
    later = english.get("/schedule?month=2026-11").text

    inside = [cell for cell in cells(page) if "out" not in cell[0]]
    off = [int(said.split(" ")[0]) for classes, said in inside if "off" in classes.split()]
    assert off == [1, 4, 7, 8, 14, 15, 21, 22, 28, 29]
    assert inside[3][1] == "4 Unity Day"
    assert [said for classes, said in cells(later) if "today" in classes] == ["22 , today"]
    assert [said for classes, said in cells(page) if "today" in classes] == []


def test_a_run_of_days_off_is_one_line_and_is_named_where_it_begins() -> None:
    off = {date(2027, 1, day): "Новогодние каникулы" for day in (1, 2, 3, 4, 5)}
    off[date(2027, 1, 7)] = "Рождество (перенесено)"

    month = schedule_month.grid(date(2027, 1, 1), {}, off, date(2027, 1, 10))

    inside = [day for week in month.weeks for day in week if day.is_inside]
    assert [(one.first.day, one.last.day, one.name) for one in month.holidays] == [
        (1, 5, "Новогодние каникулы"),
        (7, 7, "Рождество (перенесено)"),
    ]
    assert [day.on.day for day in inside if day.holiday and day.is_named] == [1, 4, 7]
    assert inside[6].label == "Рождество"


@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [
        ("Europe/Moscow", 31, "23:00"),
        ("Asia/Kamchatka", 1, "8:00"),
        ("Europe/Kaliningrad", 31, "22:00"),
    ],
)
def test_a_session_stands_on_the_day_of_the_readers_clock(
    client: FlaskClient, zone: str, day: int, hour: str
) -> None:
    a_season()
    a_session(at(10, 31, 23), title="Полночная")
    client.set_cookie("tz", zone)

    months = {name: client.get(f"/schedule?month=2026-{name}").text for name in ("10", "11")}

    here, elsewhere = ("11", "10") if day == 1 else ("10", "11")
    assert filled(months[here]) == [f"{day} {hour} Полночная"]
    assert filled(months[elsewhere]) == []


def test_the_last_evening_of_a_season_has_its_month_where_the_sun_is_up_already(
    client: FlaskClient,
) -> None:
    a_season(starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31))
    a_session(at(10, 31, 23))
    client.get("/language/en")

    said = []
    for zone in ("Europe/Moscow", "Asia/Kamchatka"):
        client.set_cookie("tz", zone)
        said.append(month_links(client.get("/schedule?month=2026-10").text))

    assert said == [["2026-10"], ["2026-10", "2026-11"]]


def test_the_months_of_the_season_and_no_others_are_led_to(english: FlaskClient) -> None:
    a_season()
    a_session(at(9, 15))
    a_session(at(5, 20, year=2027))

    def steps(month: str) -> list[tuple[str, str]]:
        page = english.get(f"/schedule?month={month}").text
        return re.findall(r'rel="(prev|next)" href="[^"]*month=([\d-]+)"', page)

    assert month_links(english.get("/schedule?month=2026-11").text) == [
        "2026-09", "2026-10", "2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04",
        "2027-05",
    ]  # fmt: skip
    assert steps("2026-09") == [("next", "2026-10")]
    assert steps("2026-12") == [("prev", "2026-11"), ("next", "2027-01")]
    assert steps("2027-05") == [("prev", "2027-04")]
    assert steps("1999-01") == [("next", "2026-10")]
    assert steps("nonsense") == [("prev", "2026-09"), ("next", "2026-11")]


def test_the_month_comes_first_where_it_has_sessions_else_the_list(client: FlaskClient) -> None:
    a_season()
    a_session(at(11, 19), title="Ноябрьская")
    without = client.get("/schedule").text
    a_session(at(10, 15), title="Октябрьская")

    pages = [client.get(address).text for address in ("/schedule", "/schedule?view=list")]

    assert ['class="v-month"' in page for page in (without, *pages)] == [False, True, False]


def test_an_empty_month_leads_to_the_nearest_that_is_not(english: FlaskClient) -> None:
    a_season()
    a_session(at(10, 15))
    a_session(at(4, 15, year=2027))

    page = english.get("/schedule?month=2026-12").text

    assert "No sessions in this month" in page
    assert re.findall(r'btn-primary" href="[^"]*month=([\d-]+)">([^<]+)<', page) == [
        ("2026-10", "October 2026")
    ]


def test_what_is_off_is_struck_through_and_says_so(english: FlaskClient) -> None:
    a_season()
    cancelled, postponed = a_session(at(10, 15), title="Первая"), a_session(at(10, 16))
    scheduling.cancel(cancelled.id, cancelled.revision, None)
    with transaction():
        db.session.get_one(Session, postponed.id).state = "postponed"

    page = english.get("/schedule?view=month").text

    assert re.findall(r'class="v-ev v-conf( \w+)?"', page) == [" gone", " gone"]
    assert filled(page)[0] == "15 10:00 Первая cancelled"
    assert filled(page)[1].endswith("postponed")


def test_drafts_stand_in_the_month_of_the_team_alone(app: Flask, client: FlaskClient) -> None:
    a_season()
    a_session(at(10, 14), title="Открытая")
    a_session(at(10, 15), title="Тайная", draft=True)
    anna, host = signed_in(app, a_person(account=True)), signed_in(app, a_host())
    host.get("/language/en")

    pages = [browser.get("/schedule?month=2026-10").text for browser in (client, anna, host)]

    assert ["Тайная" in page for page in pages] == [False, False, True]
    assert filled(pages[2]) == ["14 10:00 Открытая", "15 10:00 Тайная draft"]


def test_a_day_leads_to_its_list_and_the_next_one_shows_by_itself(
    english: FlaskClient, clock: Clock
) -> None:
    a_season()
    for day in (5, 15, 20):
        a_session(at(10, day))

    clock.move_to(datetime.fromisoformat("2026-10-14T07:00+00:00"))
    during = english.get("/schedule?month=2026-10").text
    clock.move_to(datetime.fromisoformat("2026-11-14T07:00+00:00"))
    after = english.get("/schedule?month=2026-10").text

    assert re.findall(r'class="v-day" href="#(d\d+)"', during) == ["d5", "d15", "d20"]
    assert listed(during) == {
        "Monday, 5 October": False, "Thursday, 15 October": True, "Tuesday, 20 October": False,
    }  # fmt: skip
    assert list(listed(after).values()) == [False, False, True]


def test_city_topic_and_format_narrow_both_views_and_are_kept_in_links(
    english: FlaskClient,
) -> None:
    season, perm, omsk = a_season(), a_city(), a_city("Омск", "Asia/Omsk", "Омску")
    topic = a_topic(season, "Наставничество")
    a_decision(topic, 61, 123, 1)
    a_session(at(10, 14), title="Пермская", presenting=(perm.id,), format="seminar")
    both = a_session(at(10, 15), title="Общая", presenting=(perm.id, omsk.id), format="seminar")
    a_session(at(10, 16), title="Омская", presenting=(omsk.id,))
    with transaction():
        db.session.get_one(Session, both.id).topic_id = topic.id

    def titles(query: str) -> list[str]:
        views = [
            filled(english.get(f"/schedule?view=month&{query}").text),
            rows(english.get(f"/schedule?view=list&{query}").text),
        ]
        found = [re.findall("Пермская|Общая|Омская", " ".join(view)) for view in views]
        assert found[0] == found[1]
        return found[0]

    assert titles(f"city={perm.id}") == ["Пермская", "Общая"]
    assert titles(f"city={omsk.id}&format=seminar") == ["Общая"]
    assert titles(f"topic={topic.id}") == ["Общая"]
    assert titles("city=junk&topic=-1") == ["Пермская", "Общая", "Омская"]
    assert titles("city=99999999999999999999") == ["Пермская", "Общая", "Омская"]
    page = html.unescape(english.get(f"/schedule?view=month&city={perm.id}").text)
    assert re.findall(r'rel="next" href="([^"]+)"', page) == [
        f"/schedule/{season.id}?view=month&city={perm.id}&month=2026-11"
    ]
    assert f'<option value="{perm.id}" selected>Пермь</option>' in page


def test_what_passes_no_filter_offers_to_lift_it(english: FlaskClient) -> None:
    a_season()
    omsk = a_city("Омск", "Asia/Omsk", "Омску")
    a_session(at(10, 15))

    month = text(english.get(f"/schedule?view=month&city={omsk.id}").text)
    soon = text(english.get(f"/schedule?view=list&city={omsk.id}").text)

    assert "No sessions of this choice in this month Lift the filter" in month
    assert "No sessions of this choice There are others in this season. Lift the filter" in soon


def test_the_season_is_told_in_figures_that_a_reader_may_look_up(
    app: Flask, english: FlaskClient, clock: Clock
) -> None:
    a_season(motto="От кружка до класса", motto_en="From club to class")
    perm, omsk = a_city(), a_city("Омск", "Asia/Omsk", "Омску")
    held = a_session(at(10, 5), presenting=(perm.id,))
    scheduling.end(held.id, held.revision, None)
    a_session(at(10, 15), presenting=(perm.id, omsk.id))
    a_session(at(10, 16), visibility="members")
    off = a_session(at(10, 17))
    scheduling.cancel(off.id, off.revision, None)
    a_session(at(10, 18), draft=True)
    with transaction():
        for source, keys in ((f"session:{held.id}", ["public"]), ("import:old", ["public"])):
            db.session.add(
                Talk(source=source, title="З", state="published", access_keys=keys, made_at=START)
            )

    page = text(english.get("/schedule").text)

    assert "From club to class 1 September 2026 – 31 May 2027." in page
    assert "1 session held 1 session to come 2 cities present 1 recording Month" in page


def test_a_fuller_month_takes_no_more_queries(app: Flask) -> None:
    season, cities = a_season(), [a_city(f"Город {n}") for n in range(5)]
    host = signed_in(app, a_host())
    a_session(at(10, 5), presenting=(cities[0].id,))
    with counted() as few:
        host.get("/schedule?month=2026-10")
    for day in range(6, 31):
        session = a_session(at(10, day), presenting=[city.id for city in cities])
        topic = a_topic(season, f"Тема {day}")
        with transaction():
            db.session.get_one(Session, session.id).topic_id = topic.id

    with counted() as many:
        page = host.get("/schedule?month=2026-10").text

    assert len(filled(page)) == 26
    assert len(many) == len(few) <= 13
