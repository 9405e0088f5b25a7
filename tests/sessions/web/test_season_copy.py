"""A season carried over on a page: every date first, nothing made twice; a session held again."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from integrations.runtime.database import db, transaction
from sessions.flows import planning
from sessions.models.programme import Season
from sessions.models.session import AgendaItem, Session, Speaker
from sessions.rules.recurrence import MonthlyRule, WeeklyRule
from sessions.rules.timetable import WallTime
from tests.builders import a_city, a_person, a_plan, a_session, signed_in
from tests.queries import counted
from tests.sessions.web.reading import fields, press, words

NOVEMBER_5 = WallTime(datetime(2026, 11, 5, 10, 0), "Europe/Moscow")


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """A host's browser, in English."""
    person = a_person(
        "host@example.org", given="Natalia", family="Orlova", locale="en",
        roles=[("host", "*")], account=True,
    )  # fmt: skip
    return signed_in(app, person)


def page_of(session: Session) -> str:
    return f"/plan/seasons/{session.season_id}/next-year"


def drafts_of_next_year() -> list[date]:
    rows = db.session.scalars(
        select(Session.wall_start)
        .where(Session.copied_from_id.is_not(None))
        .order_by(Session.wall_start)
    )
    return [at.date() for at in rows]


class TestCarryingOver:
    def test_every_date_is_listed_before_anything_is_made(self, host):
        session = a_session(NOVEMBER_5)
        a_session(title="Семинар")

        page = words(host.get(page_of(session)))

        assert "21 October 2027 Thu, 10:00 Moscow time 15 October 2026 Thu Семинар" in page
        assert "4 November 2027 Thu, 10:00 Moscow time" in page
        assert "Unity Day Keep the date Move to 11 November" in page
        assert drafts_of_next_year() == []

    def test_ticked_ones_are_made_on_the_dates_chosen(self, host):
        session = a_session(NOVEMBER_5)

        answer = press(host, page_of(session), page_of(session), **{f"to-{session.id}": "move"})

        target = db.session.scalars(select(Season.id).where(Season.name == "2027/28")).one()
        assert (answer.status_code, answer.location) == (302, f"/schedule/{target}")
        assert drafts_of_next_year() == [date(2027, 11, 11)]
        assert "1 draft is ready." in words(host.get(answer.location))

    def test_sessions_that_would_meet_at_one_hour_are_named(self, host):
        session = a_session(NOVEMBER_5, title="Семинар")
        a_session(WallTime(datetime(2026, 11, 12, 11, 0), "Europe/Moscow"), title="Консультация")
        calm = words(host.get(page_of(session)))

        a_session(WallTime(datetime(2026, 11, 12, 11, 0), "Europe/Moscow"), title="Показ")
        page = words(host.get(page_of(session)))

        assert "At the same hour" not in calm
        assert "At the same hour: Показ" in page
        assert "At the same hour: Консультация" in page
        assert "At the same hour: Семинар" not in page

    def test_date_before_the_season_is_said_to_be_outside(self, host):
        rule = WeeklyRule(1, (1,), date(2026, 9, 1), date(2026, 9, 8))
        plan = a_plan(rule=rule)
        planning.plan_series(plan, planning.preview(plan), None, "vzaimo.test")

        page = words(host.get(page_of(db.session.scalars(select(Session)).first())))

        assert "1 September 2026 Tue" in page
        assert page.count("Outside the season of that year") == 1

    def test_done_once_more_it_says_so_and_makes_nothing(self, host):
        session = a_session()
        press(host, page_of(session), page_of(session))

        page = host.get(page_of(session))
        again = host.post(page_of(session), data={"on": str(session.id)})

        assert "Carried over" in words(page)
        assert 'name="on"' not in page.text
        assert (again.status_code, len(drafts_of_next_year())) == (400, 1)

    def test_same_form_sent_twice_makes_one(self, host):
        session = a_session()
        sent = fields(host.get(page_of(session)), page_of(session))

        answers = [host.post(page_of(session), data=sent) for _ in range(2)]

        assert answers[0].location == answers[1].location
        assert len(drafts_of_next_year()) == 1

    def test_nothing_ticked_is_refused_and_the_choice_kept(self, host):
        session = a_session(NOVEMBER_5)

        answer = host.post(page_of(session), data={f"to-{session.id}": "move"})

        assert answer.status_code == 400
        assert "Tick at least one session to carry over." in words(answer)
        assert '<option value="move" selected>' in answer.text

    @pytest.mark.parametrize("on", ["x", "999", "-1", "1" * 40])
    def test_ids_that_no_page_wrote_are_left_alone(self, on, host):
        session = a_session()

        answer = host.post(page_of(session), data={"on": on})

        assert (answer.status_code, drafts_of_next_year()) == (400, [])

    def test_only_the_team_sees_it(self, client, app):
        session = a_session()
        member = signed_in(app, a_person("m@example.org", account=True))

        for url in (page_of(session), "/plan/seasons"):
            assert (client.get(url).status_code, member.get(url).status_code) == (302, 403)
        assert member.post(page_of(session), data={"on": "1"}).status_code == 403

    def test_season_that_is_not_there_is_not_found(self, host):
        assert host.get("/plan/seasons/999/next-year").status_code == 404

    def test_seasons_are_listed_with_the_way_there(self, host):
        session = a_session()

        assert f'href="{page_of(session)}"' in host.get("/plan/seasons").text

    def test_page_asks_the_database_as_often_for_many_sessions_as_for_few(self, host):
        rule = MonthlyRule(3, 3, date(2026, 9, 1), date(2026, 10, 31))
        few_of = planning.plan_series(
            a_plan(rule=rule), planning.preview(a_plan(rule=rule)), None, "vzaimo.test"
        )
        season_id = db.session.scalars(
            select(Session.season_id).where(Session.series_id == few_of)
        ).first()
        url = f"/plan/seasons/{season_id}/next-year"
        host.get(url)

        with counted() as few:
            host.get(url)
        for number in range(8):
            a_session(title=f"Семинар {number}")
        with counted() as many:
            host.get(url)

        assert len(many) == len(few)

    def test_page_reads_no_agendas_and_making_the_drafts_reads_them_at_once(self, host):
        city, speaker = a_city(), a_person()
        sessions = [a_session(title=f"Семинар {n}", presenting=(city.id,)) for n in range(5)]
        with transaction():
            for session in sessions:
                item = AgendaItem(offset_min=0, duration_min=10, title="Показ")
                item.speakers = [Speaker(person_id=speaker.id)]
                session.agenda.append(item)
        url = page_of(sessions[0])

        with counted() as shown:
            host.get(url)
        with counted() as made:
            host.post(url, data={"on": [session.id for session in sessions]})

        assert [one for one in shown if "agenda_items" in one or "session_cities" in one] == []
        assert len([one for one in made if "FROM agenda_items" in one]) == 1
        assert len(drafts_of_next_year()) == 5


class TestRepeating:
    def test_draft_is_made_at_the_hour_asked_for_and_its_desk_opens(self, host):
        session = a_session(title="Первые три года")
        url = f"/sessions/{session.id}/desk/repeat"

        page = fields(host.get(url), url)
        answer = press(host, url, url, day="2026-12-03", at="11:00")

        copy = db.session.scalars(select(Session).where(Session.copied_from_id == session.id)).one()
        assert page["day"] == "2026-11-12"
        assert answer.location == f"/sessions/{copy.id}/desk"
        assert (copy.wall_start, copy.state, copy.title) == (
            datetime(2026, 12, 3, 11, 0), "draft", "Первые три года",
        )  # fmt: skip

    def test_whoever_runs_the_session_opens_the_desk_of_the_draft_they_made(self, app):
        session = a_session()
        url = f"/sessions/{session.id}/desk/repeat"
        runs = [("session_host", f"session:{session.id}")]
        browser = signed_in(app, a_person("lead@example.org", roles=runs, account=True))

        answer = press(browser, url, url, day="2026-12-03", at="11:00")

        assert browser.get(answer.location).status_code == 200

    def test_pressed_twice_it_is_made_once(self, host):
        session = a_session()
        url = f"/sessions/{session.id}/desk/repeat"
        sent = fields(host.get(url), url)

        answers = [host.post(url, data=sent) for _ in range(2)]

        assert answers[0].location == answers[1].location
        assert db.session.scalar(select(func.count(Session.id))) == 2

    def test_date_that_cannot_be_read_is_pointed_at(self, host):
        session = a_session()
        url = f"/sessions/{session.id}/desk/repeat"

        answer = press(host, url, url, day="soon")

        assert (answer.status_code, db.session.scalar(select(func.count(Session.id)))) == (400, 1)

    def test_member_repeats_nothing(self, app):
        session = a_session()
        member = signed_in(app, a_person("m@example.org", account=True))

        assert member.post(f"/sessions/{session.id}/desk/repeat").status_code == 403
