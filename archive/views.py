"""Pages of the library: the list of talks, a talk, the search."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("library", __name__)
