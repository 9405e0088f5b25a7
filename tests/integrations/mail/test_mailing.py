"""Mailings: what leaves, at which pace, what stops it, and what a crash repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from integrations.mail import mailing, outbox, suppression
from integrations.mail.outbox import ALL, MAILING, SEND, Letter, Undeliverable
from integrations.mail.port import Deferred, Mailer
from integrations.mail.suppression import Delivery
from integrations.mail.verp import letter_of
from integrations.runtime import jobs, ports, worker
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings

BATCH = "session:1:1"
KIND = "a.test"
URGENT = "a.test.urgent"


class Postman:
    """Keeps what it is given; `says` answers for an address with what to raise instead."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes, str]] = []
        self.lines = 0
        self.says: Callable[[str], BaseException | None] = lambda _recipient: None

    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        trouble = self.says(recipient)
        if isinstance(trouble, Exception):
            raise trouble
        self.taken.append((recipient, raw, sender))
        if trouble is not None:
            raise trouble
        return "250 taken"

    @contextmanager
    def kept_open(self) -> Iterator[Postman]:
        self.lines += 1
        yield self

    def check(self) -> None:
        return None

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _, _ in self.taken]


@pytest.fixture
def postman(app: Flask) -> Postman:
    postman = Postman()
    ports.put(Mailer, postman)
    return postman


@pytest.fixture(autouse=True)
def writer() -> Iterator[dict[str, int]]:
    """Writes letters that say for the how-manieth time they were written."""
    written: dict[str, int] = {}

    def write(letter: Letter) -> bytes:
        if letter.recipient.startswith("broken"):
            raise ValueError("no words for this one")
        written[letter.recipient] = written.get(letter.recipient, 0) + 1
        return f"{letter.recipient} {written[letter.recipient]}".encode()

    for kind in (KIND, URGENT):
        outbox.writes(kind)(write)
    outbox.always_leaves(URGENT)
    return written  # type: ignore[return-value]


def at(number: int) -> str:
    return f"person{number}@example.org"


def owe(number: int, batch: str = BATCH, kind: str = KIND) -> list[int]:
    """Letters to so many people, as one mailing."""
    people = [(at(one), f"{batch}-{one}@vzaimo.test") for one in range(number)]
    with transaction():
        return outbox.post_many(kind, "sessions@vzaimo.test", people, batch)


def states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(db.select(Letter.state).order_by(Letter.id)))


def results() -> list[tuple[str, str]]:
    return [
        (one.result, one.status)
        for one in db.session.scalars(db.select(Delivery).order_by(Delivery.id))
    ]


def test_mailing_leaves_in_the_order_in_which_it_was_owed(postman, work_off):
    ids = owe(4)

    work_off()

    assert postman.recipients == [at(0), at(1), at(2), at(3)]
    assert ids == sorted(ids)
    assert states() == ["sent"] * 4
    assert results() == [("sent", "")] * 4


def test_mailing_has_one_job_and_one_connection(postman, work_off):
    owe(50)
    kinds = db.session.scalars(db.select(jobs.Job.kind)).all()

    work_off()

    assert kinds == [MAILING]
    assert postman.lines == 1


def test_letter_to_one_has_a_job_of_its_own(postman, work_off):
    owe(1)

    assert db.session.scalars(db.select(jobs.Job.kind)).all() == [SEND]
    work_off()
    assert postman.recipients == [at(0)]


def test_envelope_names_the_letter_so_that_its_bounce_does(postman, work_off, settings):
    ids = owe(2)

    work_off()

    senders = [sender for _, _, sender in postman.taken]
    assert [letter_of(sender, settings.secret()) for sender in senders] == ids


def test_envelope_is_the_plain_address_where_sub_addresses_do_not_arrive(
    postman, work_off, settings
):
    ports.put(Settings, replace(settings, mail_subaddress="no"))
    owe(2)

    work_off()

    assert [sender for _, _, sender in postman.taken] == ["sessions@vzaimo.test"] * 2


def test_crash_repeats_the_letter_in_flight_alone_with_the_same_bytes(
    app, postman, clock, work_off
):
    owe(5)
    postman.says = lambda to: KeyboardInterrupt() if to == at(2) else None
    with pytest.raises(KeyboardInterrupt):
        work_off()
    postman.says = lambda _to: None

    clock.pass_by(minutes=2)
    worker.work_off(app)

    assert postman.recipients == [at(0), at(1), at(2), at(2), at(3), at(4)]
    assert postman.taken[2] == postman.taken[3]
    assert states() == ["sent"] * 5


def test_superseded_letters_of_a_mailing_never_leave(postman, work_off):
    ids = owe(3)
    with transaction():
        db.session.get_one(Letter, ids[1]).state = "superseded"

    work_off()

    assert postman.recipients == [at(0), at(2)]
    assert states() == ["sent", "superseded", "sent"]


def test_suppressed_address_gets_nothing_until_that_is_lifted(postman, work_off):
    with transaction():
        suppression.suppress(at(1), "bounce", "550 5.1.1 no such user")
    ids = owe(3)
    work_off()

    assert postman.recipients == [at(0), at(2)]
    assert states() == ["sent", "refused", "sent"]
    assert sorted(results()) == [("sent", ""), ("sent", ""), ("suppressed", "")]

    with transaction():
        suppression.lift(at(1))
        outbox.send_again(ids[1])
    work_off()

    assert postman.recipients == [at(0), at(2), at(1)]


def test_letter_that_has_to_wait_does_not_hold_up_the_others(postman, clock, work_off):
    owe(3)
    greylisted = Deferred("smtp", temporary=True, detail="450 4.2.0 greylisted")
    postman.says = lambda to: greylisted if to == at(0) else None
    work_off()

    assert postman.recipients == [at(1), at(2)]
    assert results() == [("deferred", "4.2.0"), ("sent", ""), ("sent", "")]

    postman.says = lambda _to: None
    clock.pass_by(hours=2)
    work_off()

    assert postman.recipients == [at(1), at(2), at(0)]
    assert states() == ["sent"] * 3


def test_server_that_asks_to_wait_each_time_is_left_alone_for_a_while(postman, clock, work_off):
    owe(30)
    asked: list[str] = []

    def slow_down(to: str) -> BaseException:
        asked.append(to)
        return Deferred("smtp", temporary=True, detail="451 4.7.1 too many letters")

    postman.says = slow_down
    work_off()

    assert len(asked) == 10
    postman.says = lambda _to: None
    for _ in range(5):
        clock.pass_by(hours=2)
        work_off()
    assert sorted(postman.recipients) == sorted(at(number) for number in range(30))


def test_dead_server_stops_the_mailing_and_loses_nothing(postman, clock, work_off):
    owe(3)
    postman.says = lambda to: (
        OutsideError("smtp", temporary=True, detail="away") if to == at(1) else None
    )
    work_off()
    assert states() == ["sent", "owed", "owed"]

    postman.says = lambda _to: None
    clock.pass_by(minutes=1)
    work_off()

    assert postman.recipients == [at(0), at(1), at(2)]


def test_letter_that_cannot_be_written_is_given_up_alone(postman, clock, work_off):
    people = [(at(0), "0@vzaimo.test"), ("broken@example.org", "1@vzaimo.test"),
              (at(2), "2@vzaimo.test")]  # fmt: skip
    with transaction():
        ids = outbox.post_many(KIND, "sessions@vzaimo.test", people, BATCH)

    for _ in range(jobs.MAX_ATTEMPTS):
        work_off()
        clock.pass_by(hours=2)

    assert postman.recipients == [at(0), at(2)]
    broken = jobs.find(outbox.alone_key(ids[1]))
    assert broken is not None
    assert broken.given_up


def test_address_that_is_not_there_is_suppressed_and_told_of(postman, work_off):
    heard: list[Undeliverable] = []
    outbox.when_undeliverable(heard.append)
    ids = owe(3)
    gone = OutsideError("smtp", temporary=False, detail="550 5.1.1 no such user")
    postman.says = lambda to: gone if to == at(1) else None

    work_off()

    assert heard == [Undeliverable(ids[1], at(1), "5.1.1", "550 5.1.1 no such user")]
    kept = suppression.of_address(at(1))
    assert kept is not None
    assert (kept.reason, kept.letter_id) == ("bounce", ids[1])
    assert states() == ["sent", "refused", "sent"]


def test_full_mailbox_is_refused_but_not_suppressed(postman, work_off):
    owe(2)
    full = OutsideError("smtp", temporary=False, detail="552 5.2.2 mailbox full")
    postman.says = lambda to: full if to == at(0) else None

    work_off()

    assert suppression.of_address(at(0)) is None
    assert results() == [("refused", "5.2.2"), ("sent", "")]


class TestPace:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, mail_per_minute="60")

    def test_no_more_letters_leave_in_a_minute_than_is_set(self, postman, clock, work_off):
        owe(200)

        for _ in range(120):  # a worker looks every half second
            work_off()
            clock.pass_by(seconds=0.5)

        assert 57 <= len(postman.taken) <= 60

    def test_pace_holds_over_several_mailings(self, postman, clock, work_off):
        owe(100)
        owe(100, "session:2:1")

        for _ in range(120):
            work_off()
            clock.pass_by(seconds=0.5)

        assert 57 <= len(postman.taken) <= 60
        assert len({raw for _, raw, _ in postman.taken}) == len(postman.taken)

    def test_single_letter_does_not_wait_but_counts(self, postman, clock, work_off):
        owe(100)
        work_off()
        before = len(postman.taken)

        with transaction():
            for number in range(10):
                outbox.post(KIND, "s@vzaimo.test", f"one{number}@example.org", f"{number}@x.test")
        work_off()

        assert len(postman.taken) == before + 10
        for _ in range(18):
            clock.pass_by(seconds=0.5)
            work_off()
        assert len(postman.taken) == before + 10

    def test_all_of_it_leaves_in_the_end(self, postman, clock, work_off):
        owe(10)

        for _ in range(30):
            work_off()
            clock.pass_by(seconds=0.5)

        assert postman.recipients == [at(number) for number in range(10)]


def test_other_work_is_done_between_two_letters_of_a_mailing(postman, clock, work_off):
    owe(5)
    done_after: list[int] = []

    @jobs.handles("a.test.reading")
    def read(_running: jobs.Running) -> None:
        done_after.append(len(postman.taken))

    def meanwhile(to: str) -> None:
        if to == at(1):
            with transaction():
                jobs.enqueue("a.test.reading", "a.test.reading:1")
            clock.pass_by(seconds=1)

    postman.says = meanwhile
    work_off()

    assert done_after == [2]
    assert postman.recipients == [at(number) for number in range(5)]


class TestRefusedInARow:
    def test_relay_that_refuses_all_stops_the_mailing_and_the_letters_stay_owed(
        self, postman, work_off
    ):
        owe(15)
        policy = OutsideError("smtp", temporary=False, detail="554 5.7.1 policy")
        postman.says = lambda _to: policy
        work_off()

        assert states() == ["owed"] * 15
        assert results() == [("refused", "5.7.1")] * 10
        assert mailing.progress(BATCH).is_paused

        postman.says = lambda _to: None
        mailing.resume(BATCH)
        work_off()
        assert postman.recipients == [at(number) for number in range(15)]

    def test_ten_unknown_addresses_in_a_row_pause_the_mailing(self, postman, work_off):
        owe(15)
        gone = OutsideError("smtp", temporary=False, detail="550 5.1.1 no such user")
        postman.says = lambda _to: gone
        work_off()

        assert states() == ["refused"] * 10 + ["owed"] * 5
        assert mailing.progress(BATCH).is_paused

    def test_refusals_with_a_letter_taken_between_them_stop_nothing(self, postman, work_off):
        owe(15)
        policy = OutsideError("smtp", temporary=False, detail="554 5.7.1 policy")
        postman.says = lambda to: None if to == at(7) else policy
        work_off()

        assert states() == ["refused"] * 7 + ["sent"] + ["refused"] * 7


class TestPausing:
    def test_paused_mailing_waits_and_goes_on_where_it_stopped(self, postman, work_off):
        owe(4)

        def stop_at_second(to: str) -> None:
            if to == at(1):
                mailing.pause(BATCH)

        postman.says = stop_at_second
        work_off()
        assert postman.recipients == [at(0), at(1)]

        postman.says = lambda _to: None
        work_off()
        assert postman.recipients == [at(0), at(1)]

        mailing.resume(BATCH)
        work_off()
        assert postman.recipients == [at(number) for number in range(4)]

    def test_another_mailing_goes_on(self, postman, work_off):
        owe(2)
        owe(2, "session:2:1")
        mailing.pause(BATCH)

        work_off()

        assert len(postman.taken) == 2
        assert states() == ["owed", "owed", "sent", "sent"]

    def test_all_letters_are_stopped_but_those_that_always_leave(self, postman, work_off):
        owe(2)
        with transaction():
            outbox.post(KIND, "s@vzaimo.test", "one@example.org", "one@x.test")
            outbox.post(URGENT, "s@vzaimo.test", "sign-in@example.org", "two@x.test")
        mailing.pause(ALL)
        work_off()

        assert postman.recipients == ["sign-in@example.org"]

        mailing.resume(ALL)
        work_off()
        assert sorted(postman.recipients) == sorted(
            ["sign-in@example.org", "one@example.org", at(0), at(1)]
        )

    def test_mailing_with_a_pause_of_its_own_stays_paused_when_all_go_on(self, postman, work_off):
        owe(2)
        mailing.pause(BATCH)
        mailing.pause(ALL)

        mailing.resume(ALL)
        work_off()

        assert postman.recipients == []

    def test_pausing_twice_and_resuming_what_goes_on_change_nothing(self, postman, work_off):
        owe(2)
        mailing.pause(BATCH)
        mailing.pause(BATCH)
        mailing.resume(BATCH)
        mailing.resume(BATCH)

        work_off()

        assert postman.recipients == [at(0), at(1)]

    def test_letter_that_was_deferred_waits_with_its_mailing(self, postman, clock, work_off):
        owe(2)
        greylisted = Deferred("smtp", temporary=True, detail="450 4.2.0 greylisted")
        postman.says = lambda to: greylisted if to == at(0) else None
        work_off()
        postman.says = lambda _to: None
        mailing.pause(BATCH)
        clock.pass_by(hours=2)
        work_off()
        assert postman.recipients == [at(1)]

        mailing.resume(BATCH)
        work_off()

        assert postman.recipients == [at(1), at(0)]


class TestProgress:
    def test_counts_what_left_and_what_was_refused_but_not_what_was_taken_back(
        self, postman, work_off
    ):
        ids = owe(5)
        with transaction():
            db.session.get_one(Letter, ids[4]).state = "superseded"
        full = OutsideError("smtp", temporary=False, detail="552 5.2.2 mailbox full")
        postman.says = lambda to: (
            full if to == at(0) else mailing.pause(BATCH) if to == at(1) else None
        )
        work_off()

        found = mailing.progress(BATCH)

        assert (found.total, found.sent, found.refused, found.owed) == (4, 1, 1, 2)
        assert (found.is_paused, found.seconds_left) == (True, None)
        assert mailing.under_way() == [found]

    def test_time_left_follows_the_pace_that_is_set_until_letters_left(self, app, settings):
        ports.put(Settings, replace(settings, mail_per_minute="600"))
        owe(1200)

        assert mailing.progress(BATCH).seconds_left == 120

    def test_time_left_follows_what_left_in_the_last_minute(self, postman, clock, work_off):
        owe(20)

        def slowly(to: str) -> None:
            clock.pass_by(seconds=2)
            if to == at(9):
                mailing.pause(BATCH)

        postman.says = slowly
        work_off()
        with transaction():
            db.session.delete(db.session.get_one(outbox.MailPause, BATCH))

        # Ten letters in 18 seconds from the first to the last, ten to go.
        assert mailing.progress(BATCH).seconds_left == pytest.approx(18)

    def test_nothing_is_under_way_when_all_left(self, postman, work_off):
        owe(3)

        work_off()

        assert mailing.under_way() == []
