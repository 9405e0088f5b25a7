"""The desk of a session, and the page that moves it, say what speaks against its hour."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db, transaction
from sessions.flows import inviting, meetings, scheduling
from sessions.flows import keeping_days_off as keeping
from sessions.models.participation import Registration
from sessions.models.people import RoleGrant
from sessions.models.session import AgendaItem, Session, Speaker
from sessions.rules.timetable import WallTime
from sessions.web import desk_conflicts
from tests.builders import (
    FRIDAY_10_MOSCOW,
    THURSDAY_10_MOSCOW,
    a_city,
    a_host,
    a_person,
    a_session,
    signed_in,
)
from tests.queries import counted
from tests.sessions.web.planner_form import words

NOON = WallTime(datetime(2026, 10, 15, 12, 0), "Europe/Moscow")


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    browser = signed_in(app, a_host())
    browser.get("/language/en")
    return browser


def said(app: Flask, session: Session, at: WallTime | None = None) -> list[tuple[str, str]]:
    """What is said of a session in English, with its gravity."""
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        found = desk_conflicts.said(db.session.get_one(Session, session.id), at)
        return [(one.severity, words(str(one.text))) for one in found]


def an_agenda(session: Session, person_id: int) -> None:
    """The person speaks in the session."""
    with transaction():
        item = AgendaItem(session_id=session.id, offset_min=0, duration_min=30, title="Доклад")
        item.speakers = [Speaker(person_id=person_id)]
        db.session.add(item)


def test_a_speaker_who_is_wanted_twice_is_named(app: Flask) -> None:
    anna = a_person()
    one, other = a_session(title="Первая"), a_session(title="Вторая", format="seminar")
    an_agenda(one, anna.id)
    an_agenda(other, anna.id)

    assert said(app, one) == [
        ("grave", "Анна Белова is needed both here and in “ Вторая ” at the same hour.")
    ]


def test_whoever_runs_two_sessions_at_once_is_named(app: Flask) -> None:
    anna = a_person()
    one, other = a_session(title="Первая"), a_session(title="Вторая", format="seminar")
    with transaction():
        for session in (one, other):
            db.session.add(
                RoleGrant(person_id=anna.id, role="session_host", scope=f"session:{session.id}")
            )

    assert said(app, one) == [("warning", "Анна Белова runs both this session and “ Вторая ”.")]


def test_one_pasted_room_holds_one_session_at_a_time(app: Flask) -> None:
    one, other = a_session(title="Первая"), a_session(title="Вторая", format="seminar")
    for session in (one, other):
        meetings.use_link(session.id, "https://rooms.example/a", None)

    assert said(app, one) == [
        ("grave", "The same room is taken by “ Вторая ” until 11:30 Moscow time.")
    ]


def test_people_invited_to_both_are_counted(app: Flask) -> None:
    addresses = [f"p{number}@example.org" for number in range(5)]
    one = a_session(title="Первая", invited=addresses)
    a_session(title="Вторая", format="seminar", invited=addresses)

    assert said(app, one) == [
        ("warning", "5 people are invited both here and to “ Вторая ”.")
    ]  # fmt: skip


def test_people_outside_their_working_hours_are_counted(app: Flask) -> None:
    city = a_city("Владивосток", "Asia/Vladivostok", "Владивостоку")
    session = a_session(invited=["anna@example.org"])
    with transaction():
        for row in db.session.scalars(select(Registration)):
            row.person.city_id = city.id

    assert said(app, session) == [
        ("warning", "100% of the people are not at work at this hour.")
    ]  # fmt: skip


def test_closed_dates_of_the_city_that_presents_speak_against_the_hour(app: Flask) -> None:
    city = a_city()
    keeping.close(date(2026, 10, 15), date(2026, 10, 15), "Выборы", None, city.id)

    assert said(app, a_session(presenting=[city.id])) == [
        ("warning", "This date is a day off: Выборы.")
    ]


def test_the_way_between_two_cities_takes_its_time(app: Flask) -> None:
    perm = a_city(lat=58.0, lon=56.25)
    omsk = a_city("Омск", "Asia/Omsk", "Омску", lat=55.0, lon=73.4)
    anna = a_person()
    one = a_session(title="Первая", mode="in_person", presenting=[perm.id])
    other = a_session(NOON, title="Вторая", mode="in_person", presenting=[omsk.id])
    an_agenda(one, anna.id)
    an_agenda(other, anna.id)

    assert said(app, one) == [
        (
            "grave",
            "Анна Белова: the way from Пермь to Омск takes about 5 h 50 min, "
            "and “ Вторая ” leaves 30 min.",
        )
    ]


def test_a_session_is_looked_at_where_it_would_be_moved(app: Flask) -> None:
    city = a_city()
    one = a_session(presenting=[city.id], title="Первая")
    a_session(FRIDAY_10_MOSCOW, presenting=[city.id], title="Вторая", format="seminar")

    assert said(app, one) == []
    assert said(app, one, FRIDAY_10_MOSCOW) == [
        ("warning", "Пермь presents “ Вторая ” at the same hour.")
    ]


def test_what_is_off_or_over_stands_in_nobodys_way(app: Flask) -> None:
    city = a_city()
    one = a_session(presenting=[city.id])
    other = a_session(presenting=[city.id])
    scheduling.cancel(other.id, other.revision, None)

    assert (said(app, one), said(app, other)) == ([], [])


def test_the_desk_warns_and_leads_to_another_date(host: FlaskClient) -> None:
    city = a_city()
    one = a_session(presenting=[city.id])
    a_session(presenting=[city.id], title="Вторая", format="seminar")

    page = host.get(f"/sessions/{one.id}/desk").text

    assert "Пермь presents « Вторая » at the same hour. Give a new date" in words(page)


def test_the_page_that_moves_says_what_hinders_before_it_moves(host: FlaskClient) -> None:
    city = a_city()
    one = a_session(presenting=[city.id])
    a_session(FRIDAY_10_MOSCOW, presenting=[city.id], title="Вторая", format="seminar")
    form = {"day": "2026-10-16", "at": "10:00", "tz": "Europe/Moscow", "seen_revision": "2"}

    page = host.post(f"/sessions/{one.id}/desk/move", data={**form, "do": "show"})

    assert "Пермь presents “ Вторая ” at the same hour." in words(page.text)
    db.session.expire_all()
    assert db.session.get_one(Session, one.id).wall == THURSDAY_10_MOSCOW


def test_looking_takes_the_same_questions_for_one_neighbour_and_for_many(app: Flask) -> None:
    one = a_session(invited=["anna@example.org"])
    inviting.invite(a_session(title="Вторая").id, [("", "anna@example.org")], None)
    with counted() as few:
        said(app, one)
    for number in range(4):
        other = a_session(title=f"Ещё {number}")
        inviting.invite(other.id, [("", "anna@example.org")], None)

    with counted() as many:
        said(app, one)

    assert len(many) == len(few) <= 14
