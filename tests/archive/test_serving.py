"""Bytes: whole, in parts, under their own names, and only for those who may have them."""

from __future__ import annotations

import hashlib
import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from waitress import wasyncore
from waitress.server import create_server
from werkzeug.test import TestResponse

from archive.models import Talk
from archive.serving import disposition
from integrations.runtime import clock, ports
from integrations.runtime.database import db, transaction
from integrations.storage.port import Storage
from sessions.flows import handing_over
from sessions.models.participation import Registration
from sessions.models.session import Session
from tests.archive.talks import AN_MP4, a_pdf, a_talk, a_vtt, add, fresh
from tests.builders import a_host, a_person, a_session, signed_in

WorkOff = Callable[[], int]
SIZE = len(AN_MP4)


@pytest.fixture
def film(app: Flask) -> str:
    """The address of a film in a talk that is open to everyone."""
    talk = a_talk()
    return f"/talks/{talk.id}/files/{add(talk, 'Запись встречи.mp4', AN_MP4).id}"


def get(client: FlaskClient, url: str, headers: dict[str, str] | None = None) -> TestResponse:
    """The whole answer, its file closed."""
    return client.get(url, headers=headers or {}, buffered=True)


def part(client: FlaskClient, url: str, asked: str, **headers: str) -> TestResponse:
    return get(client, url, {"Range": asked, **headers})


def test_a_file_comes_whole_with_its_hash_as_its_tag(client: FlaskClient, film: str) -> None:
    answer = get(client, film)

    assert (answer.status_code, answer.data, answer.mimetype) == (200, AN_MP4, "video/mp4")
    assert answer.get_etag() == (hashlib.sha256(AN_MP4).hexdigest(), False)
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "expected", "said"),
    [
        ("bytes=0-", AN_MP4, f"bytes 0-{SIZE - 1}/{SIZE}"),
        ("bytes=0-0", AN_MP4[:1], f"bytes 0-0/{SIZE}"),
        ("bytes=100-199", AN_MP4[100:200], f"bytes 100-199/{SIZE}"),
        ("bytes=-5", AN_MP4[-5:], f"bytes {SIZE - 5}-{SIZE - 1}/{SIZE}"),
        (f"bytes=10-{SIZE * 9}", AN_MP4[10:], f"bytes 10-{SIZE - 1}/{SIZE}"),
        (f"bytes={SIZE - 1}-", AN_MP4[-1:], f"bytes {SIZE - 1}-{SIZE - 1}/{SIZE}"),
    ],
)
def test_a_part_is_exactly_the_part(
    client: FlaskClient, film: str, asked: str, expected: bytes, said: str
) -> None:
    answer = part(client, film, asked)

    assert (answer.status_code, answer.data) == (206, expected)
    assert answer.headers["Content-Range"] == said
    assert answer.content_length == len(expected)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}"])
def test_a_part_behind_the_end_is_416_with_the_size(
    client: FlaskClient, film: str, asked: str
) -> None:
    answer = part(client, film, asked)

    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-9", "lines=1-2", "bytes=abc", "bytes=5-2", ""])
def test_several_parts_or_a_range_nobody_can_read_give_the_whole(
    client: FlaskClient, film: str, asked: str
) -> None:
    answer = part(client, film, asked)

    assert (answer.status_code, answer.data) == (200, AN_MP4)


def test_a_part_of_another_version_gives_the_whole(client: FlaskClient, film: str) -> None:
    tag = get(client, film).headers["ETag"]

    same = part(client, film, "bytes=0-9", **{"If-Range": tag})
    other = part(client, film, "bytes=0-9", **{"If-Range": '"another"'})

    assert (same.status_code, same.data) == (206, AN_MP4[:10])
    assert (other.status_code, other.data) == (200, AN_MP4)


def test_what_the_browser_has_is_not_sent_again(client: FlaskClient, film: str) -> None:
    tag = get(client, film).headers["ETag"]

    answer = get(client, film, {"If-None-Match": tag})

    assert (answer.status_code, answer.data) == (304, b"")


def test_head_tells_the_size_and_sends_nothing(client: FlaskClient, film: str) -> None:
    answer = client.head(film, buffered=True)

    assert (answer.status_code, answer.content_length, answer.data) == (200, SIZE, b"")


def test_a_file_runs_nothing_and_is_asked_for_anew_each_time(
    client: FlaskClient, film: str
) -> None:
    headers = get(client, film).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Content-Security-Policy"].endswith("; sandbox")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")


@pytest.mark.parametrize(
    ("name", "content", "how", "media_type"),
    [
        ("film.mp4", AN_MP4, "inline", "video/mp4"),
        ("deck.pdf", a_pdf("One"), "attachment", "application/octet-stream"),
        ("talk.vtt", a_vtt(), "attachment", "application/octet-stream"),
    ],
)
def test_only_recordings_are_shown_in_the_page(
    app: Flask, client: FlaskClient, name: str, content: bytes, how: str, media_type: str
) -> None:
    talk = a_talk()
    file = add(talk, name, content)

    answer = get(client, f"/talks/{talk.id}/files/{file.id}")

    assert answer.headers["Content-Disposition"] == f'{how}; filename="{name}"'
    assert (answer.mimetype, answer.data) == (media_type, content)


def test_a_file_that_turned_out_to_be_a_page_would_still_only_be_downloaded(
    app: Flask, client: FlaskClient
) -> None:
    talk = a_talk()
    file = add(talk, "talk.vtt", a_vtt())
    with transaction():
        row = fresh(talk).files[0]
        row.media_type, row.original_name = "text/html", "page.html"

    answer = get(client, f"/talks/{talk.id}/files/{file.id}")

    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="page.html"'


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("talk 1.mp4", 'attachment; filename="talk 1.mp4"'),
        ("Встреча №1.mp4", "attachment; filename=\"file-7.mp4\"; filename*=UTF-8''%s"),
        ('a"b;c.mp4', "attachment; filename=\"file-7.mp4\"; filename*=UTF-8''%s"),
        ("Ёлка.ёж", "attachment; filename=\"file-7\"; filename*=UTF-8''%s"),
    ],
)
def test_a_name_arrives_as_it_was_given(name: str, said: str) -> None:
    header = disposition(name, "file-7", attached=True)

    encoded = header.partition("''")[2]
    assert header == (said % encoded if "%s" in said else said)
    assert header.isascii()
    assert unquote(encoded) in ("", name)


def test_captions_are_our_own_and_never_the_upload(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    talk = a_talk()
    upload = a_vtt([(0, "Анна", "<img src=x onerror=alert(1)>Да & <b>нет</b>")])
    file = add(talk, "talk.vtt", upload + b"\nSTYLE\n::cue { color: red }\n")
    work_off()

    answer = client.get(f"/talks/{talk.id}/captions/{file.id}.vtt")

    assert (answer.status_code, answer.mimetype) == (200, "text/vtt")
    assert answer.text == (
        "WEBVTT - speakers are voices\n\n00:00:00.000 --> 00:00:09.000\n<v Анна>Да &amp; нет\n"
    )


@pytest.mark.parametrize(
    "path",
    ["/talks/1/files/%2e%2e/%2e%2e/secret.key", "/talks/1/files/../../secret.key",
     "/talks/1/slides/..%2f..%2fsecret.key.webp", "/talks/1/captions/%00.vtt", "/talks/-1/poster",
     "/talks/1/files/999999999999999999999999"],
)  # fmt: skip
def test_no_path_leads_out_of_the_storage(app: Flask, client: FlaskClient, path: str) -> None:
    add(a_talk(), "talk.vtt", a_vtt())

    assert client.get(path).status_code == 404


def test_a_file_of_another_talk_is_not_given_under_this_one(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    mine, other = a_talk(), a_talk(source="import:two", keys=("team",))
    secret = add(other, "secret.vtt", a_vtt())
    add(other, "deck.pdf", a_pdf("One"))
    work_off()
    slide = fresh(other).slides[0]

    tried = [
        f"/talks/{mine.id}/files/{secret.id}",
        f"/talks/{mine.id}/captions/{secret.id}.vtt",
        f"/talks/{mine.id}/slides/{slide.id}.webp",
    ]

    assert [client.get(url).status_code for url in tried] == [404, 404, 404]


def test_a_file_whose_content_is_lost_is_missing_and_no_error_of_ours(
    app: Flask, client: FlaskClient, film: str
) -> None:
    ports.get(Storage).drop(hashlib.sha256(AN_MP4).hexdigest())

    assert get(client, film).status_code == 404


@contextmanager
def served(app: Flask, threads: int) -> Iterator[int]:
    """The port of a real server with so many threads."""
    server = create_server(app, host="127.0.0.1", port=0, threads=threads)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server.effective_port
    finally:
        for _ in range(500):  # until it has seen that the readers are gone
            if server.active_channels:
                time.sleep(0.01)
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join(5)
        server.task_dispatcher.shutdown()


def ask(port: int, url: str, asked: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", url, headers={"Range": asked} if asked else {})
    answer = connection.getresponse()
    got = answer.status, answer.read()
    connection.close()
    return got


def test_a_real_server_sends_exactly_the_part(app: Flask, film: str) -> None:
    with served(app, threads=1) as port:
        parts = [
            ask(port, film, asked)
            for asked in ("bytes=0-", "bytes=100-199", "bytes=-5", "bytes=0-0", "bytes=10271-", "")
        ]

    assert parts == [
        (206, AN_MP4), (206, AN_MP4[100:200]), (206, AN_MP4[-5:]), (206, AN_MP4[:1]),
        (206, AN_MP4[10271:]), (200, AN_MP4),
    ]  # fmt: skip


def test_players_that_read_slowly_keep_nobody_waiting(app: Flask) -> None:
    talk = a_talk()
    film = AN_MP4 + b"." * 40_000_000
    url = f"/talks/{talk.id}/files/{add(talk, 'film.mp4', film).id}"
    with served(app, threads=2) as port:
        players = [http.client.HTTPConnection("127.0.0.1", port, timeout=5) for _ in range(4)]
        for player in players:
            player.request("GET", url, headers={"Range": "bytes=0-"})

        statuses = [player.getresponse().status for player in players]
        meanwhile = ask(port, "/healthz")[0]
        for player in players:
            player.close()

    assert (statuses, meanwhile) == ([206] * 4, 200)


# Who may have which bytes: one table, no exceptions.

READERS = ("anonymous", "member", "participant", "host")
OPEN = {
    "public": {"anonymous", "member", "participant", "host"},
    "members": {"member", "participant", "host"},
    "participants": {"participant", "host"},
    "withheld": {"host"},
}


def a_reader(app: Flask, who: str, session: Session) -> FlaskClient:
    if who == "anonymous":
        return app.test_client()
    if who == "host":
        return signed_in(app, a_host())
    person = a_person(f"{who}@example.org", account=True)
    if who == "participant":
        with transaction():
            db.session.add(
                Registration(
                    session_id=session.id,
                    person_id=person.id,
                    state="confirmed",
                    made_at=clock.now(),
                )
            )
    return signed_in(app, person)


def a_handed_over_talk(session: Session, visibility: str, work_off: WorkOff) -> Talk:
    with transaction():
        talk_id = handing_over.talk_of(session.id)
    talk = talk_id or a_talk(source=f"session:{session.id}", keys=())
    add(talk, "talk.vtt", a_vtt())
    add(talk, "deck.pdf", a_pdf("Two hours a week"))
    work_off()
    with transaction():
        handing_over.follow(session.id)
    if visibility == "withheld":
        handing_over.withhold(session.id, None)
    work_off()
    return fresh(talk)


@pytest.mark.parametrize("visibility", list(OPEN))
def test_every_route_gives_bytes_to_those_the_talk_is_open_to_and_to_nobody_else(
    app: Flask, work_off: WorkOff, visibility: str
) -> None:
    session = a_session(visibility="public" if visibility == "withheld" else visibility)
    talk = a_handed_over_talk(session, visibility, work_off)
    transcript, deck = talk.files
    routes = [
        f"/talks/{talk.id}",
        f"/talks/{talk.id}?slide={talk.slides[0].id}",
        f"/talks/{talk.id}/find?q=учитель",
        f"/talks/{talk.id}/poster",
        f"/talks/{talk.id}/files/{transcript.id}",
        f"/talks/{talk.id}/files/{deck.id}?download=1",
        f"/talks/{talk.id}/slides/{talk.slides[0].id}.webp",
        f"/talks/{talk.id}/captions/{transcript.id}.vtt",
    ]
    refusal = {"anonymous": 401, "member": 403, "participant": 403}
    if visibility == "withheld":
        refusal = dict.fromkeys(refusal, 404)

    given = {}
    for who in READERS:
        reader = a_reader(app, who, session)
        answers = [get(reader, url) for url in routes]
        answers += [part(reader, url, "bytes=0-3") for url in routes[4:6]]
        given[who] = {answer.status_code for answer in answers}
        listed = reader.get("/talks").text.count("Первые три года учителя")
        found = reader.get("/search?q=ёлка").text.count("<article")
        assert (listed > 0, found > 0) == (who in OPEN[visibility],) * 2

    assert given == {
        who: {200, 206} if who in OPEN[visibility] else {refusal[who]} for who in READERS
    }
