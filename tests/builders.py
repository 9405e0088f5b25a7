"""Things that tests need, with everything filled in but what matters to them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import hash_password

from integrations.runtime.database import db, transaction
from sessions.flows import inviting, planning, scheduling
from sessions.flows.planning import SeriesPlan
from sessions.models.people import Account, Person, PersonEmail, RoleGrant
from sessions.models.poll import Ballot, Topic, TopicDecision, Vote
from sessions.models.programme import City, Season
from sessions.models.session import Session
from sessions.rules.recurrence import MonthlyRule
from sessions.rules.timetable import WallTime

THURSDAY_10_MOSCOW = WallTime(datetime(2026, 10, 15, 10, 0), "Europe/Moscow")
FRIDAY_10_MOSCOW = WallTime(datetime(2026, 10, 16, 10, 0), "Europe/Moscow")
BALLOT_CLOSED = datetime(2026, 5, 31, 15, 0, tzinfo=UTC)
PASSWORD = "longer than eight"


def a_city(
    name: str = "Пермь", tz: str = "Asia/Yekaterinburg", dative: str = "Перми", **facts: object
) -> City:
    with transaction():
        city = City(name=name, tz=tz, dative=dative, **facts)
        db.session.add(city)
    return city


def a_season(name: str = "2026/27", **facts: object) -> Season:
    with transaction():
        season = Season(
            **{
                "name": name,
                "starts_on": date(2026, 9, 1),
                "ends_on": date(2027, 5, 31),
                "state": "running",
                **facts,
            }
        )
        db.session.add(season)
    return season


def a_ballot(season: Season, closes_at: datetime = BALLOT_CLOSED, **facts: object) -> Ballot:
    """The vote of a season, open for the month before `closes_at`."""
    with transaction():
        ballot = Ballot(
            season_id=season.id,
            opens_at=closes_at - timedelta(days=30),
            closes_at=closes_at,
            **{"electorate": "city", "quota": 3, **facts},
        )
        db.session.add(ballot)
    return ballot


def a_topic(season: Season, title: str = "Наставничество", **facts: object) -> Topic:
    with transaction():
        topic = Topic(season_id=season.id, title=title, **facts)
        db.session.add(topic)
    return topic


def a_vote(topic: Topic, *voters: City | Person) -> None:
    """Each of the voters is for the topic."""
    with transaction():
        db.session.add_all(
            Vote(
                topic_id=topic.id,
                city_id=voter.id if isinstance(voter, City) else None,
                person_id=voter.id if isinstance(voter, Person) else None,
                cast_at=BALLOT_CLOSED - timedelta(days=1),
            )
            for voter in voters
        )


def a_decision(topic: Topic, votes: int, of: int, place: int, *, chosen: bool = True) -> None:
    """What the vote came to for the topic."""
    with transaction():
        db.session.add(
            TopicDecision(
                topic_id=topic.id, votes=votes, electorate=of, place=place, is_chosen=chosen,
                decided_at=BALLOT_CLOSED,
            )
        )  # fmt: skip


def a_person(
    email: str = "anna@example.org",
    *,
    given: str = "Анна",
    family: str = "Белова",
    locale: str = "ru",
    city: City | None = None,
    roles: Sequence[tuple[str, str]] = (),
    account: bool = False,
) -> Person:
    with transaction():
        person = Person(
            given=given, family=family, locale=locale, city_id=city.id if city else None,
            emails=[PersonEmail(address=email)],
            grants=[RoleGrant(role=role, scope=scope) for role, scope in roles],
        )  # fmt: skip
        db.session.add(person)
        db.session.flush()
        if account:
            db.session.add(
                Account(
                    person_id=person.id,
                    email=email,
                    password=hash_password(PASSWORD),
                    active=True,
                    fs_uniquifier=uuid.uuid4().hex,
                )
            )
    return person


def a_host(email: str = "host@example.org") -> Person:
    """A host of the programme, who can sign in."""
    return a_person(email, given="Наталья", family="Орлова", roles=[("host", "*")], account=True)


def a_plan(**changes: object) -> SeriesPlan:
    facts: dict[str, object] = {
        "title": "Первые три года учителя",
        "rule": MonthlyRule(3, 3, date(2026, 9, 1), date(2027, 5, 31)),
        "tz": "Europe/Moscow",
        "wall_start": time(10, 0),
        "duration_min": 90,
    }
    return SeriesPlan(**{**facts, **changes})  # type: ignore[arg-type]


def a_session(
    at: WallTime = THURSDAY_10_MOSCOW,
    *,
    invited: Sequence[str] = (),
    draft: bool = False,
    **changes: object,
) -> Session:
    """A scheduled session (or a draft), with people invited by address."""
    plan = a_plan(tz=at.tz, **changes)
    session_id = planning.plan_one(plan, at.local, None, "vzaimo.test")
    if invited:
        inviting.invite(session_id, [("", address) for address in invited], None)
    if not draft:
        scheduling.schedule(session_id, 1, None)
    return db.session.get_one(Session, session_id)


def signed_in(app: Flask, person: Person) -> FlaskClient:
    """A browser in which this person, who has an account, is signed in."""
    client = app.test_client()
    address = person.emails[0].address
    answer = client.post("/sign-in/", data={"email": address, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return client
