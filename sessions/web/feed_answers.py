"""A calendar as an answer over HTTP: a strong ETag, Last-Modified, 304, gzip.

Each coding has an ETag of its own, and the same bytes each time: what Flask-Compress would make of
an answer is not asked for here.
"""

from __future__ import annotations

import gzip
import hashlib
from datetime import datetime
from functools import lru_cache

from flask import request
from werkzeug.wrappers import Response

from archive.serving import disposition

FRESH_S = 900
_CODINGS = ("", ":gzip", ":br")  # those under which an ETag of ours may have left
_PACKED = 16  # the calendars that most people ask for


def etag_of(raw: bytes) -> str:
    """The ETag of a calendar as it is; its other codings add to it."""
    return hashlib.sha256(raw).hexdigest()[:32]


def answer(
    raw: bytes, name: str, changed_at: datetime, *, shared: bool, attached: bool = False
) -> Response:
    """The calendar, or 304 to one who has it.

    name: of the file, should it be kept. shared: whether a cache between may keep it for others.
    """
    etag = etag_of(raw)
    response = _not_modified(etag) or _whole(raw, etag)
    response.last_modified = changed_at
    response.headers["Cache-Control"] = f"{'public' if shared else 'private'}, max-age={FRESH_S}"
    response.vary.add("Accept-Encoding")
    response.headers["Content-Disposition"] = disposition(
        f"{name}.ics", "calendar", attached=attached
    )
    return response.make_conditional(request)


def _not_modified(etag: str) -> Response | None:
    """304 where one of the ETags told is this calendar's in whichever coding."""
    for coding in _CODINGS:
        if request.if_none_match.contains_weak(etag + coding):
            response = Response(status=304)
            response.set_etag(etag + coding)
            return response
    return None


def _whole(raw: bytes, etag: str) -> Response:
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(_gzipped(raw) if packed else raw)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{etag}:gzip" if packed else etag)
    return response


@lru_cache(maxsize=_PACKED)
def _gzipped(raw: bytes) -> bytes:
    return gzip.compress(raw, 6, mtime=0)
