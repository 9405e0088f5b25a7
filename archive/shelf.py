"""Which talks a viewer may open, said to the database."""

from __future__ import annotations

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import load_only

from archive.models import MediaFile, Slide, Talk
from integrations.runtime.database import db, is_sqlite
from integrations.runtime.viewer import Viewer

PAGE = 20
# A talk that is merely expected has nothing to show.
_NOTHING_YET = ("expected", "missing")


def open_to(viewer: Viewer) -> ColumnElement[bool]:
    """The condition under which a talk opens to this viewer: their keys and its own meet."""
    elements = func.json_each if is_sqlite() else func.json_array_elements_text
    key = elements(Talk.access_keys).table_valued("value")
    return select(1).select_from(key).where(key.c.value.in_(sorted(viewer.keys))).exists()


def talks(viewer: Viewer) -> Pagination:
    """The page that the request asks for, newest first; 404 beyond the last."""
    query = (
        select(Talk)
        .where(open_to(viewer), Talk.state.not_in(_NOTHING_YET))
        .order_by(Talk.held_on.desc().nulls_last(), Talk.id.desc())
    )
    return db.paginate(query, per_page=PAGE, max_per_page=PAGE)


def count(viewer: Viewer) -> int:
    """How many talks the viewer may look through."""
    query = select(func.count(Talk.id)).where(open_to(viewer), Talk.state.not_in(_NOTHING_YET))
    return db.session.scalar(query) or 0


def pictures(talk_ids: list[int]) -> set[int]:
    """Those of the talks that have a picture of a recording or of a slide."""
    posters = select(MediaFile.talk_id).where(
        MediaFile.talk_id.in_(talk_ids), MediaFile.poster_key.is_not(None)
    )
    slides = select(Slide.talk_id).where(
        Slide.talk_id.in_(talk_ids), Slide.picture_key.is_not(None)
    )
    return set(db.session.scalars(posters.union(slides)))


def picture_key(talk_id: int) -> str | None:
    """Where the picture of a talk is kept: of its recording, else its first slide."""
    poster = db.session.scalar(
        select(MediaFile.poster_key)
        .where(MediaFile.talk_id == talk_id, MediaFile.poster_key.is_not(None))
        .order_by(MediaFile.id)
        .limit(1)
    )
    return poster or db.session.scalar(
        select(Slide.picture_key)
        .where(Slide.talk_id == talk_id, Slide.picture_key.is_not(None))
        .order_by(Slide.file_id, Slide.page)
        .limit(1)
    )


def files_of(talk_ids: list[int]) -> dict[int, set[str]]:
    """Which kinds of files each of the talks has."""
    kinds: dict[int, set[str]] = {}
    for file in db.session.scalars(
        select(MediaFile)
        .where(MediaFile.talk_id.in_(talk_ids))
        .options(load_only(MediaFile.talk_id, MediaFile.kind))
    ):
        kinds.setdefault(file.talk_id, set()).add(file.kind)
    return kinds
