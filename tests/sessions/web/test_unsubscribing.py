"""Fewer letters: by a person's press or by their mail program's, and back."""

from __future__ import annotations

import pytest

from integrations.runtime.database import db
from sessions.flows import scheduling
from sessions.models.audit import AuditLog
from sessions.models.participation import Invitation, Registration
from sessions.models.people import Person
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, a_person, a_session
from tests.sessions.web.reading import words

ANNA = "anna@example.org"


@pytest.fixture
def link(app) -> str:
    a_person(ANNA)
    a_session(invited=[ANNA])
    return f"/u/{db.session.query(Invitation).one().token}"


def choice() -> str:
    return db.session.query(Person).filter_by(given="Анна").one().reminders


def test_opening_the_page_changes_nothing(client, link):
    answer = client.get(link)

    assert answer.status_code == 200
    assert choice() == "each"


def test_press_stops_reminders_and_the_page_says_what_still_comes(client, link):
    answer = client.post(link)

    assert choice() == "none"
    page = client.get(answer.headers["Location"], headers={"Accept-Language": "en"})
    assert f"Reminders and digests no longer come to {ANNA}." in words(page)
    assert "what is moved or cancelled, you still hear by letter" in words(page)


def test_mail_program_presses_without_cookie_and_form_and_is_not_led_on(app, client, link):
    app.config["WTF_CSRF_ENABLED"] = True

    answer = client.post(link, data={"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, answer.text) == (200, "")
    assert choice() == "none"


def test_pressing_twice_is_once(client, link):
    client.post(link, data={"List-Unsubscribe": "One-Click"})
    client.post(link, data={"List-Unsubscribe": "One-Click"})

    kept = db.session.query(AuditLog).filter_by(action="person.reminders").all()
    assert [one.details for one in kept] == [{"before": "each", "now": "none"}]


@pytest.mark.parametrize(("before", "after"), [("digest", "digest"), ("", "each"), ("x", "each")])
def test_taking_it_back_brings_what_was_chosen_before(before, after, client, link):
    client.post(link)

    client.post(link, data={"do": "resume", "before": before})

    assert choice() == after


def test_stopping_leads_to_a_page_that_remembers_the_choice_before(client, link):
    person = db.session.query(Person).filter_by(given="Анна").one()
    person.reminders = "digest"
    db.session.commit()

    page = client.get(client.post(link).headers["Location"]).text

    assert 'name="before" value="digest"' in page


def test_one_who_stopped_stays_invited_and_hears_of_a_move(client, link, outbox, work_off):
    client.post(link, data={"List-Unsubscribe": "One-Click"})
    session = db.session.query(Session).one()
    work_off()

    scheduling.move(session.id, FRIDAY_10_MOSCOW, session.revision, None)
    work_off()

    assert db.session.query(Registration).one().state == "invited"
    assert [event["SEQUENCE"] for event in outbox.calendars_to(ANNA)] == [0, 1]


def test_page_offers_to_decline_what_is_still_to_come(client, clock, link):
    assert "answer=declined" in client.get(link).text

    clock.pass_by(days=60)

    assert "answer=declined" not in client.get(link).text


@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_link_is_not_found(method, client, app):
    assert getattr(client, method)("/u/unknown").status_code == 404
    assert getattr(client, method)("/u/a%20b").status_code == 404


def test_address_of_the_page_is_told_to_nobody(client, link):
    headers = client.get(link).headers

    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
