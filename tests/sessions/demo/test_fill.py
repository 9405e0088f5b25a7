"""The demo season is filled as people would, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from archive.models import Chapter, Cue, MediaFile, Slide, Talk
from archive.search import search
from integrations.runtime import worker
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from integrations.runtime.viewer import ANONYMOUS
from sessions.app import create_app
from sessions.cli.demonstration import FIRST
from sessions.demo import accounts, fill, open_room, sources
from sessions.flows import joining, meetings
from sessions.models.participation import Registration
from sessions.models.people import Account, Person, RoleGrant
from sessions.models.programme import City, Season
from sessions.models.session import Session
from tests.conftest import Clock
from tests.outbox import Outbox

COUNTED = (
    Season,
    City,
    Person,
    Account,
    RoleGrant,
    Session,
    Registration,
    Talk,
    MediaFile,
    Slide,
    Cue,
    Chapter,
)


def counts() -> dict[str, int]:
    return {
        kind.__tablename__: db.session.scalar(select(func.count()).select_from(kind)) or 0
        for kind in COUNTED
    }


def session_named(title: str) -> Session:
    return db.session.scalars(select(Session).where(Session.title == title)).one()


@pytest.fixture
def filled(app: Flask) -> sources.DemoSeason:
    """The demonstration as it is filled, its work still owed."""
    fill.fill()
    return sources.read_season()


@pytest.fixture
def season(app: Flask, filled: sources.DemoSeason) -> sources.DemoSeason:
    """The demonstration as it is shown: all is done but the letters."""
    do_the_work(app)
    return filled


def do_the_work(app: Flask) -> None:
    worker.work_off(app, FIRST)
    fill.mark_recording()
    worker.work_off(app, FIRST)


def test_everything_of_the_sources_is_there(season: sources.DemoSeason) -> None:
    found = counts()

    assert found["cities"] == len(season.cities) == 6
    assert found["people"] == len(season.people) == 20
    assert found["sessions"] == 1 + len(season.coming) + 1
    assert (found["talks"], found["media_files"], found["chapters"]) == (1, 3, 5)


def test_the_past_session_was_held_and_the_coming_ones_are_announced(
    filled: sources.DemoSeason,
) -> None:
    states = dict(db.session.execute(select(Session.title, Session.state)).all())

    assert states.pop(filled.past.title) == "held"
    assert set(states.values()) == {"scheduled"}


def test_the_recording_is_found_on_the_slide_that_was_shown(season: sources.DemoSeason) -> None:
    found = search("кто за что отвечает", ANONYMOUS, kinds=frozenset({"slide"})).moments

    assert (found[0].title, found[0].slide and found[0].slide.page) == (season.past.title, 5)
    assert found[0].start_s == 116.216


@pytest.mark.deep
def test_the_invited_have_their_letters(
    filled: sources.DemoSeason, work_off: Callable[[], int], outbox: Outbox
) -> None:
    work_off()

    subjects = [str(letter["Subject"]) for letter in outbox.to(accounts.GUEST[0])]
    invited = db.session.scalar(
        select(func.count())
        .select_from(Registration)
        .join(Person)
        .where(Person.family == "Ложкина")
    )

    assert len(subjects) == invited
    assert len(subjects) > 5


def test_one_room_is_open_now(season: sources.DemoSeason) -> None:
    room = session_named(open_room.TITLE)
    meeting = meetings.meeting_of(room.id)

    assert joining.is_open(room, 30)
    assert meeting is not None
    assert meeting.join_url.startswith("https://meet.jit.si/vzaimo-")


@pytest.mark.parametrize("account", [accounts.HOST, accounts.GUEST])
def test_both_sign_ins_open(
    filled: sources.DemoSeason, client: FlaskClient, account: tuple[str, str]
) -> None:
    answer = client.post("/sign-in/", data={"email": account[0], "password": account[1]})

    assert (answer.status_code, answer.location) == (302, "/")


def test_filling_again_doubles_nothing(app: Flask, season: sources.DemoSeason) -> None:
    before = counts()

    fill.fill()
    do_the_work(app)

    assert counts() == before


def test_broken_off_anywhere_it_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fill._made
    seen: list[str] = []

    def dies(mark: str) -> int | None:
        seen.append(mark)
        if len(seen) == 35:
            raise KeyboardInterrupt
        return made(mark)

    monkeypatch.setattr(fill, "_made", dies)
    with pytest.raises(KeyboardInterrupt):
        fill.fill()
    monkeypatch.setattr(fill, "_made", made)
    fill.fill()
    do_the_work(app)

    assert counts()["sessions"] == 10
    assert (counts()["people"], counts()["talks"]) == (20, 1)


def test_a_room_whose_hour_is_over_moves_to_the_present(
    filled: sources.DemoSeason, clock: Clock
) -> None:
    first = session_named(open_room.TITLE)
    first_id, first_uid = first.id, first.uid
    clock.move_to(clock.at + timedelta(days=3, minutes=7))

    fill.fill()

    room = session_named(open_room.TITLE)
    assert (room.id, room.uid) == (first_id, first_uid)
    assert joining.is_open(room, 30)


def test_the_sign_ins_are_offered_in_a_demonstration_only(app: Flask, settings: Settings) -> None:
    shown = create_app(replace(settings, demo="1")).config["DEMO_ACCOUNTS"]

    assert app.config["DEMO_ACCOUNTS"] == []
    assert [(email, password) for _, email, password in shown] == [accounts.HOST, accounts.GUEST]
