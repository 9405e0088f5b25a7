"""A calendar of 300 sessions: cold, warm, not modified; beside one made of objects per request.

Run by hand: `python -m tests.bench.bench_feeds`. In process, through the WSGI client. On a machine
that others use, trust the time of the processor (cpu) rather than that of the clock.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import flask_migrate
from flask import Flask
from sqlalchemy import select
from werkzeug.wrappers import Response

from integrations.calendaring.feed import Header
from integrations.runtime import language, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.app import create_app
from sessions.models.programme import City, Season
from sessions.models.session import FORMATS, Session, SessionCity
from sessions.rules.timetable import WallTime
from sessions.web import feed_contents
from sessions.web.feed_words import hours_in, reading_of
from tests.bench.tables import show
from tests.integrations.calendaring import feed_by_objects
from tests.queries import counted

ROUNDS = 30
SUMMARY = "Как школа удерживает молодых учителей: наставники, нагрузка, жильё и первый класс. " * 4


@dataclass(frozen=True)
class Took:
    """Milliseconds of the clock and of the processor (medians), queries, bytes that travelled."""

    ms: float
    cpu_ms: float
    queries: int
    size: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=300)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        app = a_programme(Path(scratch), asked.sessions)
        with app.app_context():
            bench(app, asked.sessions)


def bench(app: Flask, sessions: int) -> None:
    """Measure all ways of asking, and print them with how many times the first takes each."""
    app.add_url_rule("/naive.ics", "calendar.naive", naive)
    url, client = "/feeds/programme.ics", app.test_client()
    etag = client.get(url).headers["ETag"]
    zipped = {"Accept-Encoding": "gzip"}
    ways: list[tuple[str, Callable[[], Response], Callable[[], None] | None]] = [
        ("objects, each time", lambda: client.get("/naive.ics"), None),
        ("ours, cold", lambda: client.get(url), forget),
        ("ours, warm", lambda: client.get(url), None),
        ("ours, warm, gzip", lambda: client.get(url, headers=zipped), None),
        ("ours, not modified", lambda: client.get(url, headers={"If-None-Match": etag}), None),
    ]
    took = [(name, measured(ask, before)) for name, ask, before in ways]
    first = took[0][1]
    rows = [
        (name, one.ms, one.cpu_ms, f"{first.cpu_ms / one.cpu_ms:.0f}x", one.queries, one.size)
        for name, one in took
    ]
    show(f"a feed of {sessions} sessions", ("", "ms", "cpu ms", "", "queries", "bytes"), rows)


def measured(ask: Callable[[], Response], before: Callable[[], None] | None) -> Took:
    spans = []
    for _ in range(3 if before is None else 0):
        ask()
    for _ in range(ROUNDS):
        if before is not None:
            before()
        start, cpu = time.perf_counter(), time.process_time()
        answer = ask()
        spans.append((time.perf_counter() - start, time.process_time() - cpu))
    with counted() as queries:
        ask()
    ms, cpu_ms = (median(span[at] for span in spans) * 1000 for at in (0, 1))
    return Took(ms, cpu_ms, len(queries), len(answer.get_data()))


def forget() -> None:
    """Everything that was kept from one answer to the next."""
    feed_contents.forget()
    hours_in.cache_clear()


def naive() -> Response:
    """The same calendar the usual way: objects for every session at every request."""
    with language.speaking("ru"):
        known = feed_contents.facts(feed_contents.public())
        told = feed_contents.entries(known, reading_of("ru"))
    name = ports.get(Settings).programme
    header = Header(name, "feed@vzaimo.test", date(2026, 9, 1), "", "")
    return Response(feed_by_objects.calendar(header, told), mimetype="text/calendar")


def a_programme(folder: Path, sessions: int) -> Flask:
    """An application with so many sessions, each with three of twenty cities."""
    app = create_app(
        Settings.from_env(
            {}, data=str(folder), base_url="https://vzaimo.test",
            mail_from="sessions@vzaimo.test", log_level="ERROR",
        )
    )  # fmt: skip
    with app.app_context():
        flask_migrate.upgrade()
        with transaction():
            fill(sessions)
    return app


def fill(sessions: int) -> None:
    cities = [City(name=f"Город {n}", tz="Europe/Moscow") for n in range(20)]
    season = Season(
        name="2026/27", starts_on=date(2026, 9, 1), ends_on=date(2027, 5, 31), state="running"
    )
    db.session.add_all([season, *cities])
    db.session.flush()
    first = datetime.now(UTC).replace(tzinfo=None, hour=10, minute=0, second=0, microsecond=0)
    for number in range(sessions):
        wall = first + timedelta(hours=7 * number)
        session = Session(
            season_id=season.id, title=f"Первые три года учителя, встреча {number}",
            summary=SUMMARY, format=FORMATS[number % len(FORMATS)], state="scheduled",
            duration_min=90, uid=f"{uuid.UUID(int=number)}@vzaimo.test", original_wall_start=wall,
            announced_revision=1, revised_at=datetime(2026, 9, 1, tzinfo=UTC),
        )  # fmt: skip
        session.place_at(WallTime(wall, "Europe/Moscow"))
        session.cities = [
            SessionCity(city_id=cities[(number + place) % len(cities)].id) for place in range(3)
        ]
        db.session.add(session)
    db.session.flush()
    assert db.session.scalars(select(Session.id)).all()


if __name__ == "__main__":
    main()
