"""How long pages take, how large they are and what they ask of the database, at two sizes of data.

Run by hand: `python -m tests.bench.bench_pages`. In process: through the WSGI client, fifty times;
p95 is the third longest. Loopback: through the real server, ten times. On a machine that others
use, trust the time of the processor (cpu) rather than that of the clock.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urljoin

import click
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from integrations.runtime.database import db
from sessions.app import create_app
from tests.bench import grown
from tests.bench.tables import show
from tests.browser.pages import ACCOUNTS, Shown, Who, pages_of
from tests.demo_site import DemoSite

MAIN = (
    "front (anyone)", "season (anyone)", "season month (anyone)", "session (anyone)",
    "session held (anyone)", "join (anyone)", "me (host)", "desk (host)", "desk of session (host)",
    "search hits (anyone)", "talk (anyone)", "city (anyone)", "cities (anyone)", "topics (anyone)",
)  # fmt: skip
ROUNDS, WIRED_ROUNDS, WARM_UP = 50, 10, 3
MOST_QUERIES, MOST_HTML, MOST_COLD = 8, 40_000, 200_000


@dataclass(frozen=True)
class Measured:
    """One page at one size: milliseconds, queries, bytes."""

    inside_ms: float
    p95_ms: float
    cpu_ms: float
    loopback_ms: float
    queries: int
    html: int
    gzipped: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how large the larger data is")
    parser.add_argument("--data", type=Path, help="keep the demonstration here, and use it again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (asked.data or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        bench(DemoSite(folder), asked.times)


def bench(site: DemoSite, times: int) -> None:
    """Measure both sizes and print all tables."""
    start_s, memory = starting(site)
    app = site.app()
    pages = [page for page in pages_of(app) if page.name in MAIN]
    small = measured(site, app, pages, "")
    url = grown.copy_of(site.settings.data_dir / "vzaimo.sqlite", site.folder / "grown.sqlite")
    large_app = create_app(replace(site.settings, database_url=url))
    rows = grown.grow(large_app, times)
    large = measured(site, large_app, pages, url)
    print_pages(small, large, times)
    print(f"at {times}x:", ", ".join(f"{count} {name}" for name, count in rows.items()))
    print_cold(app, next(page for page in pages if page.name == "session (anyone)"))
    show("Start, seconds to the first answer", ["", "s"], list(start_s.items()))
    show("Memory, resident", ["", "MB"], [(name, size / 1e6) for name, size in memory.items()])


def starting(site: DemoSite) -> tuple[dict[str, float], dict[str, int]]:
    """Seconds to the first answer, cold and warm; what the processes hold after it."""
    kind = "again" if (site.settings.data_dir / "vzaimo.sqlite").exists() else "cold"
    started = {f"vzaimo demo, {kind}": site.demonstrate()}
    try:
        site.a_letter()
        memory = {f"vzaimo demo: {name}": size for name, size in site.memory_bytes().items()}
    finally:
        site.stop()
    try:
        started["vzaimo serve on its data"] = site.serve()
        memory |= {f"vzaimo {name}": size for name, size in site.memory_bytes().items()}
    finally:
        site.stop()
    return started, memory


def measured(site: DemoSite, app: Flask, pages: list[Shown], url: str) -> dict[str, Measured]:
    """Every page at this size, by name. url: of the database, empty for the site's own."""
    site.serve(url)
    try:
        over_wire = {who: signed_in_session(site.url, who) for who in ("anyone", *ACCOUNTS)}
        loopback = {page.name: wired_ms(over_wire[page.who], site, page) for page in pages}
    finally:
        site.stop()
    app.config["WTF_CSRF_ENABLED"] = False
    inside = {who: signed_in_client(app, who) for who in ("anyone", *ACCOUNTS)}
    return {
        page.name: measured_page(app, inside[page.who], page, loopback[page.name]) for page in pages
    }


def measured_page(app: Flask, client: FlaskClient, page: Shown, loopback_ms: float) -> Measured:
    ask = partial(client.get, page.path, buffered=True)
    took, worked = timed(ask, ROUNDS)
    with counted(app) as queries:
        answer = client.get(page.path, buffered=True)
    assert (page.name, answer.status_code) == (page.name, page.status)
    packed = client.get(page.path, headers={"Accept-Encoding": "gzip"}, buffered=True)
    p95_ms = sorted(took)[len(took) * 95 // 100]
    click.echo(f"{page.name}: {median(took):.0f} ms, {len(queries)} queries", err=True)
    return Measured(
        median(took),
        p95_ms,
        median(worked),
        loopback_ms,
        len(queries),
        len(answer.data),
        len(packed.data),
    )


def wired_ms(browser: requests.Session, site: DemoSite, page: Shown) -> float:
    took, _ = timed(lambda: browser.get(site.url + page.path), WIRED_ROUNDS)
    return median(took)


def timed(ask: Callable[[], Any], rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the clock and of the processor that each round took, after a few to warm."""
    took, worked = [], []
    for _ in range(WARM_UP + rounds):
        began, began_work = time.perf_counter(), time.process_time()
        ask()
        worked.append(1000 * (time.process_time() - began_work))
        took.append(1000 * (time.perf_counter() - began))
    return took[WARM_UP:], worked[WARM_UP:]


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that reach the database inside."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def signed_in_client(app: Flask, who: Who) -> FlaskClient:
    client = app.test_client()
    if who in ACCOUNTS:
        email, password = ACCOUNTS[who]
        client.post("/sign-in/", data={"email": email, "password": password})
    return client


def signed_in_session(url: str, who: Who) -> requests.Session:
    browser = requests.Session()
    if who in ACCOUNTS:
        email, password = ACCOUNTS[who]
        form = browser.get(f"{url}/sign-in/").text
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', form)[0]
        data = {"email": email, "password": password, "csrf_token": token}
        assert browser.post(f"{url}/sign-in/", data=data).url == f"{url}/"
    return browser


def print_pages(small: dict[str, Measured], large: dict[str, Measured], times: int) -> None:
    header = ["page", "ms", "p95", "cpu", "loopback", "queries", "html", "gzip"]
    header += [f"{name} {times}x" for name in ("ms", "p95", "cpu", "loopback", "queries", "html")]
    rows = [
        (name, a.inside_ms, a.p95_ms, a.cpu_ms, a.loopback_ms, a.queries, a.html, a.gzipped,
         ratio(b.inside_ms, a.inside_ms), ratio(b.p95_ms, a.p95_ms),
         ratio(b.cpu_ms, a.cpu_ms), ratio(b.loopback_ms, a.loopback_ms),
         ratio(b.queries, a.queries), ratio(b.html, a.html),
         flags(name, a, b))
        for name, a, b in ((name, small[name], large[name]) for name in small)
    ]  # fmt: skip
    show("Pages", [*header, "flags"], rows)


def ratio(large: float, small: float) -> str:
    shown = f"{large:.1f}" if isinstance(large, float) else str(large)
    return f"{shown} ({large / small:.1f}x)" if small else shown


def flags(name: str, small: Measured, large: Measured) -> str:
    found = ["QUERIES GROW"] if small.queries != large.queries else []
    if name.startswith("session") and max(small.queries, large.queries) > MOST_QUERIES:
        found.append(f"OVER {MOST_QUERIES} QUERIES")
    if name.startswith("session") and max(small.html, large.html) >= MOST_HTML:
        found.append(f"OVER {MOST_HTML // 1000} kB")
    return ", ".join(found)


def print_cold(app: Flask, page: Shown) -> None:
    """What a browser that was never here loads for a page: as it lies, and compressed."""
    client = app.test_client()
    sizes = [(page.name, *sizes_of(client, page.path))]
    html = client.get(page.path, buffered=True).text
    named = re.findall(r'<(?:link|script|img|use)\b[^>]*\b(?:href|src)="([^"#]+)', html)
    for path in sorted({urljoin(page.path, name) for name in named if "/static/" in name}):
        sizes.append((path.partition("?")[0], *sizes_of(client, path)))
    total = sum(packed for _, _, packed in sizes)
    flag = f", OVER {MOST_COLD // 1000} kB" if total >= MOST_COLD else ""
    sizes.append((f"together{flag}", sum(plain for _, plain, _ in sizes), total))
    show("Cold load of a session's page, bytes", ["", "plain", "gzip"], sizes)


def sizes_of(client: FlaskClient, path: str) -> tuple[int, int]:
    plain, packed = (
        len(client.get(path, headers={"Accept-Encoding": encoding}, buffered=True).data)
        for encoding in ("identity", "gzip")
    )
    return plain, packed


if __name__ == "__main__":
    main()
