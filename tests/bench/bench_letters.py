"""Figures of a mailing: what a letter costs to write, to owe and to send. Never in CI.

    python -m tests.bench.bench_letters [people]

Compares the calendar part with the naive way (times by zone, a VTIMEZONE made for each event), owes
so many invitations in one transaction, and sends them to a folder.
"""

from __future__ import annotations

import logging
import resource
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import flask_migrate
from flask import Flask
from icalendar import Calendar, Event, vCalAddress
from sqlalchemy import func, insert, select

from integrations.calendaring.invite import Occasion, Party, invitation
from integrations.mail.outbox import MAILING, Letter
from integrations.runtime import worker
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions import letters
from sessions.app import create_app
from sessions.flows import inviting, scheduling
from sessions.models.participation import Invitation, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.programme import City
from sessions.models.session import Session
from tests.bench.tables import show
from tests.builders import FRIDAY_10_MOSCOW, THURSDAY_10_MOSCOW, a_session

PEOPLE = 18_000
CALENDARS = 300
LETTERS = 200
SENT = 300
ZONES = ("Asia/Yekaterinburg", "Europe/Moscow", "Asia/Kamchatka", "Europe/Kaliningrad")
STARTS = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)


def our_way(_zone: str) -> bytes:
    """The calendar part as the product writes it."""
    occasion = Occasion(
        uid="one@vzaimo.test", sequence=0, revised_at=STARTS, starts_at=STARTS,
        ends_at=STARTS + timedelta(minutes=90), summary="Первые три года учителя",
        description="четверг, 15 октября 2026", join_url="https://vzaimo.test/j/token",
        conference_label="Войти",
    )  # fmt: skip
    return invitation(
        occasion, "REQUEST", Party("Взаимообучение городов", "s+t@vzaimo.test"),
        Party("Анна Белова", "anna@example.org"),
    )  # fmt: skip


def naive_way(zone: str) -> bytes:
    """The same by the library's own means, in the reader's zone."""
    tz = ZoneInfo(zone)
    event = Event.new(
        uid="one@vzaimo.test", stamp=STARTS, start=STARTS.astimezone(tz),
        end=(STARTS + timedelta(minutes=90)).astimezone(tz), summary="Первые три года учителя",
        description="https://vzaimo.test/j/token\n\nчетверг, 15 октября 2026",
        location="https://vzaimo.test/j/token", url="https://vzaimo.test/j/token",
        organizer=vCalAddress("mailto:s+t@vzaimo.test"), sequence=0,
    )  # fmt: skip
    event.add("ATTENDEE", vCalAddress("mailto:anna@example.org"))
    calendar = Calendar.new(method="REQUEST", subcomponents=[event])
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def cost_of_calendar(write: Callable[[str], bytes]) -> tuple[float, float]:
    """Milliseconds of CPU and bytes of one calendar part."""
    size, started = 0, time.process_time()
    for number in range(CALENDARS):
        size += len(write(ZONES[number % len(ZONES)]))
    return (time.process_time() - started) * 1000 / CALENDARS, size / CALENDARS


def a_crowd(session: Session, people: int) -> None:
    """So many people with a place in the session, whose letters are not owed yet."""
    with transaction():
        zones = [City(name=f"Город {zone}", tz=zone, dative=f"Городу {zone}") for zone in ZONES]
        db.session.add_all(zones)
        db.session.flush()
        for start in range(0, people, 1000):
            many = range(start, min(start + 1000, people))
            ids = db.session.scalars(
                insert(Person).returning(Person.id, sort_by_parameter_order=True),
                [
                    {"given": "Анна", "family": f"Белова {one}", "patronymic": "Сергеевна",
                     "locale": "en" if one % 50 == 0 else "ru",
                     "city_id": zones[one % len(zones)].id}
                    for one in many
                ],
            ).all()  # fmt: skip
            at = [f"person{one}@example.org" for one in many]
            db.session.execute(
                insert(PersonEmail),
                [{"person_id": id_, "address": to} for id_, to in zip(ids, at, strict=True)],
            )
            registrations = db.session.scalars(
                insert(Registration).returning(Registration.id, sort_by_parameter_order=True),
                [
                    {"session_id": session.id, "person_id": id_, "state": "invited",
                     "made_at": STARTS - timedelta(days=30)}
                    for id_ in ids
                ],
            ).all()  # fmt: skip
            db.session.execute(
                insert(Invitation),
                [
                    {"registration_id": id_, "token": inviting.new_token(), "attendee_email": to}
                    for id_, to in zip(registrations, at, strict=True)
                ],
            )


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    ours, our_bytes = cost_of_calendar(our_way)
    naive, naive_bytes = cost_of_calendar(naive_way)
    show(
        "One calendar part", ["", "ms CPU", "bytes"],
        [["ours: instants in UTC", ours, our_bytes],
         ["naive: a VTIMEZONE an event", naive, naive_bytes],
         ["times", naive / ours, naive_bytes / our_bytes]],
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_env(
            {}, data=folder, base_url="https://vzaimo.test", mail_from="s@vzaimo.test",
            log_level="ERROR",
        )  # fmt: skip
        app = create_app(settings)
        logging.disable(logging.WARNING)
        with app.app_context():
            flask_migrate.upgrade()
            _mailing(app, people)


def _mailing(app: Flask, people: int) -> None:
    session_id = a_session(draft=True).id
    a_crowd(db.session.get_one(Session, session_id), people)
    rows = [
        [f"owe {people} invitations", *_cost(lambda: scheduling.schedule(session_id, 1, None))],
        ["move: take them back, owe them anew",
         *_cost(lambda: scheduling.move(session_id, FRIDAY_10_MOSCOW, 2, None))],
        ["move once more, memory traced",
         *_cost(lambda: scheduling.move(session_id, THURSDAY_10_MOSCOW, 3, None), memory=True)],
    ]  # fmt: skip
    show("In one transaction", ["", "CPU s", "s", "peak MB"], rows)
    owed = select(Letter.id).where(Letter.state == "owed").order_by(Letter.id).limit(LETTERS)
    ids = db.session.scalars(owed).all()
    written = _cost(lambda: _write(ids))
    sent = _cost(lambda: _send(app, SENT))
    show(
        "A letter", ["", "ms CPU", "ms"],
        [["write it", written[0] * 1000 / len(ids), written[1] * 1000 / len(ids)],
         ["write it, keep it, send it to a folder", sent[0] * 1000 / SENT, sent[1] * 1000 / SENT]],
    )  # fmt: skip
    print(f"\nMost memory the process had: {_resident_mb():.0f} MB")


def _cost(work: Callable[[], object], *, memory: bool = False) -> tuple[float, float, float]:
    """CPU and wall seconds of a piece of work, and the megabytes it took at its peak if traced."""
    db.session.expunge_all()
    if memory:
        tracemalloc.start()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = 0.0
    if memory:
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    return cpu, wall, peak


def _write(ids: Sequence[int]) -> None:
    for letter_id in ids:
        letters.write_invite(db.session.get_one(Letter, letter_id))
        db.session.rollback()


def _send(app: Flask, number: int) -> None:
    while (left := _sent()) < number:
        running = worker.claim(frozenset({MAILING}))
        if running is None:
            raise RuntimeError(f"the mailing ended after {left} letters")
        worker.run(app, running)


def _sent() -> int:
    return db.session.scalar(select(func.count(Letter.id)).where(Letter.state == "sent")) or 0


def _resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main()
