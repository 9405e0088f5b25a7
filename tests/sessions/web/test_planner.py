from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.flows import meetings, planning, scheduling
from sessions.models.participation import Registration
from sessions.models.programme import Series
from sessions.models.session import Session
from tests.builders import (
    THURSDAY_10_MOSCOW,
    a_city,
    a_host,
    a_person,
    a_plan,
    a_session,
    signed_in,
)
from tests.conftest import Clock

THIRD_THURSDAYS = {
    "n": "3", "weekday": "3", "at": "10:00", "tz": "Europe/Moscow", "first": "2026-09",
    "last": "2027-05", "length": "90", "policy": "ask",
}  # fmt: skip
FIRST_WEDNESDAYS = {**THIRD_THURSDAYS, "n": "1", "weekday": "2"}
NINE = [
    date(2026, 9, 17), date(2026, 10, 15), date(2026, 11, 19), date(2026, 12, 17),
    date(2027, 1, 21), date(2027, 2, 18), date(2027, 3, 18), date(2027, 4, 15), date(2027, 5, 20),
]  # fmt: skip


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """The browser of a host, who reads Russian."""
    return signed_in(app, a_host())


@pytest.fixture
def before_the_season(clock: Clock) -> Clock:
    clock.move_to(datetime(2026, 8, 20, 9, 0, tzinfo=UTC))
    return clock


def the_form(page: str) -> dict[str, Any]:
    """What a browser would send of the planner's form as the page has it."""
    fields: dict[str, Any] = {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    }
    fields["on"] = re.findall(r'name="on" id="[^"]+" value="([\d-]+)" checked', page)
    for name, options in re.findall(
        r'<select [^>]*name="([\w-]+)"[^>]*>(.*?)</select>', page, re.S
    ):
        chosen = re.findall(r"<option selected value=\"([^\"]*)\"", options)
        fields[name] = chosen[0] if chosen else re.findall(r'value="([^"]*)"', options)[0]
    fields["at"] = re.findall(r'name="at"[^>]*value="([^"]*)"', page)[0]
    return fields


def plan(host: FlaskClient, rule: dict[str, str], **changes: Any) -> dict[str, Any]:
    """The form filled in, for the dates that the page shows."""
    page = host.get("/plan/series", query_string=rule).text
    return {**the_form(page), "title": "Первые три года учителя", "do": "make", **changes}


def rows(page: str) -> list[str]:
    """The lines of the table of dates, in words."""
    found = re.findall(r"<tr[^>]*>\s*<td.*?</tr>", page, re.S)
    without = [re.sub(r"<select.*?</select>|<[^>]+>", " ", row, flags=re.S) for row in found]
    return [" ".join(html.unescape(row).split()) for row in without]


def dates() -> list[date]:
    return [
        wall.date() for wall in db.session.scalars(select(Session.wall_start).order_by(Session.id))
    ]


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


def test_a_date_left_out_is_still_named(host: FlaskClient) -> None:
    host.get("/language/en")

    lines = rows(host.get("/plan/series", query_string={**FIRST_WEDNESDAYS, "policy": "skip"}).text)

    assert lines[-2:] == [
        "4 November 2026 Wed Left out: Unity Day",
        "6 January 2027 Wed Left out: New Year Holidays",
    ]


def test_a_host_asked_about_a_day_off_moves_it_a_week_on(
    host: FlaskClient, before_the_season: Clock
) -> None:
    form = plan(host, FIRST_WEDNESDAYS, **{"to-2026-11-04": "move"})

    host.post("/plan/series", data=form)

    assert dates()[1:4] == [date(2026, 10, 7), date(2026, 11, 11), date(2026, 12, 2)]


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

    assert rows(page)[1] == "15 October 2026 Thu The same hour: «Школа и завод»"


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
        ({"last": "2099-01"}, "Not a valid choice."),
        ({"first": "2027-05", "last": "2026-10"}, "The last month is before the first."),
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


def test_the_page_says_who_begins_when(host: FlaskClient) -> None:
    a_city("Владивосток", "Asia/Vladivostok", "Владивостоку")
    a_city("Пермь", "Asia/Yekaterinburg", "Перми")

    page = host.get("/plan/series", query_string=THIRD_THURSDAYS).text

    strip = re.findall(r'<span class="t">([^<]+)</span><span class="z" title="([^"]+)"', page)
    assert strip == [("10:00", "Москва"), ("12:00", "Пермь"), ("17:00", "Владивосток")]


def test_without_cities_the_eleven_zones_are_shown(host: FlaskClient) -> None:
    page = host.get("/plan/series", query_string=THIRD_THURSDAYS).text

    hours = re.findall(r'<span class="t">([^<]+)</span>', page)
    assert hours == [f"{hour}:00" for hour in range(9, 20)]


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


def a_series(host: FlaskClient) -> tuple[str, dict[str, str]]:
    """The address of a new series of nine, and what its page would send to publish it."""
    made = planning.plan_series(a_plan(), planning.preview(a_plan()), None, "vzaimo.test")
    url = f"/plan/series/{made}"
    shown = re.findall(r'name="(revision-\d+)" value="(\d+)"', host.get(url).text)
    return url, dict(shown)


def states() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(select(Session.state).order_by(Session.id)))


def test_one_press_publishes_every_draft_of_the_series(host: FlaskClient) -> None:
    url, form = a_series(host)
    host.get("/language/en")

    host.post(f"{url}/publish", data=form)
    page = host.get(url).text

    assert states() == ["scheduled"] * 9
    assert "9 sessions are published." in page.replace("\xa0", " ")
    assert "Publish all" not in page


def test_a_draft_changed_meanwhile_is_reported_and_waits(host: FlaskClient) -> None:
    url, form = a_series(host)
    third = db.session.scalars(select(Session).order_by(Session.id)).all()[2]
    scheduling.move(third.id, THURSDAY_10_MOSCOW, third.revision, None)
    host.get("/language/en")

    host.post(f"{url}/publish", data=form)
    page = host.get(url).text

    assert states() == ["scheduled"] * 2 + ["draft"] + ["scheduled"] * 6
    said = html.unescape(page).replace("\xa0", " ")
    assert "8 sessions are published." in said
    assert "“Первые три года учителя”, 15 October: someone changed it meanwhile." in said.replace(
        "«", "“"
    ).replace("»", "”")


def test_publishing_twice_reports_nothing_as_changed(host: FlaskClient) -> None:
    url, form = a_series(host)

    host.post(f"{url}/publish", data=form)
    first = host.get(url).text
    host.post(f"{url}/publish", data=form)
    again = host.get(url).text

    assert states() == ["scheduled"] * 9
    assert (first.count("v-band"), again.count("v-band")) == (1, 0)


def test_a_session_of_another_series_is_not_published_along(host: FlaskClient) -> None:
    url, form = a_series(host)
    other = a_session(draft=True)

    host.post(f"{url}/publish", data={**form, f"revision-{other.id}": "1"})

    assert states() == ["scheduled"] * 9 + ["draft"]


def test_an_unknown_series_is_not_found(host: FlaskClient) -> None:
    assert host.get("/plan/series/77").status_code == 404
    assert host.post("/plan/series/77/publish").status_code == 404


ONE = {
    "day": "2026-11-04", "at": "10:00", "tz": "Europe/Moscow", "length": "60", "title": "Разбор",
    "format": "consultation", "mode": "online", "visibility": "members",
}  # fmt: skip


def test_one_session_becomes_a_draft_and_its_day_off_is_named(host: FlaskClient) -> None:
    host.get("/language/en")

    answer = host.post("/plan/session", data=ONE)

    [made] = db.session.scalars(select(Session)).all()
    assert (made.title, made.state, made.format, made.visibility, made.duration_min) == (
        "Разбор", "draft", "consultation", "members", 60,
    )  # fmt: skip
    assert made.starts_at == datetime(2026, 11, 4, 7, 0, tzinfo=UTC)
    assert answer.headers["Location"].startswith(f"/sessions/{made.id}")
    assert "This date is a day off: Unity Day." in host.get("/plan").text.replace("\xa0", " ")


def test_one_session_sent_twice_is_one_draft(host: FlaskClient) -> None:
    token = the_form(host.get("/plan/session").text)["once"]

    first = host.post("/plan/session", data={**ONE, "once": token})
    second = host.post("/plan/session", data={**ONE, "once": token})

    assert first.headers["Location"] == second.headers["Location"]
    assert len(dates()) == 1


def test_one_session_needs_a_date_that_there_is(host: FlaskClient) -> None:
    answers = [
        host.post("/plan/session", data={**ONE, "day": day})
        for day in ("", "вчера", "2026-02-30", "0001-01-01", "9999-12-31")
    ]

    assert ([answer.status_code for answer in answers], dates()) == ([400] * 5, [])
    assert all('value="Разбор"' in answer.text for answer in answers)


def test_the_planner_lists_series_and_single_drafts(host: FlaskClient) -> None:
    empty = host.get("/plan").text
    a_session(draft=True, title="Одиночный черновик")
    a_session(title="Опубликованная")
    url, _ = a_series(host)

    page = host.get("/plan").text

    assert ("Одиночный черновик" in empty, "Одиночный черновик" in page) == (False, True)
    assert ("Опубликованная" in page, url in page) == (False, True)


PAGES = ["/plan", "/plan/series", "/plan/session", "/plan/series/1"]


def test_a_reader_who_is_signed_out_is_asked_to_sign_in(client: FlaskClient) -> None:
    answers = [client.get(page) for page in PAGES]

    assert [answer.status_code for answer in answers] == [302] * 4
    assert [answer.headers["Location"] for answer in answers] == [
        f"/sign-in/?next={page}" for page in PAGES
    ]


def test_a_member_may_not_plan(app: Flask) -> None:
    anna = signed_in(app, a_person(account=True))

    assert [anna.get(page).status_code for page in PAGES] == [403] * 4


def test_a_form_sent_signed_out_changes_nothing(client: FlaskClient, host: FlaskClient) -> None:
    form = plan(host, THIRD_THURSDAYS)
    url, revisions = a_series(host)
    before = (dates(), states())

    answers = [
        client.post("/plan/series", data=form),
        client.post("/plan/session", data=ONE),
        client.post(f"{url}/publish", data=revisions),
    ]

    assert [answer.status_code for answer in answers] == [302] * 3
    assert {answer.headers["Location"].split("?")[0] for answer in answers} == {"/sign-in/"}
    assert (dates(), states()) == before


def test_a_form_without_its_token_is_refused(app: Flask, host: FlaskClient) -> None:
    form = plan(host, THIRD_THURSDAYS)
    del form["csrf_token"]
    app.config["WTF_CSRF_ENABLED"] = True

    answer = host.post("/plan/series", data=form)

    assert (answer.status_code, dates()) == (400, [])


def test_commas_and_stops_of_the_sentence_stay_with_their_fields(host: FlaskClient) -> None:
    host.get("/language/en")

    page = host.get("/plan/series").text

    [sentence] = re.findall(r'<p class="v-rule[^>]*>(.*?)</p>', page, re.S)
    kept = re.findall(r'<span class="v-nb"><select[^>]*name="(\w+)"', sentence)
    assert kept == ["tz", "last", "length", "policy"]
    words = re.sub(r"<select.*?</select>|<[^>]+>", "", sentence, flags=re.S)
    assert " ".join(words.split()) == (
        "On the of every month at , from to , lasting . If the date is a day off: ."
    )


def test_publishing_all_has_a_room_made_for_each_that_meets_online(
    host: FlaskClient, work_off: Any
) -> None:
    url, form = a_series(host)
    drafts = db.session.scalars(select(Session).order_by(Session.id)).all()
    meetings.use_link(drafts[0].id, "https://rooms.example/a", None)

    page = host.get(url).text
    chosen = re.findall(r'<option selected value="(\w+)">', page)
    host.post(f"{url}/publish", data={**form, "new_room": chosen[0]})
    work_off()

    rooms = [meetings.meeting_of(one.id) for one in drafts]
    assert chosen == ["jitsi"]
    assert [room and room.service for room in rooms] == ["link"] + ["jitsi"] * 8


def test_people_are_invited_to_every_session_of_the_series_still_to_come(
    host: FlaskClient, before_the_season: Clock
) -> None:
    url, _ = a_series(host)
    host.get("/language/en")
    sessions = db.session.scalars(select(Session).order_by(Session.id)).all()
    scheduling.schedule(sessions[1].id, 1, None)
    scheduling.cancel(sessions[2].id, 1, None)
    before_the_season.move_to(datetime(2026, 9, 18, 9, 0, tzinfo=UTC))

    pasted = {"addresses": "Анна Белова <anna@example.org>\nboris@example", "once": "one-form"}
    answers = [host.post(f"{url}/invite", data=pasted) for _ in range(2)]
    page = host.get(answers[0].location).text.replace("\xa0", " ")

    invited = db.session.scalars(select(Registration.session_id)).all()
    assert [answer.location for answer in answers] == [f"{url}?unclear=1#invite"] * 2
    assert sorted(invited) == [one.id for one in (sessions[1], *sessions[3:])]
    assert "1 person is invited to all sessions still to come." in page
    assert re.findall(r"<textarea[^>]*>\s*([^<]*)</textarea>", page) == ["boris@example"]


def test_inviting_nobody_to_a_series_says_what_is_missing(
    host: FlaskClient, before_the_season: Clock
) -> None:
    url, _ = a_series(host)
    host.get("/language/en")

    answer = host.post(f"{url}/invite", data={"addresses": "boris@example"})

    assert answer.status_code == 400
    assert "There is no whole address in the box." in answer.text.replace("\xa0", " ")
    assert db.session.scalars(select(Registration)).all() == []


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


def test_a_planner_without_drafts_says_so_once_there_are_sessions(host: FlaskClient) -> None:
    host.get("/language/en")
    empty = host.get("/plan").text
    a_session()

    page = host.get("/plan").text

    assert ("There are no drafts" in empty, "Plan the first session" in empty) == (False, True)
    assert ("There are no drafts" in page, "Plan the first session" in page) == (True, False)
