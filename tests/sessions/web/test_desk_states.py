"""The host's desk: a session without a date, and letters that wait for quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from integrations.runtime.database import db
from sessions.flows import scheduling
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, a_person, a_session, signed_in
from tests.sessions.web.reading import fields, press, words


@pytest.fixture
def settings(settings):
    """Five minutes of quiet."""
    return replace(settings, quiet_minutes="5")


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """A host's browser, in English."""
    person = a_person(
        "host@example.org", given="Natalia", family="Orlova", locale="en",
        roles=[("host", "*")], account=True,
    )  # fmt: skip
    return signed_in(app, person)


def now(session: Session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def desk(session: Session, page: str = "") -> str:
    return f"/sessions/{session.id}/desk{page}"


class TestPostponing:
    def test_asks_once_more_and_says_how_many_hear_of_it(self, host, work_off):
        session = a_session(invited=["anna@example.org", "boris@example.org"])
        work_off()

        page = host.get(desk(session, "/postpone"))
        before = now(session).state
        answer = press(host, desk(session, "/postpone"), desk(session, "/postpone"))

        assert "2 people get a letter" in words(page)
        assert (before, answer.status_code, now(session).state) == ("scheduled", 302, "postponed")
        assert "The session is postponed." in words(host.get(desk(session)))

    def test_desk_offers_a_new_date_and_readiness_asks_for_it(self, host):
        session = a_session()
        scheduling.postpone(session.id, session.revision, None)

        page = host.get(desk(session))

        assert "Give a new date" in words(page)
        assert "There is no new date yet." in words(page)
        assert 'desk/postpone"' not in page.text

    def test_new_date_given_in_the_form_schedules_it(self, host):
        session = a_session()
        scheduling.postpone(session.id, session.revision, None)

        press(host, desk(session, "/move"), desk(session, "/move"), day="2026-10-16")

        assert (now(session).state, now(session).wall) == ("scheduled", FRIDAY_10_MOSCOW)
        assert "The session has its new date: Friday, 16 October 2026, 10:00" in words(
            host.get(desk(session))
        )

    def test_page_of_what_cannot_be_postponed_says_so(self, host):
        session = a_session(draft=True)

        page = host.get(desk(session, "/postpone"))
        answer = host.post(desk(session, "/postpone"), data={"seen_revision": "1"})

        assert "Only a session that is scheduled can be postponed." in words(page)
        assert answer.status_code == 400
        assert "Only a session that is scheduled can be postponed." in words(answer)

    def test_step_seen_on_an_old_page_is_not_taken(self, host):
        session = a_session()
        sent = fields(host.get(desk(session, "/postpone")), desk(session, "/postpone"))
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

        answer = host.post(desk(session, "/postpone"), data=sent)

        assert (answer.status_code, now(session).state) == (409, "scheduled")

    def test_session_that_began_is_no_more_postponed(self, host, clock):
        session = a_session()
        clock.move_to(datetime(2026, 10, 15, 7, 30, tzinfo=UTC))

        assert 'desk/postpone"' not in host.get(desk(session)).text

    def test_member_may_not(self, app):
        session = a_session()
        member = signed_in(app, a_person("m@example.org", account=True))

        answers = [member.post(desk(session, f"/{what}")) for what in ("postpone", "announce")]

        assert [answer.status_code for answer in answers] == [403, 403]
        assert now(session).state == "scheduled"


class TestLettersThatWait:
    @pytest.fixture
    def session(self, work_off):
        made = a_session(invited=["anna@example.org"])
        work_off()
        return made

    def test_desk_says_when_they_leave(self, session, host):
        silent = words(host.get(desk(session)))
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

        page = words(host.get(desk(session)))

        said = "1 letter about the changes leaves at 12:05 Moscow time if nothing more changes."
        assert (said in silent, said in page) == (False, True)

    def test_press_has_them_leave_now(self, session, host, outbox, work_off):
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

        answer = press(host, desk(session), desk(session, "/announce"))
        work_off()

        assert (answer.status_code, answer.location) == (302, desk(session))
        assert len(outbox.letters()) == 2
        page = host.get(desk(session))
        assert "The letters leave now." in words(page)
        assert 'desk/announce"' not in page.text

    def test_press_that_came_too_late_says_that_nothing_waits(
        self, session, host, outbox, work_off, clock
    ):
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        sent = fields(host.get(desk(session)), desk(session, "/announce"))
        clock.pass_by(minutes=5)
        work_off()

        host.post(desk(session, "/announce"), data=sent)
        work_off()

        assert "No letter waits any more." in words(host.get(desk(session)))
        assert len(outbox.letters()) == 2

    def test_nobody_to_write_to_means_nothing_to_wait_for(self, host):
        session = a_session()
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

        assert "if nothing more changes" not in words(host.get(desk(session)))

    def test_address_of_the_press_leads_to_the_desk(self, session, host):
        answer = host.get(desk(session, "/announce"))

        assert (answer.status_code, answer.location) == (302, desk(session))
