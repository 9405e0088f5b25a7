"""Answers by mail, on the page and by telephone meet in one ledger, and seats follow them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from integrations.runtime import clock as clock_source
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import SessionEdited
from sessions.flows import inviting, replying, scheduling, seating, withdrawing
from sessions.flows.replying import Taken
from sessions.models.participation import Answer, Invitation, Registration
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import FRIDAY_10_MOSCOW, THURSDAY_10_MOSCOW, a_session

ANNA, BORIS, VERA = "anna@example.org", "boris@example.org", "vera@example.org"


def with_seats(session: Session, online: int | None, **facts: object) -> None:
    with transaction():
        row = Session.locked(session.id)
        row.capacity_online = online
        for name, value in facts.items():
            setattr(row, name, value)


def full_session(seats: int | None = 1) -> Session:
    session = a_session(invited=[ANNA, BORIS, VERA])
    with_seats(session, seats)
    return session


def invitation(session: Session, address: str) -> Invitation:
    return db.session.scalars(
        select(Invitation)
        .join(Registration)
        .where(Registration.session_id == session.id, Invitation.attendee_email == address)
    ).one()


def reply(session: Session, address: str, answer: str = "accepted", **facts: object) -> Taken:
    given = {"source": "mail", "sequence": 0, "answered_at": clock_source.now(), **facts}
    return replying.answer(invitation(session, address).id, answer, **given)  # type: ignore[arg-type]


def states(session: Session) -> dict[str, str]:
    db.session.expire_all()
    rows = db.session.scalars(
        select(Registration).where(Registration.session_id == session.id).order_by(Registration.id)
    )
    return {row.invitation.attendee_email.partition("@")[0]: row.state for row in rows}


def answers(session: Session, address: str) -> list[str]:
    db.session.expire_all()
    return [one.answer for one in invitation(session, address).answers]


def raised(session: Session, seats: int | None) -> None:
    """The host changes the number of seats."""
    with transaction():
        Session.locked(session.id).capacity_online = seats
        publish(SessionEdited(session.id, None, tell=False))


class TestInvitedAgain:
    """Who was taken off the list and invited again: their letters count further than others'."""

    def invited_again(self, clock, work_off) -> Session:
        session = full_session(None)
        work_off()
        clock.pass_by(minutes=1)
        withdrawing.withdraw(invitation(session, ANNA).registration_id, None)
        work_off()
        clock.pass_by(minutes=1)
        inviting.invite(session.id, [("", ANNA)], None)
        work_off()
        clock.pass_by(minutes=1)
        return session

    def test_answer_to_the_latest_letter_counts(self, app: Flask, clock, outbox, work_off):
        session = self.invited_again(clock, work_off)
        letter = outbox.calendars_to(ANNA)[-1]

        taken = reply(session, ANNA, sequence=letter["SEQUENCE"])

        assert (letter["SEQUENCE"], taken) == (2, Taken("confirmed", counted=True))

    def test_answer_on_the_page_is_later_than_one_by_mail(
        self, app: Flask, clock, outbox, work_off
    ):
        session = self.invited_again(clock, work_off)
        reply(session, ANNA, sequence=outbox.calendars_to(ANNA)[-1]["SEQUENCE"])
        clock.pass_by(minutes=1)

        taken = reply(session, ANNA, "declined", source="page", sequence=None)

        assert taken == Taken("withdrawn", counted=True)

    def test_answer_to_the_time_before_a_move_asks_anew(self, app: Flask, clock, outbox, work_off):
        session = self.invited_again(clock, work_off)
        number = outbox.calendars_to(ANNA)[-1]["SEQUENCE"]
        db.session.refresh(session)
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        work_off()

        taken = reply(session, ANNA, sequence=number)

        assert (taken.counted, taken.why) == (False, "before_move")
        assert outbox.calendars_to(ANNA)[-1]["SEQUENCE"] == number + 1


class TestTheLedger:
    def test_answers_by_mail_and_on_the_page_are_one_story(self, app: Flask, clock, work_off):
        session = full_session(None)
        work_off()

        reply(session, ANNA)
        clock.pass_by(minutes=1)
        taken = reply(session, ANNA, "declined", source="page", sequence=None)

        assert taken == Taken("withdrawn", counted=True)
        assert answers(session, ANNA) == ["accepted", "declined"]
        assert invitation(session, ANNA).current_answer.source == "page"  # type: ignore[union-attr]

    def test_answer_that_is_older_than_the_last_changes_nothing(self, app: Flask, clock):
        session = full_session(None)
        before = clock() - timedelta(minutes=5)

        reply(session, ANNA, "declined")
        taken = reply(session, ANNA, "accepted", answered_at=before)

        assert taken == Taken("withdrawn", counted=False, why="older")
        assert answers(session, ANNA) == ["accepted", "declined"]

    def test_same_answer_taken_twice_is_one(self, app: Flask, clock):
        session = full_session()
        sent = clock()
        reply(session, ANNA, answered_at=sent)
        clock.pass_by(hours=1)

        again = reply(session, ANNA, answered_at=sent)

        assert again == Taken("confirmed", counted=True)
        assert answers(session, ANNA) == ["accepted"]

    def test_old_answer_that_comes_once_more_does_not_undo_the_later_one(self, app: Flask, clock):
        session = full_session()
        sent = clock()
        reply(session, ANNA, answered_at=sent)
        clock.pass_by(hours=1)
        reply(session, ANNA, "declined")

        replayed = reply(session, ANNA, answered_at=sent)

        assert replayed == Taken("withdrawn", counted=False, why="older")
        assert answers(session, ANNA) == ["accepted", "declined"]

    def test_calendar_whose_clock_or_number_is_ahead_has_not_the_last_word(self, app, clock):
        session = full_session(None)
        reply(session, ANNA, sequence=999, answered_at=clock() + timedelta(days=300))
        clock.pass_by(minutes=1)

        taken = reply(session, ANNA, "declined", source="page", sequence=None)

        assert taken == Taken("withdrawn", counted=True)

    @pytest.mark.parametrize(
        ("happens", "why"), [("cancel", "cancelled"), ("postpone", "cancelled"), ("end", "over")]
    )
    def test_nothing_is_answered_to_a_session_that_is_off_or_over(self, app, happens, why):
        session = full_session()
        getattr(scheduling, happens)(session.id, session.revision, None)

        assert reply(session, ANNA) == Taken("invited", counted=False, why=why)
        assert answers(session, ANNA) == []

    def test_whoever_the_host_took_off_the_list_gets_no_seat_by_answering(self, app: Flask):
        session = full_session()
        withdrawing.withdraw(invitation(session, ANNA).registration_id, None)

        assert reply(session, ANNA) == Taken("declined", counted=False, why="withdrawn")

    def test_host_writes_down_what_was_said_by_telephone(self, app: Flask):
        session = full_session()

        taken = reply(session, ANNA, source="host", sequence=None)

        assert taken == Taken("confirmed", counted=True)
        assert invitation(session, ANNA).answers[0].source == "host"


class TestAMovedSession:
    def test_late_answer_to_the_old_hour_does_not_count(self, app: Flask, clock, work_off):
        session = full_session()
        work_off()
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        work_off()

        late = reply(session, ANNA, sequence=0)
        new = reply(session, BORIS, sequence=1)

        assert late == Taken("invited", counted=False, why="before_move")
        assert new == Taken("confirmed", counted=True)

    def test_answer_to_another_place_at_the_same_hour_counts(self, app: Flask, work_off):
        session = full_session()
        work_off()
        with transaction():
            Session.locked(session.id).revise(sequence=True)

        assert reply(session, ANNA, sequence=0) == Taken("confirmed", counted=True)

    def test_answer_counts_again_where_the_move_was_undone_before_anyone_heard(
        self, app: Flask, clock, work_off
    ):
        session = full_session()
        work_off()
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        scheduling.move(session.id, THURSDAY_10_MOSCOW, session.revision, None)

        assert reply(session, ANNA, sequence=0) == Taken("confirmed", counted=True)

    def test_seat_stays_and_the_answer_is_known_to_be_to_the_old_hour(self, app, work_off):
        session = full_session()
        work_off()
        reply(session, ANNA)
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

        given = invitation(session, ANNA).current_answer

        assert states(session)["anna"] == "confirmed"
        assert given is not None
        assert not given.is_of(session)

    def test_page_that_showed_the_old_hour_is_told_of_the_new_one(self, app: Flask):
        session = full_session()
        seen = session.starts_at
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)

        taken = reply(session, ANNA, source="page", sequence=None, seen_starts_at=seen)

        assert taken == Taken("invited", counted=False, why="before_move")


class TestSeats:
    def test_first_has_the_seat_the_next_wait_and_the_list_moves_on(self, app: Flask, clock):
        session = full_session()
        for address in (BORIS, ANNA, VERA):
            reply(session, address)
            clock.pass_by(minutes=1)
        before = states(session)

        reply(session, BORIS, "declined")

        assert before == {"anna": "waiting", "boris": "confirmed", "vera": "waiting"}
        assert states(session) == {"anna": "offered", "boris": "withdrawn", "vera": "waiting"}

    def test_offer_that_runs_out_goes_on_by_itself(self, app: Flask, clock, work_off):
        session = full_session()
        for address in (BORIS, ANNA, VERA):
            reply(session, address)
            clock.pass_by(minutes=1)
        reply(session, BORIS, "declined")

        clock.pass_by(hours=23)
        work_off()
        early = states(session)
        clock.pass_by(hours=1, minutes=1)
        work_off()

        assert early == {"anna": "offered", "boris": "withdrawn", "vera": "waiting"}
        assert states(session) == {"anna": "expired", "boris": "withdrawn", "vera": "offered"}

    def test_seat_of_whoever_the_host_takes_off_the_list_is_offered(self, app: Flask):
        session = full_session()
        reply(session, ANNA)
        reply(session, BORIS)

        withdrawing.withdraw(invitation(session, ANNA).registration_id, None)

        assert states(session) == {"anna": "declined", "boris": "offered", "vera": "invited"}

    def test_more_seats_are_offered_and_fewer_throw_nobody_out(self, app: Flask, clock):
        session = full_session()
        reply(session, ANNA)
        reply(session, BORIS)

        raised(session, 2)
        more = states(session)
        clock.pass_by(minutes=1)
        reply(session, BORIS)
        raised(session, 1)

        assert more == {"anna": "confirmed", "boris": "offered", "vera": "invited"}
        assert states(session) == {"anna": "confirmed", "boris": "confirmed", "vera": "invited"}

    def test_offers_rest_while_the_session_is_off_and_are_made_anew_when_it_is_back(
        self, app: Flask, clock
    ):
        session = full_session()
        reply(session, ANNA)
        reply(session, BORIS)
        clock.pass_by(minutes=1)
        reply(session, ANNA, "declined")
        scheduling.cancel(session.id, session.revision, None)
        off = states(session)
        clock.pass_by(days=3)

        db.session.expire_all()
        scheduling.reinstate(session.id, session.revision, None)

        assert off == {"anna": "withdrawn", "boris": "waiting", "vera": "invited"}
        assert states(session) == {"anna": "withdrawn", "boris": "offered", "vera": "invited"}
        until = invitation(session, BORIS).registration.offered_until
        assert until == clock() + timedelta(hours=24)

    def test_host_keeps_gives_and_takes_seats(self, app: Flask, clock):
        session = full_session()
        ids = {one: invitation(session, one).registration_id for one in (ANNA, BORIS, VERA)}

        seating.act(ids[ANNA], "keep", None)
        reply(session, BORIS)
        kept = states(session)
        with pytest.raises(Refused) as refused:
            seating.act(ids[BORIS], "give", None)
        seating.act(ids[ANNA], "let_go", None)
        seating.act(ids[BORIS], "give", None)
        reply(session, VERA)
        clock.pass_by(minutes=1)
        seating.act(ids[BORIS], "queue", None)

        assert kept == {"anna": "invited", "boris": "waiting", "vera": "invited"}
        assert refused.value.reason == "seats.full"
        assert states(session) == {"anna": "invited", "boris": "waiting", "vera": "offered"}

    def test_hybrid_session_has_a_list_for_each_way_to_take_part(self, app: Flask):
        session = full_session(None)
        with_seats(session, None, mode="hybrid", capacity_in_person=1)

        for address in (ANNA, BORIS):
            reply(session, address, source="page", sequence=None, mode="in_person")
        reply(session, VERA)

        assert states(session) == {"anna": "confirmed", "boris": "waiting", "vera": "confirmed"}


class TestLetters:
    def told(self, outbox, address: str) -> list[str]:
        subjects = [str(letter["Subject"]) for letter in outbox.to(address)]
        return [one.partition(":")[0] for one in subjects[1:]]  # the first is the invitation

    def test_each_fact_is_told_by_one_letter_and_a_plain_seat_by_none(
        self, app: Flask, clock, outbox, work_off
    ):
        session = a_session(invited=[ANNA, BORIS])
        with_seats(session, 1)
        with transaction():
            for one in (ANNA, BORIS):
                invitation(session, one).registration.person.locale = "en"
        work_off()

        reply(session, ANNA)
        clock.pass_by(minutes=1)
        reply(session, BORIS)
        work_off()
        reply(session, BORIS, answered_at=clock() + timedelta(seconds=30))
        clock.pass_by(minutes=1)
        work_off()
        reply(session, ANNA, "declined")
        work_off()
        clock.pass_by(hours=24)
        work_off()
        reply(session, BORIS)
        work_off()

        assert self.told(outbox, ANNA) == []
        assert self.told(outbox, BORIS) == [
            "Waiting list",
            "A seat is free, confirm by Friday, 2 October 2026, 12",
            "The offer has ended",
            "The seat is yours",
        ]

    def test_letter_says_which_place_in_the_list_and_holds_nobody_elses_address(
        self, app: Flask, clock, outbox, work_off
    ):
        session = full_session()
        with transaction():
            invitation(session, VERA).registration.person.locale = "en"
        work_off()
        for address in (ANNA, BORIS, VERA):
            reply(session, address)
            clock.pass_by(minutes=1)
        work_off()

        letter = outbox.to(VERA)[-1]
        text = letter.get_body(("plain",)).get_content().replace("\r\n", "\n")

        assert "You are second on the waiting list." in text
        assert f"http://vzaimo.test/a/{invitation(session, VERA).token}" in text
        assert (ANNA in text, BORIS in text) == (False, False)
        assert letter["To"].addresses[0].addr_spec == VERA

    def test_what_is_no_longer_so_never_leaves(self, app: Flask, clock, outbox, work_off):
        session = full_session()
        work_off()
        reply(session, ANNA)
        clock.pass_by(minutes=1)
        reply(session, BORIS)
        clock.pass_by(minutes=1)
        reply(session, BORIS, "declined")

        work_off()

        assert self.told(outbox, BORIS) == []


def at_once(app: Flask, number: int, answer: Callable[[int], None]) -> None:
    """So many threads answer at the same moment, each with a connection of its own."""
    start = threading.Barrier(number)
    failed: list[BaseException] = []

    def one(place: int) -> None:
        with app.app_context():
            start.wait()
            try:
                answer(place)
            except BaseException as error:  # noqa: BLE001 the test tells of it
                failed.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_twenty_answers_at_one_moment_for_one_seat_confirm_one_and_nineteen_wait_in_order(
    app: Flask,
):
    clock_source.set_source(None)  # the order of the list is that of real instants
    people = [f"p{number}@example.org" for number in range(20)]
    soon = (datetime.now(UTC) + timedelta(days=20)).replace(tzinfo=None, microsecond=0)
    session = a_session(WallTime(soon, "Europe/Moscow"), invited=people)
    with_seats(session, 1)
    ids = [invitation(session, one).id for one in people]
    db.session.rollback()
    sent = datetime.now(UTC)

    at_once(
        app, 20,
        lambda place: replying.answer(
            ids[place], "accepted", source="mail", sequence=0, answered_at=sent
        ),
    )  # fmt: skip

    db.session.rollback()
    rows = db.session.scalars(
        select(Registration).where(Registration.session_id == session.id)
    ).all()
    waiting = [row for row in rows if row.state == "waiting"]
    assert sorted(row.state for row in rows) == ["confirmed"] + ["waiting"] * 19
    assert len({row.asked_at for row in waiting}) == 19
    [seated] = [row for row in rows if row.state == "confirmed"]
    assert all(seated.asked_at < row.asked_at for row in waiting)  # type: ignore[operator]
    assert db.session.scalar(select(func.count(Answer.id))) == 20


def test_seats_given_up_at_one_moment_are_offered_to_the_first_of_the_list(app: Flask, clock):
    people = [f"p{number}@example.org" for number in range(9)]
    session = a_session(invited=people)
    with_seats(session, 3)
    for one in people:
        reply(session, one)
        clock.pass_by(minutes=1)
    ids = [invitation(session, one).id for one in people[:3]]
    db.session.rollback()

    at_once(
        app, 3,
        lambda place: replying.answer(
            ids[place], "declined", source="page", sequence=None, answered_at=clock()
        ),
    )  # fmt: skip

    assert list(states(session).values()) == ["withdrawn"] * 3 + ["offered"] * 3 + ["waiting"] * 3


class TestWhoDeclinedTheOldHour:
    def test_is_asked_about_the_new_one(self, app: Flask, clock, outbox, work_off):
        session = full_session(None)
        work_off()
        reply(session, ANNA, "declined")

        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        work_off()

        assert states(session) == {"anna": "invited", "boris": "invited", "vera": "invited"}
        assert [event["SEQUENCE"] for event in outbox.calendars_to(ANNA)] == [0, 1]

    def test_has_withdrawn_as_before_where_the_move_is_undone(self, app: Flask, clock, work_off):
        session = full_session(None)
        work_off()
        reply(session, ANNA, "declined")

        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        scheduling.move(session.id, THURSDAY_10_MOSCOW, session.revision, None)

        assert states(session)["anna"] == "withdrawn"
