"""A visit of several days: people are invited to it, answer for it and leave it as a whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from integrations.runtime import clock as clock_source
from integrations.runtime.database import db, transaction
from sessions.flows import inviting, planning, replying, scheduling, withdrawing
from sessions.flows.inviting import Invited
from sessions.flows.replying import Taken
from sessions.models.drafting import draft_of
from sessions.models.participation import Answer, Invitation, Registration
from sessions.models.session import Session
from sessions.rules.days_off import PlannedDate
from sessions.rules.recurrence import DatesRule
from tests.builders import a_plan

ANNA, BORIS = "anna@example.org", "boris@example.org"
DATES = (date(2026, 10, 13), date(2026, 10, 14), date(2026, 10, 15))


def a_visit(*invited: str, is_visit: bool = True) -> list[int]:
    """The ids of three announced days, people invited on the desk of the second."""
    plan = a_plan(title="Школа у моря", rule=DatesRule(DATES), is_visit=is_visit)
    series_id = planning.plan_series(plan, planning.preview(plan), None, "vzaimo.test")
    ids = list(
        db.session.scalars(
            select(Session.id).where(Session.series_id == series_id).order_by(Session.starts_at)
        )
    )
    for session_id in ids:
        scheduling.schedule(session_id, 1, None)
    if invited:
        inviting.invite(ids[1], [("", address) for address in invited], None)
    return ids


def revision_of(session_id: int) -> int:
    return db.session.get_one(Session, session_id).revision


def invitation(session_id: int, address: str = ANNA) -> Invitation:
    return db.session.scalars(
        select(Invitation)
        .join(Registration)
        .where(Registration.session_id == session_id, Invitation.attendee_email == address)
    ).one()


def reply(session_id: int, answer: str, address: str = ANNA, **facts: object) -> Taken:
    given = {"source": "page", "sequence": None, "answered_at": clock_source.now(), **facts}
    number = invitation(session_id, address).id
    return replying.answer(number, answer, **given)  # type: ignore[arg-type]


def states(ids: list[int], address: str = ANNA) -> list[str]:
    """How the person stands on each day; empty where they are not on its list."""
    db.session.expire_all()
    rows = db.session.execute(
        select(Registration.session_id, Registration.state)
        .join(Invitation)
        .where(Invitation.attendee_email == address)
    )
    found = {row.session_id: row.state for row in rows}
    return [found.get(session_id, "") for session_id in ids]


def one_more_day(ids: list[int], on: date = date(2026, 10, 16)) -> int:
    """A draft of a fourth day, as when the rule of the series has another date."""
    with transaction():
        series = db.session.get_one(Session, ids[0]).series
        assert series is not None
        plan = replace(a_plan(), rule=DatesRule((*DATES, on)), is_visit=True)
        return draft_of(series, plan, PlannedDate(on, on, ""), {}, None, "vzaimo.test").id


class TestInviting:
    def test_invitation_on_one_day_is_to_all_days_and_a_letter_for_each(
        self, app: Flask, outbox, work_off
    ):
        ids = a_visit()

        outcome = inviting.invite(ids[1], [("", ANNA)], None)
        work_off()

        assert outcome == Invited(new=[ANNA], already=[], days=3)
        assert states(ids) == ["invited", "invited", "invited"]
        assert len(outbox.calendars_to(ANNA)) == 3

    def test_session_of_an_ordinary_series_invites_to_itself_alone(self, app: Flask):
        ids = a_visit(is_visit=False)

        outcome = inviting.invite(ids[1], [("", ANNA)], None)

        assert outcome == Invited(new=[ANNA], already=[], days=1)
        assert states(ids) == ["", "invited", ""]

    def test_day_that_is_cancelled_or_over_invites_nobody(self, app: Flask, clock):
        ids = a_visit()
        scheduling.cancel(ids[2], revision_of(ids[2]), None)
        clock.pass_by(
            seconds=(db.session.get_one(Session, ids[0]).ends_at - clock()).total_seconds()
        )

        outcome = inviting.invite(ids[1], [("", ANNA)], None)

        assert outcome.days == 1
        assert states(ids) == ["", "invited", ""]

    def test_inviting_on_another_day_again_finds_everyone_invited(
        self, app: Flask, outbox, work_off
    ):
        ids = a_visit(ANNA)

        outcome = inviting.invite(ids[2], [("", ANNA)], None)
        work_off()

        assert outcome == Invited(new=[], already=[ANNA], days=3)
        assert len(outbox.calendars_to(ANNA)) == 3


class TestDayAddedLater:
    def test_whoever_is_registered_is_invited_when_it_is_announced(
        self, app: Flask, outbox, work_off
    ):
        ids = a_visit(ANNA)
        added = one_more_day(ids)
        before = states([added])

        scheduling.schedule(added, 1, None)
        work_off()

        assert (before, states([added])) == ([""], ["invited"])
        assert len(outbox.calendars_to(ANNA)) == 4

    def test_whoever_left_the_visit_is_not(self, app: Flask):
        ids = a_visit(ANNA, BORIS)
        withdrawing.withdraw(invitation(ids[0]).registration_id, None)
        reply(ids[0], "declined", BORIS)
        added = one_more_day(ids)

        scheduling.schedule(added, 1, None)

        assert (states([added]), states([added], BORIS)) == ([""], [""])

    def test_whoever_misses_one_day_only_is(self, app: Flask):
        ids = a_visit(ANNA)
        reply(ids[2], "declined", only_this_day=True)
        added = one_more_day(ids)

        scheduling.schedule(added, 1, None)

        assert states([added]) == ["invited"]

    def test_day_that_is_reinstated_invites_whoever_came_meanwhile(self, app: Flask):
        ids = a_visit()
        scheduling.cancel(ids[2], revision_of(ids[2]), None)
        inviting.invite(ids[0], [("", ANNA)], None)

        scheduling.reinstate(ids[2], revision_of(ids[2]), None)

        assert states(ids) == ["invited", "invited", "invited"]


class TestTakingOff:
    def test_takes_somebody_off_all_days_to_come(self, app: Flask, clock, outbox, work_off):
        ids = a_visit(ANNA, BORIS)
        work_off()
        clock.pass_by(
            seconds=(db.session.get_one(Session, ids[0]).ends_at - clock()).total_seconds()
        )

        withdrawing.withdraw(invitation(ids[1]).registration_id, None)
        work_off()

        assert states(ids) == ["invited", "declined", "declined"]
        assert states(ids, BORIS) == ["invited", "invited", "invited"]
        methods = [str(one.method) for one in invitation(ids[2]).messages]
        assert methods == ["REQUEST", "CANCEL"]

    def test_cancelled_day_that_comes_back_leaves_them_off(self, app: Flask):
        ids = a_visit(ANNA)
        scheduling.cancel(ids[2], revision_of(ids[2]), None)
        withdrawing.withdraw(invitation(ids[1]).registration_id, None)

        scheduling.reinstate(ids[2], revision_of(ids[2]), None)

        assert states(ids) == ["declined", "declined", "declined"]


class TestAnswering:
    @pytest.mark.parametrize("source", ["page", "mail", "host"])
    def test_answer_to_one_day_counts_for_all(self, app: Flask, source: str):
        ids = a_visit(ANNA, BORIS)

        taken = reply(ids[1], "accepted", source=source)

        assert taken == Taken("confirmed", counted=True, other_days=2)
        assert states(ids) == ["confirmed", "confirmed", "confirmed"]
        assert states(ids, BORIS) == ["invited", "invited", "invited"]

    def test_the_same_answer_twice_is_one_on_each_day(self, app: Flask, clock):
        ids = a_visit(ANNA)
        said_at = clock_source.now()
        reply(ids[0], "accepted", source="mail", sequence=0, answered_at=said_at)
        clock.pass_by(minutes=1)

        again = reply(ids[0], "accepted", source="mail", sequence=0, answered_at=said_at)

        assert again == Taken("confirmed", counted=True)
        assert [len(invitation(one).answers) for one in ids] == [1, 1, 1]

    def test_answer_for_one_day_only_leaves_the_others(self, app: Flask, clock):
        ids = a_visit(ANNA)
        reply(ids[0], "accepted")
        clock.pass_by(minutes=1)

        taken = reply(ids[1], "declined", only_this_day=True)

        assert taken == Taken("withdrawn", counted=True)
        assert states(ids) == ["confirmed", "withdrawn", "confirmed"]

    def test_day_answered_on_its_own_stays_when_the_visit_is_answered(self, app: Flask, clock):
        ids = a_visit(ANNA)
        reply(ids[1], "declined", only_this_day=True)
        clock.pass_by(minutes=1)

        taken = reply(ids[0], "accepted")

        assert taken.other_days == 1
        assert states(ids) == ["confirmed", "withdrawn", "confirmed"]

    def test_new_answer_for_the_visit_from_another_day_is_the_last_word(self, app: Flask, clock):
        ids = a_visit(ANNA)
        reply(ids[0], "accepted")
        clock.pass_by(minutes=1)

        reply(ids[2], "declined")

        assert states(ids) == ["withdrawn", "withdrawn", "withdrawn"]

    def test_day_accepted_in_a_calendar_stays_when_another_is_declined_there(
        self, app: Flask, clock
    ):
        ids = a_visit(ANNA)
        reply(ids[0], "accepted", source="mail")
        clock.pass_by(minutes=1)

        reply(ids[1], "declined", source="mail")

        assert states(ids) == ["confirmed", "withdrawn", "withdrawn"]

    def test_answer_on_the_page_goes_for_days_accepted_in_a_calendar(self, app: Flask, clock):
        ids = a_visit(ANNA)
        for day in ids:
            reply(day, "accepted", source="mail")
            clock.pass_by(minutes=1)

        reply(ids[0], "declined")

        assert states(ids) == ["withdrawn", "withdrawn", "withdrawn"]

    def test_answer_by_mail_that_comes_late_leaves_later_ones(self, app: Flask, clock):
        ids = a_visit(ANNA)
        written_at = clock_source.now()
        clock.pass_by(minutes=5)
        reply(ids[0], "accepted", only_this_day=True)

        taken = reply(ids[1], "declined", source="mail", answered_at=written_at)

        assert taken.other_days == 1
        assert states(ids) == ["confirmed", "withdrawn", "withdrawn"]

    def test_each_day_has_its_own_seats(self, app: Flask, clock):
        ids = a_visit(ANNA, BORIS)
        with transaction():
            Session.locked(ids[1]).capacity_online = 1
        reply(ids[0], "accepted", BORIS)
        clock.pass_by(minutes=1)

        reply(ids[0], "accepted")

        assert states(ids, BORIS) == ["confirmed", "confirmed", "confirmed"]
        assert states(ids) == ["confirmed", "waiting", "confirmed"]

    def test_day_from_which_somebody_was_never_on_the_list_has_no_answer(self, app: Flask):
        ids = a_visit(is_visit=False)
        inviting.invite(ids[0], [("", ANNA)], None)
        with transaction():
            series = db.session.get_one(Session, ids[0]).series
            assert series is not None
            series.is_visit = True

        taken = reply(ids[0], "accepted")

        assert taken.other_days == 0
        assert states(ids) == ["confirmed", "", ""]
        assert len(db.session.scalars(select(Answer)).all()) == 1
