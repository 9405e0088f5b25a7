"""A host plans a series: the rule, its dates, what is wrong with them."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.flows import scheduling
from sessions.models.programme import Series
from sessions.models.session import Session
from tests.builders import (
    THURSDAY_10_MOSCOW,
    a_city,
    a_host,
    a_session,
    signed_in,
)
from tests.conftest import Clock
from tests.sessions.web.planner_form import (
    FIRST_WEDNESDAYS,
    NINE,
    THIRD_THURSDAYS,
    dates,
    plan,
    rows,
    strip_of,
    the_form,
)


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """The browser of a host, who reads Russian."""
    return signed_in(app, a_host())


@pytest.fixture
def before_the_season(clock: Clock) -> Clock:
    clock.move_to(datetime(2026, 8, 20, 9, 0, tzinfo=UTC))
    return clock


def test_a_host_plans_third_thursdays_and_gets_nine_drafts(
    host: FlaskClient, before_the_season: Clock
) -> None:
    answer = host.post("/plan/series", data=plan(host, THIRD_THURSDAYS))

    drafts = db.session.scalars(select(Session).order_by(Session.starts_at)).all()
    assert dates() == NINE
    assert {(one.state, one.tz, one.wall_start.hour, one.duration_min) for one in drafts} == {
        ("draft", "Europe/Moscow", 10, 90)
    }
    assert answer.headers["Location"] == f"/plan/series/{drafts[0].series_id}"


def test_the_series_page_lists_the_drafts_with_the_rule_in_words(host: FlaskClient) -> None:
    form = plan(host, THIRD_THURSDAYS, on=[day.isoformat() for day in NINE])
    url = host.post("/plan/series", data=form).headers["Location"]
    host.get("/language/en")

    page = host.get(url).text

    assert "On the third Thursday of every month at 10:00 Moscow time" in html.unescape(
        page
    ).replace("\xa0", " ")
    assert [row[:17].strip() for row in rows(page)][:2] == [
        "17 September 2026",
        "15 October 2026 T",
    ]
    assert page.count("/sessions/") >= 9


def test_nothing_is_made_before_the_button_is_pressed(host: FlaskClient) -> None:
    host.get("/plan/series", query_string=THIRD_THURSDAYS)
    host.post("/plan/series", data={**THIRD_THURSDAYS, "do": "show"})

    assert (dates(), db.session.scalars(select(Series)).all()) == ([], [])


def test_showing_the_dates_puts_the_rule_into_the_address(host: FlaskClient) -> None:
    answer = host.post(
        "/plan/series",
        data={**FIRST_WEDNESDAYS, "title": "Среды", "do": "show", "once": "x", "csrf_token": "y"},
    )

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/plan/series?n=1&weekday=2&at=10%3A00")
    assert ("once" in answer.headers["Location"], "csrf" in answer.headers["Location"]) == (
        False,
        False,
    )
    page = host.get(answer.headers["Location"]).text
    assert rows(page)[2].startswith("4 ноября 2026")
    assert 'value="Среды"' in page


def test_a_summary_too_long_for_an_address_stays_on_the_page(host: FlaskClient) -> None:
    words = "Показываем, как это устроено. " * 100

    page = host.post("/plan/series", data={**FIRST_WEDNESDAYS, "summary": words, "do": "show"})

    assert (page.status_code, words.strip() in page.text) == (200, True)


def test_the_form_sent_twice_makes_one_series(host: FlaskClient) -> None:
    form = plan(host, THIRD_THURSDAYS)

    first = host.post("/plan/series", data=form)
    second = host.post("/plan/series", data=form)

    assert first.headers["Location"] == second.headers["Location"]
    assert len(db.session.scalars(select(Series)).all()) == 1
    assert len(dates()) == 8  # the first of nine is past


def test_past_dates_are_flagged_and_left_to_the_host(host: FlaskClient) -> None:
    page = host.get("/plan/series", query_string=THIRD_THURSDAYS)
    form = the_form(page.text)

    host.get("/language/en")
    english = rows(host.get("/plan/series", query_string=THIRD_THURSDAYS).text)

    assert form["on"] == [day.isoformat() for day in NINE[1:]]
    assert english[0] == "17 September 2026 Thu Already past"
    assert english[1] == "15 October 2026 Thu Free"


def test_a_day_off_is_named_in_the_preview(host: FlaskClient) -> None:
    russian = rows(host.get("/plan/series", query_string=FIRST_WEDNESDAYS).text)
    host.get("/language/en")
    english = rows(host.get("/plan/series", query_string=FIRST_WEDNESDAYS).text)

    assert russian[2] == "4 ноября 2026 ср День народного единства"
    assert english[2] == "4 November 2026 Wed Unity Day"
    assert english[4] == "6 January 2027 Wed New Year Holidays"


@pytest.mark.parametrize(
    ("policy", "november", "count"),
    [
        ("ask", date(2026, 11, 4), 9),
        ("shift", date(2026, 11, 11), 9),
        ("skip", date(2026, 12, 2), 7),
    ],
)
def test_days_off_are_kept_moved_or_left_out_as_the_rule_says(
    host: FlaskClient, before_the_season: Clock, policy: str, november: date, count: int
) -> None:
    host.post("/plan/series", data=plan(host, {**FIRST_WEDNESDAYS, "policy": policy}))

    assert (dates()[2], len(dates())) == (november, count)


def test_a_date_left_out_is_still_named_where_it_would_stand(host: FlaskClient) -> None:
    host.get("/language/en")

    lines = rows(host.get("/plan/series", query_string={**FIRST_WEDNESDAYS, "policy": "skip"}).text)

    assert (lines[2], lines[4]) == (
        "4 November 2026 Wed Left out: Unity Day",
        "6 January 2027 Wed Left out: New Year Holidays",
    )


def test_a_host_asked_about_a_day_off_moves_it_a_week_on(
    host: FlaskClient, before_the_season: Clock
) -> None:
    form = plan(host, FIRST_WEDNESDAYS, **{"to-2026-11-04": "move"})

    host.post("/plan/series", data=form)

    assert dates()[1:4] == [date(2026, 10, 7), date(2026, 11, 11), date(2026, 12, 2)]


def test_the_page_of_a_series_names_days_off_in_the_readers_language(
    host: FlaskClient, before_the_season: Clock
) -> None:
    form = plan(host, FIRST_WEDNESDAYS, **{"to-2026-11-04": "move"})
    url = host.post("/plan/series", data=form).location
    host.get("/language/en")

    assert "Moved from 4 November: Unity Day" in host.get(url).text.replace("\xa0", " ")


def test_a_new_series_begins_with_today_and_not_before(host: FlaskClient, clock: Clock) -> None:
    clock.move_to(datetime(2026, 11, 21, 9, 0, tzinfo=UTC))

    fields = the_form(host.get("/plan/series").text)

    assert (fields["first"], fields["last"]) == ("2026-11-21", "2027-05-31")


def test_only_ticked_dates_become_drafts(host: FlaskClient) -> None:
    host.post("/plan/series", data=plan(host, THIRD_THURSDAYS, on=["2026-10-15", "2027-05-20"]))

    assert dates() == [date(2026, 10, 15), date(2027, 5, 20)]


def test_a_date_the_rule_does_not_give_is_not_made(host: FlaskClient) -> None:
    host.post("/plan/series", data=plan(host, THIRD_THURSDAYS, on=["2026-10-15", "2026-10-16"]))

    assert dates() == [date(2026, 10, 15)]


def test_no_date_ticked_asks_for_one_and_keeps_the_words(host: FlaskClient) -> None:
    host.get("/language/en")

    answer = host.post("/plan/series", data=plan(host, THIRD_THURSDAYS, on=[], summary="О главном"))

    assert answer.status_code == 400
    assert "Tick at least one date." in answer.text
    assert "О главном" in answer.text
    assert dates() == []


def test_a_rule_changed_after_its_dates_were_shown_is_shown_again(host: FlaskClient) -> None:
    form = plan(host, THIRD_THURSDAYS)
    host.get("/language/en")

    answer = host.post("/plan/series", data={**form, "weekday": "4"})

    assert (answer.status_code, dates()) == (409, [])
    assert "The rule has changed" in answer.text
    assert rows(answer.text)[1] == "16 October 2026 Fri Free"
    host.post("/plan/series", data={**the_form(answer.text), "title": "Пятницы", "do": "make"})
    assert dates()[0] == date(2026, 10, 16)


def test_another_session_of_the_same_hour_is_named(host: FlaskClient) -> None:
    a_session(THURSDAY_10_MOSCOW, title="Школа и завод")
    host.get("/language/en")

    page = host.get("/plan/series", query_string=THIRD_THURSDAYS).text

    assert rows(page)[1] == "15 October 2026 Thu The same hour: “ Школа и завод ”."


def test_a_cancelled_session_hinders_nothing(host: FlaskClient) -> None:
    session = a_session(THURSDAY_10_MOSCOW)
    scheduling.cancel(session.id, session.revision, None)
    host.get("/language/en")

    page = host.get("/plan/series", query_string=THIRD_THURSDAYS).text

    assert rows(page)[1] == "15 October 2026 Thu Free"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "Write a title."),
        ({"at": "полдень"}, "Write the hour like this: 10:00."),
        ({"at": "25:00"}, "Write the hour like this: 10:00."),
        ({"last": "2099-01"}, "This date is too far away."),
        ({"first": "2027-05", "last": "2026-10"}, "The last date is before the first."),
        ({"title": "д" * 201}, "Make it at most 200 characters."),
    ],
)
def test_what_is_wrong_is_said_and_the_words_are_kept(
    host: FlaskClient, wrong: dict[str, str], sentence: str
) -> None:
    form = plan(host, THIRD_THURSDAYS, summary="О главном")
    host.get("/language/en")

    answer = host.post("/plan/series", data={**form, **wrong})

    assert (answer.status_code, dates()) == (400, [])
    assert "<title>Error: New series" in answer.text
    assert sentence.casefold() in html.unescape(answer.text).replace("\xa0", " ").casefold()
    assert "О главном" in answer.text


def test_junk_in_the_address_is_no_error_of_ours(host: FlaskClient) -> None:
    answers = [
        host.get("/plan/series", query_string={**THIRD_THURSDAYS, name: junk})
        for name in THIRD_THURSDAYS
        for junk in ("abc", "", "9" * 40, "-5", "<script>", "%s")
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert not any("<script>" in answer.text for answer in answers)


def test_the_hour_may_be_written_as_people_do(host: FlaskClient) -> None:
    written = ["9:05", "09:05", "9.05", "0905", "905", "9-05", " 9:05 "]

    pages = [
        host.get("/plan/series", query_string={**THIRD_THURSDAYS, "at": at}).text for at in written
    ]

    begins = [re.findall(r'<h2 id="hours">.*?(\d+:\d\d)', page) for page in pages]
    assert begins == [["9:05"]] * len(written)


def test_the_dates_alone_can_be_asked_for(host: FlaskClient) -> None:
    page = host.get("/plan/series", query_string={**THIRD_THURSDAYS, "part": "dates"}).text

    assert ("<html" in page, len(rows(page))) == (False, 9)


def test_the_page_says_who_sits_where_with_what_share(host: FlaskClient) -> None:
    a_city("Владивосток", "Asia/Vladivostok", "Владивостоку")
    a_city("Пермь", "Asia/Yekaterinburg", "Перми")
    a_city("Екатеринбург", "Asia/Yekaterinburg", "Екатеринбургу", population=1_500_000)
    host.get("/language/en")

    page = host.get("/plan/series", query_string=THIRD_THURSDAYS).text

    assert strip_of(page) == [
        "12:00 to 13:30 Екатеринбург 66.7%",
        "17:00 to 18:30 Владивосток after 18:00 33.3%",
    ]


def test_without_cities_the_eleven_zones_are_shown(host: FlaskClient) -> None:
    page = host.get("/plan/series", query_string=THIRD_THURSDAYS).text

    assert [zone.split()[0] for zone in strip_of(page)] == [f"{hour}:00" for hour in range(9, 20)]


def test_zones_are_offered_programme_first_then_cities_then_russia(host: FlaskClient) -> None:
    a_city("Берлин", "Europe/Berlin", "Берлину")

    page = host.get("/plan/series").text

    [options] = re.findall(r'<select[^>]*name="tz"[^>]*>(.*?)</select>', page, re.S)
    zones = re.findall(r'value="([^"]+)"', options)
    assert zones[:3] == ["Europe/Moscow", "Europe/Berlin", "Europe/Kaliningrad"]
    assert len(zones) == len(set(zones)) == 27


def test_presenting_cities_come_with_every_session(host: FlaskClient) -> None:
    perm, omsk = a_city().id, a_city("Омск", "Asia/Omsk", "Омску").id
    a_city("Томск", "Asia/Tomsk", "Томску")

    host.post("/plan/series", data=plan(host, THIRD_THURSDAYS, cities=[perm, omsk]))

    drafts = db.session.scalars(select(Session)).all()
    assert {tuple(sorted(part.city_id for part in one.cities)) for one in drafts} == {(perm, omsk)}


def test_commas_and_stops_of_the_sentence_stay_with_their_fields(host: FlaskClient) -> None:
    host.get("/language/en")

    page = host.get("/plan/series").text

    [sentence] = re.findall(r'<p class="v-rule[^>]*>(.*?)</p>', page, re.S)
    kept = re.findall(r'<span class="v-nb"><(?:select|input)[^>]*name="(\w+)"', sentence)
    assert kept == ["tz", "last", "length", "policy"]
    words = re.sub(r"<select.*?</select>|<[^>]+>", "", sentence, flags=re.S)
    assert " ".join(words.split()) == (
        "On the of every month at , from to , at most sessions, lasting . "
        "If the date is a day off: ."
    )


def test_a_date_that_is_past_waits_for_no_decision(host: FlaskClient, clock: Clock) -> None:
    clock.move_to(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    host.get("/language/en")

    page = host.get("/plan/series", query_string=THIRD_THURSDAYS).text.replace("\xa0", " ")

    assert "6 free" in page
    assert "to look at" not in page


def test_an_hour_left_empty_is_asked_for(host: FlaskClient) -> None:
    sent = plan(host, THIRD_THURSDAYS, at="", do="show")

    shown = host.post("/plan/series", data=sent)
    page = host.get(shown.location).text

    assert "at=&" in shown.location
    assert re.findall(r'name="at"[^>]*value="([^"]*)"', page) == [""]
    assert page.count('id="at-error"') == 1
