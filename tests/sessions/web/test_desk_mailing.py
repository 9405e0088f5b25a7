"""The desk of a host: how far letters are, pausing them, and how each person's fares."""

from __future__ import annotations

import pytest

from integrations.mail import mailing, suppression
from integrations.mail.outbox import Letter
from integrations.mail.suppression import Delivery
from integrations.runtime.database import db, transaction
from sessions.flows import inviting, scheduling, telling
from sessions.models.participation import Answer, Invitation
from tests.builders import FRIDAY_10_MOSCOW, a_host, a_session, signed_in
from tests.sessions.web.reading import words

PEOPLE = [f"person{number}@example.org" for number in range(25)]
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def host(app):
    browser = signed_in(app, a_host())
    browser.get("/language/en")
    return browser


@pytest.fixture
def session(app):
    return a_session(invited=PEOPLE)


def desk(host, session, **query) -> str:
    return words(host.get(f"/sessions/{session.id}/desk", query_string=query))


def batch_of(session) -> str:
    return telling.batch_of(session.id, session.revision)


def test_host_sees_how_far_the_letters_are_and_pauses_them(host, session, outbox, work_off):
    assert "Sent: 0 of 25." in desk(host, session)

    answer = host.post(f"/sessions/{session.id}/desk/letters/pause",
                       data={"batch": batch_of(session)})  # fmt: skip
    work_off()

    assert answer.status_code == 303
    assert "Paused: 0 of 25 letters have left." in desk(host, session)
    assert outbox.letters() == []

    host.post(f"/sessions/{session.id}/desk/letters/resume", data={"batch": batch_of(session)})
    work_off()
    assert len(outbox.letters()) == 25
    assert "of 25" not in desk(host, session)


def test_refused_letters_are_not_counted_as_sent(host, session):
    with transaction():
        letters = db.session.query(Letter).order_by(Letter.id).all()
        for letter, state in zip(letters, ["sent"] * 4 + ["refused"] * 3, strict=False):
            letter.state, letter.sent_at = state, letter.owed_at

    part = host.get(f"/sessions/{session.id}/desk/letters", headers={"X-Part": "mailings"})

    shown = desk(host, session)
    assert "Sent: 4 of 25" in shown
    assert "3 letters were refused." in shown
    assert 'max="25" value="4"' in part.text


def test_pause_holds_what_changes_and_who_is_invited_meanwhile(host, session, outbox, work_off):
    host.post(f"/sessions/{session.id}/desk/letters/pause", data={"batch": batch_of(session)})

    scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
    inviting.invite(session.id, [("", "late@example.org")], None)
    work_off()

    assert outbox.letters() == []
    host.post(f"/sessions/{session.id}/desk/letters/resume", data={"batch": batch_of(session)})
    work_off()
    assert len(outbox.letters()) == 26
    assert outbox.calendars_to("late@example.org")[0].decoded("DTSTART").day == 16


def test_pause_is_seen_while_no_letter_waits(host, session, outbox, work_off):
    work_off()
    host.post(f"/sessions/{session.id}/desk/letters/pause")

    assert "Letters about this session are paused" in desk(host, session)

    host.post(f"/sessions/{session.id}/desk/letters/resume")
    assert "Letters about this session are paused" not in desk(host, session)


def test_host_reads_why_a_mailing_that_was_refused_waits(host, session):
    letters = db.session.query(Letter).order_by(Letter.id).all()
    with transaction():
        for letter in letters[:10]:
            db.session.add(Delivery(letter_id=letter.id, at=letter.owed_at, result="refused",
                                    status="5.7.1", detail="554 5.7.1 policy"))  # fmt: skip
    mailing.pause(batch_of(session))

    said = "The mail server refused many letters in a row, so the rest waits."
    assert said in desk(host, session)


def test_part_that_renews_itself_is_the_part_alone(host, session):
    part = host.get(f"/sessions/{session.id}/desk/letters", headers={"X-Part": "mailings"})
    by_hand = host.get(f"/sessions/{session.id}/desk/letters")

    assert "<html" not in part.text
    assert 'max="25" value="0"' in part.text
    assert by_hand.status_code == 302


def test_mailing_of_another_session_cannot_be_paused_from_here(host, session):
    other = a_session(invited=PEOPLE)

    answer = host.post(f"/sessions/{session.id}/desk/letters/pause",
                       data={"batch": batch_of(other)})  # fmt: skip

    assert answer.status_code == 404
    assert not mailing.progress(batch_of(other)).is_paused


def answered(address: str, answer: str, clock) -> None:
    with transaction():
        one = db.session.query(Invitation).filter_by(attendee_email=address).one()
        db.session.add(
            Answer(invitation_id=one.id, answer=answer, answered_at=clock.at, source="mail")
        )


def test_host_filters_people_by_what_they_answered_last(host, session, clock, work_off):
    work_off()
    answered(PEOPLE[0], "declined", clock)
    clock.pass_by(minutes=1)
    answered(PEOPLE[0], "accepted", clock)
    answered(PEOPLE[1], "declined", clock)

    shown = {key: desk(host, session, letters=key) for key in ("accepted", "declined", "silent")}

    found = {key: [one for one in PEOPLE[:3] if one in text] for key, text in shown.items()}
    assert found == {"accepted": PEOPLE[:1], "declined": PEOPLE[1:2], "silent": PEOPLE[2:3]}
    assert "Comes by letter, " in shown["accepted"]


def test_letter_that_came_back_is_no_letter_sent_and_is_let_through_again(
    host, session, outbox, work_off
):
    work_off()
    letter = db.session.query(Letter).filter_by(recipient=PEOPLE[0]).one()
    letter_id = letter.id
    with transaction():
        db.session.add(
            Delivery(letter_id=letter_id, at=letter.owed_at, result="bounced", status="5.1.1",
                     detail="unknown user")
        )  # fmt: skip
        suppression.suppress(PEOPLE[0], "bounce", "unknown user", letter_id)

    shown = desk(host, session, letters="bounced")

    assert "There is no such address." in shown
    assert "Nothing more is sent to this address." in shown
    assert [one for one in PEOPLE if one in shown] == PEOPLE[:1]
    registration = db.session.query(Invitation).filter_by(attendee_email=PEOPLE[0]).one()
    url = f"/sessions/{session.id}/desk/people/{registration.registration_id}/let-through"
    host.post(url, data={"seen_revision": session.revision})
    work_off()

    assert suppression.of_address(PEOPLE[0]) is None
    assert len(outbox.to(PEOPLE[0])) == 1  # the same letter, in the place of its own file
    sent = db.session.query(Delivery).filter_by(letter_id=letter_id, result="sent").count()
    assert sent == 2
