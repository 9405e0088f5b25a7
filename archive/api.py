"""Talks and the search as JSON."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint, abort
from marshmallow import Schema, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from archive.models import Cue, Talk
from archive.search import Moment, search
from integrations.runtime import ports, viewer
from integrations.runtime.database import db
from integrations.runtime.settings import Settings

endpoints = Blueprint("api_archive", __name__, url_prefix="/api/v1", description="Talks and search")

KINDS = ("speech", "slide", "chapter", "talk", "session")


class FileOut(Schema):
    id = fields.Int()
    kind = fields.Str(metadata={"description": "video, audio, slides or transcript"})
    name = fields.Str(attribute="original_name")
    media_type = fields.Str()
    size_bytes = fields.Int()
    sha256 = fields.Str()
    state = fields.Str()
    problem = fields.Str(allow_none=True)


class SlideOut(Schema):
    id = fields.Int()
    page = fields.Int()
    title = fields.Str()
    text = fields.Str()
    from_s = fields.Float(allow_none=True)
    to_s = fields.Float(allow_none=True)


class ChapterOut(Schema):
    start_s = fields.Float()
    title = fields.Str()


class TalkOut(Schema):
    id = fields.Int()
    title = fields.Str()
    summary = fields.Str()
    language = fields.Str()
    held_on = fields.Date(allow_none=True)
    cities = fields.List(fields.Str())
    speakers = fields.List(fields.Str())
    duration_s = fields.Float(allow_none=True)
    state = fields.Str()
    url = fields.Function(lambda talk: f"{_base()}/talks/{talk.id}")


class WholeTalkOut(TalkOut):
    files = fields.List(fields.Nested(FileOut))
    slides = fields.List(fields.Nested(SlideOut))
    chapters = fields.List(fields.Nested(ChapterOut))


class TalksOut(Schema):
    items = fields.List(fields.Nested(TalkOut))
    next_before = fields.Int(
        allow_none=True, metadata={"description": "give it as `before` for the next page"}
    )


class CueOut(Schema):
    start_s = fields.Float()
    end_s = fields.Float()
    speaker = fields.Str(allow_none=True)
    lang = fields.Str()
    text = fields.Str()


class TranscriptOut(Schema):
    items = fields.List(fields.Nested(CueOut))


class PieceOut(Schema):
    text = fields.Str()
    match = fields.Bool()


class MomentOut(Schema):
    title = fields.Str()
    file = fields.Str(allow_none=True)
    kind = fields.Str()
    start_s = fields.Float(allow_none=True)
    end_s = fields.Float(allow_none=True)
    slide = fields.Int(allow_none=True, metadata={"description": "page of the deck, from 1"})
    speaker = fields.Str(allow_none=True)
    text = fields.Str()
    pieces = fields.List(fields.Nested(PieceOut))
    url = fields.Str()
    score = fields.Float()
    complete = fields.Bool(metadata={"description": "holds every word that was asked for"})


class FoundOut(Schema):
    items = fields.List(fields.Nested(MomentOut))
    total = fields.Int()
    total_is_exact = fields.Bool()
    approximate = fields.Bool()
    available = fields.Bool(metadata={"description": "false while there is no readable index"})


class TalksAsked(Schema):
    before = fields.Int(validate=validate.Range(min=1))
    limit = fields.Int(load_default=50, validate=validate.Range(1, 200))


class SearchAsked(Schema):
    q = fields.Str(required=True, validate=validate.Length(1, 1000))
    kind = fields.Str(validate=validate.OneOf(KINDS))
    limit = fields.Int(load_default=10, validate=validate.Range(1, 100))
    offset = fields.Int(load_default=0, validate=validate.Range(0, 10_000))


def _base() -> str:
    return ports.get(Settings).base_url.rstrip("/")


@endpoints.get("/talks/")
@endpoints.arguments(TalksAsked, location="query")
@endpoints.response(200, TalksOut)
def talks(asked: dict[str, Any]) -> dict[str, Any]:
    """Talks the caller may open, newest first."""
    reader, limit = viewer.current(), asked["limit"]
    last: int | None = asked.get("before")
    found: list[Talk] = []
    while len(found) <= limit:
        query = select(Talk).order_by(Talk.id.desc()).limit(500)
        if last is not None:
            query = query.where(Talk.id < last)
        batch = db.session.scalars(query).all()
        if not batch:
            break
        last = batch[-1].id
        found += [talk for talk in batch if reader.may_open(talk.keys)]
    more = len(found) > limit
    return {"items": found[:limit], "next_before": found[limit - 1].id if more else None}


@endpoints.get("/talks/<int:talk_id>")
@endpoints.response(200, WholeTalkOut)
def talk(talk_id: int) -> Talk:
    """One talk with its files, slides and chapters."""
    return _open(talk_id)


@endpoints.get("/talks/<int:talk_id>/transcript")
@endpoints.response(200, TranscriptOut)
def transcript(talk_id: int) -> dict[str, Any]:
    """What was said, line by line."""
    _open(talk_id)
    cues = db.session.scalars(
        select(Cue).where(Cue.talk_id == talk_id).order_by(Cue.file_id, Cue.start_s, Cue.position)
    ).all()
    return {"items": cues}


@endpoints.get("/search")
@endpoints.arguments(SearchAsked, location="query")
@endpoints.response(200, FoundOut)
def find(asked: dict[str, Any]) -> dict[str, Any]:
    """The moments that fit the words, best first."""
    found = search(
        asked["q"], viewer.current(), limit=asked["limit"], offset=asked["offset"],
        kinds=frozenset({asked["kind"]}) if "kind" in asked else None,
    )  # fmt: skip
    return {
        "items": [moment_facts(moment) for moment in found.moments],
        "total": found.total,
        "total_is_exact": found.total_is_exact,
        "approximate": found.approximate,
        "available": found.available,
    }


def moment_facts(moment: Moment) -> dict[str, Any]:
    """A moment as plain facts, the way the API and the command line give it."""
    return {
        "title": moment.title,
        "file": moment.file.original_name if moment.file else None,
        "kind": moment.kind,
        "start_s": moment.start_s,
        "end_s": moment.end_s,
        "slide": moment.slide.page if moment.slide and moment.kind == "slide" else None,
        "speaker": moment.speaker,
        "text": "".join(text for text, _ in moment.pieces),
        "pieces": [{"text": text, "match": match} for text, match in moment.pieces],
        "url": _base() + moment.url,
        "score": round(moment.score, 4),
        "complete": moment.complete,
    }


def _open(talk_id: int) -> Talk:
    talk = db.session.scalars(
        select(Talk)
        .where(Talk.id == talk_id)
        .options(selectinload(Talk.files), selectinload(Talk.slides), selectinload(Talk.chapters))
    ).first()
    if talk is None or not viewer.current().may_open(talk.keys):
        abort(404, message="There is no such talk, or it is not open to you.")
    return talk
