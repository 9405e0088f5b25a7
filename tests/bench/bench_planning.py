"""How long the pages of planning take in a season of a large programme, at two sizes.

Run by hand: `python -m tests.bench.bench_planning`. Through the WSGI client, twenty times; p95 is
the second longest. cpu is the processor of this process: that of a database server is not in it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Literal
from urllib.parse import urlencode

import click
import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from integrations.runtime import clock
from integrations.runtime.database import db, is_sqlite
from integrations.runtime.settings import Settings
from sessions.app import create_app
from sessions.models.participation import Registration
from sessions.models.people import Person
from sessions.models.programme import City
from sessions.models.session import Session, SessionCity
from tests.bench import attendance, programme
from tests.bench.bench_pages import counted, ratio, timed
from tests.bench.tables import show

Who = Literal["anyone", "guest", "host"]
ADDRESSES = {"host": attendance.HOST, "guest": attendance.GUEST}
SMALL, LARGE = 1, 10
ROUNDS, LONGEST_MS = 20, 300
PREVIEWED = 40


@dataclass(frozen=True)
class Page:
    """An address, and as whom it is read."""

    name: str
    path: str
    who: Who = "anyone"


@dataclass(frozen=True)
class Measured:
    """One page at one size: milliseconds, queries, bytes."""

    ms: float
    p95_ms: float
    cpu_ms: float
    queries: int
    size: int


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", default="", help="an empty database (default: SQLite)")
    parser.add_argument("--only", default="", help="pages whose name begins so")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args(given)
    clock.set_source(lambda: attendance.NOW)
    with tempfile.TemporaryDirectory() as scratch:
        app = an_app(Path(scratch), asked.database_url)
        measured = []
        with app.app_context():
            season_id = programme.begin()
        for built, wanted in ((0, SMALL), (SMALL, LARGE)):
            grow(app, season_id, range(built, wanted))
            pages = [one for one in pages_of(app, season_id) if one.name.startswith(asked.only)]
            measured.append(measure(app, pages, asked.rounds))
        print_pages(*measured)


def an_app(folder: Path, database_url: str = "") -> Flask:
    """The application on an empty database with the tables of today."""
    url = database_url or f"sqlite:///{folder / 'bench.sqlite'}"
    settings = Settings.from_env({}, data=str(folder), database_url=url, log_level="ERROR")
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        flask_migrate.upgrade()
        if db.session.scalar(select(func.count()).select_from(Person)):
            raise SystemExit("the database is not empty")
    return app


def grow(app: Flask, season_id: int, measures: range) -> None:
    """So many measures of the programme more; prints what there is."""
    with app.app_context():
        programme.add(season_id, measures)
        if not is_sqlite():  # a server does it by itself, some minutes later
            db.session.execute(text("ANALYZE"))
            db.session.commit()
        rows = {
            model.__tablename__: db.session.scalar(select(func.count()).select_from(model))
            for model in (City, Session, Person, Registration)
        }
    print(f"{measures.stop}x:", ", ".join(f"{number} {name}" for name, number in rows.items()))


def pages_of(app: Flask, season_id: int) -> list[Page]:
    """The pages; all are of what the first measure made, and so the same at every size."""
    with app.app_context():
        coming = db.session.scalars(
            select(Session)
            .where(Session.state == "scheduled", Session.series_id.is_not(None))
            .order_by(Session.id.desc())
            .where(Session.id <= SMALL * 50)
        ).first()
        assert coming is not None
        one, series = coming.id, coming.series_id
        city = db.session.scalars(
            select(SessionCity.city_id).where(SessionCity.session_id == one).limit(1)
        ).one()
    season, rule = f"/schedule/{season_id}", urlencode(a_rule(city), doseq=True)
    month = f"{season}?view=month&month={coming.starts_at:%Y-%m}"
    return [
        Page("season month", month),
        Page("season month, of a city", f"{month}&city={city}"),
        Page("season list", f"{season}?view=list"),
        Page("season list, past", f"{season}?view=list&past=1"),
        Page("season list, of a city", f"{season}?view=list&city={city}"),
        Page("season month as host", month, "host"),
        Page("changes", f"{season}/changes"),
        Page("session", f"/sessions/{one}"),
        Page("cities", "/cities"),
        Page("city", f"/cities/{city}"),
        Page("city as host", f"/cities/{city}", "host"),
        Page("me", "/me", "guest"),
        Page("plan", "/plan", "host"),
        Page("plan series, empty", "/plan/series", "host"),
        Page(f"plan series, {PREVIEWED} dates", f"/plan/series?{rule}", "host"),
        Page(f"plan series, {PREVIEWED} dates alone", f"/plan/series?{rule}&part=dates", "host"),
        Page("plan session", f"/plan/session?day=2027-02-18&{rule}", "host"),
        Page("series", f"/plan/series/{series}", "host"),
        Page("series change", f"/plan/series/{series}/change", "host"),
        Page("series change, another rule", f"/plan/series/{series}/change?{rule}", "host"),
        Page("season again", f"/plan/seasons/{season_id}/next-year", "host"),
        Page("desk", "/desk", "host"),
        Page("desk of session", f"/sessions/{one}/desk", "host"),
        Page("desk move, conflicts", f"/sessions/{one}/desk/move", "host"),
        Page("XLSX plan", f"/plan/export/{season_id}.xlsx", "host"),
        Page("XLSX people of season", f"/plan/export/{season_id}/people.xlsx", "host"),
        Page("XLSX people of city", f"/cities/{city}/people.xlsx", "host"),
        Page("API sessions", f"/api/v1/sessions/?season={season_id}"),
        Page("API sessions, 200", f"/api/v1/sessions/?season={season_id}&per_page=200"),
        Page("API sessions, words", f"/api/v1/sessions/?season={season_id}&q=мастерская"),
    ]


def a_rule(city: int) -> dict[str, object]:
    """Forty dates of a series with that city and the two after it, as the fields of the planner."""
    return {
        "kind": "weekly", "weekdays": [1, 3], "every": 1, "first": "2027-01-19",
        "last": "2027-07-31", "count": PREVIEWED, "at": "10:00", "tz": programme.HOME,
        "length": 90, "policy": "ask", "mode": "hybrid", "title": "Мастерская",
        "cities": [city, city + 1, city + 2],
    }  # fmt: skip


def measure(app: Flask, pages: Sequence[Page], rounds: int) -> dict[str, Measured]:
    """Every page at the size the database has now, by name."""
    clients = {who: a_client(app, who) for who in ("anyone", *ADDRESSES)}
    return {page.name: measured_page(app, clients[page.who], page, rounds) for page in pages}


def a_client(app: Flask, who: str) -> FlaskClient:
    client = app.test_client()
    if who in ADDRESSES:
        data = {"email": ADDRESSES[who], "password": programme.PASSWORD}
        assert client.post("/sign-in/", data=data).status_code == 302
    return client


def measured_page(app: Flask, client: FlaskClient, page: Page, rounds: int) -> Measured:
    took, worked = timed(partial(client.get, page.path, buffered=True), rounds)
    with counted(app) as queries:
        answer = client.get(page.path, buffered=True)
    assert (page.name, answer.status_code) == (page.name, 200)
    click.echo(f"{page.name}: {median(took):.0f} ms, {len(queries)} queries", err=True)
    second_longest = sorted(took)[-2:][0]
    return Measured(median(took), second_longest, median(worked), len(queries), len(answer.data))


def print_pages(small: dict[str, Measured], large: dict[str, Measured]) -> None:
    names = ("ms", "p95", "cpu", "queries", "bytes")
    header = ["page", *names, *(f"{name} {LARGE}x" for name in names), "flags"]
    rows = [
        (name, a.ms, a.p95_ms, a.cpu_ms, a.queries, a.size,
         ratio(b.ms, a.ms), ratio(b.p95_ms, a.p95_ms), ratio(b.cpu_ms, a.cpu_ms),
         ratio(b.queries, a.queries), ratio(b.size, a.size), flags(a, b))
        for name, a, b in ((name, small[name], large[name]) for name in small)
    ]  # fmt: skip
    show("Planning", header, rows)


def flags(small: Measured, large: Measured) -> str:
    found = ["QUERIES GROW"] if large.queries > small.queries else []
    if large.ms > LONGEST_MS:
        found.append(f"OVER {LONGEST_MS} ms")
    return ", ".join(found)


if __name__ == "__main__":
    main()
