"""Pages about what came by mail: decisions at the desk, the ledger, coordinators' tasks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from integrations.mail import suppression
from integrations.runtime.database import db, transaction
from sessions.flows import receiving, scheduling, tasking
from sessions.models.correspondence import Counter, Forwarded, IncomingMail, Task
from sessions.models.participation import Registration
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, a_city, a_person, a_session, signed_in
from tests.queries import counted
from tests.replies_made import a_mail, an_answer, organizer_in
from tests.sessions.web.reading import fields, press, words

ANNA, BORIS = "anna@example.org", "boris@example.org"
ARRIVED = datetime(2026, 10, 1, 10, 5, tzinfo=UTC)


@pytest.fixture
def host(app):
    person = a_person(
        "host@example.org", given="Natalia", family="Orlova", locale="en",
        roles=[("host", "*")], account=True,
    )  # fmt: skip
    return signed_in(app, person)


@pytest.fixture
def session(app, work_off):
    session = a_session(invited=[ANNA])
    work_off()
    return session


@pytest.fixture
def letter(session, outbox):
    (letter,) = outbox.to(ANNA)
    return letter


def desk(session: Session) -> str:
    return f"/sessions/{session.id}/desk"


class TestProposedTime:
    @pytest.fixture
    def counter(self, letter):
        start = "DTSTART:20261016T070000Z\r\nDTEND:20261016T083000Z\r\n"
        comment = "COMMENT:Лучше в пятницу\r\n"
        receiving.receive(an_answer(letter, method="COUNTER", start=start, more=comment), ARRIVED)
        return db.session.scalars(select(Counter)).one()

    def test_desk_shows_the_time_who_proposed_it_and_why(self, host, session, counter):
        page = words(host.get(desk(session)))

        assert "Another time is proposed" in page
        assert "Лучше в пятницу" in page
        assert ANNA in page

    def test_host_moves_the_session_to_it(self, host, session, counter):
        answer = press(host, desk(session), f"{desk(session)}/times/{counter.id}/take")

        moved = db.session.get_one(Session, session.id, populate_existing=True)
        assert answer.status_code == 302
        assert moved.wall_start == datetime(2026, 10, 16, 10, 0)
        assert "Another time is proposed" not in words(host.get(desk(session)))

    def test_host_keeps_the_time(self, host, session, counter, outbox, work_off):
        press(host, desk(session), f"{desk(session)}/times/{counter.id}/decline")
        work_off()

        assert len(outbox.to(ANNA)) == 2
        assert db.session.get_one(Session, session.id).wall_start == datetime(2026, 10, 15, 10, 0)

    def test_desk_of_an_hour_ago_decides_nothing_over_what_changed(self, host, session, counter):
        action = f"{desk(session)}/times/{counter.id}/take"
        sent = fields(host.get(desk(session)), action)
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

        answer = host.post(action, data=sent)

        assert answer.status_code == 409
        assert db.session.get_one(Counter, counter.id, populate_existing=True).state == "open"

    def test_proposal_for_another_session_is_not_decided_here(self, host, session, counter):
        other = a_session(FRIDAY_10_MOSCOW, title="Другая")

        answer = host.post(f"{desk(other)}/times/{counter.id}/decline", data={"seen_revision": 2})

        assert answer.status_code == 404


class TestStranger:
    @pytest.fixture
    def stranger(self, letter):
        receiving.receive(an_answer(letter, attendee=BORIS), ARRIVED)
        return db.session.scalars(select(Forwarded)).one()

    def test_host_invites_them(self, host, session, stranger):
        assert BORIS in words(host.get(desk(session)))

        press(host, desk(session), f"{desk(session)}/strangers/{stranger.id}/allow")

        states = db.session.scalars(select(Registration.state).order_by(Registration.id)).all()
        assert list(states) == ["invited", "confirmed"]

    def test_host_leaves_them_out(self, host, session, stranger):
        press(host, desk(session), f"{desk(session)}/strangers/{stranger.id}/reject")

        assert BORIS not in words(host.get(desk(session)))
        assert len(db.session.scalars(select(Registration)).all()) == 1


class TestIncomingMail:
    def test_says_what_became_of_each_message_and_why(self, host, letter):
        receiving.receive(an_answer(letter), ARRIVED)
        receiving.receive(an_answer(letter, to="sessions@vzaimo.test"), ARRIVED)

        page = words(host.get("/desk/mail"))

        assert "Taken An answer Will come" in page
        assert "Nothing but the sender's name says that this is their answer" in page

    def test_shows_only_what_is_asked_for(self, host, letter):
        receiving.receive(an_answer(letter), ARRIVED)
        receiving.receive(a_mail(ANNA, organizer_in(letter), "Вопрос", "Где?"), ARRIVED)

        page = words(host.get("/desk/mail?outcome=queued"))

        assert "Где?" in page
        assert "Will come" not in page

    def test_message_kept_aside_is_read_again(self, host, letter):
        receiving.keep(an_answer(letter), ARRIVED, "KeyError")
        (row,) = db.session.scalars(select(IncomingMail))

        press(host, "/desk/mail", f"/desk/mail/{row.id}/again")

        assert "Read again: will come." in words(host.get("/desk/mail"))
        assert db.session.scalars(select(Registration.state)).one() == "confirmed"

    def test_message_is_given_as_a_file_that_no_browser_opens(self, host, letter):
        raw = a_mail(ANNA, organizer_in(letter), "Вопрос", "<script>alert(1)</script>")
        row = receiving.receive(raw, ARRIVED)

        answer = host.get(f"/desk/mail/{row.id}/raw")

        assert answer.data == raw
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.mimetype == "application/octet-stream"

    def test_message_that_was_dealt_with_is_put_aside(self, host, letter):
        row = receiving.receive(a_mail(ANNA, organizer_in(letter), "Вопрос", "Где?"), ARRIVED)

        press(host, "/desk/mail", f"/desk/mail/{row.id}/seen")

        kept = db.session.get_one(IncomingMail, row.id, populate_existing=True)
        assert (kept.outcome, kept.raw) == ("ignored", None)

    def test_hundred_messages_cost_as_many_queries_as_one(self, host, letter):
        def queries() -> int:
            with counted() as asked:
                host.get("/desk/mail")
            return len(asked)

        receiving.receive(an_answer(letter), ARRIVED)
        host.get("/desk/mail")
        one = queries()
        for number in range(100):
            receiving.receive(b"X: %d\r\n" % number + an_answer(letter), ARRIVED)

        assert queries() == one


class TestTasks:
    @pytest.fixture
    def city(self, app):
        return a_city()

    @pytest.fixture
    def task(self, city):
        a_person(ANNA, city=city)
        with transaction():
            suppression.suppress(ANNA, "bounce", "550 no such user")
            tasking.ask_for_address(ANNA, "5.1.1", "550 no such user")
        return db.session.scalars(select(Task)).one()

    @pytest.fixture
    def coordinator(self, app, city):
        person = a_person(
            "coordinator@example.org", given="Vera", family="Kim", locale="en", city=city,
            roles=[("coordinator", f"city:{city.id}")], account=True,
        )  # fmt: skip
        return signed_in(app, person)

    def test_coordinator_sees_whose_address_fails_and_what_to_do(self, coordinator, task):
        page = words(coordinator.get("/tasks"))

        assert f"The address takes no mail: {ANNA}" in page
        assert "550 no such user" in page
        assert "ask for an address that works" in page

    def test_coordinator_writes_the_new_address(self, coordinator, task):
        press(coordinator, "/tasks", f"/tasks/{task.id}/done", address="a.belova@example.org")

        page = words(coordinator.get("/tasks?state=done"))
        assert "a.belova@example.org" in page
        assert suppression.of_address(ANNA) is None

    def test_what_is_no_address_is_told_beside_the_field(self, coordinator, task):
        answer = press(coordinator, "/tasks", f"/tasks/{task.id}/done", address="nobody")

        assert answer.status_code == 400
        assert "nobody is no address" in words(answer)
        assert "<title>Error:" in answer.text

    def test_coordinator_of_another_city_sees_and_does_nothing(self, app, task):
        omsk = a_city("Омск", "Asia/Omsk", "Омску")
        person = a_person(
            "omsk@example.org", roles=[("coordinator", f"city:{omsk.id}")], account=True
        )
        client = signed_in(app, person)

        assert ANNA not in client.get("/tasks").text
        assert client.post(f"/tasks/{task.id}/done").status_code == 403

    def test_team_sees_also_those_of_people_without_a_city(self, host, task):
        with transaction():
            tasking.ask_for_address("nobody@example.org", "5.1.1", "")

        page = words(host.get("/tasks"))

        assert ANNA in page
        assert "nobody@example.org" in page

    def test_nothing_to_do_says_when_there_will_be(self, coordinator):
        assert "Nothing to do" in words(coordinator.get("/tasks"))
