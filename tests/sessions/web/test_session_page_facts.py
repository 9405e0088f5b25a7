"""What a session's page tells beside what, when and by whom: cities, topic, files, who comes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import MediaFile, Talk
from integrations.runtime.database import db, transaction
from sessions.flows import scheduling
from sessions.models.participation import Answer, Invitation, Registration
from sessions.models.people import Person
from sessions.models.programme import City, Series
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.rules.timetable import WallTime
from sessions.web import taking_part
from sessions.web.taking_part import Mine
from tests.builders import (
    a_ballot,
    a_city,
    a_decision,
    a_host,
    a_person,
    a_session,
    a_topic,
    signed_in,
)
from tests.conftest import START, Clock
from tests.sessions.web.test_schedule import counted
from tests.sessions.web.test_session_page import a_talk, invited, words


@pytest.fixture
def english(client: FlaskClient) -> FlaskClient:
    client.get("/language/en")
    return client


def on(day: int) -> WallTime:
    return WallTime(datetime(2026, 10, day, 10, 0), "Europe/Moscow")


def changed(session: Session, **facts: object) -> None:
    with transaction():
        one = db.session.get_one(Session, session.id)
        for name, value in facts.items():
            setattr(one, name, value)


def comes(session: Session, address: str, city: City | None = None, **facts: object) -> Person:
    person = a_person(address, city=city)
    with transaction():
        db.session.add(
            Registration(
                **{
                    "session_id": session.id,
                    "person_id": person.id,
                    "state": "confirmed",
                    "made_at": START,
                    **facts,
                }
            )
        )
    return person


def a_file(talk: Talk, name: str, kind: str, size_bytes: int, **facts: object) -> MediaFile:
    with transaction():
        file = MediaFile(
            **{
                "talk_id": talk.id, "kind": kind, "original_name": name, "sha256": name,
                "size_bytes": size_bytes, "key": name, "state": "read", "added_at": START, **facts,
            }
        )  # fmt: skip
        db.session.add(file)
    return file


def test_each_city_stands_under_its_role(english: FlaskClient) -> None:
    perm, omsk, tver = a_city(), a_city("Омск", "Asia/Omsk"), a_city("Тверь", "Europe/Moscow")
    session = a_session(presenting=(perm.id,))
    with transaction():
        for city, role in ((omsk, "receiving"), (tver, "host")):
            db.session.add(SessionCity(session_id=session.id, city_id=city.id, role=role))

    page = words(english.get(f"/sessions/{session.id}").text)

    assert "Presenting Пермь Hosted by Тверь" in page
    assert "Take the practice home: Омск" in page


def test_many_cities_are_counted_and_named_when_opened(english: FlaskClient) -> None:
    session = a_session()
    with transaction():
        for number in range(30):
            city = City(name=f"Город {number:02}", tz="Europe/Moscow")
            db.session.add(city)
            db.session.flush()
            db.session.add(SessionCity(session_id=session.id, city_id=city.id, role="receiving"))

    page = english.get(f"/sessions/{session.id}").text

    [folded] = re.findall(r'<details class="v-fold v-taking">.*?</details>', page, re.S)
    assert "30 cities take the practice home" in folded.replace("\xa0", " ")
    assert len(re.findall("Город", folded)) == 30


def test_title_summary_and_agenda_stand_in_the_readers_language(client: FlaskClient) -> None:
    session = a_session(title="Наставничество", summary="О наставниках.")
    changed(
        session,
        title_en="Mentoring",
        summary_en="About mentors.",
        agenda=[AgendaItem(offset_min=0, duration_min=9, title="Открытие", title_en="Opening")],
    )

    russian = words(client.get(f"/sessions/{session.id}").text)
    client.get("/language/en")
    english = words(client.get(f"/sessions/{session.id}").text)

    told = [
        "Наставничество",
        "О наставниках.",
        "Открытие",
        "Mentoring",
        "About mentors.",
        "Opening",
    ]
    assert [one in russian for one in told] == [True] * 3 + [False] * 3
    assert [one in english for one in told] == [False] * 3 + [True] * 3


def test_a_speaker_without_a_name_is_left_out_rather_than_told_by_address(
    english: FlaskClient,
) -> None:
    session, nameless = a_session(), a_person("secret@example.org", given="", family="")
    item = AgendaItem(
        offset_min=0, duration_min=9, title="Т", speakers=[Speaker(person_id=nameless.id)]
    )
    changed(session, agenda=[item])

    page = english.get(f"/sessions/{session.id}").text

    assert ("secret" in page, "v-person" in page) == (False, False)


def test_a_speaker_who_said_no_is_not_named_and_one_who_was_asked_only_to_the_team(
    app: Flask, english: FlaskClient
) -> None:
    session, host = a_session(), signed_in(app, a_host())
    speakers = [
        Speaker(person_id=a_person(f"{state}@example.org", family=family).id, state=state)
        for state, family in (
            ("named", "Названная"),
            ("asked", "Спрошенная"),
            ("confirmed", "Согласная"),
            ("declined", "Отказавшая"),
        )
    ]
    item = AgendaItem(offset_min=0, duration_min=9, title="Т", speakers=speakers)
    changed(session, agenda=[item])

    pages = [browser.get(f"/sessions/{session.id}").text for browser in (english, host)]

    family = "Названная|Спрошенная|Согласная|Отказавшая"
    assert [re.findall(family, page) for page in pages] == [
        ["Названная", "Согласная"],
        ["Названная", "Спрошенная", "Согласная"],
    ]


def test_how_many_come_and_from_how_many_cities_is_told_to_all_and_by_name_to_none(
    app: Flask, english: FlaskClient
) -> None:
    session, perm, omsk = a_session(), a_city(), a_city("Омск", "Asia/Omsk")
    comes(session, "a@example.org", perm)
    comes(session, "b@example.org", perm, head_count=8, state="registered")
    comes(session, "c@example.org", omsk)
    comes(session, "d@example.org", a_city("Тверь", "Europe/Moscow"), state="invited")
    comes(session, "e@example.org", omsk, state="withdrawn")

    page = english.get(f"/sessions/{session.id}").text

    assert "Registered: 10 people from 2 cities." in words(page)
    assert ("Белова" in page, "example.org" in page) == (False, False)


def test_places_are_told_where_they_are_counted(english: FlaskClient) -> None:
    session = a_session()
    said = []
    for online, here in ((None, None), (40, None), (None, 12), (1200, 12)):
        changed(session, capacity_online=online, capacity_in_person=here)
        page = words(english.get(f"/sessions/{session.id}").text)
        said.append(re.findall(r"Places[^.]*\.", page))

    assert said == [
        [],
        ["Places online: 40."],
        ["Places on site: 12."],
        ["Places: 1,200 online, 12 on site."],
    ]


def test_the_topic_tells_what_it_won_once_that_was_decided(english: FlaskClient) -> None:
    session = a_session()
    decided, open_ = a_topic(session.season, "Наставник"), a_topic(session.season, "Кружок")
    a_ballot(session.season)
    a_decision(decided, 61, 123, 2)

    said = []
    for topic in (decided, open_):
        changed(session, topic_id=topic.id)
        page = english.get(f"/sessions/{session.id}").text
        said.append((words(page), page.count('<i class="y"'), f"/{topic.id}" in page))

    assert "61 cities of 123 chose this topic: place 2 of 2." in said[0][0]
    assert [(squares, leads) for _, squares, leads in said] == [(61, True), (0, True)]
    assert "chose this topic" not in said[1][0]


def test_the_recording_comes_first_of_a_session_that_was_held(english: FlaskClient) -> None:
    session = a_session()
    scheduling.end(session.id, session.revision, None)
    talk = a_talk(session, duration_s=5280.0)
    video = a_file(talk, "Запись.mp4", "video", 412_000_000, poster_key="p")
    a_file(talk, "virus.exe", "slides", 5, state="refused")

    page = english.get(f"/sessions/{session.id}").text

    assert re.findall(r'class="btn btn-primary" href="([^"]+)"', page) == [f"/talks/{talk.id}"]
    assert f'src="/talks/{talk.id}/poster"' in page
    assert f"/talks/{talk.id}/files/{video.id}?download=1" in page
    assert "Materials Запись.mp4 video, 393 MB Why" not in page
    assert "Запись.mp4 video, 393 MB" in words(page)
    assert ("virus" in page, "Start by city" in page) == (False, False)


def test_files_of_a_closed_recording_are_not_named(app: Flask, english: FlaskClient) -> None:
    session = a_session()
    talk = a_talk(session, access_keys=["team"])
    a_file(talk, "Тайна.pdf", "slides", 5)

    pages = [b.get(f"/sessions/{session.id}").text for b in (english, signed_in(app, a_host()))]

    assert ["Тайна.pdf" in page for page in pages] == [False, True]


def test_the_invited_read_where_they_stand(app: Flask) -> None:
    session = a_session(invited=["anna@example.org"])
    anna = invited(app, session)
    anna.get("/language/en")
    invitation = db.session.scalars(select(Invitation)).one()

    before = words(anna.get(f"/sessions/{session.id}").text)
    with transaction():
        for sequence, answer in ((0, "declined"), (2, "accepted"), (1, "tentative")):
            db.session.add(
                Answer(
                    invitation_id=invitation.id, answer=answer, sequence=sequence,
                    answered_at=START, source="mail",
                )
            )  # fmt: skip
    after = words(anna.get(f"/sessions/{session.id}").text)

    assert "You are invited and have not answered yet." in before
    assert "You answered that you will come." in after


@pytest.mark.parametrize(
    ("state", "over", "said"),
    [
        ("confirmed", False, "You are registered, your place is confirmed."),
        ("waiting", False, "You are on the waiting list."),
        ("withdrawn", False, "You answered that you will not come."),
        ("declined", False, "The hosts could not give you a place."),
        ("confirmed", True, "You were registered for this session."),
        ("invited", True, ""),
    ],
)
def test_each_state_of_a_registration_is_a_sentence(
    app: Flask, state: str, over: bool, said: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert taking_part.sentence(Mine(state, 1, "t", ""), over=over) == said


def test_the_sessions_beside_it_are_those_of_its_series_else_of_its_format(
    english: FlaskClient,
) -> None:
    first = a_session(on(5), title="Первая")
    a_session(on(6), title="Чужая", format="seminar")
    middle = a_session(on(7), title="Средняя")
    a_session(on(8), title="Тайная", draft=True)
    last = a_session(on(9), title="Последняя")

    def beside(session: Session) -> list[tuple[str, str]]:
        page = english.get(f"/sessions/{session.id}").text
        return re.findall(r'class="(prev|next)" rel="\w+" href="/sessions/(\d+)"', page)

    assert beside(middle) == [("prev", str(first.id)), ("next", str(last.id))]
    with transaction():
        series = Series(
            season_id=first.season_id, title="Цикл", tz="Europe/Moscow",
            wall_start=middle.wall_start.time(), duration_min=90,
        )  # fmt: skip
        db.session.add(series)
        db.session.flush()
        for one in (middle, last):
            db.session.get_one(Session, one.id).series_id = series.id
    assert beside(middle) == [("next", str(last.id))]


def _filled(session: Session, people: int, cities: int) -> None:
    """A session with this much in it, a topic that won and a talk with files."""
    topic = a_topic(session.season, "Наставничество")
    a_decision(topic, 61, 123, 2)
    members = [
        a_city(f"Город {session.id}-{number}", "Asia/Omsk", population=number)
        for number in range(cities)
    ]
    agenda = []
    for number in range(people):
        speaker = comes(session, f"p{session.id}-{number}@example.org", members[number % cities])
        agenda.append(
            AgendaItem(
                offset_min=number, duration_min=1, title=f"Часть {number}: договор наставника",
                speakers=[Speaker(person_id=speaker.id)],
            )
        )  # fmt: skip
    changed(session, topic_id=topic.id, agenda=agenda, summary="Три города показывают. " * 12)
    with transaction():
        for city in members[:30]:
            db.session.add(SessionCity(session_id=session.id, city_id=city.id, role="receiving"))
    talk = a_talk(session)
    for number in range(people):
        a_file(talk, f"Слайды {number}.pdf", "slides", 1_000_000)


@pytest.mark.parametrize("held", [False, True])
def test_however_much_there_is_to_tell_eight_queries_do(
    app: Flask, clock: Clock, held: bool
) -> None:
    few, many = a_session(on(7), invited=["anna@example.org"]), a_session(on(9))
    a_session(on(5))
    a_session(on(12))
    anna = invited(app, few)
    _filled(few, people=1, cities=1)
    _filled(many, people=10, cities=123)
    if held:
        clock.move_to(datetime(2026, 10, 10, tzinfo=UTC) + timedelta(days=1))

    sizes = []
    for address in [f"/sessions/{session.id}" for session in (few, many)]:
        with counted() as sent:
            page = anna.get(address).text
        asked = [statement for statement in sent if statement.startswith("SELECT")]
        sizes.append((len(asked), len(page.encode())))

    assert sizes[0][0] == sizes[1][0] <= 8
    assert sizes[1][1] < 40_000


@pytest.mark.parametrize("put_off", [scheduling.cancel, scheduling.postpone])
def test_zone_is_asked_for_only_while_the_hour_holds(
    english: FlaskClient, put_off: Callable[[int, int, None], object]
) -> None:
    session = a_session()
    before = "I am in another city" in words(english.get(f"/sessions/{session.id}").text)
    put_off(session.id, session.revision, None)

    after = "I am in another city" in words(english.get(f"/sessions/{session.id}").text)

    assert (before, after) == (True, False)
