"""Handing files over in a browser, with and without scripts, and seeing them into the search."""

from __future__ import annotations

import html
import io
import tempfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from archive import deposit, pipeline
from archive.models import Talk
from integrations.runtime import jobs, ports
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from integrations.storage.port import Storage
from sessions.app import create_app
from sessions.flows import handing_over
from sessions.models.session import Session
from tests.archive.talks import AN_EXE, AN_MP4, a_pdf, a_vtt, an_srt
from tests.builders import a_host, a_person, a_session, signed_in
from tests.conftest import Clock

WorkOff = Callable[[], int]


@pytest.fixture
def session(app: Flask, clock: Clock) -> Session:
    """A session that began a while ago."""
    session = a_session()
    clock.move_to(session.starts_at + timedelta(minutes=5))
    return session


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    return signed_in(app, a_host())


def address(session: Session, more: str = "") -> str:
    return f"/sessions/{session.id}/materials{more}"


def send(
    client: FlaskClient, session: Session, *files: tuple[str, bytes], json: bool = False
) -> TestResponse:
    form = MultiDict([("files", (io.BytesIO(content), name)) for name, content in files])
    headers = {"Accept": "application/json"} if json else {}
    return client.post(
        address(session), data=form, content_type="multipart/form-data", headers=headers
    )


def words(answer: TestResponse) -> str:
    return html.unescape(answer.text).replace("\xa0", " ")


def shown(client: FlaskClient, session: Session) -> str:
    return words(client.get(address(session), headers={"Accept-Language": "en"}))


def talk_of(session: Session) -> Talk:
    db.session.expire_all()
    talk = handing_over.talk_of(session.id)
    assert talk is not None
    return talk


def test_the_page_takes_several_files_at_once_and_keeps_them(
    host: FlaskClient, session: Session
) -> None:
    answer = send(host, session, ("Встреча.vtt", a_vtt()), ("deck.pdf", a_pdf("One")))

    assert (answer.status_code, answer.headers["Location"]) == (303, address(session))
    assert [file.original_name for file in talk_of(session).files] == ["Встреча.vtt", "deck.pdf"]


def test_each_refused_file_is_named_with_its_reason_and_the_others_are_kept(
    host: FlaskClient, session: Session
) -> None:
    host.get("/language/en")

    send(host, session, ("film.mp4", AN_EXE), ("talk.vtt", a_vtt()), ("nothing.pdf", b""))

    page = shown(host, session)
    assert "The file «film.mp4» is not what its name says (inside: exe)." in page
    assert "The file «nothing.pdf» is empty." in page
    assert "1 file is kept safely." in page
    assert [file.original_name for file in talk_of(session).files] == ["talk.vtt"]


def test_a_program_with_another_name_is_refused_and_nothing_is_kept(
    host: FlaskClient, session: Session
) -> None:
    host.get("/language/en")

    answer = send(host, session, ("film.mp4", AN_EXE), json=True)

    assert answer.json == {
        "taken": [],
        "known": [],
        "refused": [
            "The file «film.mp4» is not what its name says (inside: exe). Send the original file."
        ],
    }
    assert (ports.get(Storage).keys(), handing_over.talk_of(session.id)) == (set(), None)


def test_a_form_sent_twice_keeps_each_file_once(host: FlaskClient, session: Session) -> None:
    first = send(host, session, ("talk.vtt", a_vtt()), json=True)
    second = send(host, session, ("talk.vtt", a_vtt()), json=True)

    assert (first.json["taken"], second.json["known"]) == (["talk.vtt"], ["talk.vtt"])
    assert len(talk_of(session).files) == 1


def test_a_form_without_files_asks_for_some(host: FlaskClient, session: Session) -> None:
    host.get("/language/en")

    send(host, session)

    assert "Choose one or more files first." in shown(host, session)
    assert handing_over.talk_of(session.id) is None


def test_a_file_over_the_limit_gets_a_page_that_names_the_limit(
    host: FlaskClient, session: Session, app: Flask
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 5_000

    host.get("/language/en")
    answer = host.post(address(session), data={"files": (io.BytesIO(AN_MP4), "film.mp4")})

    assert answer.status_code == 413
    assert "Up to 4.9 KB can be uploaded at once." in words(answer)
    assert ports.get(Storage).keys() == set()


def test_what_is_being_sent_is_kept_beside_the_storage_and_not_in_tmp(
    host: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[object] = []
    really = tempfile.TemporaryFile

    def noted(mode: str, dir: object) -> object:
        folders.append(dir)
        return really(mode, dir=dir)  # type: ignore[call-overload]

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)

    send(host, session, ("talk.vtt", a_vtt()))

    assert folders == [ports.get(Settings).data_dir / "uploads"]
    assert list((ports.get(Settings).data_dir / "uploads").iterdir()) == []


# Who may


@pytest.mark.parametrize(
    ("path", "method"),
    [("", "get"), ("/progress", "get"), ("", "post"), ("/again", "post"), ("/remove", "post"),
     ("/withhold", "post"), ("/publish", "post")],
)  # fmt: skip
def test_only_those_who_run_the_session_get_in(
    app: Flask, session: Session, path: str, method: str
) -> None:
    other = a_session()
    its_host = a_person(
        "its@example.org", roles=[("session_host", f"session:{session.id}")], account=True
    )
    another_host = a_person(
        "another@example.org", roles=[("session_host", f"session:{other.id}")], account=True
    )
    handing_over.hand_over(session.id, [(io.BytesIO(a_vtt()), "talk.vtt")], None)
    readers = {
        "anonymous": app.test_client(),
        "another host": signed_in(app, another_host),
        "its host": signed_in(app, its_host),
    }

    statuses = {
        who: getattr(client, method)(address(session, path)).status_code
        for who, client in readers.items()
    }

    assert statuses["another host"] == 403
    assert statuses["anonymous"] in (302, 401)
    assert statuses["its host"] in (200, 303, 400)
    assert len(talk_of(session).files) == 1
    assert talk_of(session).state != "withheld" or path == "/withhold"


class Body(io.BytesIO):
    """What is sent; it remembers how much of it was read."""

    def __init__(self) -> None:
        super().__init__(b"--x\r\nContent-Disposition: form-data; name=files\r\n\r\n" + b"." * 5000)
        self.was_read = False

    def read(self, size: int | None = -1) -> bytes:
        self.was_read = True
        return super().read(size)

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self.was_read = True
        return super().readinto(buffer)


def send_ten_gigabytes(client: FlaskClient, url: str) -> tuple[int, bool]:
    body = Body()
    answer = client.post(
        url,
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(10_000_000_000)},
    )
    return answer.status_code, body.was_read


def test_much_is_read_from_nobody_who_may_not_hand_over(
    app: Flask, session: Session, host: FlaskClient
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 20_000_000_000
    stranger = app.test_client()

    answers = [
        send_ten_gigabytes(stranger, address(session)),
        send_ten_gigabytes(stranger, "/sign-in/"),
        send_ten_gigabytes(host, "/sign-in/"),
        send_ten_gigabytes(host, address(session)),
    ]

    assert answers == [(401, False), (413, False), (413, False), (400, True)]


def test_a_form_from_another_site_changes_nothing(settings: Settings, app: Flask) -> None:
    session = a_session()
    guarded = create_app(settings)
    guarded.config["TESTING"] = True
    with guarded.app_context():
        answer = guarded.test_client().post(address(session, "/withhold"))

    assert answer.status_code == 400


# How far it is


def progress(client: FlaskClient, session: Session) -> tuple[bool, str]:
    answer = client.get(address(session, "/progress"))
    text = html.unescape(answer.json["html"]).replace("\xa0", " ")
    return answer.json["busy"], text


def test_progress_goes_from_received_to_found(
    host: FlaskClient, session: Session, work_off: WorkOff
) -> None:
    host.get("/language/en")
    send(host, session, ("talk.vtt", a_vtt()), ("deck.pdf", a_pdf("One", "Two")))
    before = progress(host, session)

    work_off()
    after = progress(host, session)

    assert (before[0], "Waiting to be read" in before[1]) == (True, True)
    assert after[0] is False
    assert "2 slides, 3 lines of speech" in after[1]
    assert "Search finds it" in after[1]


def test_progress_counts_the_pages_while_a_deck_is_read(
    host: FlaskClient, session: Session, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.get("/language/en")
    send(host, session, ("Доклад.pdf", a_pdf("One", "Two", "Three")))
    seen: list[tuple[int, str]] = []
    really = jobs.Running.progress

    def looked_at(self: jobs.Running, **facts: object) -> None:
        really(self, **facts)
        if facts.get("stage") == "slides":
            text = progress(host, session)[1]
            seen.append((int(str(facts["done"])), text))

    monkeypatch.setattr(jobs.Running, "progress", looked_at)

    work_off()

    assert [done for done, _ in seen] == [1, 2, 3]
    assert "Reading the pages of «Доклад.pdf»" in seen[1][1]
    assert "page 2 of 3" in seen[1][1]
    assert '<progress class="v-progress" max="3" value="2"' in seen[1][1]


def test_a_damaged_file_says_so_and_can_be_read_again(
    host: FlaskClient, session: Session, work_off: WorkOff
) -> None:
    host.get("/language/en")
    send(host, session, ("deck.pdf", b"%PDF-1.7 and no more"))
    work_off()
    page = shown(host, session)
    file = talk_of(session).files[0]

    host.post(address(session, "/again"), data={"file": file.id})

    assert "The file is damaged. Send it again from the original." in page
    assert [one.state for one in talk_of(session).files] == ["waiting"]
    job = jobs.find(deposit.reading_key(talk_of(session).id))
    assert job is not None
    assert job.state == "waiting"


def test_reading_that_was_given_up_can_be_asked_for_again(
    host: FlaskClient, session: Session, work_off: WorkOff, clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    host.get("/language/en")
    send(host, session, ("talk.vtt", a_vtt()))

    def broken(*_args: object) -> None:
        raise RuntimeError("our mistake")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_read_transcript", broken)
        for _ in range(jobs.MAX_ATTEMPTS):
            work_off()
            clock.pass_by(hours=2)
    busy, text = progress(host, session)
    host.post(address(session, "/again"))
    work_off()

    assert (busy, "Reading failed" in text) == (False, True)
    assert "Search finds it" in progress(host, session)[1]


def test_a_file_is_removed_after_one_question(
    host: FlaskClient, session: Session, work_off: WorkOff
) -> None:
    host.get("/language/en")
    send(host, session, ("talk.vtt", a_vtt()), ("deck.pdf", a_pdf("One")))
    work_off()
    going = talk_of(session).files[0]

    host.post(address(session, "/remove"), data={"file": going.id})

    page = shown(host, session)
    assert "«talk.vtt» is removed, with all that was read from it." in page
    assert [file.original_name for file in talk_of(session).files] == ["deck.pdf"]


def test_the_recording_is_hidden_and_shown_by_two_buttons(
    app: Flask, host: FlaskClient, session: Session, work_off: WorkOff
) -> None:
    send(host, session, ("talk.vtt", a_vtt()))
    work_off()
    talk_id = talk_of(session).id
    reader = app.test_client()

    def is_seen() -> tuple[int, bool]:
        return reader.get(f"/talks/{talk_id}").status_code, "<article" in reader.get(
            "/search?q=ёлка"
        ).text

    seen = [is_seen()]
    host.post(address(session, "/withhold"))
    seen.append(is_seen())
    host.post(address(session, "/publish"))
    work_off()
    seen.append(is_seen())

    assert seen == [(200, True), (404, False), (200, True)]


def test_the_talk_leads_to_its_session_and_only_its_hosts_to_these_pages(
    app: Flask, host: FlaskClient, session: Session, work_off: WorkOff
) -> None:
    send(host, session, ("talk.srt", an_srt(encoding="cp1251")))
    work_off()
    talk = f"/talks/{talk_of(session).id}"

    seen = [
        (f'href="/sessions/{session.id}"' in text, f'href="{address(session)}"' in text)
        for text in (app.test_client().get(talk).text, host.get(talk).text)
    ]

    assert seen == [(True, False), (True, True)]


def test_before_the_session_the_page_says_that_the_recording_waits_and_offers_to_publish_it(
    app: Flask, host: FlaskClient, work_off: WorkOff
) -> None:
    session = a_session()
    send(host, session, ("talk.vtt", a_vtt()))
    work_off()
    talk, reader = f"/talks/{talk_of(session).id}", app.test_client()
    page, before = shown(host, session), reader.get(talk).status_code

    host.post(address(session, "/publish"))

    assert "До начала встречи только команда." in page
    assert "Опубликовать сейчас" in page
    assert (before, reader.get(talk).status_code) == (404, 200)
    assert "Опубликовать сейчас" not in shown(host, session)
