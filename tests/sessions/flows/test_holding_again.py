"""A session held once more has everything but date and people."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select

from integrations.runtime.database import db, transaction
from sessions.flows import holding_again
from sessions.models.participation import Registration
from sessions.models.session import AgendaItem, Session, Speaker
from sessions.rules.timetable import WallTime
from tests.builders import a_city, a_person, a_season, a_session, a_topic

DOMAIN = "vzaimo.test"
OCTOBER_15 = WallTime(datetime(2026, 10, 15, 10, 0), "Europe/Moscow")
NOVEMBER_19 = WallTime(datetime(2026, 11, 19, 12, 30), "Asia/Yekaterinburg")


def a_full_session() -> Session:
    """Published, with cities, an agenda, a speaker who confirmed, and someone invited."""
    perm = a_city()
    session = a_session(
        OCTOBER_15, presenting=[perm.id], summary="О чём", invited=["anna@example.org"]
    )
    person = a_person("boris@example.org", given="Борис")
    topic = a_topic(session.season)
    with transaction():
        session.topic_id, session.title_en, session.capacity_online = topic.id, "Mentors", 90
        session.agenda = [
            AgendaItem(
                offset_min=10, duration_min=20, title="Показ", title_en="Show", place="Зал",
                speakers=[Speaker(person_id=person.id, state="confirmed", token="secret")],
            )
        ]  # fmt: skip
    return session


def test_draft_has_everything_but_date_and_people(app):
    source = a_full_session()

    id_ = holding_again.repeat(source.id, NOVEMBER_19, None, DOMAIN)

    copy = db.session.get_one(Session, id_)
    assert (copy.state, copy.sequence, copy.revision, copy.announced_revision) == (
        "draft", 0, 1, 0,
    )  # fmt: skip
    assert (copy.title, copy.title_en, copy.summary, copy.capacity_online, copy.topic_id) == (
        source.title, "Mentors", "О чём", 90, source.topic_id,
    )  # fmt: skip
    assert (copy.wall, copy.season_id, copy.series_id) == (NOVEMBER_19, source.season_id, None)
    assert [(part.role, part.city.name) for part in copy.cities] == [("presenting", "Пермь")]
    item = copy.agenda[0]
    assert (item.offset_min, item.title, item.title_en, item.place) == (
        10, "Показ", "Show", "Зал",
    )  # fmt: skip
    assert [(s.person.given, s.state, s.token) for s in item.speakers] == [("Борис", "named", None)]
    people = select(func.count(Registration.id)).where(Registration.session_id == id_)
    assert db.session.scalar(people) == 0


def test_source_stays_as_it_was(app):
    source = a_full_session()
    before = (source.uid, source.revision, source.state, source.agenda[0].id)

    holding_again.repeat(source.id, NOVEMBER_19, None, DOMAIN)

    db.session.expire_all()
    assert (source.uid, source.revision, source.state, source.agenda[0].id) == before


def test_repeated_in_another_season_it_belongs_there_and_leaves_the_topic(app):
    source = a_full_session()
    later = a_season("2028/29", starts_on=date(2028, 9, 1), ends_on=date(2029, 5, 31))
    at = WallTime(datetime(2028, 10, 19, 10, 0), "Europe/Moscow")

    copy = db.session.get_one(Session, holding_again.repeat(source.id, at, None, DOMAIN))

    assert (copy.season_id, copy.topic_id) == (later.id, None)


def test_day_off_is_written_down(app):
    source = a_full_session()
    at = WallTime(datetime(2026, 11, 4, 10, 0), "Europe/Moscow")

    copy = db.session.get_one(Session, holding_again.repeat(source.id, at, None, DOMAIN))

    assert copy.holiday == "День народного единства"
