"""Answers travel compressed where the browser can read that; recordings and parts of files never.

A static file is compressed once and kept. Every form's token is signed anew each second, so that
the length of a compressed page tells nobody the token.
"""

from __future__ import annotations

from flask import Flask, Response, g, request
from flask_compress import Compress
from flask_compress.flask_compress import DictCache

_WORTH_IT = (
    "text/html", "text/css", "text/plain", "text/javascript", "text/calendar", "text/vtt",
    "text/xml", "application/json", "application/javascript", "application/xml", "image/svg+xml",
)  # fmt: skip


def install(app: Flask) -> None:
    """Compress what the application answers; installed first, as the last to see an answer."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_STREAMS=False,
        COMPRESS_MIMETYPES=list(_WORTH_IT),
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
    )
    answers, files = Compress(), Compress()
    answers.init_app(app)
    files.init_app(app)
    files.cache, files.cache_key = DictCache(), lambda _request: str(g.kept_as)

    @app.after_request
    def compress(response: Response) -> Response:
        if response.status_code == 206:
            return response  # a part is counted in the bytes of the whole file as it lies
        if not is_static():
            return answers.after_request(response)
        if response.status_code == 200 and response.mimetype in _WORTH_IT:
            response.direct_passthrough = False
            response.make_sequence()
            g.kept_as = response.get_etag()[0]  # of the file's path, size and time of change
        return files.after_request(response)


def is_static() -> bool:
    """Whether a file is asked for that comes with the application."""
    return (request.endpoint or "").rpartition(".")[2] == "static"
