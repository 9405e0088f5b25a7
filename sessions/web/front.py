"""The front page: what is next, what was, and the search."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

pages = Blueprint("front", __name__)


@pages.get("/")
def index() -> ResponseReturnValue:
    """The front page."""
    return render_template("pages/front.html")
