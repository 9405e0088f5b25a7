from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import product

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from integrations.runtime.database import db, transaction
from sessions.flows import scheduling
from sessions.models.participation import Registration
from sessions.models.programme import Season
from sessions.models.session import STATES, VISIBILITIES, Session
from sessions.rules import permissions
from sessions.rules.timetable import WallTime
from sessions.web import guard, visible
from tests.builders import (
    THURSDAY_10_MOSCOW,
    a_city,
    a_host,
    a_person,
    a_session,
    signed_in,
)
from tests.conftest import START, Clock


def rows(page: str) -> list[str]:
    """The lines of the schedule in words, months among them."""
    found = re.findall(r"<tr[^>]*>\s*<t[dh].*?</tr>", page.partition("</thead>")[2], re.S)
    without = [re.sub(r"<[^>]+>", " ", row) for row in found]
    return [" ".join(html.unescape(row).replace("\u2060", "").split()) for row in without]


def in_days(days: int, hour: int = 10) -> WallTime:
    return WallTime(datetime(2026, 10, 1, hour, 0) + timedelta(days=days), "Europe/Moscow")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_season_made_by_a_mistyped_year_is_the_teams_until_something_is_published_in_it(
    app: Flask, client: FlaskClient
) -> None:
    draft = a_session(WallTime(datetime(2100, 12, 31, 10, 0), "Europe/Moscow"), draft=True)
    place = f"/schedule/{draft.season_id}"
    team = signed_in(app, a_host())
    paths = [place, f"{place}/changes", f"/feeds/season/{draft.season_id}.ics"]

    before = [client.get(path).status_code for path in paths]
    named = "2100/01" in client.get("/schedule").text
    of_team = team.get(place).status_code
    scheduling.schedule(draft.id, draft.revision, None)

    assert (before, named, of_team) == ([404, 404, 404], False, 200)
    assert [client.get(path).status_code for path in paths] == [200, 200, 200]


def test_the_schedule_shows_the_hour_of_the_reader_and_of_the_programme(
    client: FlaskClient,
) -> None:
    perm = a_city()
    a_session(title="Наставничество", presenting=(perm.id,))
    client.set_cookie("tz", "Asia/Yekaterinburg")

    russian = rows(client.get("/schedule?view=list").text)
    client.get("/language/en")
    english = rows(client.get("/schedule?view=list").text)

    assert russian[0] == "Октябрь 2026"
    assert russian[1].startswith("15 октября чт 12:00–13:30 10:00 по Москве Наставничество ")
    assert english == [
        "October 2026",
        "15 October Thu 12:00–13:30 10:00 Moscow time Наставничество "
        "Video conference Пермь Scheduled",
    ]


def test_where_the_zones_agree_the_hour_stands_once(client: FlaskClient) -> None:
    a_session(title="Наставничество")
    client.get("/language/en")

    assert rows(client.get("/schedule?view=list").text)[1] == (
        "15 October Thu 10:00–11:30 Наставничество Video conference Scheduled"
    )


def test_a_session_of_another_day_elsewhere_names_both_dates(client: FlaskClient) -> None:
    a_session(WallTime(datetime(2026, 10, 31, 20, 0), "Europe/Moscow"), title="Вечер")
    client.set_cookie("tz", "Asia/Kamchatka")
    client.get("/language/en")

    assert rows(client.get("/schedule?view=list").text) == [
        "November 2026",
        "1 November Sun 5:00–6:30 20:00 Moscow time, 31 October Вечер Video conference Scheduled",
    ]


def test_sessions_to_come_and_past_ones_are_apart(client: FlaskClient) -> None:
    a_session(in_days(3), title="Третья")
    a_session(in_days(1), title="Первая")
    held = a_session(in_days(-3), title="Давняя")
    a_session(in_days(-1), title="Вчерашняя")
    scheduling.end(held.id, held.revision, None)
    client.get("/language/en")

    soon = client.get("/schedule?view=list").text
    past = client.get("/schedule?view=list&past=1").text

    assert [re.findall("Третья|Первая|Давняя|Вчерашняя", row) for row in rows(soon)] == [
        [], ["Первая"], ["Третья"],
    ]  # fmt: skip
    assert [re.findall("Третья|Первая|Давняя|Вчерашняя", row) for row in rows(past)] == [
        [], ["Вчерашняя"], ["Давняя"],
    ]  # fmt: skip


def test_a_session_that_is_on_is_not_past(client: FlaskClient, clock: Clock) -> None:
    session = a_session(title="Наставничество")

    clock.move_to(session.starts_at + timedelta(minutes=89))
    on = rows(client.get("/schedule?view=list").text)
    clock.move_to(session.starts_at + timedelta(minutes=91))
    over = rows(client.get("/schedule?view=list").text)

    assert (len(on), over) == (2, [])


def test_one_format_can_be_picked_and_others_are_counted(client: FlaskClient) -> None:
    a_session(in_days(1), format="seminar", title="Семинар о расписании")
    a_session(in_days(2), format="consultation", title="Разбор случаев")
    a_session(in_days(3), format="consultation", title="Второй разбор")

    page = client.get("/schedule?view=list&format=consultation").text

    assert [len(re.findall("разбор", row, re.I)) for row in rows(page)] == [0, 1, 1]
    assert re.findall(r"format=(\w+)[^>]*>.*?<small>(\d+)</small>", page) == [
        ("seminar", "1"),
        ("consultation", "2"),
    ]


def test_a_format_without_sessions_offers_the_others(client: FlaskClient) -> None:
    a_session(in_days(1), format="seminar")
    client.get("/language/en")

    page = client.get("/schedule?view=list&format=internship").text

    assert "No sessions of this format" in page
    assert 'href="/schedule/1?view=list"' in page


def test_an_unknown_format_shows_all(client: FlaskClient) -> None:
    a_session()

    assert len(rows(client.get("/schedule?view=list&format=nonsense").text)) == 2


def test_drafts_are_shown_to_hosts_alone_and_marked(app: Flask, client: FlaskClient) -> None:
    a_session(draft=True, title="Тайный план")
    anna, host = signed_in(app, a_person(account=True)), signed_in(app, a_host())
    host.get("/language/en")

    pages = [browser.get("/schedule?view=list").text for browser in (client, anna, host)]

    assert ["Тайный план" in page for page in pages] == [False, False, True]
    assert rows(pages[2])[1].endswith("Draft")


def test_each_reader_sees_the_sessions_open_to_them(app: Flask, client: FlaskClient) -> None:
    a_session(in_days(1), title="Для всех")
    a_session(in_days(2), title="Для своих", visibility="members")
    a_session(in_days(3), title="Для званых", visibility="participants", invited=["b@example.org"])
    anna = signed_in(app, a_person("a@example.org", account=True))
    invited = db.session.scalars(select(Registration.person_id)).one()
    boris = a_person("boris@example.org", account=True)
    with transaction():
        registration = db.session.scalars(select(Registration)).one()
        registration.person_id = boris.id
    assert invited != boris.id

    pages = [b.get("/schedule?view=list").text for b in (client, anna, signed_in(app, boris))]

    assert [re.findall("Для [а-я]+", " ".join(rows(page))) for page in pages] == [
        ["Для всех"],
        ["Для всех", "Для своих"],
        ["Для всех", "Для своих", "Для званых"],
    ]


def test_the_database_and_the_keys_agree_on_who_may_open_what(app: Flask) -> None:
    sessions = {}
    for state, visibility in product(STATES, VISIBILITIES):
        session = a_session(visibility=visibility, draft=True)
        sessions[session.id] = (state, visibility)
        with transaction():
            one = db.session.get_one(Session, session.id)
            one.state, one.announced_revision = state, 1
    ids = list(sessions)
    taking_part = a_person("part@example.org")
    with transaction():
        for place, session_id in enumerate(ids):
            state = ("invited", "confirmed", "waiting", "withdrawn", "declined")[place % 5]
            db.session.add(
                Registration(
                    session_id=session_id, person_id=taking_part.id, state=state, made_at=START
                )
            )
    running = a_person(
        "runs@example.org", roles=[("session_host", f"session:{id_}") for id_ in ids[::2]]
    )
    readers = [None, a_person("member@example.org"), taking_part, running, a_host()]

    for viewer in map(guard.viewer_of, readers):
        listed = db.session.scalars(select(Session.id).where(visible.may_open(viewer))).all()
        by_keys = [
            id_
            for id_, (state, visibility) in sessions.items()
            if viewer.may_open(permissions.session_keys(id_, state, visibility))
        ]
        assert sorted(listed) == by_keys


def test_a_draft_that_was_called_off_stays_with_the_team(app: Flask) -> None:
    session = a_session(title="Тайна", draft=True)
    scheduling.cancel(session.id, 1, None)

    stranger = app.test_client().get(f"/sessions/{session.id}").status_code
    host = signed_in(app, a_host()).get(f"/sessions/{session.id}").status_code
    listed = "Тайна" in app.test_client().get("/schedule?view=list").text
    scheduling.reinstate(session.id, 2, None)

    assert (stranger, host, listed) == (404, 200, False)
    assert db.session.get_one(Session, session.id).state == "draft"


def test_a_longer_schedule_takes_no_more_queries(app: Flask) -> None:
    perm, omsk = a_city(), a_city("Омск", "Asia/Omsk", "Омску")
    host = signed_in(app, a_host())
    a_session(in_days(1), presenting=(perm.id,))
    with counted() as few:
        host.get("/schedule?view=list")
    for day in range(2, 30):
        a_session(in_days(day), presenting=(perm.id, omsk.id))

    with counted() as many:
        page = host.get("/schedule?view=list").text

    assert len(rows(page)) == 30
    assert len(many) == len(few)


def test_a_long_list_is_parted_into_pages(client: FlaskClient) -> None:
    one = a_session(in_days(1))
    with transaction():
        for number in range(1, 150):
            db.session.add(
                Session(
                    season_id=one.season_id,
                    title=f"№ {number}",
                    state="scheduled",
                    wall_start=one.wall_start + timedelta(hours=number),
                    tz=one.tz,
                    starts_at=one.starts_at + timedelta(hours=number),
                    duration_min=60,
                    original_wall_start=one.wall_start,
                    uid=f"{number}@x",
                    revised_at=START,
                )
            )

    first, second, beyond = (
        rows(client.get(f"/schedule?view=list&page={page}").text) for page in (1, 2, 99)
    )

    assert (len(first), len(second)) == (101, 51)
    assert beyond == second


def test_the_season_that_is_on_is_shown_by_default(client: FlaskClient, clock: Clock) -> None:
    with transaction():
        for year in (2024, 2025, 2026, 2027):
            db.session.add(
                Season(
                    name=f"С{year}",
                    starts_on=date(year, 9, 1),
                    ends_on=date(year + 1, 5, 31),
                    state="planned",
                )
            )

    shown = []
    for at in (
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2026, 7, 1, tzinfo=UTC),  # between two: the next
        datetime(2031, 1, 1, tzinfo=UTC),  # after all: the last
    ):
        clock.move_to(at)
        shown.append(re.findall(r"<h1>.*?(С\d+)</h1>", client.get("/schedule?view=list").text))

    assert shown == [["С2026"], ["С2026"], ["С2027"]]


def test_another_season_has_an_address_and_is_led_to(client: FlaskClient) -> None:
    a_session(WallTime(datetime(2025, 10, 16, 10, 0), "Europe/Moscow"), title="Прошлогодняя")
    a_session(THURSDAY_10_MOSCOW, title="Нынешняя")

    page = client.get("/schedule?view=list").text
    [other] = re.findall(r'href="(/schedule/\d+)">2025/26', page)

    assert "Прошлогодняя" in client.get(f"{other}?view=list&past=1").text
    assert client.get("/schedule/99").status_code == 404


def test_an_empty_schedule_says_so_and_leads_a_host_to_the_planner(
    app: Flask, client: FlaskClient
) -> None:
    host = signed_in(app, a_host())
    client.get("/language/en")
    host.get("/language/en")

    anyone, by_host = client.get("/schedule?view=list").text, host.get("/schedule?view=list").text

    assert "The schedule is still empty" in anyone
    assert ("Plan the first session" in anyone, "Plan the first session" in by_host) == (
        False,
        True,
    )


def test_a_cancelled_session_is_struck_through(client: FlaskClient) -> None:
    session = a_session()
    scheduling.cancel(session.id, session.revision, None)
    client.get("/language/en")

    page = client.get("/schedule?view=list").text

    assert re.findall(r"<s><time[^>]*>[^<]+</time></s>", page) != []
    assert rows(page)[1].endswith("Cancelled")
