"""Hosts choose when people are reminded and see what leaves; people choose how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.flows import digesting, inviting, planning, scheduling
from sessions.models.audit import AuditLog
from sessions.models.people import Person
from sessions.models.programme import Series
from sessions.models.session import Session
from tests.builders import a_person, a_plan, a_session, signed_in
from tests.conftest import Clock
from tests.reminded import pass_until
from tests.sessions.web.planner_form import THIRD_THURSDAYS, plan, the_form
from tests.sessions.web.reading import fields, words

ANNA = "anna@example.org"
THURSDAY = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, reminders="day,hour,recording")


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """The browser of a host who reads English."""
    return signed_in(
        app, a_person("host@example.org", locale="en", roles=[("host", "*")], account=True)
    )


@pytest.fixture
def series(app: Flask) -> Series:
    wanted = a_plan()
    series_id = planning.plan_series(wanted, planning.preview(wanted)[:3], None, "vzaimo.test")
    return db.session.get_one(Series, series_id)


def kept(series: Series) -> list[str] | None:
    return db.session.get_one(Series, series.id, populate_existing=True).reminders


def followed(host: FlaskClient, address: str, data: dict[str, object]) -> TestResponse:
    """The page to which a form leads."""
    return host.get(host.post(address, data=data).location)


def test_page_of_a_series_says_in_a_sentence_when_people_are_reminded(host, series):
    shown = words(host.get(f"/plan/series/{series.id}"))

    assert (
        "People are reminded a day before, an hour before, and when the recording is there."
    ) in shown


def test_what_is_ticked_for_a_series_is_kept_and_said(host, series):
    ticked = {"reminders": ["-", "week", "hour"]}

    answer = followed(host, f"/plan/series/{series.id}/reminders", ticked)

    assert kept(series) == ["week", "hour"]
    assert "Saved. People are reminded a week before and an hour before." in words(answer)


def test_nothing_ticked_reminds_nobody(host, series):
    answer = followed(host, f"/plan/series/{series.id}/reminders", {"reminders": "-"})

    assert kept(series) == []
    assert "Nobody is reminded of these sessions." in words(answer)


def test_what_the_programme_does_anyway_is_not_kept_as_the_series_own(host, series):
    ticked = {"reminders": ["-", "day", "hour", "recording"]}

    host.post(f"/plan/series/{series.id}/reminders", data=ticked)

    assert kept(series) is None


def test_address_of_the_press_leads_back_to_the_series(host, series):
    answer = host.get(f"/plan/series/{series.id}/reminders")

    assert answer.location == f"/plan/series/{series.id}#reminders"


@pytest.mark.parametrize(
    ("ticked", "own"), [([], None), (["-"], []), (["-", "hour"], ["hour"]), (["-", "x"], [])]
)
def test_new_series_is_made_with_the_reminders_of_its_form(ticked, own, host):
    host.post("/plan/series", data=plan(host, THIRD_THURSDAYS, reminders=ticked))

    (made,) = db.session.query(Series).all()
    assert made.reminders == own


def test_form_of_a_new_series_has_the_programmes_reminders_ticked(host):
    found = the_form(host.get("/plan/series").text)

    assert found["reminders"] == ["-", "day", "hour", "recording"]


def test_series_that_is_split_takes_its_reminders_along(host, series):
    host.post(f"/plan/series/{series.id}/reminders", data={"reminders": ["-", "hour"]})
    address = f"/plan/series/{series.id}/change"
    page = host.get(f"{address}?scope=following&from=2026-10-15").text
    shown = host.post(address, data={**the_form(page), "at": "11:00", "do": "show"}).location

    host.post(address, data={**the_form(host.get(shown).text), "do": "make"})

    assert [one.reminders for one in db.session.query(Series).order_by(Series.id)] == [
        ["hour"], ["hour"],
    ]  # fmt: skip


def on_the_desk(host: FlaskClient, session: Session) -> str:
    page = words(host.get(f"/sessions/{session.id}/desk"))
    return page.partition("Reminders")[2].partition("Whoever prefers")[0].strip()


def test_desk_shows_what_leaves_when_and_to_how_many(host, work_off):
    a_person(ANNA, locale="en")
    session = a_session(invited=[ANNA, "b@example.org"])
    with transaction():
        db.session.query(Person).filter(Person.emails.any(address=ANNA)).one().reminders = "none"
    work_off()

    assert on_the_desk(host, session) == (
        "A day before 14 October, 10:00 Moscow time: to 1 person "
        "An hour before 15 October, 9:00 Moscow time: to 1 person "
        "When the recording is there as soon as it is published"
    )


def test_desk_shows_what_left_and_what_stays_away(host, clock, work_off):
    a_person(ANNA, locale="en")
    session = a_session(invited=[ANNA, "b@example.org"])
    work_off()
    clock.move_to(THURSDAY - timedelta(hours=3))
    work_off()
    inviting.invite(session.id, [("", "late@example.org")], None)
    clock.move_to(THURSDAY - timedelta(hours=1))
    work_off()
    clock.move_to(THURSDAY + timedelta(days=40))

    assert on_the_desk(host, session) == (
        "A day before 14 October, 10:00 Moscow time: nobody was reminded "
        "An hour before 15 October, 9:00 Moscow time: 3 letters left "
        "When the recording is there nobody was reminded"
    )


def test_desk_says_that_a_cancelled_session_reminds_nobody(host, work_off):
    session = a_session(invited=[ANNA])
    scheduling.cancel(session.id, session.revision, None)

    assert on_the_desk(host, session).count("nobody was reminded") == 3


@pytest.fixture
def me(app: Flask) -> FlaskClient:
    return signed_in(app, a_person(ANNA, locale="en", account=True))


def choice() -> str:
    return db.session.query(Person).filter_by(family="Белова").one().reminders


def settings_form(**changes: str) -> dict[str, str]:
    plain = {"given": "Анна", "family": "Белова", "locale": "en", "city": "0", "tz": ""}
    return plain | changes


@pytest.mark.parametrize("wanted", ["each", "digest", "none"])
def test_person_chooses_how_often_they_are_reminded(wanted, me):
    answer = me.post("/me/settings", data=settings_form(reminders=wanted))

    assert (answer.status_code, choice()) == (302, wanted)
    assert fields(me.get("/me/settings"), "/me/settings")["reminders"] == wanted


def test_form_without_the_choice_leaves_it_as_it_is(me):
    me.post("/me/settings", data=settings_form(reminders="none"))

    me.post("/me/settings", data=settings_form(given="Аня"))

    assert choice() == "none"


def test_choice_that_is_none_of_ours_is_refused(me):
    answer = me.post("/me/settings", data=settings_form(reminders="hourly"))

    assert (answer.status_code, choice()) == (400, "each")


def test_change_of_the_choice_is_kept_in_the_log(me):
    me.post("/me/settings", data=settings_form(reminders="digest"))
    me.post("/me/settings", data=settings_form(reminders="digest"))

    (row,) = db.session.query(AuditLog).filter_by(action="person.reminders").all()
    assert row.details == {"before": "each", "now": "digest"}


def test_digest_chosen_in_the_week_comes_the_next_monday(
    me, outbox, clock: Clock, work_off: Callable[[], int]
):
    a_session(invited=[ANNA])
    digesting.owe_sweep()
    me.post("/me/settings", data=settings_form(reminders="digest"))

    pass_until(THURSDAY, clock, work_off)

    assert [str(one["Subject"]).partition(":")[0] for one in outbox.to(ANNA)] == [
        "Invitation", "Your week from 12 October",
    ]  # fmt: skip
