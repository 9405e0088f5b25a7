"""The whole circle over real servers: SMTP, mailbox, IMAP; answered, moved, cancelled, bounced."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from integrations.mail import suppression
from integrations.mail.choose import inbox as chosen_inbox
from integrations.runtime import clock as clock_source
from integrations.runtime import jobs, ports, worker
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings
from sessions import doctor_letter, inbox
from sessions.app import create_app
from sessions.flows import inviting, scheduling
from sessions.models.correspondence import Counter, Forwarded, IncomingMail, Task
from sessions.models.participation import Registration
from sessions.models.people import PersonEmail
from sessions.models.programme import City
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, a_city, a_person, a_session
from tests.conftest import Clock
from tests.mailservers import Delivering, Dovecot, delivering, dovecot
from tests.replies_made import a_report, an_answer, event_in, organizer_in

pytestmark = pytest.mark.deep
ANNA, BORIS, GONE = "anna@mail.test", "boris@mail.test", "gone@mail.test"


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def post(imap: Dovecot) -> Iterator[tuple[Delivering, dict[str, str]]]:
    with delivering(imap) as running:
        yield running


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The time goes on by itself: real servers write real dates."""
    yield Clock()
    clock_source.set_source(None)


@pytest.fixture
def settings(
    settings: Settings, imap: Dovecot, post: tuple[Delivering, dict[str, str]]
) -> Settings:
    _, smtp = post
    return replace(
        settings, mail_from="rsvp@vzaimo.test", inbox_seconds="1", **imap.settings(), **smtp
    )


@pytest.fixture
def server(post: tuple[Delivering, dict[str, str]]) -> Delivering:
    return post[0]


@pytest.fixture
def session(app: Flask, imap: Dovecot, work_off: Callable[[], int]) -> Session:
    _empty(imap)
    for address in (ANNA, GONE):
        a_person(address, city=_city())
    far = replace(FRIDAY_10_MOSCOW, local=FRIDAY_10_MOSCOW.local.replace(year=2030, day=17))
    session = a_session(far, invited=[ANNA, GONE])
    work_off()
    return session


def _city() -> City:
    return db.session.scalars(select(City)).first() or a_city()


def _empty(imap: Dovecot) -> None:
    with imap.client() as client:
        for folder in ("Vzaimo/Done", "Vzaimo/Quarantine"):
            if client.folder_exists(folder):
                client.delete_folder(folder)
        client.select_folder("INBOX")
        client.delete_messages(client.search(["ALL"]))
        client.expunge()
    for user in (ANNA, BORIS, GONE):
        with imap.client(user) as client:
            client.select_folder("INBOX")
            client.delete_messages(client.search(["ALL"]))
            client.expunge()


def letters_of(imap: Dovecot, user: str) -> list[EmailMessage]:
    """What a person finds in their own mailbox."""
    return [
        message_from_bytes(raw, policy=policy.default)  # type: ignore[misc]
        for raw in imap.messages("INBOX", user)
    ]


def mail(server_settings: Settings, sender: str, to: str, raw: bytes) -> None:
    """A stranger's mail program hands a message to our mail server."""
    body = raw.partition(b"\r\n")[2] if raw.startswith(b"Return-Path") else raw
    body = body.partition(b"\r\n")[2] if body.startswith(b"Delivered-To") else body
    host, port = server_settings.smtp_host, int(server_settings.smtp_port)
    with smtplib.SMTP(host, port, timeout=10) as client:
        client.sendmail(sender, [to], body)


def standing(address: str) -> str:
    return db.session.scalars(
        select(Registration.state)
        .join(PersonEmail, PersonEmail.person_id == Registration.person_id)
        .where(PersonEmail.address == address)
        .execution_options(populate_existing=True)
    ).one()


def ledger() -> list[tuple[str, str]]:
    rows = db.session.scalars(
        select(IncomingMail).order_by(IncomingMail.id).execution_options(populate_existing=True)
    )
    return [(row.outcome, row.detail.partition(":")[0]) for row in rows]


def test_invitation_is_answered_moved_and_cancelled_over_real_servers(
    session, imap, settings, work_off
):
    (letter,) = letters_of(imap, ANNA)
    mail(settings, ANNA, organizer_in(letter), an_answer(letter, at=clock_source.now()))
    inbox.read_all()
    assert (ledger(), standing(ANNA)) == ([("taken", "reply.accepted")], "confirmed")

    further = replace(session.wall, local=session.wall.local.replace(day=18))
    scheduling.move(session.id, further, session.revision, None)
    work_off()
    moved = letters_of(imap, ANNA)[1]
    assert event_in(moved)["UID"] == event_in(letter)["UID"]
    assert (event_in(moved)["SEQUENCE"], organizer_in(moved)) == (1, organizer_in(letter))

    late = an_answer(letter, "DECLINED", at=clock_source.now())
    mail(settings, ANNA, organizer_in(letter), late)
    mail(settings, ANNA, organizer_in(moved), an_answer(moved, at=clock_source.now()))
    inbox.read_all()
    assert ledger()[1:] == [("ignored", "reply.before_move"), ("taken", "reply.accepted")]
    assert standing(ANNA) == "confirmed"

    scheduling.cancel(session.id, db.session.get_one(Session, session.id).revision, None)
    work_off()
    cancelled = letters_of(imap, ANNA)[2]
    assert str(event_in(cancelled)["STATUS"]) == "CANCELLED"
    assert len(imap.messages("Vzaimo/Done")) == 3
    assert imap.messages("INBOX") == []


def test_spoof_takes_no_seat_and_a_forward_waits_for_the_host(session, imap, settings, work_off):
    (letter,) = letters_of(imap, ANNA)

    mail(settings, "attacker@elsewhere.test", "rsvp@vzaimo.test",
         an_answer(letter, to="rsvp@vzaimo.test", at=clock_source.now()))  # fmt: skip
    mail(settings, BORIS, organizer_in(letter),
         an_answer(letter, attendee=BORIS, at=clock_source.now()))  # fmt: skip
    inbox.read_all()
    work_off()

    assert ledger() == [("quarantined", "reply.unproven"), ("queued", "forwarded")]
    assert standing(ANNA) == "invited"
    assert db.session.scalars(select(Forwarded.address)).all() == [BORIS]
    assert len(imap.messages("Vzaimo/Quarantine")) == 1
    assert len(letters_of(imap, BORIS)) == 1


def test_another_time_reaches_the_host_through_the_mailbox(session, imap, settings):
    (letter,) = letters_of(imap, ANNA)
    start = "DTSTART:20301020T070000Z\r\nDTEND:20301020T083000Z\r\n"

    raw = an_answer(letter, "TENTATIVE", method="COUNTER", start=start, at=clock_source.now())
    mail(settings, ANNA, organizer_in(letter), raw)
    inbox.read_all()

    assert [one.starts_at.isoformat() for one in db.session.scalars(select(Counter))] == [
        "2030-10-20T07:00:00+00:00"
    ]


def test_refusal_and_report_each_become_a_task_of_the_city(
    session, app, imap, server, settings, work_off
):
    """The report goes to the envelope's sender, as mail servers send it."""
    sender = next(one for one, to, _ in server.letters if to == GONE)
    (letter,) = letters_of(imap, GONE)
    mail(settings, "", sender, a_report(letter, sender))
    inbox.read_all()

    server.refused.add("nobody@mail.test")
    inviting.invite(session.id, [("", "nobody@mail.test")], None)
    work_off()

    tasks = db.session.scalars(select(Task).order_by(Task.id)).all()
    assert ledger() == [("taken", "bounce.hard")]
    assert [(task.details["address"], task.city and task.city.name) for task in tasks] == [
        (GONE, "Пермь"), ("nobody@mail.test", None),
    ]  # fmt: skip
    assert suppression.of_address(GONE) is not None
    before = len(server.letters)
    scheduling.move(session.id, replace(session.wall, local=session.wall.local.replace(day=21)),
                    session.revision, None)  # fmt: skip
    work_off()
    assert [to for _, to, _ in server.letters[before:]] == [ANNA]


def test_mailbox_that_is_away_delays_and_breaks_nothing(session, imap, settings, app):
    (letter,) = letters_of(imap, ANNA)
    mail(settings, ANNA, organizer_in(letter), an_answer(letter, at=clock_source.now()))
    inbox.owe_poll()
    imap.stop()
    try:
        worker.work_off(app, frozenset({inbox.POLL}))
        state = inbox.state()
        assert (state.is_read, state.last_read_at) == (True, None)
        assert state.since is not None
        with pytest.raises(OutsideError):
            chosen_inbox(settings).check()
    finally:
        imap.start()

    with transaction():
        inbox.look_now()
    worker.work_off(app, frozenset({inbox.POLL}))

    assert (inbox.state().since, standing(ANNA)) == (None, "confirmed")
    assert [job.state for job in db.session.scalars(jobs.waiting_or_running())][:1] == ["waiting"]


def test_two_readers_at_once_take_each_message_once(session, imap, settings):
    (letter,) = letters_of(imap, ANNA)
    for answer in ("ACCEPTED", "TENTATIVE", "DECLINED"):
        raw = an_answer(letter, answer, at=clock_source.now())
        mail(settings, ANNA, organizer_in(letter), raw)

    with chosen_inbox(settings).opened() as other:
        keys = other.waiting()
        inbox.read_all()
        left = [other.fetch(key) for key in keys]

    assert (len(keys), left) == (3, [None, None, None])
    assert len(ledger()) == 3


@pytest.mark.parametrize(
    ("sub_addresses", "setting", "verdict"),
    [(True, "yes", "ok"), (False, "yes", "problem"), (False, "no", "ok"), (True, "no", "warning")],
)
def test_doctor_finds_out_by_a_letter_whether_sub_addresses_arrive(
    session, server, settings, sub_addresses, setting, verdict
):
    server.sub_addresses = sub_addresses
    changed = replace(settings, mail_subaddress=setting)
    ports.put(Settings, changed)

    (finding,) = doctor_letter.letter(changed, patience_s=3)

    assert finding.verdict == verdict


def test_application_started_anew_reads_on(session, imap, settings):
    (letter,) = letters_of(imap, ANNA)
    mail(settings, ANNA, organizer_in(letter), an_answer(letter, at=clock_source.now()))
    other = create_app(settings)

    with other.app_context():
        read = inbox.read_all()
        db.session.remove()
        db.engine.dispose()

    assert (read.messages, read.to_look_at) == (1, 0)
    assert standing(ANNA) == "confirmed"
