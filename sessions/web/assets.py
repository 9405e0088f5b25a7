"""The files that come with the application: each has an address that names its content.

What has such an address is kept by browsers for good, and never asked for again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

_EXTENSION = "vzaimo-static"
_OWN, _BOOTSTRAP = "static", "bootstrap.static"
_BOOTSTRAP_CSS = "css/bootstrap.min.css"


def install(app: Flask) -> None:
    """Read what the files are; for an app that has Bootstrap-Flask already."""
    own, bootstrap = Path(app.static_folder or ""), app.blueprints["bootstrap"].static_folder
    hashes = {
        (_OWN, path.relative_to(own).as_posix()): _hash(path)
        for path in own.rglob("*")
        if path.is_file()
    }
    hashes[_BOOTSTRAP, _BOOTSTRAP_CSS] = _hash(Path(bootstrap or "") / _BOOTSTRAP_CSS)
    app.extensions[_EXTENSION] = hashes
    app.jinja_env.globals.update(static_url=static_url, bootstrap_url=bootstrap_url)
    app.after_request(_keep_long)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def static_url(filename: str) -> str:
    """The address of a static file, changing whenever its content does."""
    return _address(_OWN, filename)


def bootstrap_url() -> str:
    """The address of Bootstrap's stylesheet, changing whenever its content does."""
    return _address(_BOOTSTRAP, _BOOTSTRAP_CSS)


def _address(endpoint: str, filename: str) -> str:
    version = current_app.extensions[_EXTENSION].get((endpoint, filename))
    return url_for(endpoint, filename=filename, v=version)


def _keep_long(response: Response) -> Response:
    """Lets browsers keep a static file for good, where its address names the content it has."""
    if request.endpoint in (_OWN, _BOOTSTRAP) and response.status_code in (200, 206, 304):
        filename = (request.view_args or {}).get("filename", "")
        known = current_app.extensions[_EXTENSION].get((request.endpoint, filename))
        if known and request.args.get("v") == known and not current_app.debug:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
