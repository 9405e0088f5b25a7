"""Calendars to subscribe to, over HTTP: what is in them and never is, and when nothing travels."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import select

from integrations.runtime.database import db, transaction
from sessions.flows import feed_tokens, scheduling
from sessions.models.participation import Invitation, Registration
from sessions.models.people import Person
from sessions.models.session import SessionCity
from sessions.rules.timetable import WallTime
from tests.builders import (
    FRIDAY_10_MOSCOW,
    THURSDAY_10_MOSCOW,
    a_city,
    a_session,
)
from tests.queries import counted

PROGRAMME = "/feeds/programme.ics"


def events(answer):
    return Calendar.from_ical(answer.data).walk("VEVENT")


def titles(answer):
    return [str(event["SUMMARY"]) for event in events(answer)]


def own_address(session, address):
    """(the person, the address of their calendar, the token of their join link)"""
    person_id, token = db.session.execute(
        select(Registration.person_id, Invitation.token)
        .join(Invitation)
        .where(Registration.session_id == session.id, Invitation.attendee_email == address)
    ).one()
    return person_id, f"/feeds/my/{feed_tokens.make(person_id)}.ics", token


def moscow(on: datetime) -> WallTime:
    return WallTime(on, "Europe/Moscow")


def test_session_stands_in_the_feeds_of_its_programme_season_city_and_format(client):
    perm, kazan = a_city(), a_city("Казань", "Europe/Moscow", "Казани")
    seminar = a_session(title="Семинар о наставниках", format="seminar")
    a_session(FRIDAY_10_MOSCOW, title="Конференция")
    with transaction():
        db.session.add(SessionCity(session_id=seminar.id, city_id=perm.id, role="presenting"))
    both = ["Семинар о наставниках", "Конференция"]

    found = {
        path: titles(client.get(f"/feeds/{path}.ics"))
        for path in (
            "programme", f"season/{seminar.season_id}", f"city/{perm.id}", "format/seminar",
        )
    }  # fmt: skip
    empty = client.get(f"/feeds/city/{kazan.id}.ics")

    assert found == {
        "programme": both,
        f"season/{seminar.season_id}": both,
        f"city/{perm.id}": both[:1],
        "format/seminar": both[:1],
    }
    assert titles(empty) == ["Взаимообучение городов: Казань"]


def test_event_tells_the_hour_in_words_who_presents_and_leads_to_the_page(client):
    perm = a_city()
    session = a_session(title="Наставники", summary="Как удержать, и зачем; вот как.")
    with transaction():
        db.session.add(SessionCity(session_id=session.id, city_id=perm.id, role="presenting"))

    (event,) = events(client.get(PROGRAMME))

    page = f"http://vzaimo.test/sessions/{session.id}"
    assert (str(event["URL"]), str(event["LOCATION"]), "CONFERENCE" in event) == (page, page, False)
    assert str(event["DESCRIPTION"]).split("\n") == [
        page,
        "",
        "четверг, 15 октября 2026, 10:00–11:30 по Москве",
        "Показывает Пермь.",
        "",
        "Как удержать, и зачем; вот как.",
    ]
    assert (event["DTSTAMP"].dt, event["SEQUENCE"]) == (session.revised_at, session.sequence)


def test_no_public_feed_holds_an_address_a_token_or_a_guest(client):
    session = a_session(invited=["anna@example.org", "boris@example.org"])
    _, own, join_token = own_address(session, "anna@example.org")
    public = [PROGRAMME, f"/feeds/season/{session.season_id}.ics",
              f"/feeds/format/{session.format}.ics", f"/sessions/{session.id}.ics"]  # fmt: skip

    found = [client.get(path).data.replace(b"\r\n ", b"").decode() for path in public]

    for text in found:
        lines = [line for line in text.split("\r\n") if not line.startswith("UID:")]
        assert [line for line in lines if "@" in line] == []
        assert [
            word for word in ("ATTENDEE", "ORGANIZER", "METHOD", join_token) if word in text
        ] == []
    assert (join_token in client.get(own).text, "@example.org" in client.get(own).text) == (
        True, False,
    )  # fmt: skip


def test_no_public_feed_shows_a_draft_or_what_is_for_some_alone(client):
    a_session(title="Открытая")
    a_session(FRIDAY_10_MOSCOW, title="Черновик", draft=True)
    a_session(moscow(datetime(2026, 10, 17, 10)), title="Участникам", visibility="members")
    a_session(moscow(datetime(2026, 10, 18, 10)), title="Званым", visibility="participants")
    never = a_session(moscow(datetime(2026, 10, 19, 10)), title="Так и не объявлена", draft=True)
    scheduling.cancel(never.id, 1, None)

    assert titles(client.get(PROGRAMME)) == ["Открытая"]


def test_cancelled_one_says_so_for_ninety_days_and_then_leaves(client, clock):
    session = a_session(title="Наставники")
    scheduling.cancel(session.id, session.revision, None)

    (event,) = events(client.get(PROGRAMME))
    clock.move_to(datetime(2027, 1, 13, 23, 59, tzinfo=clock.at.tzinfo))
    last = titles(client.get(PROGRAMME))
    clock.pass_by(minutes=1)
    after = titles(client.get(PROGRAMME))

    assert (event["STATUS"], str(event["SUMMARY"])) == ("CANCELLED", "ОТМЕНЕНО: Наставники")
    assert event["SEQUENCE"] == 1
    assert (last, after) == (["ОТМЕНЕНО: Наставники"], ["Взаимообучение городов"])


def test_postponed_one_leaves_the_old_hour_and_comes_back_under_the_same_uid(client):
    session = a_session(title="Наставники")
    (before,) = events(client.get(PROGRAMME))

    scheduling.postpone(session.id, session.revision, None)
    (meanwhile,) = events(client.get(PROGRAMME))
    db.session.refresh(session)
    scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
    (after,) = events(client.get(PROGRAMME))

    assert [str(one["STATUS"]) for one in (before, meanwhile, after)] == [
        "CONFIRMED", "CANCELLED", "CONFIRMED",
    ]  # fmt: skip
    assert str(meanwhile["SUMMARY"]) == "ОТЛОЖЕНА: Наставники"
    assert len({str(one["UID"]) for one in (before, meanwhile, after)}) == 1
    assert before["SEQUENCE"] < meanwhile["SEQUENCE"] < after["SEQUENCE"]


def test_bytes_stay_until_something_is_announced_and_in_another_process_too(client, app, settings):
    session = a_session(title="Наставники")
    first = client.get(PROGRAMME)

    second = client.get(PROGRAMME, headers={"Accept-Language": "en", "Cookie": "tz=Asia/Omsk"})
    elsewhere = in_another_process(settings, PROGRAMME)
    scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
    moved = client.get(PROGRAMME)

    assert first.data == second.data
    assert elsewhere == (first.headers["ETag"], len(first.data))
    assert first.headers["ETag"] != moved.headers["ETag"]


def in_another_process(settings, path):
    script = (
        "import sys; from integrations.runtime.settings import Settings\n"
        "from sessions.app import create_app\n"
        "data, url, path = sys.argv[1:]\n"
        "app = create_app(Settings.from_env({}, data=data, database_url=url, log_level='ERROR',\n"
        "    base_url='http://vzaimo.test', mail_from='sessions@vzaimo.test'))\n"
        "from datetime import UTC, datetime\n"
        "from integrations.runtime import clock\n"
        "clock.set_source(lambda: datetime(2026, 10, 1, 15, tzinfo=UTC))\n"
        "answer = app.test_client().get(path)\n"
        "print(answer.headers['ETag'], len(answer.data))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, settings.data, settings.database, path],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3], timeout=120,
    )  # fmt: skip
    etag, size = done.stdout.split()
    return etag, int(size)


def test_who_has_it_gets_304_by_etag_by_a_list_of_them_weak_or_by_time(client):
    session = a_session()
    whole = client.get(PROGRAMME)
    etag, time = whole.headers["ETag"], whole.headers["Last-Modified"]
    second_before = parsedate_to_datetime(time) - timedelta(seconds=1)
    asked = [
        {"If-None-Match": etag},
        {"If-None-Match": f'"other", W/{etag}'},
        {"If-None-Match": "*"},
        {"If-None-Match": etag, "If-Modified-Since": "Thu, 01 Jan 2004 00:00:00 GMT"},
        {"If-Modified-Since": time},
        {"If-None-Match": '"other"', "If-Modified-Since": time},
        {"If-Modified-Since": f"{second_before:%a, %d %b %Y %H:%M:%S} GMT"},
    ]

    answers = [client.get(PROGRAMME, headers=headers) for headers in asked]

    assert [one.status_code for one in answers] == [304, 304, 304, 304, 304, 200, 200]
    assert [len(one.data) for one in answers[:5]] == [0] * 5
    assert [one.headers["ETag"] for one in answers] == [etag] * 7
    assert parsedate_to_datetime(time) == session.revised_at
    assert whole.headers["Cache-Control"] == "public, max-age=900"


def test_gzip_has_an_etag_of_its_own_the_same_bytes_each_time_and_304(client):
    a_session(summary="Как удержать молодых учителей. " * 40)
    zipped = {"Accept-Encoding": "gzip, br"}
    plain = client.get(PROGRAMME)

    first, second = (client.get(PROGRAMME, headers=zipped) for _ in range(2))
    again = client.get(PROGRAMME, headers={**zipped, "If-None-Match": first.headers["ETag"]})
    brotli = client.get(PROGRAMME, headers={"Accept-Encoding": "br"})
    after = client.get(
        PROGRAMME, headers={"Accept-Encoding": "br", "If-None-Match": brotli.headers["ETag"]}
    )

    assert (first.headers["Content-Encoding"], first.data) == ("gzip", second.data)
    assert gzip.decompress(first.data) == plain.data
    assert first.headers["ETag"] != plain.headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")
    assert (again.status_code, again.data, again.headers["ETag"]) == (
        304, b"", first.headers["ETag"],
    )  # fmt: skip
    assert (brotli.headers["Content-Encoding"], after.status_code) == ("br", 304)
    assert "Accept-Encoding" in first.headers["Vary"]


def test_head_tells_what_get_would_and_sends_nothing(client):
    a_session()

    whole, head = client.get(PROGRAMME), client.head(PROGRAMME)

    told = ("ETag", "Last-Modified", "Content-Type", "Content-Length", "Cache-Control")
    assert (head.status_code, head.data) == (200, b"")
    assert {name: head.headers[name] for name in told} == {
        name: whole.headers[name] for name in told
    }
    assert head.headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_language_is_that_of_the_address_and_russian_without_one(client):
    session = a_session(title="Наставники")
    with transaction():
        session.title_en = "Mentors"

    russian = client.get(PROGRAMME, headers={"Accept-Language": "en"})
    english = client.get(f"{PROGRAMME}?lang=en", headers={"Accept-Language": "ru"})

    assert (titles(russian), titles(english)) == (["Наставники"], ["Mentors"])
    (event,) = events(english)
    assert "Thursday, 15 October 2026, 10:00–11:30 Moscow time" in str(event["DESCRIPTION"])


def test_queries_are_as_many_however_much_there_is(client):
    with counted() as for_none:
        client.get("/feeds/season/1.ics")
    for day in range(12):
        a_session(moscow(datetime(2026, 10, 12 + day, 10)), title=f"Встреча {day}")

    with counted() as for_twelve:
        answer = client.get(PROGRAMME)

    assert len(events(answer)) == 12
    assert len(for_twelve) == 1 >= len(for_none) - 1


@pytest.mark.parametrize(
    "path",
    ["/feeds/season/99.ics", "/feeds/city/99.ics", "/feeds/format/dance.ics",
     "/feeds/my/unknown.ics", "/feeds/my/%D0%B6.ics", "/sessions/99.ics", "/feeds/other.ics",
     "/feeds/season/99999999999.ics"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_personal_feed_has_the_sessions_of_one_person_with_their_own_link(client, app):
    mine = a_session(title="Моя", invited=["anna@example.org"], visibility="participants")
    a_session(FRIDAY_10_MOSCOW, title="Чужая", invited=["boris@example.org"])
    _, address, join_token = own_address(mine, "anna@example.org")

    answer = client.get(address)
    (event,) = events(answer)

    link = f"http://vzaimo.test/j/{join_token}"
    assert (str(event["SUMMARY"]), str(event["URL"]), event["CONFERENCE"]) == ("Моя", link, link)
    assert [name for name in ("ATTENDEE", "ORGANIZER") if name in event] == []
    assert (
        answer.headers["Cache-Control"],
        answer.headers["Referrer-Policy"],
        answer.headers["X-Robots-Tag"],
    ) == ("private, max-age=900", "no-referrer", "noindex, nofollow")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("invited", ("Моя", "CONFIRMED")),
        ("confirmed", ("Моя", "CONFIRMED")),
        ("waiting", ("waiting list: Моя", "TENTATIVE")),
        ("offered", ("waiting list: Моя", "TENTATIVE")),
    ],
)
def test_personal_feed_says_where_one_waits_for_a_seat(client, state, told):
    mine = a_session(title="Моя", invited=["anna@example.org"])
    _, address, _ = own_address(mine, "anna@example.org")
    with transaction():
        row = db.session.scalars(select(Registration)).one()
        row.state, row.person.locale = state, "en"

    (event,) = events(client.get(address))
    (public,) = events(client.get(PROGRAMME))

    assert (str(event["SUMMARY"]), str(event["STATUS"])) == told
    assert (str(public["SUMMARY"]), str(public["STATUS"])) == ("Моя", "CONFIRMED")


def test_personal_feed_is_in_the_persons_language_and_on_their_clock(client):
    session = a_session(title="Наставники", invited=["anna@example.org"])
    person_id, address, _ = own_address(session, "anna@example.org")
    perm = a_city("Пермь", "Asia/Yekaterinburg", "Перми")
    with transaction():
        person = db.session.get_one(Person, person_id)
        person.city_id = perm.id

    (event,) = events(client.get(address))

    assert str(event["DESCRIPTION"]).split("\n")[2:4] == [
        "четверг, 15 октября 2026, 12:00–13:30 по Перми",
        "четверг, 15 октября 2026, 10:00–11:30 по Москве",
    ]


def test_changed_address_leads_nowhere_and_the_new_one_leads_on(client):
    session = a_session(invited=["anna@example.org"])
    person_id, old, _ = own_address(session, "anna@example.org")

    new = f"/feeds/my/{feed_tokens.make(person_id)}.ics"
    changed = (client.get(old).status_code, client.get(new).status_code)
    feed_tokens.revoke(person_id)

    assert changed == (410, 200)
    assert (client.get(new).status_code, feed_tokens.of_person(person_id)) == (410, None)
    assert client.get(old).headers["Referrer-Policy"] == "no-referrer"


def test_personal_feed_that_lost_a_session_is_not_called_unchanged(client, clock):
    session = a_session(title="Моя", invited=["anna@example.org"])
    _, address, _ = own_address(session, "anna@example.org")
    before = client.get(address)
    asking = {"If-Modified-Since": before.headers["Last-Modified"]}
    unchanged = client.get(address, headers=asking)

    clock.pass_by(hours=1)
    with transaction():
        registration = db.session.scalars(select(Registration)).one()
        registration.state = "withdrawn"
    after = client.get(address, headers=asking)

    assert (unchanged.status_code, after.status_code) == (304, 200)
    assert (titles(before), titles(after)) == (["Моя"], ["Взаимообучение городов: мои встречи"])


def test_one_session_is_a_file_with_its_cyrillic_name(client):
    session = a_session(THURSDAY_10_MOSCOW, title="Наставники: как удержать?")

    answer = client.get(f"/sessions/{session.id}.ics")

    assert titles(answer) == ["Наставники: как удержать?"]
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"calendar.ics\"; filename*=UTF-8''"
        "%D0%9D%D0%B0%D1%81%D1%82%D0%B0%D0%B2%D0%BD%D0%B8%D0%BA%D0%B8%20"
        "%D0%BA%D0%B0%D0%BA%20%D1%83%D0%B4%D0%B5%D1%80%D0%B6%D0%B0%D1%82%D1%8C%20"
        "2026-10-15.ics"
    )
    assert answer.headers["Cache-Control"] == "public, max-age=900"


def test_one_session_is_no_file_for_whoever_may_not_open_its_page(client):
    draft = a_session(draft=True)
    closed = a_session(FRIDAY_10_MOSCOW, visibility="participants")

    answers = [client.get(f"/sessions/{one.id}.ics") for one in (draft, closed)]

    assert [one.status_code for one in answers] == [404, 302]
    assert answers[1].headers["Location"].startswith("/sign-in/?")
