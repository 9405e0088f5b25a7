"""Answers that come by mail: whose they are, what they change, and what they never do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from integrations.mail.outbox import Letter
from integrations.runtime import ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.flows import deciding, inviting, receiving, replying, scheduling
from sessions.models.correspondence import Counter, Forwarded, IncomingMail
from sessions.models.participation import Answer, Invitation, InviteMessage, Registration
from sessions.models.people import PersonEmail
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, a_host, a_person, a_session
from tests.replies_made import STAMP, a_mail, an_answer, organizer_in

ANNA, BORIS = "anna@example.org", "boris@example.org"
ARRIVED = datetime(2026, 10, 1, 10, 5, tzinfo=UTC)


@pytest.fixture
def session(app, work_off, clock):
    session = a_session(invited=[ANNA])
    work_off()
    clock.move_to(ARRIVED)
    return session


@pytest.fixture
def letter(session, outbox):
    (letter,) = outbox.to(ANNA)
    return letter


def came_of(raw: bytes) -> tuple[str, str, str]:
    """(kind, outcome, why) of a message that comes in now."""
    row = receiving.receive(raw, ARRIVED)
    return row.kind, row.outcome, row.detail


def standing(address: str = ANNA) -> str:
    """The state of the registration of the one at this address."""
    return db.session.scalars(
        select(Registration.state)
        .join(PersonEmail, PersonEmail.person_id == Registration.person_id)
        .where(PersonEmail.address == address)
        .execution_options(populate_existing=True)
    ).one()


def answers() -> list[tuple[str, str, datetime]]:
    return [
        (one.answer, one.source, one.answered_at)
        for one in db.session.scalars(select(Answer).order_by(Answer.id))
    ]


def set_to(**changes: str) -> None:
    """Another setting for the rest of the test."""
    was = ports.get(Settings)
    ports.put(Settings, Settings(**{**vars(was), **changes}))


class TestAnswers:
    @pytest.mark.parametrize(
        ("partstat", "answer", "state"),
        [
            ("ACCEPTED", "accepted", "confirmed"),
            ("TENTATIVE", "tentative", "invited"),
            ("DECLINED", "declined", "withdrawn"),
        ],
    )
    def test_answer_without_organizer_and_with_an_unknown_zone_counts(
        self, letter, partstat, answer, state
    ):
        came = came_of(an_answer(letter, partstat))

        assert came == ("reply", "taken", f"reply.{answer}")
        assert answers() == [(answer, "mail", STAMP)]
        assert standing() == state

    def test_answer_from_another_address_of_the_same_person_counts(self, letter):
        with transaction():
            person = db.session.scalars(select(Registration)).one().person
            person.emails.append(PersonEmail(address="a.belova@school.example"))

        came = came_of(an_answer(letter, attendee="a.belova@school.example"))

        assert (came, standing()) == (("reply", "taken", "reply.accepted"), "confirmed")

    def test_token_counts_though_servers_made_its_letters_large(self, letter):
        local, _, domain = organizer_in(letter).rpartition("@")

        came = came_of(an_answer(letter, to=f"{local.upper()}@{domain}"))

        assert came == ("reply", "taken", "reply.accepted")

    def test_last_answer_counts_whatever_comes_first(self, letter):
        late = an_answer(letter, "DECLINED", at=STAMP + timedelta(minutes=2))
        early = an_answer(letter, "ACCEPTED", at=STAMP + timedelta(minutes=1))

        assert came_of(late) == ("reply", "taken", "reply.declined")
        assert came_of(early) == ("reply", "ignored", "reply.older")

        assert standing() == "withdrawn"

    def test_message_that_comes_twice_is_taken_once(self, letter):
        raw = an_answer(letter)

        receiving.receive(raw, ARRIVED)
        receiving.receive(raw, ARRIVED + timedelta(hours=1))

        assert len(db.session.scalars(select(IncomingMail)).all()) == 1
        assert answers() == [("accepted", "mail", STAMP)]

    def test_answer_sent_once_more_after_another_changes_nothing(self, letter):
        old = an_answer(letter, "ACCEPTED")
        came_of(old)
        came_of(an_answer(letter, "DECLINED", at=STAMP + timedelta(minutes=1)))

        came = came_of(b"X-Replayed: yes\r\n" + old)

        assert came == ("reply", "ignored", "reply.older")
        assert standing() == "withdrawn"

    def test_answer_to_the_time_before_a_move_asks_anew(self, session, letter, work_off):
        raw = an_answer(letter)
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        work_off()

        came = came_of(raw)

        assert came == ("reply", "ignored", "reply.before_move")
        assert standing() == "invited"

    def test_several_events_in_one_answer_are_taken_each(self, letter):
        came = came_of(an_answer(letter, events=3))

        assert came[:2] == ("reply", "taken")
        assert answers() == [("accepted", "mail", STAMP)]

    def test_answer_for_an_instance_of_a_series_is_matched_by_its_instant(self, letter):
        of_this = "RECURRENCE-ID:20261015T070000Z\r\n"
        of_none = "RECURRENCE-ID:20261022T070000Z\r\n"

        assert came_of(an_answer(letter, more=of_none)) == (
            "reply", "ignored", "reply.other_instance",
        )  # fmt: skip
        assert came_of(an_answer(letter, more=of_this)) == ("reply", "taken", "reply.accepted")

    def test_answer_without_a_decision_or_to_nothing_of_ours_is_passed_over(self, letter):
        assert came_of(an_answer(letter, "NEEDS-ACTION")) == (
            "reply", "ignored", "reply.no_answer: NEEDS-ACTION",
        )  # fmt: skip
        assert came_of(an_answer(letter, uid="another@example.org")) == (
            "reply", "ignored", "reply.unknown_uid",
        )  # fmt: skip
        assert answers() == []

    @pytest.mark.parametrize("method", ["PUBLISH", "REQUEST", "CANCEL"])
    def test_what_is_no_answer_changes_nothing(self, letter, method):
        came = came_of(an_answer(letter, method=method))

        assert came == ("other", "ignored", "calendar.no_answer")
        assert (answers(), standing()) == ([], "invited")


class TestWhose:
    def test_senders_name_alone_proves_nothing(self, letter):
        came = came_of(an_answer(letter, to="sessions@vzaimo.test"))

        assert came == ("reply", "quarantined", f"reply.unproven: {ANNA}")
        assert (answers(), standing()) == ([], "invited")
        assert db.session.scalars(select(IncomingMail)).one().raw is not None

    def test_made_up_token_proves_nothing(self, letter):
        came = came_of(an_answer(letter, to=f"sessions+{'0' * 32}@vzaimo.test"))

        assert came[:2] == ("reply", "quarantined")

    def test_token_of_another_session_proves_nothing(self, app, letter, outbox, work_off):
        a_session(FRIDAY_10_MOSCOW, invited=[BORIS], title="Другая")
        work_off()
        (other,) = outbox.to(BORIS)

        came = came_of(an_answer(letter, to=organizer_in(other)))

        assert came[:2] == ("reply", "quarantined")
        assert standing() == "invited"

    def test_sender_our_own_server_vouches_for_is_believed(self, letter):
        set_to(authserv_id="mx.vzaimo.test")
        vouched = {"Authentication-Results": "mx.vzaimo.test; dkim=pass header.d=example.org"}

        came = came_of(an_answer(letter, to="sessions@vzaimo.test", headers=vouched))

        assert (came, standing()) == (("reply", "taken", "reply.accepted"), "confirmed")

    @pytest.mark.parametrize(
        "line",
        [
            "elsewhere.example; dkim=pass header.d=example.org",
            "mx.vzaimo.test; dkim=pass header.d=attacker.example",
            "mx.vzaimo.test; dkim=fail header.d=example.org",
        ],
    )
    def test_vouching_by_others_or_for_others_proves_nothing(self, letter, line):
        set_to(authserv_id="mx.vzaimo.test")

        came = came_of(
            an_answer(letter, to="sessions@vzaimo.test", headers={"Authentication-Results": line})
        )

        assert came[:2] == ("reply", "quarantined")

    def test_without_sub_addresses_the_message_id_of_our_letter_proves_it(self, letter):
        set_to(mail_subaddress="no")
        answers_it = {"In-Reply-To": str(letter["Message-ID"])}

        came = came_of(an_answer(letter, to="sessions@vzaimo.test", headers=answers_it))

        assert (came, standing()) == (("reply", "taken", "reply.accepted"), "confirmed")

    def test_answer_to_a_letter_of_another_proves_nothing_for_its_sender(
        self, app, session, outbox, work_off
    ):
        inviting.invite(session.id, [("", BORIS)], None)
        work_off()
        (to_anna,), (to_boris,) = outbox.to(ANNA), outbox.to(BORIS)
        boris_has = {"In-Reply-To": str(to_boris["Message-ID"])}

        came = came_of(an_answer(to_anna, to="sessions@vzaimo.test", headers=boris_has))

        assert came == ("reply", "quarantined", f"reply.for_another: {ANNA}")
        assert (standing(ANNA), standing(BORIS)) == ("invited", "invited")

    @pytest.mark.parametrize("forwarded", ["allow", "ask", "reject"])
    def test_holder_of_one_letter_changes_no_answer_of_another_who_is_invited(
        self, session, letter, work_off, forwarded
    ):
        set_to(forwarded=forwarded)
        inviting.invite(session.id, [("", BORIS)], None)
        work_off()

        came = came_of(an_answer(letter, "DECLINED", attendee=BORIS))

        assert came == ("reply", "quarantined", f"reply.for_another: {BORIS}")
        assert (standing(BORIS), answers()) == ("invited", [])
        assert db.session.scalars(select(Forwarded)).all() == []

    def test_holder_who_hands_on_to_another_who_is_invited_answers_for_themselves_alone(
        self, session, letter, work_off
    ):
        inviting.invite(session.id, [("", BORIS)], None)
        work_off()

        came = came_of(an_answer(letter, f'DELEGATED;DELEGATED-TO="mailto:{BORIS}"'))

        assert came == ("reply", "ignored", f"delegated.invited: {BORIS}")
        assert db.session.scalars(select(Forwarded)).all() == []


class TestForwarded:
    def test_answer_of_somebody_uninvited_takes_no_seat_and_waits_for_the_host(
        self, session, letter
    ):
        came = came_of(an_answer(letter, attendee=BORIS))

        assert came == ("reply", "queued", f"forwarded: {BORIS}")
        assert (answers(), standing()) == ([], "invited")
        (row,) = db.session.scalars(select(Forwarded))
        assert (row.address, row.answer, row.state) == (BORIS, "accepted", "open")

    def test_they_are_told_once_how_it_stands(self, letter, outbox, work_off):
        came_of(an_answer(letter, attendee=BORIS))
        came_of(an_answer(letter, "DECLINED", attendee=BORIS, at=STAMP + timedelta(minutes=1)))
        work_off()

        (told,) = outbox.to(BORIS)
        assert told["Auto-Submitted"] == "auto-generated"
        assert ANNA not in told.as_string()

    def test_one_who_is_named_by_somebody_else_is_not_written_to(self, letter, outbox, work_off):
        came_of(an_answer(letter, attendee=BORIS, sender="attacker@example.net"))
        work_off()

        assert (outbox.to(BORIS), outbox.to("attacker@example.net")) == ([], [])

    def test_answers_of_one_stranger_to_many_invitations_bring_one_letter_a_day(
        self, app, letter, outbox, work_off
    ):
        a_session(FRIDAY_10_MOSCOW, invited=[ANNA], title="Другая")
        work_off()
        for one in outbox.to(ANNA):
            came_of(an_answer(one, attendee=BORIS))
        work_off()

        assert len(db.session.scalars(select(Forwarded)).all()) == 2
        assert len(outbox.to(BORIS)) == 1

    def test_host_who_allows_it_invites_them_with_their_answer(
        self, session, letter, outbox, work_off
    ):
        came_of(an_answer(letter, attendee=BORIS))
        row = db.session.scalars(select(Forwarded)).one()

        deciding.decide_stranger(row.id, allowed=True, by=a_host().id)
        work_off()

        assert (standing(BORIS), standing(ANNA)) == ("confirmed", "invited")
        assert len(outbox.calendars_to(BORIS)) == 1

    def test_what_they_said_themselves_before_the_host_decided_stands(
        self, session, letter, clock, work_off
    ):
        came_of(an_answer(letter, "DECLINED", attendee=BORIS))
        inviting.invite(session.id, [("", BORIS)], None)
        work_off()
        clock.pass_by(minutes=1)
        query = select(Invitation.id).where(Invitation.attendee_email == BORIS)
        replying.answer(db.session.scalars(query).one(), "accepted", source="page",
                        sequence=None, answered_at=clock())  # fmt: skip
        clock.pass_by(minutes=1)

        row = db.session.scalars(select(Forwarded)).one()
        deciding.decide_stranger(row.id, allowed=True, by=a_host().id)

        assert standing(BORIS) == "confirmed"

    def test_answer_to_the_hour_before_a_move_invites_them_and_does_not_count(
        self, session, letter, work_off
    ):
        came_of(an_answer(letter, attendee=BORIS))
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        work_off()
        row = db.session.scalars(select(Forwarded)).one()

        deciding.decide_stranger(row.id, allowed=True, by=a_host().id)

        assert standing(BORIS) == "invited"

    def test_host_who_rejects_it_leaves_them_out_for_good(self, letter):
        came_of(an_answer(letter, attendee=BORIS))
        row = db.session.scalars(select(Forwarded)).one()

        deciding.decide_stranger(row.id, allowed=False, by=a_host().id)
        came = came_of(an_answer(letter, attendee=BORIS, at=STAMP + timedelta(minutes=3)))

        assert came == ("reply", "ignored", f"forwarded.decided: {BORIS}")
        assert db.session.scalars(select(Registration)).one().person.emails[0].address == ANNA

    def test_programme_that_allows_them_invites_at_once(self, letter, work_off):
        set_to(forwarded="allow")

        came_of(an_answer(letter, attendee=BORIS))

        assert standing(BORIS) == "confirmed"

    def test_one_invitation_lets_in_five_a_day_and_the_next_wait_for_the_host(
        self, session, letter, clock
    ):
        set_to(forwarded="allow")
        for number in range(7):
            came_of(an_answer(letter, attendee=f"n{number}@example.net"))
        states = select(Forwarded.state).order_by(Forwarded.id)
        today = db.session.scalars(states).all()

        clock.pass_by(hours=25)
        came_of(an_answer(letter, attendee="late@example.net"))

        assert today == ["allowed"] * 5 + ["open"] * 2
        assert db.session.scalars(states).all() == [*today, "allowed"]

    def test_one_who_hands_on_to_a_colleague_names_them_to_the_host(self, letter):
        to_boris = f'DELEGATED-TO="mailto:{BORIS}"'

        came = came_of(an_answer(letter, f"DELEGATED;{to_boris}"))

        assert came == ("reply", "queued", f"delegated: {BORIS}")
        assert db.session.scalars(select(Forwarded)).one().address == BORIS


class TestAnotherTime:
    def proposed(self, letter, **facts):
        start = "DTSTART:20261016T070000Z\r\nDTEND:20261016T083000Z\r\n"
        comment = "COMMENT:Лучше в пятницу\r\n"
        return came_of(
            an_answer(letter, "TENTATIVE", method="COUNTER", start=start, more=comment, **facts)
        )

    def test_proposal_is_shown_to_the_host_and_moves_nothing(self, session, letter):
        came = self.proposed(letter)

        (counter,) = db.session.scalars(select(Counter))
        assert came == ("counter", "queued", "counter\nreply.tentative")
        assert (counter.starts_at, counter.comment, counter.state) == (
            datetime(2026, 10, 16, 7, tzinfo=UTC), "Лучше в пятницу", "open",
        )  # fmt: skip
        assert db.session.get(Session, session.id).wall_start == datetime(2026, 10, 15, 10, 0)

    def test_host_who_takes_it_moves_the_session_for_everyone(
        self, session, letter, outbox, work_off
    ):
        self.proposed(letter)
        counter = db.session.scalars(select(Counter)).one()

        deciding.take_time(counter.id, session.revision, a_host().id)
        work_off()

        assert db.session.get(Session, session.id).wall_start == datetime(2026, 10, 16, 10, 0)
        assert [event["SEQUENCE"] for event in outbox.calendars_to(ANNA)] == [0, 1]

    def test_host_who_declines_it_tells_the_person_and_their_calendar(
        self, session, letter, outbox, work_off
    ):
        self.proposed(letter)
        counter = db.session.scalars(select(Counter)).one()

        deciding.decline_time(counter.id, a_host().id)
        work_off()

        (_, told) = outbox.to(ANNA)
        (part,) = (one for one in told.walk() if one.get_content_type() == "text/calendar")
        assert "METHOD:DECLINECOUNTER" in part.get_content()
        assert outbox.calendars_to(ANNA)[1]["UID"] == outbox.calendars_to(ANNA)[0]["UID"]
        assert db.session.get(Session, session.id).wall_start == datetime(2026, 10, 15, 10, 0)

    def test_later_proposal_takes_the_place_of_the_one_before(self, letter):
        self.proposed(letter)
        self.proposed(letter, at=STAMP + timedelta(minutes=2))
        self.proposed(letter, at=STAMP + timedelta(minutes=1))

        assert [one.proposed_at for one in db.session.scalars(select(Counter))] == [
            STAMP + timedelta(minutes=2)
        ]

    def test_proposal_of_a_stranger_is_not_put_before_the_host_as_the_guests(self, letter):
        came = self.proposed(letter, attendee=BORIS)

        assert came[1] == "queued"
        assert db.session.scalars(select(Counter)).all() == []


class TestAskedAnew:
    def test_letter_is_sent_again_as_it_was(self, letter, outbox, work_off, clock):
        clock.pass_by(hours=1)

        came = came_of(an_answer(letter, "NEEDS-ACTION", method="REFRESH"))
        work_off()

        (message,) = db.session.scalars(select(InviteMessage))
        assert came == ("refresh", "taken", "refresh")
        assert message.letter.sent_at == ARRIVED + timedelta(hours=1)
        assert [event["SEQUENCE"] for event in outbox.calendars_to(ANNA)] == [0]

    def test_machine_that_asks_again_and_again_gets_it_once(self, letter, work_off, clock):
        clock.pass_by(hours=1)
        came_of(an_answer(letter, method="REFRESH"))
        work_off()

        came = came_of(an_answer(letter, method="REFRESH", at=STAMP + timedelta(seconds=9)))

        assert came == ("refresh", "ignored", "refresh.just_sent")


class TestOtherMail:
    def test_automatic_answer_is_passed_over_and_never_answered(self, letter, work_off):
        raw = a_mail(
            ANNA, organizer_in(letter), "Automatic reply: Приглашение", "В отпуске",
            headers={"Auto-Submitted": "auto-replied"},
        )  # fmt: skip

        assert came_of(raw) == ("auto_reply", "ignored", "auto_reply")
        assert db.session.scalars(select(Letter)).all() == [
            db.session.scalars(select(InviteMessage)).one().letter
        ]

    def test_words_of_a_person_are_kept_for_a_person(self, letter):
        came = came_of(a_mail(ANNA, organizer_in(letter), "Re: Приглашение", "Буду позже"))

        assert came == ("other", "queued", "words: Буду позже")
        assert db.session.scalars(select(IncomingMail)).one().raw is not None

    def test_two_megabytes_of_junk_are_kept_aside(self, letter):
        junk = bytes(range(256)) * 8000

        came = came_of(junk)

        assert came[1] in ("quarantined", "queued")
        assert answers() == []

    @pytest.mark.parametrize(
        "calendar",
        ["BEGIN:VCALENDAR", "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR", "\x00" * 999],
    )
    def test_broken_calendar_harms_nothing(self, letter, calendar):
        raw = a_mail(ANNA, organizer_in(letter), "Принято", calendar=calendar)

        row = receiving.receive(raw, ARRIVED)

        assert row.outcome in ("ignored", "quarantined")
        assert (answers(), standing()) == ([], "invited")

    def test_message_kept_aside_can_be_read_again_when_something_was_mended(self, letter):
        receiving.keep(an_answer(letter), ARRIVED, "KeyError: x")
        kept = db.session.scalars(select(IncomingMail)).one()
        assert (kept.outcome, kept.detail) == ("quarantined", "failed: KeyError: x")

        row = receiving.read_again(kept.id)

        assert (row.kind, row.outcome, row.detail) == ("reply", "taken", "reply.accepted")
        assert (standing(), row.raw) == ("confirmed", None)


def test_answer_of_whoever_was_merged_counts_by_any_address_of_theirs(app, work_off, outbox):
    person = a_person("vera@example.org")
    with transaction():
        person.emails.append(PersonEmail(address="info@школа.рф"))
    a_session(invited=["vera@example.org"])
    work_off()
    (letter,) = outbox.to("vera@example.org")

    came = came_of(an_answer(letter, attendee="info@xn--80atdl2c.xn--p1ai"))

    assert came == ("reply", "taken", "reply.accepted")
