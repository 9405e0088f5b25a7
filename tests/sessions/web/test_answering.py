"""The page of one's answer: no sign-in, reading answers nothing, it says how it stands."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from integrations.runtime.database import db, transaction
from sessions.flows import replying, scheduling, withdrawing
from sessions.models.participation import Invitation, Registration
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, a_session
from tests.sessions.web.reading import press, words

ANNA, BORIS = "anna@example.org", "boris@example.org"


@pytest.fixture
def guest(app: Flask) -> FlaskClient:
    """A browser of someone who is not signed in, in English."""
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def invited(seats: int | None = None, **facts: object) -> Session:
    session = a_session(title="Первые три года", invited=[ANNA, BORIS])
    with transaction():
        row = Session.locked(session.id)
        row.capacity_online = seats
        for name, value in facts.items():
            setattr(row, name, value)
    return session


def invitation(session: Session, address: str = ANNA) -> Invitation:
    db.session.expire_all()
    return (
        db.session.query(Invitation)
        .join(Registration)
        .filter(Registration.session_id == session.id, Invitation.attendee_email == address)
        .one()
    )


def link(session: Session, address: str = ANNA) -> str:
    return f"/a/{invitation(session, address).token}"


def said(session: Session, address: str = ANNA) -> list[tuple[str, str, str]]:
    given = invitation(session, address).answers
    return [(one.answer, one.source, one.comment) for one in given]


def reply(session: Session, address: str, answer: str, clock) -> None:
    clock.pass_by(minutes=1)
    replying.answer(
        invitation(session, address).id, answer, source="mail", sequence=0, answered_at=clock()
    )


class TestReading:
    def test_shows_session_hours_and_three_answers_without_signing_in(self, guest):
        session = invited()

        page = guest.get(link(session))

        text = words(page)
        assert page.status_code == 200
        assert "Первые три года" in text
        assert "Thursday, 15 October 2026 10:00–11:30 Moscow time" in text
        assert [one for one in ("I come", "Perhaps", "I do not come") if one in text] == [
            "I come", "Perhaps", "I do not come",
        ]  # fmt: skip
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_scanner_that_follows_the_link_answers_nothing(self, guest, method):
        session = invited()

        page = guest.open(f"{link(session)}?answer=declined", method=method)

        assert page.status_code == 200
        assert said(session) == []
        assert invitation(session).registration.state == "invited"

    def test_link_of_the_letter_chooses_one_answer_beforehand(self, guest):
        session = invited()

        page = guest.get(f"{link(session)}?answer=declined").text

        assert '<button class="btn btn-primary btn-lg" name="answer" value="declined">' in page
        assert page.count("btn-primary btn-lg") == 1

    @pytest.mark.parametrize("token", ["unknown", "%00", "a" * 300])
    def test_wrong_link_is_told_kindly(self, guest, token):
        page = guest.get(f"/a/{token}")

        assert page.status_code == 404
        assert "This link leads to no invitation." in words(page)

    @pytest.mark.parametrize(
        ("happens", "told"),
        [
            ("cancel", "The session is cancelled and will not take place."),
            ("postpone", "The session is postponed. You get a letter with the new date"),
            ("end", "The session is over: there is nothing to answer any more."),
        ],
    )
    def test_of_a_session_that_is_off_or_over_it_says_so_and_asks_nothing(
        self, guest, happens, told
    ):
        session = invited()
        getattr(scheduling, happens)(session.id, session.revision, None)

        page = guest.get(link(session))

        assert told in words(page)
        assert 'name="answer"' not in page.text

    def test_whoever_was_taken_off_the_list_is_told_so(self, guest):
        session = invited()
        withdrawing.withdraw(invitation(session).registration_id, None)

        page = guest.get(link(session))

        assert "You are no longer invited" in words(page)
        assert 'name="answer"' not in page.text


class TestAnswering:
    def test_answer_and_word_to_the_hosts_are_kept_and_shown(self, guest):
        session = invited()

        page = press(
            guest, link(session), link(session), answer="accepted", comment="Буду с коллегой"
        )

        text = words(guest.get(page.location))
        assert page.status_code == 303
        assert said(session) == [("accepted", "page", "Буду с коллегой")]
        assert "Thank you. The hosts see your answer." in text
        assert "You answered: I come." in text

    def test_form_that_is_sent_twice_is_one_answer(self, guest, clock):
        session = invited()
        form = {"answer": "accepted", "once": "a-form"}

        guest.post(link(session), data=form)
        clock.pass_by(minutes=1)
        guest.post(link(session), data=form)

        assert len(said(session)) == 1

    def test_none_of_the_three_is_asked_for_again(self, guest):
        session = invited()

        page = guest.post(link(session), data={"answer": "yes", "comment": "Слово"})

        assert page.status_code == 400
        assert "Press one of the three answers." in words(page)
        assert "Слово" in page.text
        assert said(session) == []

    def test_last_seat_and_then_the_waiting_list(self, guest, clock):
        session = invited(1)
        free = words(guest.get(link(session)))
        reply(session, BORIS, "accepted", clock)
        full = words(guest.get(link(session)))
        clock.pass_by(minutes=1)

        page = press(guest, link(session), link(session), answer="accepted")

        assert "1 seat is free." in free
        assert "No seat is free now: you would be first on the waiting list." in full
        assert (
            "All seats are taken. You are first on the waiting list. We write to you as soon as a "
            "seat is free."
        ) in words(guest.get(page.location))

    def test_offered_seat_is_confirmed_with_one_press(self, guest, clock):
        session = invited(1)
        reply(session, BORIS, "accepted", clock)
        reply(session, ANNA, "accepted", clock)
        reply(session, BORIS, "declined", clock)
        clock.pass_by(hours=1)
        offered = words(guest.get(link(session)))

        press(guest, link(session), link(session), answer="accepted")

        assert "Confirm by 2 October 2026, 12:03 Moscow time that you come" in offered
        assert invitation(session).registration.state == "confirmed"

    def test_offer_that_ran_out_is_said_to_be_gone_before_any_job_has_run(self, guest, clock):
        session = invited(1)
        reply(session, BORIS, "accepted", clock)
        reply(session, ANNA, "accepted", clock)
        reply(session, BORIS, "declined", clock)
        clock.pass_by(hours=25)

        page = words(guest.get(link(session)))

        assert "The seat that was kept for you has gone to somebody else." in page

    def test_of_a_hybrid_session_one_chooses_how(self, guest):
        session = invited(None, mode="hybrid", capacity_in_person=3, place="Пермь, школа № 5")

        press(guest, link(session), link(session), answer="accepted", mode="in_person")

        row = invitation(session).registration
        assert (row.state, row.mode) == ("confirmed", "in_person")
        assert "You take part in person." in words(guest.get(link(session)))

    def test_session_that_was_moved_meanwhile_is_asked_about_anew(self, guest):
        session = invited()
        seen = session.starts_at.isoformat()
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

        page = guest.post(link(session), data={"answer": "accepted", "starts_at": seen})

        text = words(page)
        assert page.status_code == 409
        assert "The session was moved while this page was open." in text
        assert "Friday, 16 October 2026" in text
        assert invitation(session).registration.state == "invited"

    def test_form_that_was_refused_is_refused_when_it_is_sent_again(self, guest, work_off):
        session = invited()
        work_off()
        form = {
            "answer": "accepted", "once": "a-form", "starts_at": session.starts_at.isoformat(),
        }  # fmt: skip
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

        first, again = (guest.post(link(session), data=form) for _ in range(2))

        assert (first.status_code, again.status_code) == (409, 409)
        assert "The session was moved while this page was open." in words(again)
        assert len(said(session)) == 1

    def test_hour_that_was_never_told_is_not_taken_from_a_form(self, guest):
        session = invited()
        made_up = {"answer": "accepted", "starts_at": "2031-01-01T00:00:00+00:00"}

        page = guest.post(link(session), data=made_up)

        assert page.status_code == 409
        assert (said(session), invitation(session).registration.state) == ([], "invited")

    def test_whoever_answered_before_the_move_is_asked_once_more(self, guest, clock):
        session = invited()
        reply(session, ANNA, "accepted", clock)
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

        text = words(guest.get(link(session)))

        assert "The session was moved since you answered. Can you come at this hour?" in text

    def test_whoever_has_or_waits_for_a_seat_hears_of_it_beside_the_move(self, guest, clock):
        session = invited(1)
        reply(session, BORIS, "accepted", clock)
        reply(session, ANNA, "accepted", clock)
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        asked = "The session was moved since you answered. Can you come at this hour?"

        waits = words(guest.get(link(session)))
        seated = words(guest.get(link(session, BORIS)))
        reply(session, BORIS, "declined", clock)
        offered = words(guest.get(link(session)))

        assert f"{asked} All seats are taken. You are first on the waiting list." in waits
        assert f"{asked} You come. The seat is yours." in seated
        assert f"{asked} A seat is kept for you. Confirm by 2 October 2026" in offered


class TestTheJoinPage:
    def test_leads_whoever_declined_to_think_again(self, guest, clock):
        session = invited()
        reply(session, ANNA, "declined", clock)

        page = guest.get(link(session).replace("/a/", "/j/"))

        assert "You answered that you do not come." in words(page)
        assert f'href="{link(session)}?answer=accepted"' in page.text

    def test_lets_nobody_in_who_waits_for_a_seat_online(self, guest, clock):
        session = invited(1)
        reply(session, BORIS, "accepted", clock)
        reply(session, ANNA, "accepted", clock)
        clock.move_to(session.starts_at)

        page = guest.post(link(session).replace("/a/", "/j/"))

        assert page.status_code == 409
        assert "You are on the waiting list: no seat online is yours yet." in words(page)
