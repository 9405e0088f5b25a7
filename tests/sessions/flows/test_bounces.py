"""Letters that come back: what stops, what is tried again, and who is asked to help."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from integrations.mail import outbox as sending
from integrations.mail import suppression, verp
from integrations.mail.outbox import Letter
from integrations.mail.suppression import Delivery
from integrations.runtime import ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.settings import Settings
from sessions.flows import receiving, scheduling, tasking
from sessions.models.correspondence import Task
from sessions.models.participation import Invitation
from tests.builders import FRIDAY_10_MOSCOW, a_city, a_host, a_person, a_session
from tests.replies_made import a_mail, a_report, an_answer

ANNA = "anna@example.org"
ARRIVED = datetime(2026, 10, 1, 10, 5, tzinfo=UTC)


@pytest.fixture
def session(app, work_off, clock):
    a_person(ANNA, city=a_city())
    session = a_session(invited=[ANNA])
    work_off()
    clock.move_to(ARRIVED)
    return session


@pytest.fixture
def letter(session, outbox):
    (letter,) = outbox.to(ANNA)
    return letter


def came_of(raw: bytes) -> tuple[str, str, str]:
    row = receiving.receive(raw, ARRIVED)
    return row.kind, row.outcome, row.detail.partition(":")[0]


def envelope_sender() -> str:
    """The address to which the last letter's bounce goes."""
    settings = ports.get(Settings)
    letter_id = db.session.scalars(select(Letter.id).order_by(Letter.id.desc())).first()
    return verp.bounce_address(settings.mail_from, letter_id, settings.secret())


def tasks() -> list[tuple[str, str, bool]]:
    """(city, address, whether it is done) of each."""
    return [
        (task.city.name if task.city else "", task.details["address"], task.done_at is not None)
        for task in db.session.scalars(select(Task).execution_options(populate_existing=True))
    ]


def results() -> list[tuple[str, str]]:
    return [(one.result, one.status) for one in db.session.scalars(select(Delivery))][1:]


class TestHard:
    def test_address_that_is_not_there_gets_nothing_more_and_its_city_is_asked(
        self, session, letter, outbox, work_off
    ):
        came = came_of(a_report(letter, envelope_sender()))

        assert came == ("bounce", "taken", "bounce.hard")
        assert results() == [("bounced", "5.1.1")]
        assert suppression.of_address(ANNA).reason == "bounce"
        assert tasks() == [("Пермь", ANNA, False)]
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        work_off()
        assert len(outbox.to(ANNA)) == 1

    def test_letter_is_known_by_its_message_id_too(self, letter):
        came = came_of(a_report(letter, "sessions@vzaimo.test"))

        assert (came, tasks()) == (("bounce", "taken", "bounce.hard"), [("Пермь", ANNA, False)])

    def test_report_on_a_letter_that_is_not_ours_harms_nobody(self, letter):
        del letter["Message-ID"]
        letter["Message-ID"] = "<made-up@vzaimo.test>"

        came = came_of(a_report(letter, "sessions+bounce.1.0123456789abcdef@vzaimo.test"))

        assert came == ("bounce", "quarantined", "bounce.made_up_address")
        assert (suppression.of_address(ANNA), tasks()) == (None, [])

    def test_report_to_an_address_with_a_wrong_mark_is_not_believed_by_its_message_id(self, letter):
        mark = envelope_sender().rpartition(".")[0].rpartition(".")[2].partition("@")[0]
        wrong = envelope_sender().replace(mark, f"{int(mark, 16) ^ 1:016x}")

        came = came_of(a_report(letter, wrong))

        assert came == ("bounce", "quarantined", "bounce.made_up_address")
        assert (suppression.of_address(ANNA), tasks()) == (None, [])

    def test_second_report_asks_nobody_twice(self, letter):
        came_of(a_report(letter, envelope_sender()))
        came_of(a_report(letter, envelope_sender()))

        assert tasks() == [("Пермь", ANNA, False)]

    def test_refusal_while_a_letter_is_handed_over_counts_the_same(self, letter):
        letter_id = db.session.scalars(select(Letter.id)).one()

        with transaction():
            sending.settle(
                sending.Outcome(
                    sending.Parcel(letter_id, b"", "", ANNA), "refused", "550 5.1.1 no such user"
                )
            )

        assert suppression.of_address(ANNA).reason == "bounce"
        assert tasks() == [("Пермь", ANNA, False)]

    def test_person_without_a_city_is_the_teams_to_look_after(self, app, work_off, outbox):
        a_session(invited=["boris@example.org"])
        work_off()
        (letter,) = outbox.to("boris@example.org")

        came_of(a_report(letter, envelope_sender()))

        assert tasks() == [("", "boris@example.org", False)]


class TestSoft:
    FULL = ("4.2.2", "452 4.2.2 mailbox full")

    def full(self, letter):
        status, said = self.FULL
        return came_of(a_report(letter, envelope_sender(), status=status, said=said))

    def test_full_mailbox_is_tried_again_later(self, letter, outbox, work_off, clock):
        came = self.full(letter)
        state = db.session.scalars(select(Letter)).one().sent_at
        clock.pass_by(hours=7)
        work_off()

        assert came == ("bounce", "taken", "bounce.soft")
        assert (suppression.of_address(ANNA), tasks()) == (None, [])
        assert db.session.scalars(select(Letter)).one().sent_at > state

    def test_old_news_is_not_tried_again(self, session, letter, work_off, clock):
        self.full(letter)
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        work_off()
        first, second = db.session.scalars(select(Letter).order_by(Letter.id))
        before = (first.sent_at, second.sent_at)
        clock.pass_by(hours=7)
        work_off()

        again = db.session.scalars(
            select(Letter).order_by(Letter.id).execution_options(populate_existing=True)
        )
        assert tuple(letter.sent_at for letter in again) == before

    def test_three_letters_in_a_month_that_came_back_suspend_the_address(
        self, letter, outbox, work_off
    ):
        self.full(letter)
        kinds = []
        for title in ("Вторая", "Третья"):
            a_session(FRIDAY_10_MOSCOW, invited=[ANNA], title=title)
            work_off()
            kinds.append(self.full(outbox.to(ANNA)[-1])[2])

        assert kinds == ["bounce.soft", "bounce.suspended"]
        assert tasks() == [("Пермь", ANNA, False)]

    def test_delay_and_delivery_are_only_written_down(self, letter):
        late = came_of(a_report(letter, envelope_sender(), action="delayed", status="4.4.1"))
        there = came_of(
            a_report(letter, envelope_sender(), action="delivered", status="2.0.0", said="250 ok")
        )

        assert [late[2], there[2]] == ["bounce.delayed", "bounce.delivered"]
        assert results() == [("delayed", "4.4.1"), ("delivered", "2.0.0")]
        assert tasks() == []


def test_whoever_calls_a_letter_unwanted_gets_no_more_of_them(letter):
    report = (
        b"Return-Path: <fbl@provider.example>\r\nDelivered-To: sessions@vzaimo.test\r\n"
        b"From: fbl@provider.example\r\nTo: sessions@vzaimo.test\r\nSubject: complaint\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nAn e-mail abuse report\r\n"
        b"--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        b"Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\n\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
    ) + bytes(letter) + b"\r\n--b--\r\n"  # fmt: skip

    came = came_of(report)

    assert came == ("complaint", "taken", "complaint")
    assert suppression.of_address(ANNA).reason == "complaint"


class TestMended:
    NEW = "a.belova@example.org"

    @pytest.fixture
    def task(self, letter):
        came_of(a_report(letter, envelope_sender()))
        return db.session.scalars(select(Task)).one()

    def test_new_address_gets_the_last_letters_and_the_old_one_is_free_again(
        self, session, task, outbox, work_off
    ):
        scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
        work_off()

        tasking.finish(task.id, a_host().id, self.NEW)
        work_off()

        (event,) = outbox.calendars_to(self.NEW)
        assert (event["SEQUENCE"], str(event["ATTENDEE"])) == (2, f"mailto:{self.NEW}")
        assert suppression.of_address(ANNA) is None
        assert db.session.scalars(select(Invitation.attendee_email)).one() == self.NEW
        assert tasks() == [("Пермь", ANNA, True)]

    def test_answers_of_the_new_address_count(self, task, outbox, work_off):
        tasking.finish(task.id, a_host().id, self.NEW)
        work_off()
        (letter,) = outbox.to(self.NEW)

        assert came_of(an_answer(letter)) == ("reply", "taken", "reply.accepted")

    def test_address_that_works_again_gets_the_letter_once_more(self, task, outbox, work_off):
        before = db.session.scalars(select(Letter)).one().sent_at

        tasking.finish(task.id, a_host().id)
        work_off()

        letter = db.session.scalars(select(Letter).execution_options(populate_existing=True)).one()
        assert (letter.state, letter.sent_at) == ("sent", before + timedelta(minutes=65))

    def test_done_is_done_once(self, task):
        host = a_host().id

        assert [tasking.finish(task.id, host), tasking.finish(task.id, host)] == [True, False]

    @pytest.mark.parametrize(
        ("address", "reason"),
        [("nobody", "task.address"), ("boris@example.org", "task.address_taken")],
    )
    def test_address_that_cannot_be_theirs_is_refused(self, task, address, reason):
        a_person("boris@example.org", given="Борис")
        host = a_host().id

        with pytest.raises(Refused) as refused:
            tasking.finish(task.id, host, address)

        assert refused.value.reason == reason
        assert tasks() == [("Пермь", ANNA, False)]
        assert suppression.of_address(ANNA) is not None

    def test_bounce_of_an_address_that_was_mended_asks_again(self, task, session, outbox, work_off):
        tasking.finish(task.id, a_host().id)
        work_off()
        (letter,) = outbox.to(ANNA)

        came_of(b"X-Second: 1\r\n" + a_report(letter, envelope_sender()))

        assert tasks() == [("Пермь", ANNA, False)]


def test_report_that_names_no_letter_is_kept_for_a_person(app):
    raw = a_mail("MAILER-DAEMON@mx.example", "sessions@vzaimo.test", "Undelivered", "?",
                 headers={"Return-Path": "<>"})  # fmt: skip

    assert came_of(raw) == ("bounce", "quarantined", "bounce.unknown_letter")
