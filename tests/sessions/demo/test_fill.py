"""The demonstration is filled as people would, once."""

from __future__ import annotations

import email
from collections import Counter
from datetime import timedelta
from email import policy

import pytest
from flask import Flask
from sqlalchemy import func, select

from archive.models import Chapter, Cue, MediaFile, Slide, Talk
from archive.search import search
from integrations.runtime import ports, worker
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from integrations.runtime.viewer import ANONYMOUS
from sessions.cli.demonstration import prepare
from sessions.demo import accounts, crowd, fill, open_room, sources, talk_text
from sessions.demo.city_table import read_cities
from sessions.flows import joining, meetings
from sessions.models import seating
from sessions.models.participation import Answer, Registration
from sessions.models.people import Account, Person, RoleGrant
from sessions.models.poll import TopicDecision, Vote
from sessions.models.programme import City, Season, SeasonVersion
from sessions.models.session import Session, Speaker
from sessions.rules import seats
from tests.conftest import Clock

COUNTED = (
    Season, City, Person, Account, RoleGrant, Session, Speaker, Registration, Answer, Vote,
    TopicDecision, Talk, MediaFile, Slide, Cue, Chapter,
)  # fmt: skip


def counts() -> dict[str, int]:
    return {
        kind.__tablename__: db.session.scalar(select(func.count()).select_from(kind)) or 0
        for kind in COUNTED
    }


def session_named(title: str) -> Session:
    return db.session.scalars(select(Session).where(Session.title == title)).one()


@pytest.mark.usefixtures("demo")
def test_everything_of_the_sources_is_there() -> None:
    found = counts()

    assert (found["cities"], found["people"], found["seasons"]) == (123, crowd.EVERYONE, 2)
    assert found["sessions"] > 330
    assert (found["talks"], found["media_files"]) == (16, 2 * 15 + 3 + 1)
    assert found["answers"] > 2000


@pytest.mark.usefixtures("demo")
def test_every_talk_has_words_slides_and_chapters() -> None:
    told = {talk.title: talk for talk in talk_text.read_talks()}

    for talk in db.session.scalars(select(Talk)):
        cues = db.session.scalar(select(func.count()).where(Cue.talk_id == talk.id)) or 0
        assert cues > 50
        assert talk.title_en
        if talk.title in told:
            assert [one.title for one in talk.chapters] == list(told[talk.title].chapters)
            assert len(talk.slides) == len(told[talk.title].slides)
            assert all(one.from_s is not None for one in talk.slides)


def test_those_who_speak_are_described_as_in_their_talk() -> None:
    everyone = crowd.everyone(sources.read_season().people, talk_text.read_talks(), read_cities())
    people = {one.key: one for one in everyone}

    director = people["season-closing:dudnik"]
    guest = people["bilingual-museum:whitcombe"]

    assert (director.post, director.organisation) == ("директор", "Школа № 73")
    assert guest.organisation == "Международная школа «Апорт», Алматы"


@pytest.mark.usefixtures("demo")
def test_one_talk_is_withheld_and_others_are_not_for_everybody() -> None:
    states = Counter(db.session.scalars(select(Talk.state)))
    hidden = [talk.title for talk in db.session.scalars(select(Talk)) if "public" not in talk.keys]

    assert states == {"published": 15, "withheld": 1}
    assert len(hidden) == 4


@pytest.mark.usefixtures("demo")
def test_what_is_behind_was_held_and_what_comes_is_announced(clock: Clock) -> None:
    over = Counter(
        session.state
        for session in db.session.scalars(select(Session))
        if session.ends_at <= clock.at
    )
    ahead = Counter(
        session.state
        for session in db.session.scalars(select(Session))
        if session.starts_at > clock.at
    )

    assert set(over) == {"held"}
    assert (ahead["cancelled"], ahead["postponed"], ahead["draft"]) == (1, 1, 1)
    assert ahead["scheduled"] > 100


@pytest.mark.usefixtures("demo")
def test_the_announced_plan_has_a_second_version_with_what_changed() -> None:
    versions = db.session.scalars(select(SeasonVersion).order_by(SeasonVersion.id)).all()

    second = [one for one in versions if one.number == 2]

    assert len(second) == 1
    assert {change["kind"] for change in second[0].changes} == {"cancelled", "postponed"}


@pytest.mark.usefixtures("demo")
def test_each_decision_is_the_count_of_its_votes() -> None:
    votes = Counter(db.session.scalars(select(Vote.topic_id)))

    for decision in db.session.scalars(select(TopicDecision)):
        assert decision.votes == votes[decision.topic_id]
        assert decision.electorate == len(read_cities())
    winner = db.session.scalars(select(TopicDecision).where(TopicDecision.place == 1)).first()
    assert winner is not None
    assert winner.topic.title == "Технологическое образование"


@pytest.mark.usefixtures("demo")
def test_answers_and_states_agree() -> None:
    states = {
        "accepted": {"confirmed", "waiting"}, "tentative": {"invited"}, "declined": {"withdrawn"},
    }  # fmt: skip

    for answer in db.session.scalars(select(Answer).limit(500)):
        assert answer.invitation.registration.state in states[answer.answer]
        assert answer.answered_at < answer.invitation.registration.session.starts_at


@pytest.mark.usefixtures("demo")
def test_some_sessions_to_come_have_a_waiting_list_and_no_seat_left() -> None:
    waited_for = db.session.scalars(
        select(Session).where(
            Session.id.in_(select(Registration.session_id).where(Registration.state == "waiting"))
        )
    ).all()

    assert waited_for
    for session in waited_for:
        hall, standings = seating.hall_of(session), seating.standings_of(session)
        assert [seats.free(standings, hall, mode) for mode in hall.seats] == [0]


@pytest.mark.usefixtures("demo")
def test_the_recording_is_found_on_the_slide_that_was_shown() -> None:
    told = sources.read_season().past.content

    found = search("кто за что отвечает", ANONYMOUS, kinds=frozenset({"slide"})).moments

    mine = next(one for one in found if one.title == told.title)
    assert mine.slide is not None
    assert (mine.slide.page, mine.start_s) == (5, 116.216)


def test_those_invited_have_their_letters(demo: Flask) -> None:
    worker.work_off(demo)

    folder = ports.get(Settings).letters_dir
    letters = [
        email.message_from_bytes(file.read_bytes(), policy=policy.default)
        for file in folder.rglob("*.eml")
    ]
    mine = [one for one in letters if accounts.GUEST[0] in str(one["To"])]

    assert len(letters) > 60
    assert mine


@pytest.mark.usefixtures("demo")
def test_one_room_is_open_now() -> None:
    room = session_named(open_room.TITLE)
    meeting = meetings.meeting_of(room.id)

    assert joining.is_open(room, 30)
    assert meeting is not None
    assert meeting.join_url.startswith("https://meet.jit.si/vzaimo-")


@pytest.mark.parametrize("account", [accounts.HOST, accounts.GUEST])
def test_both_sign_ins_open(demo: Flask, account: tuple[str, str]) -> None:
    answer = demo.test_client().post(
        "/sign-in/", data={"email": account[0], "password": account[1]}
    )

    assert (answer.status_code, answer.location) == (302, "/")


def test_filling_again_doubles_nothing(demo: Flask) -> None:
    before = counts()

    prepare(demo)

    assert counts() == before


@pytest.mark.parametrize(
    "at_mark", [14, *(pytest.param(n, marks=pytest.mark.deep) for n in (3, 9, 25))]
)
def test_broken_off_anywhere_it_goes_on(
    app: Flask, monkeypatch: pytest.MonkeyPatch, at_mark: int
) -> None:
    known = fill._details
    seen: list[str] = []

    def dies(mark: str) -> dict[str, str] | None:
        seen.append(mark)
        if len(seen) == at_mark:
            raise KeyboardInterrupt
        return known(mark)

    monkeypatch.setattr(fill, "_details", dies)
    with pytest.raises(KeyboardInterrupt):
        fill.fill()
    monkeypatch.setattr(fill, "_details", known)
    fill.fill()

    found = counts()
    assert (found["people"], found["talks"], found["cities"]) == (crowd.EVERYONE, 16, 123)
    titles = Counter(db.session.scalars(select(Session.uid)))
    assert max(titles.values()) == 1


@pytest.mark.usefixtures("demo")
def test_a_room_whose_hours_are_over_moves_to_the_present(clock: Clock) -> None:
    first = session_named(open_room.TITLE)
    first_id, first_uid = first.id, first.uid
    clock.move_to(clock.at + timedelta(days=3, minutes=7))

    fill.fill()

    room = session_named(open_room.TITLE)
    assert (room.id, room.uid) == (first_id, first_uid)
    assert room.starts_at <= clock.at < room.ends_at


def test_a_demonstration_that_runs_on_keeps_its_room_open(demo: Flask, clock: Clock) -> None:
    worker.work_off(demo)
    clock.move_to(clock.at + timedelta(minutes=open_room.LENGTH_MIN + 1))

    worker.work_off(demo, frozenset({open_room.KEEP}))

    room = session_named(open_room.TITLE)
    assert room.starts_at <= clock.at < room.ends_at


def test_the_sign_ins_are_offered_in_a_demonstration_only(app: Flask, demo: Flask) -> None:
    shown = demo.config["DEMO_ACCOUNTS"]

    assert app.config["DEMO_ACCOUNTS"] == []
    assert [(email, password) for _, email, password in shown] == [accounts.HOST, accounts.GUEST]
