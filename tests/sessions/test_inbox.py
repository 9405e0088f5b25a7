"""The mailbox is looked into again and again, and nothing that comes stops it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from integrations.mail.folder_inbox import FolderInbox
from integrations.mail.inbox_port import Inbox
from integrations.runtime import jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import OutsideError
from integrations.runtime.jobs import Job
from integrations.runtime.settings import Settings
from sessions import inbox
from sessions.flows import receiving
from sessions.models.correspondence import IncomingMail
from sessions.models.participation import Registration
from tests.builders import a_session
from tests.replies_made import a_mail, an_answer


class Away:
    """A mailbox whose server is down."""

    @contextmanager
    def opened(self) -> Iterator[None]:
        raise OutsideError("imap", temporary=False, detail="no sign-in for you")
        yield

    def check(self) -> None:
        raise OutsideError("imap", temporary=True, detail="down")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, inbox="folder", inbox_seconds="60")


@pytest.fixture
def letter(app, work_off, outbox):
    a_session(invited=["anna@example.org"])
    work_off()
    (letter,) = outbox.to("anna@example.org")
    return letter


@pytest.fixture
def drop(settings):
    settings.inbox_dir.mkdir(parents=True)

    def drop(raw: bytes, name: str = "reply.eml") -> None:
        (settings.inbox_dir / name).write_bytes(raw)

    return drop


def looks() -> list[tuple[str, str, object]]:
    """(key, state, when) of the rows of the look."""
    return [
        (job.key, job.state, job.run_at)
        for job in db.session.scalars(
            select(Job)
            .where(Job.kind == inbox.POLL)
            .order_by(Job.id)
            .execution_options(populate_existing=True)
        )
    ]


def test_look_owes_the_next_and_leaves_no_row_behind(app, clock, work_off):
    inbox.owe_poll()

    for _ in range(6):
        work_off()
        clock.pass_by(seconds=60)

    assert [key for key, _, _ in looks()] == ["inbox.poll:0", "inbox.poll:1"]
    assert sorted(state for _, state, _ in looks()) == ["done", "waiting"]


def test_answer_that_is_dropped_counts_at_the_next_look(letter, drop, clock, work_off, settings):
    inbox.owe_poll()
    work_off()
    drop(an_answer(letter))
    clock.pass_by(seconds=60)

    work_off()

    assert db.session.scalars(select(Registration.state)).one() == "confirmed"
    assert [path.name for path in settings.inbox_dir.glob("**/*.eml")] == ["reply.eml"]
    assert (settings.inbox_dir / "done" / "reply.eml").exists()


def test_asking_for_a_look_brings_the_next_one_forward(app, clock, work_off):
    inbox.owe_poll()
    work_off()
    with transaction():
        inbox.look_now()

    assert [at for _, state, at in looks() if state == "waiting"] == [clock.at]
    assert work_off() == 1


def test_worker_that_starts_again_looks_at_once_and_in_one_chain(app, clock, work_off):
    inbox.owe_poll()
    work_off()
    inbox.owe_poll()
    work_off()
    inbox.owe_poll()

    assert sorted(state for _, state, _ in looks()) == ["done", "waiting"]


def test_mailbox_that_is_away_is_asked_ever_less_often_and_never_given_up(app, clock, work_off):
    ports.put(Inbox, Away())
    inbox.owe_poll()
    pauses = []
    for _ in range(6):
        work_off()
        (at,) = [at for _, state, at in looks() if state == "waiting"]
        pauses.append(at - clock.at)
        clock.move_to(at)

    assert pauses == [timedelta(minutes=minutes) for minutes in (2, 4, 8, 10, 10, 10)]
    assert inbox.state().error == "no sign-in for you"


def test_state_tells_since_when_and_that_it_is_well_again(app, clock, work_off, client, settings):
    ports.put(Inbox, Away())
    inbox.owe_poll()
    broken_at = clock.at
    work_off()
    clock.pass_by(minutes=2)
    work_off()

    assert inbox.state().since == broken_at
    assert client.get("/readyz").json["inbox"] == "down"

    ports.put(Inbox, FolderInbox(settings.inbox_dir))
    clock.pass_by(minutes=10)
    work_off()

    assert (inbox.state().since, inbox.state().last_read_at) == (None, clock.at)
    assert client.get("/readyz").json["inbox"] == "ok"


def test_message_over_which_we_stumble_is_kept_and_the_next_is_read(
    letter, drop, settings, monkeypatch
):
    real = receiving.receive

    def stumbling(raw, received_at):
        if b"stumble" in raw:
            raise KeyError("stumble")
        return real(raw, received_at)

    monkeypatch.setattr(receiving, "receive", stumbling)
    drop(a_mail("a@example.org", "s@vzaimo.test", "stumble"), "1.eml")
    drop(an_answer(letter), "2.eml")

    read = inbox.read_all()

    assert (read.messages, read.to_look_at) == (2, 1)
    assert (settings.inbox_dir / "quarantine" / "1.eml").exists()
    kept, taken = db.session.scalars(select(IncomingMail).order_by(IncomingMail.id))
    assert (kept.outcome, kept.detail) == ("quarantined", "failed: KeyError: 'stumble'")
    assert taken.outcome == "taken"


def test_crash_between_our_commit_and_the_mailbox_takes_nothing_twice(letter, drop, settings):
    raw = an_answer(letter)
    drop(raw)
    with ports.get(Inbox).opened() as opened:
        message = opened.fetch(*opened.waiting())
    receiving.receive(message.raw, message.received_at)

    read = inbox.read_all()

    assert read.messages == 1
    assert len(db.session.scalars(select(IncomingMail)).all()) == 1
    assert (settings.inbox_dir / "done" / "reply.eml").exists()


def test_without_a_mailbox_nothing_is_owed(app, settings):
    ports.put(Settings, replace(settings, inbox="none"))

    inbox.owe_poll()

    assert looks() == []
    assert not inbox.state().is_read
    assert db.session.scalars(jobs.waiting_or_running()).all() == []
