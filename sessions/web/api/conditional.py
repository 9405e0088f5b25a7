"""What a caller has already is not sent again: ETag, If-None-Match, 304.

No Last-Modified: what an answer shows depends on who asks and on many rows, and no time of change
covers them all.
"""

from __future__ import annotations

import hashlib
import re

from flask import Response, g, request

PREFIX = "/api/v1/"
# Whoever compresses the answer may add how: "5-abc:br" is "5-abc".
_TAG = re.compile(r'(?:W/)?"(?P<tag>[^":]*)[^"]*"')


def finish(response: Response) -> Response:
    """Give a JSON answer its tag; 304 without a body to one who has it. Nobody else may keep it.

    A session that was changed is answered with the tag of what it is now.
    """
    if not request.path.startswith(PREFIX):
        return response
    if response.mimetype in ("application/json", "application/problem+json"):
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("Authorization", "Accept-Language"))
    if response.mimetype != "application/json" or response.status_code not in (200, 201):
        return response
    revision, is_read = g.get("revision"), request.method in ("GET", "HEAD")
    if revision is None and not is_read:
        return response
    tag = hashlib.sha256(response.get_data()).hexdigest()[:20]
    tag = f"{revision}-{tag}" if revision is not None else tag
    response.set_etag(tag)
    asked = request.headers.get("If-None-Match", "")
    if is_read and (asked.strip() == "*" or tag in _TAG.findall(asked)):
        response.status_code = 304
        response.set_data(b"")
    return response


def revision_in(tag: str) -> int | None:
    """The revision that an If-Match header names: the ETag of a session, or the bare number."""
    found = re.fullmatch(r'(?:W/)?"?(\d{1,9})(?:-[^"]*)?"?', tag.strip())
    return int(found[1]) if found else None
