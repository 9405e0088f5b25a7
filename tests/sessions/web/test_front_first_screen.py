"""The front page for a newcomer, for someone who takes part, and the figures of the season."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db, transaction
from sessions.flows import scheduling
from sessions.models.participation import Invitation, Registration
from sessions.models.session import Session
from tests.builders import (
    a_ballot,
    a_city,
    a_decision,
    a_host,
    a_person,
    a_season,
    a_session,
    a_topic,
    signed_in,
)
from tests.conftest import START, Clock
from tests.sessions.web.test_front import a_talk, following, in_hours, soon, words
from tests.sessions.web.test_schedule import counted


def figures(page: str) -> dict[str, str]:
    """The numbers by what they count."""
    [listed] = re.findall(r'<dl class="v-figs">(.*?)</dl>', page, re.S)
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", listed, re.S)
    return {words(what): words(number) for what, number in found}


def takes_part(session: Session, address: str, *, heads: int = 1, state: str = "confirmed") -> None:
    person = a_person(address)
    registered(session, person.id, heads=heads, state=state)


def registered(
    session: Session, person_id: int, *, heads: int = 1, state: str = "confirmed"
) -> None:
    with transaction():
        db.session.add(
            Registration(
                session_id=session.id, person_id=person_id, state=state, head_count=heads,
                made_at=START,
            )
        )  # fmt: skip


def invited_browser(app: Flask, address: str) -> FlaskClient:
    """The browser of the person who was invited at an address."""
    anna = a_person("account@example.org", account=True)
    with transaction():
        for invitation in db.session.scalars(
            select(Invitation).where(Invitation.attendee_email == address)
        ):
            invitation.registration.person_id = anna.id
    return signed_in(app, anna)


def test_a_newcomer_reads_what_this_is_above_all_else(app: Flask, client: FlaskClient) -> None:
    for name in ("Пермь", "Омск", "Тверь"):
        a_city(name)
    a_session(in_hours(24))
    anna = signed_in(app, a_person(account=True))
    for browser in (client, anna):
        browser.get("/language/en")

    stranger, member = client.get("/").text, anna.get("/").text

    lead = words(stranger.partition("<main")[2].partition('class="v-next"')[0])
    assert "3 cities teach one another here: they show their practice" in lead
    assert "teach one another" not in member.partition("<main")[2]


def test_who_takes_part_finds_their_own_session_first_with_the_way_in(app: Flask) -> None:
    a_session(in_hours(2), title="Чужая")
    a_session(in_hours(30), title="Моя", invited=["anna@example.org"])
    a_session(in_hours(50), title="Моя позже", invited=["anna@example.org"])
    anna = invited_browser(app, "anna@example.org")
    anna.get("/language/en")
    [token] = db.session.scalars(
        select(Invitation.token).join(Registration).join(Session).where(Session.title == "Моя")
    )

    page = anna.get("/").text

    assert "Your next session" in following(page)
    assert " Моя " in following(page)
    assert re.findall(r'href="/j/([^"]+)"', page) == [token]
    assert [title.replace("\xa0", " ") for title in soon(page)] == ["Чужая", "Моя позже"]


def test_ones_own_session_leads_however_many_others_come_before_it(app: Flask) -> None:
    for number in range(52):
        a_session(in_hours(2 + number), title=f"Чужая {number}")
    a_session(in_hours(100), title="Моя", invited=["anna@example.org"])

    page = invited_browser(app, "anna@example.org").get("/").text

    assert " Моя " in following(page)


def test_who_was_taken_off_the_list_is_not_led_in(app: Flask) -> None:
    a_session(in_hours(5), invited=["anna@example.org"])
    anna = invited_browser(app, "anna@example.org")
    with transaction():
        db.session.scalars(select(Registration)).one().state = "withdrawn"

    assert "/j/" not in anna.get("/").text


def test_the_topic_of_the_next_session_tells_what_it_won(client: FlaskClient) -> None:
    season = a_season()
    a_ballot(season)
    topic = a_topic(season)
    a_decision(topic, 61, 123, 2)
    session = a_session(in_hours(5))
    with transaction():
        db.session.get_one(Session, session.id).topic_id = topic.id
    client.get("/language/en")

    page = client.get("/").text

    assert "For this topic: 61 cities of 123" in following(page)
    assert f'href="/topics/{season.id}/{topic.id}"' in page


def test_the_season_is_told_in_figures_with_their_day_and_definition(
    client: FlaskClient, clock: Clock
) -> None:
    season = a_season()
    perm, omsk = a_city(), a_city("Омск", "Asia/Omsk", "Омску")
    first = a_session(in_hours(2), presenting=(perm.id,))
    second = a_session(in_hours(4), presenting=(perm.id,))
    later = a_session(in_hours(900), presenting=(omsk.id,))
    off = a_session(in_hours(3), presenting=(omsk.id,))
    closed = a_session(in_hours(3), presenting=(omsk.id,), visibility="members")
    both = a_person("both@example.org")
    registered(first, both.id)
    registered(second, both.id, heads=8)
    takes_part(first, "one@example.org", state="registered")
    takes_part(first, "hoped@example.org", state="invited")
    takes_part(later, "later@example.org")
    takes_part(off, "off@example.org")
    takes_part(closed, "closed@example.org")
    scheduling.cancel(off.id, off.revision, None)
    a_talk("Запись", duration_s=2 * 3600.0)
    a_talk("Другая", duration_s=3600.0)
    a_talk("Закрытая", access_keys=["team"], duration_s=9 * 3600.0)
    clock.move_to(START + timedelta(days=1))
    client.get("/language/en")

    page = client.get("/").text

    assert figures(page) == {
        "cities in the programme": "2",
        "city has shown its practice": "1",
        "sessions held": "2",
        "participants": "9",
        "hours of recordings to search": "3",
    }
    assert "Season 2026/27 as of 2 October 2026." in words(page)
    assert f'href="/schedule/{season.id}?view=list&amp;past=1">2</a>' in page


def test_a_fuller_programme_takes_no_more_queries(app: Flask) -> None:
    season = a_season()
    a_session(in_hours(1), invited=["anna@example.org"], presenting=(a_city().id,))
    anna = invited_browser(app, "anna@example.org")
    a_talk("Одна")
    with counted() as few:
        anna.get("/")
    for number in range(12):
        topic = a_topic(season, f"Тема {number}")
        a_decision(topic, 5, 9, number + 1)
        cities = [a_city(f"Город {number}-{part}").id for part in range(3)]
        session = a_session(in_hours(30 + number), presenting=cities)
        with transaction():
            db.session.get_one(Session, session.id).topic_id = topic.id
        a_talk(f"Запись {number}")

    with counted() as many:
        anna.get("/")

    asked = [
        [statement for statement in sent if statement.startswith("SELECT")] for sent in (few, many)
    ]
    assert len(asked[0]) == len(asked[1]) <= 12


def test_the_host_reads_the_same_figures_of_all_that_was_held(app: Flask, clock: Clock) -> None:
    a_session(in_hours(2), visibility="participants")
    host = signed_in(app, a_host())
    host.get("/language/en")
    clock.move_to(START + timedelta(days=1))

    assert figures(host.get("/").text)["session held"] == "1"
