"""The people of the demo, their addresses and roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from integrations.runtime.database import db
from sessions.demo.sources import Person as DemoPerson
from sessions.flows import admitting, inviting
from sessions.models.people import Person, PersonEmail, RoleGrant
from sessions.web import signing_in


def put(people: Sequence[DemoPerson], cities: Mapping[str, int]) -> int:
    """Everyone, with what they may do; how many there are. cities: ids by key."""
    made = []
    for source in people:
        person = Person(
            family=source.family,
            given=source.given,
            patronymic=source.patronymic,
            post=source.post,
            organisation=source.organisation,
            city_id=cities.get(source.city),
            emails=[PersonEmail(address=source.email)],
        )
        if source.role in ("host", "editor", "member"):
            person.grants = [RoleGrant(role=source.role, scope="*")]
        elif source.role == "coordinator":
            person.grants = [RoleGrant(role="coordinator", scope=f"city:{cities[source.city]}")]
        made.append(person)
    db.session.add_all(made)
    db.session.flush()
    return len(made)


def ids(people: Sequence[DemoPerson]) -> dict[str, int]:
    """The ids of the people by their keys."""
    known = {row.address: row.person_id for row in db.session.scalars(select(PersonEmail))}
    return {person.key: known[person.email] for person in people}


def account(email: str, password: str) -> int:
    """A sign-in for one of them; its id."""
    person = inviting.person_at(email)
    role = person.grants[0].role if person.grants else "member"
    account_id, _ = admitting.admit(email, role=role, password_hash=signing_in.hashed(password))
    return account_id
