"""Things that tests need, with everything filled in but what matters to them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time

from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import hash_password

from integrations.runtime.database import db, transaction
from sessions.flows import inviting, planning, scheduling
from sessions.flows.planning import SeriesPlan
from sessions.models.people import Account, Person, PersonEmail, RoleGrant
from sessions.models.programme import City
from sessions.models.session import Session
from sessions.rules.timetable import MonthlyRule, WallTime

THURSDAY_10_MOSCOW = WallTime(datetime(2026, 10, 15, 10, 0), "Europe/Moscow")
FRIDAY_10_MOSCOW = WallTime(datetime(2026, 10, 16, 10, 0), "Europe/Moscow")
PASSWORD = "longer than eight"


def a_city(name: str = "Пермь", tz: str = "Asia/Yekaterinburg", dative: str = "Перми") -> City:
    with transaction():
        city = City(name=name, tz=tz, dative=dative)
        db.session.add(city)
    return city


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
