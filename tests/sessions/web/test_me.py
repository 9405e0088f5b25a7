"""What concerns oneself: sessions to come and past, name, language and zone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from archive.models import Talk
from integrations.runtime.database import db, transaction
from sessions.flows import scheduling
from sessions.models.participation import Invitation
from sessions.models.people import Person
from tests.builders import a_city, a_person, a_session, signed_in
from tests.sessions.web.reading import press, words


@pytest.fixture
def me(app: Flask):
    """The browser of an English reader from Perm."""
    with transaction():
        city = a_city()
        city.name_en = "Perm"
    person = a_person(
        "me@example.org", given="Anna", family="Belova", locale="en", city=city, account=True
    )
    return signed_in(app, person)


def person() -> Person:
    return db.session.scalars(
        db.select(Person).where(Person.emails.any(address="me@example.org")),
        execution_options={"populate_existing": True},
    ).one()


@pytest.mark.parametrize("path", ["/me", "/me/settings"])
def test_stranger_is_asked_to_sign_in(path, client):
    answer = client.get(path)

    assert (answer.status_code, answer.location) == (302, f"/sign-in/?next={path}")


def test_someone_invited_to_nothing_is_told_what_will_stand_here(me):
    assert "You are not invited to any session yet" in words(me.get("/me"))


def test_session_to_come_stands_with_its_local_hour_and_the_join_page(me):
    a_session(title="Впереди", invited=["me@example.org"])
    token = db.session.scalars(db.select(Invitation.token)).one()

    answer = me.get("/me")

    assert "Впереди 12:00–13:30 Perm time" in words(answer)
    assert f"/j/{token}" in answer.text


def test_sessions_of_others_and_drafts_do_not_stand_here(me):
    a_session(title="Чужая", invited=["other@example.org"])
    a_session(title="Черновик", draft=True, invited=["me@example.org"])

    shown = words(me.get("/me"))

    assert ("Чужая" in shown, "Черновик" in shown) == (False, False)


def test_session_that_runs_is_still_ahead(me, clock):
    session = a_session(invited=["me@example.org"])
    clock.move_to(session.starts_at + timedelta(minutes=80))

    assert "Join page" in words(me.get("/me")).partition("Over")[0]


@pytest.mark.parametrize(("keys", "is_shown"), [(["member"], True), (["team"], False)])
def test_past_session_leads_to_its_recording_where_one_may_see_it(keys, is_shown, me, clock):
    session = a_session(title="Была", invited=["me@example.org"])
    scheduling.end(session.id, session.revision, None)
    with transaction():
        talk = Talk(
            source=f"session:{session.id}", title="Была", state="published", access_keys=keys,
            made_at=clock(),
        )  # fmt: skip
        db.session.add(talk)

    answer = me.get("/me")

    assert "Over 15 Oct Thursday Video conference Была" in words(answer).replace("October", "Oct")
    assert (f"/talks/{talk.id}" in answer.text) == is_shown


def test_cancelled_session_is_named_so_and_leads_nowhere(me):
    session = a_session(invited=["me@example.org"])
    scheduling.cancel(session.id, session.revision, None)

    answer = me.get("/me")

    assert "Cancelled" in words(answer)
    assert "/j/" not in answer.text


def test_many_past_sessions_stand_on_pages(me, clock):
    for number in range(25):
        a_session(title=f"Встреча {number}", invited=["me@example.org"])
    clock.move_to(datetime.fromisoformat("2026-12-01T00:00+00:00"))

    first, second = words(me.get("/me")), words(me.get("/me?page=2"))

    assert (first.count("Встреча"), second.count("Встреча")) == (20, 5)


def test_settings_are_kept_and_the_next_page_speaks_the_new_language(me):
    answer = press(
        me, "/me/settings", "/me/settings",
        family=" Ложкина ", given="Марина", patronymic="Андреевна", post="директор",
        organisation="Школа № 4", locale="ru", tz="",
    )  # fmt: skip

    kept = person()
    assert answer.status_code == 302
    assert (kept.family, kept.given, kept.patronymic) == ("Ложкина", "Марина", "Андреевна")
    assert (kept.post, kept.organisation, kept.locale) == ("директор", "Школа № 4", "ru")
    assert '<html lang="ru">' in me.get("/me").text


def test_zone_shows_at_once(me):
    a_session(invited=["me@example.org"])

    press(me, "/me/settings", "/me/settings", tz="Asia/Kamchatka")

    assert "19:00–20:30" in words(me.get("/me"))


def test_city_shows_at_once_where_no_zone_was_chosen(me):
    omsk = a_city("Омск", "Asia/Omsk", "Омску")
    a_session(invited=["me@example.org"])

    press(me, "/me/settings", "/me/settings", city=str(omsk.id))

    assert "13:00–14:30" in words(me.get("/me"))


def test_choice_of_this_browser_gives_way_to_the_profile(me):
    me.get("/language/ru")

    press(me, "/me/settings", "/me/settings", locale="en")

    assert '<html lang="en">' in me.get("/me").text


@pytest.mark.parametrize(
    "wrong", [{"tz": "Mars/Olympus"}, {"city": "999"}, {"locale": "tlh"}, {"given": "а" * 101}]
)
def test_what_cannot_be_is_refused_and_nothing_changes(wrong, me):
    before = (person().given, person().tz, person().city_id, person().locale)

    answer = press(me, "/me/settings", "/me/settings", **wrong)

    after = person()
    assert answer.status_code == 400
    assert (after.given, after.tz, after.city_id, after.locale) == before


def test_settings_of_someone_signed_out_wait_for_them(me):
    me.post("/sign-out")

    answer = me.post("/me/settings", data={"given": "Марина"})

    assert answer.status_code == 401
    assert 'name="given" value="Марина"' in answer.text
