"""The join page: one's own hour, one button, and what instead where there is none."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from archive.models import Talk
from integrations.runtime.database import db, transaction
from sessions.flows import meetings, scheduling
from sessions.models.participation import Invitation, JoinClick, Registration
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import FRIDAY_10_MOSCOW, a_city, a_person, a_session
from tests.sessions.web.reading import fields, words

ENGLISH = {"Accept-Language": "en"}
ROOM = "https://meet.example.org/room?pwd=1&x=2"


def token_of(session: Session, address: str = "anna@example.org") -> str:
    return db.session.scalars(
        db.select(Invitation.token)
        .join(Registration)
        .where(Registration.session_id == session.id, Invitation.attendee_email == address)
    ).one()


def a_session_with_room(**facts: object) -> Session:
    session = a_session(invited=["anna@example.org"], **facts)
    meetings.use_link(session.id, ROOM, None)
    return db.session.get_one(Session, session.id)


def page(client: FlaskClient, session: Session):
    return client.get(f"/j/{token_of(session)}", headers=ENGLISH)


@pytest.fixture
def anna(app):
    """Someone from Perm."""
    with transaction():
        city = a_city()
        city.name_en = "Perm"
    return a_person("anna@example.org", given="Anna", family="Belova", city=city)


def test_hour_is_that_of_ones_city_and_the_programmes_stands_beside_it(anna, client):
    session = a_session_with_room()

    shown = words(page(client, session))

    assert "Thursday, 15 October 2026 12:00 Perm time · 10:00 Moscow time" in shown


def test_day_is_named_where_it_differs(app, client):
    a_person("anna@example.org", city=a_city("Елизово", "Asia/Kamchatka", "Елизову"))
    evening = WallTime(datetime(2026, 10, 15, 18, 0), "Europe/Moscow")
    session = a_session(evening, invited=["anna@example.org"])

    shown = words(page(client, session))

    assert "Friday, 16 October 2026 3:00" in shown
    assert "· 15 October, 18:00 Moscow time" in shown


def test_browser_tells_the_zone_of_someone_whose_city_is_unknown(app, client):
    session = a_session(invited=["anna@example.org"])
    client.set_cookie("tz", "Asia/Omsk")

    assert "13:00 Omsk time · 10:00 Moscow time" in words(page(client, session))


def test_before_it_opens_the_page_says_when_and_has_no_button_to_press(anna, client):
    session = a_session_with_room()

    answer = page(client, session)

    assert "You can enter from 11:30 Perm time." in words(answer)
    assert 'data-reload datetime="2026-10-15T06:30:00+00:00"' in answer.text
    assert "<form" not in answer.text.partition("<main")[2]


def test_open_page_has_one_button_and_says_who_one_is(anna, client, clock):
    session = a_session_with_room()
    clock.move_to(session.starts_at - timedelta(minutes=12))

    answer = page(client, session)

    assert "You enter as Anna Belova, Perm." in words(answer)
    assert fields(answer, f"/j/{token_of(session)}")["heads"] == "1"
    assert ROOM.split("?")[0] not in answer.text


def test_press_leads_to_the_room_and_is_kept(anna, client, clock):
    session = a_session_with_room()
    clock.move_to(session.starts_at)

    answer = client.post(f"/j/{token_of(session)}", data={"heads": "14"}, headers=ENGLISH)

    escaped = ROOM.replace("&", "&amp;")
    click = db.session.scalars(db.select(JoinClick)).one()
    assert answer.status_code == 200
    assert f'<meta http-equiv="refresh" content="0; url={escaped}">' in answer.text
    assert f'href="{escaped}"' in answer.text
    assert click.registration_id == db.session.scalars(db.select(Registration.id)).one()
    assert db.session.scalars(db.select(Registration.head_count)).one() == 14


@pytest.mark.parametrize(("heads", "kept"), [("", 1), ("0", 1), ("many", 1), ("-3", 1), ("²", 1),
                                             ("9" * 5000, 500), ("501", 500)])  # fmt: skip
def test_slip_in_the_number_of_people_keeps_nobody_out(heads, kept, app, client, clock):
    session = a_session_with_room()
    clock.move_to(session.starts_at)

    answer = client.post(f"/j/{token_of(session)}", data={"heads": heads})

    assert answer.status_code == 200
    assert db.session.scalars(db.select(Registration.head_count)).one() == kept


def test_press_outside_the_hours_is_explained_and_not_kept(app, client):
    session = a_session_with_room()

    answer = client.post(f"/j/{token_of(session)}", headers=ENGLISH)

    assert answer.status_code == 409
    assert "The room is not open at this hour." in words(answer)
    assert db.session.scalars(db.select(JoinClick)).all() == []
    assert ROOM.split("?")[0] not in answer.text


def test_page_without_a_room_looks_again_by_itself(app, client, clock):
    session = a_session(invited=["anna@example.org"])
    clock.move_to(session.starts_at)

    answer = page(client, session)

    assert "The room is not ready yet." in words(answer)
    assert '<meta http-equiv="refresh" content="15">' in answer.text


def test_moved_session_shows_its_new_day_under_the_same_link(anna, client):
    session = a_session_with_room()
    token = token_of(session)

    scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

    assert "Friday, 16 October 2026 12:00 Perm time" in words(
        client.get(f"/j/{token}", headers=ENGLISH)
    )


def test_cancelled_session_says_so_and_has_no_button(app, client, clock):
    session = a_session_with_room()
    scheduling.cancel(session.id, session.revision, None)
    clock.move_to(session.starts_at)

    answer = page(client, session)

    assert "The session is cancelled and will not take place." in words(answer)
    assert "<form" not in answer.text.partition("<main")[2]


def test_draft_gives_away_neither_hour_nor_room(app, client):
    session = a_session(draft=True, invited=["anna@example.org"])
    meetings.use_link(session.id, ROOM, None)

    shown = words(page(client, session))

    assert "This session is not announced yet." in shown
    assert "10:00" not in shown


def a_talk(session: Session, **facts: object) -> Talk:
    known = {
        "source": f"session:{session.id}", "title": "т", "state": "published",
        "access_keys": ["public"], "made_at": datetime(2026, 10, 16, tzinfo=UTC),
    }  # fmt: skip
    with transaction():
        talk = Talk(**{**known, **facts})
        db.session.add(talk)
    return talk


@pytest.mark.parametrize(
    ("facts", "is_shown"),
    [
        ({}, True),
        ({"access_keys": ["session:1:participant"]}, True),
        ({"access_keys": ["team"]}, False),
        ({"state": "indexed"}, False),
        ({"state": "withheld"}, False),
    ],
)
def test_session_that_was_held_leads_to_its_recording(facts, is_shown, app, client):
    session = a_session_with_room()
    scheduling.end(session.id, session.revision, None)
    talk = a_talk(session, **facts)

    answer = page(client, session)

    assert "The session is over." in words(answer)
    assert (f"/talks/{talk.id}" in answer.text) == is_shown


def test_session_in_person_names_the_place_instead_of_a_button(app, client, clock):
    session = a_session(invited=["anna@example.org"], mode="in_person")
    with transaction():
        db.session.get_one(Session, session.id).place = "Пермь, ул. Ленина, 51"
    clock.move_to(session.starts_at)

    answer = page(client, session)

    assert "Пермь, ул. Ленина, 51" in words(answer)
    assert "<form" not in answer.text.partition("<main")[2]


@pytest.mark.parametrize("token", ["nonsense", "x" * 3000, "%00", "а", "' OR 1=1"])
def test_unknown_link_is_explained(token, app, client):
    answers = [client.get(f"/j/{token}", headers=ENGLISH), client.post(f"/j/{token}")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "This link leads to no session." in words(answers[0])


def test_token_goes_nowhere(app, client, clock, caplog):
    session = a_session_with_room()
    token = token_of(session)
    clock.move_to(session.starts_at)
    caplog.set_level("DEBUG")

    answers = [client.get(f"/j/{token}"), client.post(f"/j/{token}"), client.get("/j/unknown")]

    for answer in answers:
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert not [r for r in caplog.records if token in f"{r.getMessage()} {r.__dict__}"]


def test_somebody_elses_token_is_not_on_the_page(app, client, clock):
    session = a_session(invited=["anna@example.org", "boris@example.org"])
    clock.move_to(session.starts_at)

    shown = page(client, session).text

    assert token_of(session, "boris@example.org") not in shown
    assert "boris@example.org" not in shown
    assert re.search(r"mailto:", shown) is None


def test_change_of_room_between_page_and_press_leads_to_the_new_one(app, client, clock):
    session = a_session_with_room()
    clock.move_to(session.starts_at)
    page(client, session)

    meetings.use_link(session.id, "https://other.example/fallback", None)

    assert "https://other.example/fallback" in client.post(f"/j/{token_of(session)}").text
