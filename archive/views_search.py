"""The page of the search."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy.pagination import Pagination

from archive import shelf
from archive.hits import PAGE, PLACES, Hits, hits, upcoming
from archive.models import Talk
from archive.views import row_id, words
from integrations.runtime import clock, viewer
from integrations.runtime.database import db

pages = Blueprint("search", __name__)


class _Pages(Pagination):
    """Tells the paging links how many pages there are; the hits are cut elsewhere."""

    def _query_items(self) -> list[Any]:
        return [None]

    def _query_count(self) -> int:
        return int(self._query_args["of"]) * PAGE


@pages.get("/search")
def index() -> ResponseReturnValue:
    """Moments of talks, and sessions to come, that hold the words."""
    asked, reader = words(), viewer.current()
    place = request.args.get("kind", "")
    place = place if place in PLACES else ""
    if not asked:
        return render_template("pages/search.html", words="", place="", talks=shelf.count(reader))
    within = _within(row_id("talk"))
    found = hits(
        asked,
        reader,
        page=request.args.get("page", 1, type=int),
        place=place,
        talk_id=within.id if within else None,
    )
    return render_template(
        "pages/search.html",
        words=asked,
        place=place,
        found=found,
        within=within,
        pages=_paging(found),
        pictures=shelf.pictures([hit.moment.talk.id for hit in found.hits if hit.moment.talk]),
        soon=upcoming(asked, reader, clock.now()) if found.page == 1 and not within else [],
        talks=shelf.count(reader) if not found.hits else 0,
    )


def _within(talk_id: int | None) -> Talk | None:
    """The talk to stay within, where this reader may open it."""
    talk = db.session.get(Talk, talk_id) if talk_id else None
    return talk if talk and viewer.current().may_open(talk.keys) else None


def _paging(found: Hits) -> Pagination:
    return _Pages(page=found.page, per_page=PAGE, error_out=False, of=found.pages)
