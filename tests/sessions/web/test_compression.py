"""What browsers get compressed, what as it lies, and what they never ask for again."""

from __future__ import annotations

import gzip
import re
from typing import Any
from urllib.parse import urljoin

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_compress import flask_compress
from werkzeug.test import TestResponse

from sessions.web import assets

BROWSER = "gzip, deflate, br, zstd"
CSS = "/static/vzaimo.css"
FOR_GOOD = "public, max-age=31536000, immutable"


def get(client: FlaskClient, path: str, accept: str = BROWSER, **headers: str) -> TestResponse:
    return client.get(path, headers={"Accept-Encoding": accept, **headers}, buffered=True)


@pytest.mark.parametrize(
    ("accept", "encoding", "unpack"),
    [
        (BROWSER, "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ],
)
@pytest.mark.parametrize("path", [CSS, "/static/js/common.js", "/static/img/icons.svg"])
def test_a_file_comes_as_the_browser_can_read_it(
    client: FlaskClient, path: str, accept: str, encoding: str | None, unpack: Any
) -> None:
    plain = get(client, path, "identity").data

    answer = get(client, path, accept)

    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert unpack(answer.data) == plain


@pytest.mark.parametrize("path", ["/", "/schedule", "/talks", "/search?q=ёлка"])
def test_a_page_travels_in_a_third_of_its_size(client: FlaskClient, path: str) -> None:
    plain = get(client, path, "identity")

    answer = get(client, path)

    assert plain.headers.get("Content-Encoding") is None
    assert answer.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert brotli.decompress(answer.data).rstrip().endswith(b"</html>")
    assert 3 * len(answer.data) < len(plain.data)


def test_a_file_is_compressed_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first = get(client, CSS)
    monkeypatch.setattr(flask_compress, "_compress_data", None)

    assert get(client, CSS).data == first.data


def test_a_page_is_never_answered_from_what_another_got(client: FlaskClient) -> None:
    one, other = get(client, "/search?q=one"), get(client, "/search?q=other")

    assert b'value="one"' in brotli.decompress(one.data)
    assert b'value="other"' in brotli.decompress(other.data)


@pytest.mark.parametrize("accept", [BROWSER, "gzip", "identity"])
def test_a_file_that_did_not_change_is_not_sent_again(client: FlaskClient, accept: str) -> None:
    etag = get(client, CSS, accept).headers["ETag"]

    again = get(client, CSS, accept, **{"If-None-Match": etag})

    assert (again.status_code, again.data) == (304, b"")


def test_the_kinds_of_one_file_are_told_apart(client: FlaskClient) -> None:
    tags = {get(client, CSS, accept).headers["ETag"] for accept in ("br", "gzip", "identity")}

    assert len(tags) == 3


def test_a_part_of_a_file_is_the_part_of_the_plain_one(client: FlaskClient) -> None:
    plain = get(client, CSS, "identity").data

    part = get(client, CSS, Range="bytes=100-1099")

    assert (part.status_code, part.headers.get("Content-Encoding")) == (206, None)
    assert part.headers["Content-Range"] == f"bytes 100-1099/{len(plain)}"
    assert part.data == plain[100:1100]


def test_a_font_travels_as_it_lies(client: FlaskClient) -> None:
    font = get(client, "/static/fonts/golos-cyrillic.woff2")

    assert font.headers.get("Content-Encoding") is None
    assert font.data.startswith(b"wOF2")


def test_everything_a_page_loads_is_kept_for_good(app: Flask, client: FlaskClient) -> None:
    page = get(client, "/", "identity").text
    with app.test_request_context():
        own = assets.static_url("vzaimo.css")
    named = {
        path.partition("#")[0] for path in re.findall(r'(?:href|src)="([^"]*/static/[^"]+)"', page)
    }
    css = get(client, own, "identity").text
    named |= {urljoin(own, path) for path in re.findall(r"url\(([^)]+)\)", css)}

    kept = {path: get(client, path).headers["Cache-Control"] for path in named}

    assert own in kept
    assert len(kept) > 10
    assert {path: promise for path, promise in kept.items() if promise != FOR_GOOD} == {}


@pytest.mark.parametrize("file", ["vzaimo.css", "img/favicon.svg"])
def test_the_answer_that_nothing_changed_takes_no_promise_back(
    app: Flask, client: FlaskClient, file: str
) -> None:
    with app.test_request_context():
        path = assets.static_url(file)
    etag = get(client, path).headers["ETag"]

    again = get(client, path, **{"If-None-Match": etag})

    assert (again.status_code, again.headers["Cache-Control"]) == (304, FOR_GOOD)
