"""The join link: open at its hours, to the room of the moment, the click kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.runtime.database import db
from integrations.runtime.errors import Refused
from sessions.flows import joining, meetings, scheduling
from sessions.models.participation import Invitation, JoinClick, Registration
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, a_session

OPENS_MIN = 30


def a_session_with_room(**facts) -> Session:
    session = a_session(invited=["anna@example.org"], **facts)
    meetings.use_link(session.id, "https://meet.example.org/room", None)
    return db.session.get_one(Session, session.id)


def registration_of(session) -> Registration:
    return db.session.scalars(
        db.select(Registration).where(Registration.session_id == session.id)
    ).one()


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [(6, 29, False), (6, 30, True), (7, 0, True), (9, 30, True), (9, 31, False)],
)
def test_link_opens_half_an_hour_before_and_closes_an_hour_after(hour, minute, is_open, app, clock):
    session = a_session_with_room()

    clock.move_to(datetime(2026, 10, 15, hour, minute, tzinfo=UTC))

    assert joining.is_open(session, OPENS_MIN) == is_open


def test_press_leads_to_the_room_and_is_kept(app, clock):
    session = a_session_with_room()
    registration = registration_of(session)
    clock.move_to(datetime(2026, 10, 15, 6, 55, tzinfo=UTC))

    url = joining.enter(session.id, registration.id, OPENS_MIN)

    click = db.session.scalars(db.select(JoinClick)).one()
    assert url == "https://meet.example.org/room"
    assert (click.registration_id, click.at) == (registration.id, clock())


def test_change_of_room_needs_no_new_link(app, clock):
    session = a_session_with_room()
    clock.move_to(datetime(2026, 10, 15, 6, 55, tzinfo=UTC))

    meetings.use_link(session.id, "https://other.example/fallback", None)

    assert joining.enter(session.id, None, OPENS_MIN) == "https://other.example/fallback"


def test_press_outside_the_hours_is_refused_and_not_kept(app):
    session = a_session_with_room()

    with pytest.raises(Refused) as refusal:
        joining.enter(session.id, None, OPENS_MIN)

    assert refusal.value.reason == "join.closed"
    assert db.session.scalars(db.select(JoinClick)).all() == []


def test_press_before_there_is_a_room_is_refused(app, clock):
    session = a_session(invited=["anna@example.org"])
    clock.move_to(datetime(2026, 10, 15, 7, 0, tzinfo=UTC))

    with pytest.raises(Refused) as refusal:
        joining.enter(session.id, None, OPENS_MIN)

    assert refusal.value.reason == "join.no_room"


def test_cancelled_session_lets_nobody_in(app, clock):
    session = a_session_with_room()
    scheduling.cancel(session.id, session.revision, None)
    clock.move_to(datetime(2026, 10, 15, 7, 0, tzinfo=UTC))

    with pytest.raises(Refused) as refusal:
        joining.enter(session.id, None, OPENS_MIN)

    assert refusal.value.reason == "join.closed"


def test_moved_session_opens_at_its_new_hour_only(app, clock):
    session = a_session_with_room()
    scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
    moved = db.session.get_one(Session, session.id)

    clock.move_to(datetime(2026, 10, 15, 7, 0, tzinfo=UTC))
    on_thursday = joining.is_open(moved, OPENS_MIN)
    clock.move_to(datetime(2026, 10, 16, 7, 0, tzinfo=UTC))

    assert (on_thursday, joining.is_open(moved, OPENS_MIN)) == (False, True)


def test_link_belongs_to_one_registration(app):
    session = a_session_with_room()
    token = db.session.scalars(db.select(Invitation.token)).one()

    assert joining.by_token(token).id == registration_of(session).id
    assert joining.by_token(token + "x") is None


def test_number_of_people_at_one_camera_is_kept_with_the_press(app, clock):
    session = a_session_with_room()
    registration = registration_of(session)
    clock.move_to(datetime(2026, 10, 15, 6, 55, tzinfo=UTC))

    joining.enter(session.id, registration.id, OPENS_MIN, heads=14)

    assert registration_of(session).head_count == 14
