"""The desk's seats: who comes, who waits, who answered what and how."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from integrations.runtime.database import db, transaction
from sessions.flows import inviting, replying
from sessions.models.participation import Invitation, Registration
from sessions.models.session import Session
from sessions.web import seat_lists
from tests.builders import a_person, a_session, signed_in
from tests.sessions.web.reading import words

PEOPLE = ["anna@example.org", "boris@example.org", "vera@example.org"]


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """A host's browser, in English."""
    person = a_person(
        "host@example.org", given="Natalia", family="Orlova", locale="en",
        roles=[("host", "*")], account=True,
    )  # fmt: skip
    return signed_in(app, person)


def invited(seats: int | None = 1, people: list[str] = PEOPLE) -> Session:
    session = a_session(invited=people)
    with transaction():
        Session.locked(session.id).capacity_online = seats
    return session


def invitation(session: Session, address: str) -> Invitation:
    db.session.expire_all()
    return (
        db.session.query(Invitation)
        .join(Registration)
        .filter(Registration.session_id == session.id, Invitation.attendee_email == address)
        .one()
    )


def reply(session: Session, clock, *answers: str) -> None:
    for address, answer in zip(PEOPLE, answers, strict=False):
        clock.pass_by(minutes=1)
        replying.answer(
            invitation(session, address).id, answer, source="mail", sequence=0, answered_at=clock()
        )


def act(host: FlaskClient, session: Session, address: str, what: str, **form: str) -> str:
    """What the page says after a press about somebody."""
    one = invitation(session, address).registration_id
    answer = host.post(f"/sessions/{session.id}/desk/people/{one}/{what}", data=form)
    assert answer.status_code == 303
    return words(host.get(answer.location))


class TestReading:
    def test_desk_shows_the_seats_in_numbers_and_who_waits(self, host, clock):
        session = invited()
        reply(session, clock, "accepted", "accepted", "tentative")

        text = words(host.get(f"/sessions/{session.id}/desk"))

        assert "1 of 1 seat taken, 0 seats free; 1 waits." in text
        assert "Number 1; asked 1 October, 12:02 Moscow time" in text

    def test_page_shows_what_everyone_answered_and_how(self, host, clock):
        session = invited()
        reply(session, clock, "accepted", "accepted", "tentative")

        text = words(host.get(f"/sessions/{session.id}/desk/seats"))

        assert "Comes by mail, 1 October, 12:01 Moscow time Has a seat" in text
        assert "Perhaps by mail, 1 October, 12:03 Moscow time" in text

    @pytest.mark.parametrize(
        ("group", "shown"), [("confirmed", "anna"), ("waiting", "boris"), ("silent", "vera")]
    )
    def test_page_keeps_one_group(self, host, clock, group, shown):
        session = invited()
        reply(session, clock, "accepted", "accepted")

        text = words(host.get(f"/sessions/{session.id}/desk/seats?show={group}"))

        assert [one for one in ("anna", "boris", "vera") if f"{one}@" in text] == [shown]

    def test_page_of_fifty_asks_as_much_as_a_page_of_three(self, app: Flask, clock):
        few = invited(2)
        reply(few, clock, "accepted", "accepted", "accepted")
        many = a_session(title="Другая")
        inviting.invite(many.id, [("", f"p{number}@example.org") for number in range(60)], None)
        asked: list[str] = []

        def count(session: Session) -> int:
            session = db.session.get_one(Session, session.id)
            db.session.expire_all()
            asked.clear()
            seat_lists.of(session)
            with app.test_request_context():
                seat_lists.page_of(session, "")
            return len(asked)

        event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

        assert count(many) <= count(few)


class TestDoing:
    def test_host_writes_down_an_answer_said_by_telephone(self, host):
        session = invited()

        text = act(host, session, PEOPLE[0], "answer", answer="accepted")

        assert "Анна Белова" not in text
        assert "comes and has a seat." in text
        assert "Comes by telephone" in text
        assert [one.source for one in invitation(session, PEOPLE[0]).answers] == ["host"]

    def test_host_keeps_a_seat_and_lets_it_go(self, host, clock):
        session = invited()

        kept = act(host, session, PEOPLE[2], "seat", action="keep")
        reply(session, clock, "accepted")
        waits = invitation(session, PEOPLE[0]).registration.state
        act(host, session, PEOPLE[2], "seat", action="let_go")

        assert "0 of 1 seat taken, 1 kept, 0 seats free." in kept
        assert waits == "waiting"
        assert invitation(session, PEOPLE[0]).registration.state == "offered"

    def test_seat_that_is_not_there_is_refused_in_words(self, host, clock):
        session = invited()
        reply(session, clock, "accepted", "accepted")

        text = act(host, session, PEOPLE[1], "seat", action="give")

        assert "No seat is free. Raise the number of seats, or have somebody wait again." in text
        assert invitation(session, PEOPLE[1]).registration.state == "waiting"

    def test_person_of_another_session_is_not_found_here(self, host):
        session, other = invited(), a_session(title="Другая")
        one = invitation(session, PEOPLE[0]).registration_id

        answer = host.post(
            f"/sessions/{other.id}/desk/people/{one}/answer", data={"answer": "accepted"}
        )

        assert answer.status_code == 404
