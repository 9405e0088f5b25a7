"""What every answer carries: a request id, a strict content policy, one log line."""

from __future__ import annotations

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

from integrations.runtime import logs

log = logging.getLogger("vzaimo.web")

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def install(app: Flask) -> None:
    """Register the hooks around every request."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_forget)


def request_id() -> str:
    """The id of this request, as it stands in the logs and on the page of an error."""
    found: str = g.get("request_id", "")
    return found


def _begin() -> None:
    told = request.headers.get("X-Request-ID", "")
    g.request_id = told if _REQUEST_ID.fullmatch(told) else uuid.uuid4().hex
    g.started = time.monotonic()
    g.log_token = logs.context.set({"request_id": g.request_id})


def _finish(response: Response) -> Response:
    response.headers.setdefault(
        "Content-Security-Policy", "; ".join(f"{name} {value}" for name, value in POLICY.items())
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault(
        "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"
    )
    response.headers["X-Request-ID"] = request_id()
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "private, no-cache")
    if request.endpoint != "static":
        log.info(
            "request",
            extra={
                "method": request.method,
                "path": _safe_path(),
                "status": response.status_code,
                "took_ms": round((time.monotonic() - g.get("started", time.monotonic())) * 1000, 1),
            },
        )
    return response


def _safe_path() -> str:
    """The path without the secrets some of ours carry."""
    return re.sub(r"^/(j|sign-in/link|feeds/my)/.+", r"/\1/…", request.path)


def _forget(_error: BaseException | None) -> None:
    token = g.pop("log_token", None)
    if token is not None:
        logs.context.reset(token)
