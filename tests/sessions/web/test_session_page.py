from __future__ import annotations

import html
import re
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import Talk
from integrations.runtime.database import db, transaction
from sessions.flows import scheduling
from sessions.models.participation import Invitation
from sessions.models.people import Account, Person
from sessions.models.session import AgendaItem, Session, Speaker
from tests.builders import a_city, a_host, a_person, a_session, signed_in
from tests.conftest import START, Clock


def words(page: str) -> str:
    """The page as it is read."""
    main = page.partition("<main")[2].partition("</main>")[0]
    text = html.unescape(re.sub(r"<[^>]+>", " ", main))
    return " ".join(text.replace("\u2060", "").replace("\u2011", "-").split())


def a_talk(session: Session, **facts: object) -> Talk:
    with transaction():
        talk = Talk(
            source=f"session:{session.id}", title=session.title, state="published",
            access_keys=["public", "member", "team"], made_at=START,
        )  # fmt: skip
        for name, value in facts.items():
            setattr(talk, name, value)
        db.session.add(talk)
    return talk


def invited(app: Flask, session: Session, address: str = "anna@example.org") -> FlaskClient:
    """The browser of someone who was invited to the session and has an account."""
    anna = a_person("account@example.org", account=True)
    with transaction():
        invitation = db.session.scalars(
            select(Invitation).where(Invitation.attendee_email == address)
        ).one()
        invitation.registration.person_id = anna.id
    return signed_in(app, anna)


def test_the_page_shows_what_when_and_by_whom(client: FlaskClient) -> None:
    perm = a_city()
    session = a_session(
        title="Наставничество", summary="Два города.\nТри школы.", presenting=(perm.id,)
    )
    speaker = a_person(given="Елена", family="Самойлова", city=perm)
    with transaction():
        db.session.get_one(Person, speaker.id).post = "начальник департамента"
        db.session.get_one(Session, session.id).agenda = [
            AgendaItem(offset_min=10, duration_min=20, title="Договор",
                       speakers=[Speaker(person_id=speaker.id)]),
        ]  # fmt: skip
    client.set_cookie("tz", "Asia/Yekaterinburg")

    russian = words(client.get(f"/sessions/{session.id}").text)
    client.get("/language/en")
    english = words(client.get(f"/sessions/{session.id}").text)

    assert (
        "Четверг, 15 октября 2026 12:00–13:30 по Екатеринбургу (UTC+5) 10:00–11:30 по Москве"
        in (russian)
    )
    assert "Thursday, 15 October 2026 12:00–13:30 Yekaterinburg time (UTC+5)" in english
    assert "Presenting Пермь" in english
    assert "Два города. Три школы." in english
    assert "12:10 Договор ЕС Елена Самойлова начальник департамента, Пермь" in english


def test_a_person_of_a_member_city_reads_the_name_of_their_own_city(app: Flask) -> None:
    session = a_session()
    anna = signed_in(app, a_person(city=a_city(), account=True))

    page = words(anna.get(f"/sessions/{session.id}").text)

    assert "12:00–13:30 по Перми (UTC+5)" in page


def test_the_start_is_named_by_city_with_late_hours_marked(client: FlaskClient) -> None:
    for name, tz in [("Омск", "Asia/Omsk"), ("Владивосток", "Asia/Vladivostok")]:
        a_city(name, tz, "")
    session = a_session()
    client.get("/language/en")

    page = client.get(f"/sessions/{session.id}").text

    table = re.findall(r'<th scope="row"[^>]*>(.*?)</th><td class="([^"]*)">(.*?)</td>', page)
    lines = [(name, "v-now" in mark, re.findall(r"\d+:\d\d", cell)) for name, mark, cell in table]
    assert lines == [
        ("Moscow", False, ["10:00"]),
        ("Омск", False, ["13:00"]),
        ("Владивосток", True, ["17:00"]),
    ]


def test_a_session_that_does_not_exist_is_not_found(client: FlaskClient) -> None:
    assert client.get("/sessions/77").status_code == 404


def test_a_draft_is_not_there_for_anyone_but_the_team(app: Flask, client: FlaskClient) -> None:
    session = a_session(draft=True, title="Тайный план")
    anna, host = signed_in(app, a_person(account=True)), signed_in(app, a_host())
    host.get("/language/en")

    answers = [b.get(f"/sessions/{session.id}") for b in (client, anna, host)]

    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert ["Тайный план" in answer.text for answer in answers] == [False, False, True]
    assert "This is a draft: only the team sees it." in words(answers[2].text)


def test_a_session_for_members_asks_a_stranger_to_sign_in(app: Flask, client: FlaskClient) -> None:
    session = a_session(visibility="members")
    anna = signed_in(app, a_person(account=True))

    stranger = client.get(f"/sessions/{session.id}")

    assert (stranger.status_code, stranger.headers["Location"]) == (
        302, f"/sign-in/?next=/sessions/{session.id}",
    )  # fmt: skip
    assert anna.get(f"/sessions/{session.id}").status_code == 200


def test_a_session_for_the_invited_tells_others_whom_to_ask(app: Flask) -> None:
    session = a_session(visibility="participants", title="Закрытая", invited=["anna@example.org"])
    host = a_host()
    with transaction():
        db.session.get_one(Session, session.id).owner_id = host.id
    boris = signed_in(app, a_person("boris@example.org", account=True))
    boris.get("/language/en")

    refused = boris.get(f"/sessions/{session.id}")

    assert refused.status_code == 403
    assert "Ask for an invitation: Наталья Орлова." in words(refused.text)
    assert "Закрытая" not in refused.text
    assert invited(app, session).get(f"/sessions/{session.id}").status_code == 200


def test_someone_registered_finds_their_own_way_in_and_others_do_not(
    app: Flask, client: FlaskClient
) -> None:
    session = a_session(invited=["anna@example.org", "boris@example.org"])
    anna = invited(app, session)
    tokens = {one.attendee_email: one.token for one in db.session.scalars(select(Invitation))}

    mine = anna.get(f"/sessions/{session.id}").text
    anyones = client.get(f"/sessions/{session.id}").text

    assert re.findall(r'href="/j/([^"]+)"', mine) == [tokens["anna@example.org"]]
    assert "/j/" not in anyones


def test_there_is_no_way_into_a_session_that_is_over_or_off(app: Flask, clock: Clock) -> None:
    off, over = a_session(invited=["anna@example.org"]), a_session(invited=["anna@example.org"])
    anna = signed_in(app, _with_account("anna@example.org"))
    scheduling.cancel(off.id, off.revision, None)
    clock.move_to(over.ends_at + timedelta(minutes=1))

    pages = [anna.get(f"/sessions/{one.id}").text for one in (off, over)]

    assert ["/j/" in page for page in pages] == [False, False]


def _with_account(address: str) -> Person:
    """The person who was invited at this address, now with an account."""
    model = a_person("model@example.org", account=True)
    with transaction():
        account = db.session.scalars(select(Account).where(Account.person_id == model.id)).one()
        invitation = db.session.scalars(
            select(Invitation).where(Invitation.attendee_email == address).limit(1)
        ).one()
        account.person_id, account.email = invitation.registration.person_id, address
    return account.person


def test_a_cancelled_session_says_so_and_leads_on(client: FlaskClient) -> None:
    session = a_session()
    scheduling.cancel(session.id, session.revision, None)
    client.get("/language/en")

    page = client.get(f"/sessions/{session.id}")

    assert page.status_code == 200
    assert "This session is cancelled." in words(page.text)
    assert f'<a href="/schedule/{session.season_id}">Other sessions of the season</a>' in page.text


def test_a_postponed_session_says_what_is_instead(client: FlaskClient) -> None:
    session = a_session()
    with transaction():
        db.session.get_one(Session, session.id).state = "postponed"
    client.get("/language/en")

    assert "A new date will appear here" in words(client.get(f"/sessions/{session.id}").text)


def test_a_published_recording_is_one_press_away(client: FlaskClient) -> None:
    session = a_session()
    talk = a_talk(session)

    assert f'href="/talks/{talk.id}"' in client.get(f"/sessions/{session.id}").text


def test_a_recording_that_is_closed_or_not_ready_is_not_led_to(
    app: Flask, client: FlaskClient
) -> None:
    closed, unready = a_session(), a_session()
    talks = [
        a_talk(closed, access_keys=["team"]),
        a_talk(unready, state="read"),
    ]
    host = signed_in(app, a_host())
    host.get("/language/en")

    for session, talk in zip((closed, unready), talks, strict=True):
        assert f"/talks/{talk.id}" not in client.get(f"/sessions/{session.id}").text
    assert f"/talks/{talks[0].id}" in host.get(f"/sessions/{closed.id}").text
    assert "Being processed" in words(host.get(f"/sessions/{unready.id}").text)


def test_a_title_with_markup_in_it_is_text(client: FlaskClient) -> None:
    session = a_session(title="<script>alert(1)</script> & «Школа»")

    page = client.get(f"/sessions/{session.id}").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; «Школа»" in page


def test_a_page_for_members_is_kept_out_of_search_engines(app: Flask, client: FlaskClient) -> None:
    public, members = a_session(), a_session(visibility="members")
    anna = signed_in(app, a_person(account=True))

    pages = [anna.get(f"/sessions/{one.id}").text for one in (public, members)]

    assert ['content="noindex"' in page for page in pages] == [False, True]
