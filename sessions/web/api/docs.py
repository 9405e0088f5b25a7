"""The page that describes the API, with Swagger UI from its wheel; nothing comes from elsewhere."""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, abort, render_template, send_from_directory
from flask.typing import ResponseReturnValue

from sessions.web.api import problems

FILES = frozenset({"swagger-ui.css", "swagger-ui-bundle.js"})
_WHERE = Path(flask_swagger_ui.__file__).parent / "dist"

pages = Blueprint("api_docs", __name__, url_prefix="/api/v1/docs")


@pages.get("/")
def index() -> ResponseReturnValue:
    """The description as a page where calls can be tried."""
    return render_template("pages/api_docs.html", problems=problems.codes())


@pages.get("/<name>")
def file(name: str) -> ResponseReturnValue:
    """One of Swagger UI's two files."""
    if name not in FILES:
        abort(404)
    return send_from_directory(_WHERE, name, max_age=86400)
