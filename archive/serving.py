"""Bytes of the library: every one of them asks the talk's keys first."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, abort, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.http import parse_range_header

from archive import shelf
from archive.captions import CueText, write_vtt
from archive.models import Cue, MediaFile, Slide, Talk
from integrations.runtime import ports, viewer
from integrations.runtime.database import db
from integrations.storage.port import Storage

# Shown in the page; everything else is only ever downloaded.
_PLAYABLE = re.compile(r"(video|audio)/[a-z0-9.+-]+")
_PICTURES = {b"RIFF": "image/webp", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_BLOCK_BYTES = 65_536
# Whatever a browser makes of the bytes, it runs nothing in our name.
_POLICY = "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; sandbox"


def install(pages: Blueprint) -> None:
    """Add the routes that give bytes."""
    pages.get("/talks/<int:talk_id>/poster")(poster)
    pages.get("/talks/<int:talk_id>/files/<int:file_id>")(media)
    pages.get("/talks/<int:talk_id>/slides/<int:slide_id>.webp")(slide)
    pages.get("/talks/<int:talk_id>/captions/<int:file_id>.vtt")(captions)


def talk_or_abort(talk_id: int) -> Talk:
    """The talk, where this reader may open it; 404, 401 or 403 elsewhere.

    One that is withheld is to the others as if it had never been.
    """
    reader = viewer.current()
    talk = db.session.get(Talk, talk_id)
    if talk is None:
        abort(404)
    if not reader.may_open(talk.keys):
        abort(404 if talk.state == "withheld" else 401 if reader.person_id is None else 403)
    return talk


def poster(talk_id: int) -> ResponseReturnValue:
    """A picture of the talk."""
    return _picture(shelf.picture_key(talk_or_abort(talk_id).id))


def slide(talk_id: int, slide_id: int) -> ResponseReturnValue:
    """The picture of a slide."""
    talk_or_abort(talk_id)
    key = db.session.scalar(
        select(Slide.picture_key).where(Slide.id == slide_id, Slide.talk_id == talk_id)
    )
    return _picture(key)


def media(talk_id: int, file_id: int) -> ResponseReturnValue:
    """A file as it was handed in: played in the page, or downloaded under its own name."""
    talk_or_abort(talk_id)
    file = db.session.scalars(
        select(MediaFile).where(MediaFile.id == file_id, MediaFile.talk_id == talk_id)
    ).first()
    if file is None:
        abort(404)
    plays = _PLAYABLE.fullmatch(file.media_type) is not None
    name, media_type = file.original_name, file.media_type if plays else "application/octet-stream"
    answer = _file(_path(file.key), media_type, file.sha256)
    saved = "download" in request.args or not plays
    answer.headers["Content-Disposition"] = disposition(name, f"file-{file_id}", attached=saved)
    return answer


def captions(talk_id: int, file_id: int) -> ResponseReturnValue:
    """The lines of a transcript as a subtitle track of our own making, never the upload."""
    talk_or_abort(talk_id)
    cues = db.session.scalars(
        select(Cue)
        .where(Cue.file_id == file_id, Cue.talk_id == talk_id)
        .order_by(Cue.start_s, Cue.position)
    ).all()
    if not cues:
        abort(404)
    track = write_vtt(CueText(cue.start_s, cue.end_s, cue.speaker, cue.text) for cue in cues)
    answer = Response(track, mimetype="text/vtt")
    answer.set_etag(hashlib.sha256(track.encode()).hexdigest())
    _guard(answer)
    return answer.make_conditional(request)


def disposition(name: str, plain: str, *, attached: bool) -> str:
    """A Content-Disposition that keeps a Cyrillic name, with an ASCII one for old programs.

    plain: what the file is called where the name is not ASCII (RFC 6266, appendix D).
    """
    suffix = Path(name).suffix
    simple = re.fullmatch(r"[A-Za-z0-9 _.()-]+", name) is not None
    fallback = name if simple else plain + (suffix if suffix.isascii() else "")
    fallback = re.sub(r"[^A-Za-z0-9 _.()-]", "", fallback)
    said = f'{"attachment" if attached else "inline"}; filename="{fallback}"'
    encoded = quote(name.encode("utf-8", "replace"), safe="!#$&+-.^_`|~")
    return said if simple else f"{said}; filename*=UTF-8''{encoded}"


def _picture(key: str | None) -> Response:
    if key is None:
        abort(404)
    path = _path(key)
    with path.open("rb") as file:
        head = file.read(4)
    media_type = next((kind for mark, kind in _PICTURES.items() if head.startswith(mark)), None)
    if media_type is None:
        abort(404)
    return _file(path, media_type, key)


def _path(key: str) -> Path:
    try:
        return ports.get(Storage).path(key)
    except FileNotFoundError:
        abort(404)


def _file(path: Path, media_type: str, sha256: str) -> Response:
    asked = parse_range_header(request.headers.get("Range"))
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        # The whole file is a right answer to a question for several pieces, or to one that
        # cannot be read (RFC 9110, 14.2).
        request.environ.pop("HTTP_RANGE", None)
    answer = send_file(path, mimetype=media_type, conditional=True, etag=sha256)
    if answer.status_code == 206 and _sends_files_itself():
        _leave_to_server(answer, path)
    answer.headers["Accept-Ranges"] = "bytes"
    _guard(answer)
    return answer


def _sends_files_itself() -> bool:
    """Whether the server sends a file from where it stands, and no more than Content-Length."""
    server = str(request.environ.get("SERVER_SOFTWARE", ""))
    return "wsgi.file_wrapper" in request.environ and server.startswith(("waitress", "gunicorn"))


def _leave_to_server(answer: Response, path: Path) -> None:
    """Have the server send the part by itself.

    A player asks for all that follows and then reads as slowly as it plays: as an iterator, each
    would keep a thread of the server for as long.
    """
    answer.close()
    content = path.open("rb")
    content.seek(answer.content_range.start or 0)
    answer.response = request.environ["wsgi.file_wrapper"](content, _BLOCK_BYTES)
    answer.direct_passthrough = True


def _guard(answer: Response) -> None:
    # Kept by the browser but asked for anew each time, so that what is withheld is gone.
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
