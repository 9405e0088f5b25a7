"""Inviting: who gets a letter, what supersedes it, and that a crash repeats at most one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from integrations.mail import outbox as mail_outbox
from integrations.mail.outbox import Letter
from integrations.mail.port import Mailer
from integrations.runtime import ports, worker
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import OutsideError, Refused
from sessions.flows import inviting, scheduling
from sessions.models.participation import Invitation, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, a_person, a_session


def states() -> list[str]:
    return list(db.session.scalars(db.select(Letter.state).order_by(Letter.id)))


def revision_of(session) -> int:
    return db.session.get_one(Session, session.id).revision


class Silent:
    """A mailer whose server is away, takes a letter, or dies after taking it."""

    def __init__(self, inner: Mailer) -> None:
        self.inner = inner
        self.mood = "well"
        self.taken: list[bytes] = []

    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        if self.mood == "away":
            raise OutsideError("mail", temporary=True, detail="away")
        if self.mood == "refuses":
            raise OutsideError("mail", temporary=False, detail="550 5.1.1 no such user")
        self.taken.append(raw)
        if self.mood == "dies after taking":
            raise KeyboardInterrupt
        return self.inner.send(raw, sender, recipient)

    @contextmanager
    def kept_open(self) -> Iterator[Silent]:
        yield self

    def check(self) -> None:
        self.inner.check()


@pytest.fixture
def mailer(app) -> Silent:
    silent = Silent(ports.get(Mailer))
    ports.put(Mailer, silent)
    return silent


def test_people_invited_to_a_draft_hear_of_it_when_it_is_published(outbox, work_off):
    session = a_session(draft=True, invited=["anna@example.org"])
    work_off()
    before = len(outbox.letters())

    scheduling.schedule(session.id, revision_of(session), None)
    work_off()

    assert (before, len(outbox.letters())) == (0, 1)


def test_inviting_again_sends_nothing_and_says_who_was_there(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()

    outcome = inviting.invite(
        session.id, [("", "anna@example.org"), ("Борис Ким", "boris@example.org")], None
    )
    work_off()

    assert outcome == inviting.Invited(new=["boris@example.org"], already=["anna@example.org"])
    assert [str(letter["To"]) for letter in outbox.letters()] == [
        "anna@example.org", "Борис Ким <boris@example.org>",
    ]  # fmt: skip


def test_two_addresses_of_one_person_are_one_registration(app):
    person = a_person("anna@example.org")
    with transaction():
        db.session.add(PersonEmail(person_id=person.id, address="anna@school.example"))

    session = a_session(invited=["anna@example.org", "anna@school.example"])

    registrations = db.session.scalars(
        db.select(Registration).where(Registration.session_id == session.id)
    ).all()
    assert [registration.person_id for registration in registrations] == [person.id]


def test_address_in_capitals_is_the_same_person(app):
    person = a_person("anna@example.org")

    with transaction():
        found = inviting.person_at(" Anna@Example.ORG ")

    assert found.id == person.id


def test_name_given_later_names_a_person_known_by_address_only(app):
    with transaction():
        inviting.person_at("anna@example.org")

    with transaction():
        person = inviting.person_at("anna@example.org", "Белова Анна Ивановна")

    assert (person.family, person.given, person.patronymic) == ("Белова", "Анна", "Ивановна")


def test_name_that_is_known_is_not_overwritten(app):
    a_person("anna@example.org")

    with transaction():
        person = inviting.person_at("anna@example.org", "Кто-то Другой")

    assert person.name == "Анна Белова"


def test_nobody_is_invited_to_a_session_that_was_held(app):
    session = a_session()
    scheduling.end(session.id, revision_of(session), None)

    with pytest.raises(Refused) as refusal:
        inviting.invite(session.id, [("", "anna@example.org")], None)

    assert refusal.value.reason == "session.over"
    assert db.session.scalars(db.select(Person)).all() == []


def test_two_changes_while_the_worker_is_paused_send_the_last_only(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    scheduling.move(session.id, FRIDAY_10_MOSCOW, revision_of(session), None)

    work_off()

    (event,) = outbox.calendars_to("anna@example.org")
    assert (event["SEQUENCE"], event.decoded("DTSTART").day) == (1, 16)
    assert states() == ["superseded", "sent"]


def test_letter_held_up_by_a_dead_server_never_leaves_once_superseded(
    mailer, clock, outbox, work_off
):
    session = a_session(invited=["anna@example.org"])
    mailer.mood = "away"
    work_off()
    mailer.mood = "well"

    scheduling.move(session.id, FRIDAY_10_MOSCOW, revision_of(session), None)
    clock.pass_by(hours=2)
    work_off()

    assert [event["SEQUENCE"] for event in outbox.calendars_to("anna@example.org")] == [1]
    assert states() == ["superseded", "sent"]


def test_crash_between_sending_and_the_mark_repeats_the_same_bytes(mailer, clock, app, work_off):
    a_session(invited=["anna@example.org"])
    mailer.mood = "dies after taking"
    with pytest.raises(KeyboardInterrupt):
        work_off()
    mailer.mood = "well"

    clock.pass_by(minutes=2)
    worker.work_off(app)

    first, second = mailer.taken
    assert first == second
    assert states() == ["sent"]


def test_cancelling_after_such_a_crash_still_tells_the_calendar(mailer, clock, outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    mailer.mood = "dies after taking"
    with pytest.raises(KeyboardInterrupt):
        work_off()
    mailer.mood = "well"

    scheduling.cancel(session.id, revision_of(session), None)
    clock.pass_by(minutes=2)
    work_off()

    assert states() == ["superseded", "sent"]
    (event,) = outbox.calendars_to("anna@example.org")
    assert event["STATUS"] == "CANCELLED"


def test_cancelling_before_the_first_letter_left_sends_nothing(outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    scheduling.cancel(session.id, revision_of(session), None)

    work_off()

    assert outbox.letters() == []
    assert states() == ["superseded"]


def test_refused_address_is_marked_and_not_tried_again(mailer, clock, outbox, work_off):
    session = a_session(invited=["anna@example.org"])
    mailer.mood = "refuses"
    work_off()
    mailer.mood = "well"
    clock.pass_by(days=1)
    work_off()

    scheduling.cancel(session.id, revision_of(session), None)
    work_off()

    letter = db.session.query(Letter).one()
    assert (letter.state, letter.answer) == ("refused", "550 5.1.1 no such user")
    assert outbox.letters() == []


def test_tokens_of_two_people_differ_and_are_long(app):
    a_session(invited=["anna@example.org", "boris@example.org"])

    first, second = db.session.scalars(db.select(Invitation.token)).all()

    assert first != second
    assert min(len(first), len(second)) >= 22  # 128 bits in base64


def test_letter_that_was_superseded_is_left_alone_by_its_job(app):
    session = a_session(invited=["anna@example.org"])
    scheduling.cancel(session.id, revision_of(session), None)
    letter = db.session.query(Letter).one()
    running = worker.claim(frozenset({mail_outbox.SEND}))

    mail_outbox.send(running)

    assert (letter.state, letter.raw) == ("superseded", None)
