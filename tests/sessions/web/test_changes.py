"""What changed in a season: version by version, in the reader's zone, for the reader's eyes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.runtime.database import db, transaction
from sessions.flows import scheduling, versioning
from sessions.models.session import Session, SessionCity
from sessions.rules.timetable import WallTime
from sessions.web import changes
from tests.builders import FRIDAY_10_MOSCOW, a_city, a_person, a_season, a_session, signed_in
from tests.queries import counted
from tests.sessions.web.reading import words

NAMES = ("title", "title_en", "summary", "format", "mode", "visibility", "place", "duration_min")


def now(session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def edit(session, **facts) -> None:
    kept = {name: getattr(now(session), name) for name in NAMES}
    kept["presenting"] = tuple(part.city_id for part in now(session).cities)
    scheduling.edit(
        session.id, scheduling.Details(**{**kept, **facts}), now(session).revision, None
    )


def page(client, season, language="en") -> str:
    answer = client.get(f"/schedule/{season.id}/changes", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return words(answer)


@pytest.fixture
def season(app):
    return a_season()


def test_season_without_announced_plan_says_so(season, client):
    assert "Nothing was announced for this season yet" in page(client, season)


def test_season_that_is_not_there_is_not_found(client):
    assert client.get("/schedule/9/changes").status_code == 404


def test_first_version_tells_how_many_sessions_were_announced(season, client):
    for _ in range(3):
        a_session()
    versioning.write(season.id)

    assert "The plan of the season was announced: 3 sessions." in page(client, season)


def test_moved_session_tells_both_hours_on_the_readers_clock(season, client, clock):
    session = a_session(title="Mentors")
    versioning.write(season.id)
    scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
    clock.move_to(datetime(2026, 10, 2, 20, 0, tzinfo=UTC))
    versioning.write(season.id)
    client.set_cookie("tz", "Asia/Yekaterinburg")

    said = page(client, season)

    assert "3 October 2026, 1:00 Yekaterinburg time" in said
    assert (
        "Moved from Thu, 15 October, 12:00 to Fri, 16 October, 12:00 Yekaterinburg time."
    ) in said


def test_member_reads_it_by_the_clock_of_their_city(season, app):
    session = a_session()
    versioning.write(season.id)
    scheduling.postpone(session.id, now(session).revision, None)
    versioning.write(season.id)
    member = signed_in(
        app, a_person("m@example.org", locale="en", city=a_city(name_en="Perm"), account=True)
    )

    assert (
        "Postponed from Thu, 15 October, 12:00 Perm time; the new date is not known yet."
    ) in page(member, season)


def test_every_kind_of_change_has_its_sentence(season, client):
    perm, kazan = a_city(name_en="Perm"), a_city("Казань", "Europe/Moscow", name_en="Kazan")
    session = a_session(title="Old", presenting=[perm.id])
    versioning.write(season.id)
    edit(
        session, title="New", duration_min=60, presenting=(perm.id, kazan.id), format="seminar",
        mode="hybrid", place="Lenin St. 1",
    )  # fmt: skip
    versioning.write(season.id)

    said = page(client, season)

    for sentence in (
        "New It has a new title; before: “Old”.",
        "Lasts 1 h; before: 1 h 30 min.",
        "Presented by: Kazan, Perm; before: Perm.",
        "Format: seminar; before: video conference.",
        "People take part in person and online; before: online.",
        "Place: Lenin St. 1.",
    ):
        assert sentence in said


def test_life_of_a_session_is_told_newest_first(season, client):
    a_session(title="Another")
    versioning.write(season.id)
    session = a_session(title="Mentors")
    versioning.write(season.id)
    for step in ("cancel", "reinstate", "postpone"):
        getattr(scheduling, step)(session.id, now(session).revision, None)
        versioning.write(season.id)
    scheduling.reschedule(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
    versioning.write(season.id)

    said = page(client, season)

    order = [
        "Was postponed and has its new date: Fri, 16 October, 10:00 Moscow time.",
        "Postponed from Thu, 15 October",
        "Takes place after all: Thu, 15 October, 10:00",
        "Cancelled; it was to be on Thu, 15 October, 10:00",
        "New: Thu, 15 October, 10:00",
        "The plan of the season was announced: 1 session.",
    ]
    places = [said.index(sentence) for sentence in order]
    assert places == sorted(places)


def test_session_that_is_secret_now_is_named_to_its_readers_only(season, client, app):
    a_session(title="Another")
    versioning.write(season.id)
    session = a_session(title="Mentors")
    versioning.write(season.id)
    member = signed_in(app, a_person("m@example.org", locale="en", account=True))
    before = page(client, season)
    edit(session, visibility="members")

    after = [page(one, season) for one in (client, member)]

    assert ["Mentors" in said for said in (before, *after)] == [True, False, True]
    assert "version 2" not in after[0]


def test_title_stands_in_the_readers_language(season, client):
    a_session(title="Другая")
    versioning.write(season.id)
    with transaction():
        now(a_session(title="Наставники")).title_en = "Mentors"
    versioning.write(season.id)

    assert ["Mentors" in page(client, season, one) for one in ("en", "ru")] == [True, False]


def test_page_asks_as_much_for_ten_versions_as_for_one(season, client):
    city = a_city()
    session = a_session(presenting=[city.id])
    versioning.write(season.id)
    questions = []
    for number in range(10):
        with transaction():
            now(session).title = f"Title {number}"
            now(session).cities = [] if number % 2 == 0 else [SessionCity(city_id=city.id)]
        versioning.write(season.id)
        with counted() as asked:
            page(client, season)
        questions.append(len(asked))

    assert questions[-1] == questions[0]


def test_session_page_may_tell_what_changed_about_it(season, app):
    other, session = a_session(title="Another"), a_session(title="Mentors")
    versioning.write(season.id)
    edit(other, title="Else")
    versioning.write(season.id)
    scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
    versioning.write(season.id)
    edit(session, title="Mentoring")
    versioning.write(season.id)

    with app.test_request_context(headers={"Accept-Language": "en"}):
        app.preprocess_request()
        told = changes.changes_of(now(session))

    assert [list(one.sentences) for one in told] == [
        ["It has a new title; before: “Mentors”."],
        ["Moved from Thu, 15\u00a0October, 10:00 to Fri, 16\u00a0October, 10:00 Moscow time."],
    ]


def test_date_of_another_year_is_told_with_its_year(season, client, clock):
    session = a_session()
    versioning.write(season.id)
    clock.move_to(datetime(2027, 1, 10, 9, 0, tzinfo=UTC))
    there = WallTime(datetime(2027, 2, 4, 10, 0), "Europe/Moscow")
    scheduling.move(session.id, there, now(session).revision, None)
    versioning.write(season.id)

    said = page(client, season)

    assert "Moved from Thu, 15 October 2026, 10:00 to Thu, 4 February, 10:00 Moscow time." in said
