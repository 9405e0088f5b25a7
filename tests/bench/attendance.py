"""The people of a large programme and what they are registered for, written in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from integrations.mail.outbox import Letter
from integrations.runtime.database import db
from sessions.models.participation import Invitation, InviteMessage, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.programme import City

NOW = datetime(2027, 1, 18, 9, 0, tzinfo=UTC)  # half of the season is over
PEOPLE, PER_SESSION = 1_800, 40
GUEST_COMES_TO_EACH = 10
HOST, GUEST = "host@example.org", "guest@example.org"


def people_of(measure: int) -> list[int]:
    """The ids of new people, spread over the cities."""
    cities = db.session.scalars(select(City.id).order_by(City.id)).all()
    numbers = range(measure * PEOPLE, (measure + 1) * PEOPLE)
    ids = inserted(
        Person,
        [
            {
                "given": f"Имя{number % 97}",
                "family": f"Фамилия{number}",
                "post": "Методист",
                "organisation": f"Школа № {number % 50}",
                "city_id": cities[number % len(cities)],
            }
            for number in numbers
        ],
    )
    inserted(
        PersonEmail,
        [
            {"person_id": id_, "address": f"p{number}@example.org"}
            for id_, number in zip(ids, numbers, strict=True)
        ],
    )
    return ids


def register(ids: Sequence[int], people: Sequence[int]) -> None:
    """As many for each session as are usual, now and then the guest, each with a letter sent."""
    guest = db.session.scalars(
        select(PersonEmail.person_id).where(PersonEmail.address == GUEST)
    ).one()
    rows = []
    for place, session_id in enumerate(ids):
        own = [people[(place * PER_SESSION + step) % len(people)] for step in range(PER_SESSION)]
        if place % GUEST_COMES_TO_EACH == 0:
            own[0] = guest
        rows += [{"session_id": session_id, "person_id": person, "state": "registered",
                  "made_at": NOW - timedelta(days=90)} for person in own]  # fmt: skip
    taking_part = inserted(Registration, rows)
    invited = inserted(
        Invitation,
        [
            {"registration_id": id_, "token": f"bench-{id_}", "attendee_email": "p@example.org"}
            for id_ in taking_part
        ],
    )
    letters = inserted(
        Letter,
        [
            {"kind": "invite", "sender": HOST, "recipient": "p@example.org", "state": "sent",
             "message_id": f"<{id_}@bench.example.org>", "owed_at": NOW, "sent_at": NOW}
            for id_ in invited
        ],
    )  # fmt: skip
    inserted(
        InviteMessage,
        [
            {"invitation_id": id_, "revision": 1, "sequence": 0, "method": "REQUEST",
             "letter_id": letter}
            for id_, letter in zip(invited, letters, strict=True)
        ],
    )  # fmt: skip


def inserted(model: type[Any], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Write the rows at once; their ids, in the order of the rows."""
    if not rows:
        return []
    ids = insert(model).returning(model.id, sort_by_parameter_order=True)
    return [*db.session.scalars(ids, rows)]
