"""kill -9 of the real web and worker in mid-work: nothing is lost, nothing doubled."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select

from archive.deposit import READ
from archive.indexing import UPDATE
from archive.models import Cue, MediaFile
from integrations.mail.outbox import MAILING, SEND
from integrations.runtime import jobs
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.app import create_app
from tests.builders import PASSWORD, a_host, a_session
from tests.journeys.servers import PostOffice, Vzaimo, free_port, post_office, wait_for

pytestmark = pytest.mark.deep

PEOPLE = 60
KILLS = 4
TRANSCRIPTS = 12
CUES = 400


@pytest.fixture
def office() -> Iterator[tuple[PostOffice, int]]:
    with post_office(delay_s=0.05) as running:
        yield running


@pytest.fixture
def vzaimo(tmp_path: Path, migrated_url: str, office: tuple[PostOffice, int]) -> Iterator[Vzaimo]:
    port = free_port()
    settings = Settings.from_env(
        {}, data=str(tmp_path / "data"), database_url=migrated_url, port=str(port),
        base_url=f"http://127.0.0.1:{port}", mail="smtp", smtp_port=str(office[1]),
        mail_from="sessions@vzaimo.test", log_level="INFO",
    )  # fmt: skip
    app = create_app(settings)
    server = Vzaimo(settings)
    with app.app_context():
        yield server
        server.kill()
        db.session.remove()
        db.engine.dispose()


def owed(*kinds: str) -> int:
    db.session.rollback()
    waiting = jobs.waiting_or_running(frozenset(kinds))
    return db.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def a_transcript(number: int) -> bytes:
    lines = ["WEBVTT", ""]
    for cue in range(CUES):
        start = f"{cue * 4 // 3600:02}:{cue * 4 // 60 % 60:02}:{cue * 4 % 60:02}.000"
        end = (
            f"{(cue * 4 + 3) // 3600:02}:{(cue * 4 + 3) // 60 % 60:02}:{(cue * 4 + 3) % 60:02}.000"
        )
        lines += [f"{start} --> {end}", f"Запись {number}, строка {cue}: о наставниках.", ""]
    return "\n".join(lines).encode()


def signed_in(vzaimo: Vzaimo) -> requests.Session:
    browser = requests.Session()
    browser.headers["Referer"] = vzaimo.url
    page = browser.get(f"{vzaimo.url}/sign-in/", timeout=10).text
    answer = browser.post(
        f"{vzaimo.url}/sign-in/",
        data={"email": "host@example.org", "password": PASSWORD, "csrf_token": token(page)},
        timeout=10, allow_redirects=False,
    )  # fmt: skip
    assert answer.status_code == 302
    return browser


def token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_no_letter_is_lost_and_a_kill_repeats_one_at_most(
    vzaimo: Vzaimo, office: tuple[PostOffice, int]
) -> None:
    addresses = [f"person{number}@example.org" for number in range(PEOPLE)]
    a_session(invited=addresses)
    post = office[0]

    for kill in range(1, KILLS + 1):
        vzaimo.start()
        wanted = kill * 10
        wait_for(lambda n=wanted: len(post.recipients()) >= n, 60, f"{wanted} letters")
        vzaimo.kill()
    vzaimo.start()
    wait_for(lambda: owed(SEND, MAILING) == 0, 120, "all letters to leave")

    assert set(post.recipients()) == set(addresses)
    assert sum(len(copies) - 1 for copies in post.doubled().values()) <= KILLS
    assert all(len(set(copies)) == 1 for copies in post.doubled().values())


def test_no_acknowledged_upload_is_lost(vzaimo: Vzaimo) -> None:
    a_host()
    session = a_session()
    acknowledged: list[str] = []
    waiting = [f"talk-{number}.vtt" for number in range(TRANSCRIPTS)]
    for kill in range(KILLS + 1):
        vzaimo.start()
        browser = signed_in(vzaimo)
        page = f"{vzaimo.url}/sessions/{session.id}/materials"
        csrf = token(browser.get(page, timeout=10).text)
        for name in waiting[:3] if kill < KILLS else list(waiting):
            content = a_transcript(int(re.findall(r"\d+", name)[0]))
            answer = browser.post(
                page, data={"csrf_token": csrf}, files={"files": (name, content)}, timeout=30
            )
            if answer.ok:
                acknowledged.append(name)
                waiting.remove(name)
        if kill < KILLS:
            time.sleep(0.3 * kill)  # in the middle of the reading, at another point each time
            vzaimo.kill()

    wait_for(lambda: owed(READ, UPDATE) == 0, 120, "everything to be read")

    assert sorted(acknowledged) == sorted(f"talk-{number}.vtt" for number in range(TRANSCRIPTS))
    db.session.rollback()
    files = db.session.execute(select(MediaFile.original_name, MediaFile.state)).all()
    assert sorted(tuple(row) for row in files) == sorted((name, "read") for name in acknowledged)
    per_file = db.session.execute(select(Cue.file_id, func.count()).group_by(Cue.file_id)).all()
    assert {count for _, count in per_file} == {CUES}
    found = requests.get(
        f"{vzaimo.url}/api/v1/search", params={"q": "наставник строка 399"}, timeout=10
    ).json()
    assert found["total"] >= 1
