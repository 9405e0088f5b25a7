"""What may be found: passages of talks, and what the layer above hands over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import delete, select, update

from archive import indexing
from archive.models import Chapter, Cue, Entry, Slide, Talk
from archive.rules import Line, passages
from integrations.runtime.database import db


@dataclass(frozen=True)
class Findable:
    """Something of the layer above that search shall find, such as a session to come."""

    kind: str
    title: str
    text: str
    url: str
    access_keys: frozenset[str]
    names: str = ""
    lang: str = ""
    facets: dict[str, str] = field(default_factory=dict)


def put(source: str, things: Iterable[Findable]) -> None:
    """Make these the entries of a source, in place of those before; in the caller's transaction."""
    rows = [
        {**_NOWHERE, **vars(thing), "access_keys": sorted(thing.access_keys), "talk_id": None}
        for thing in things
    ]
    _settle(source, rows)


def renew_talk(talk: Talk) -> None:
    """Make the entries of a talk anew from its lines, slides and chapters; caller's transaction."""
    common = {
        **_NOWHERE,
        "talk_id": talk.id,
        "title": talk.title,
        "lang": talk.language,
        "access_keys": talk.access_keys,
        "facets": dict(talk.facets),
    }
    rows = [_whole(talk), *_spoken(talk), *_shown(talk), *_chapters(talk)]
    _settle(talk_source(talk.id), [{**common, **row} for row in rows])


_NOWHERE: dict[str, object] = {"start_s": None, "end_s": None, "slide_id": None}


def _settle(source: str, rows: list[dict[str, object]]) -> None:
    """Have the source's entries say what `rows` say; the same place keeps its id.

    The index knows entries by their ids: with new ones a talk could not be found from here until
    the index is told.
    """
    before: dict[tuple[object, ...], list[int]] = {}
    for entry in db.session.scalars(select(Entry).where(Entry.source == source).order_by(Entry.id)):
        before.setdefault((entry.kind, entry.url, entry.start_s), []).append(entry.id)
    fresh, kept = [], []
    for row in rows:
        ids = before.get((row["kind"], row["url"], row["start_s"]))
        if ids:
            kept.append({**row, "id": ids.pop(0)})
        else:
            fresh.append({**row, "source": source})
    gone = [entry_id for ids in before.values() for entry_id in ids]
    db.session.execute(delete(Entry).where(Entry.id.in_(gone)))
    if kept:
        db.session.execute(update(Entry), kept)
    if fresh:
        db.session.execute(Entry.__table__.insert(), fresh)  # type: ignore[attr-defined]
    indexing.owe(source)


def rekey_talk(talk: Talk) -> None:
    """Give the entries of a talk its access keys of now; in the caller's transaction.

    Search asks the database about every hit, so what is withheld is gone at once.
    """
    source = talk_source(talk.id)
    db.session.execute(
        update(Entry).where(Entry.source == source).values(access_keys=sorted(talk.access_keys))
    )
    indexing.owe(source)


def talk_source(talk_id: int) -> str:
    """The source under which a talk's entries stand."""
    return f"talk:{talk_id}"


def _names(talk: Talk, *more: str) -> str:
    return " ".join(dict.fromkeys([*more, *talk.speakers, *talk.cities]))


def _whole(talk: Talk) -> dict[str, object]:
    url = f"/talks/{talk.id}"
    text = "\n".join(filter(None, [talk.summary, talk.title_en, talk.summary_en]))
    return {"kind": "talk", "text": text, "names": _names(talk), "url": url}


def _spoken(talk: Talk) -> list[dict[str, object]]:
    by_file: dict[int, list[Line]] = {}
    for cue in db.session.scalars(
        select(Cue).where(Cue.talk_id == talk.id).order_by(Cue.file_id, Cue.start_s, Cue.position)
    ):
        by_file.setdefault(cue.file_id, []).append(cue)
    return [
        {
            "kind": "speech",
            "text": passage.text,
            "start_s": passage.start_s,
            "end_s": passage.end_s,
            "names": _names(talk, *passage.speakers),
            "url": f"/talks/{talk.id}?t={int(passage.start_s)}",
        }
        for lines in by_file.values()
        for passage in passages(lines)
    ]


def _shown(talk: Talk) -> list[dict[str, object]]:
    slides = db.session.scalars(
        select(Slide).where(Slide.talk_id == talk.id).order_by(Slide.file_id, Slide.page)
    ).all()
    return [
        {
            "kind": "slide",
            "text": f"{slide.text}\n{slide.notes}".strip(),
            "names": _names(talk),
            "start_s": slide.from_s,
            "end_s": slide.to_s,
            "slide_id": slide.id,
            "url": f"/talks/{talk.id}?slide={slide.id}",
        }
        for slide in slides
        if (slide.text + slide.notes).strip()
    ]


def _chapters(talk: Talk) -> list[dict[str, object]]:
    chapters = db.session.scalars(select(Chapter).where(Chapter.talk_id == talk.id)).all()
    return [
        {
            "kind": "chapter",
            "text": chapter.title,
            "start_s": chapter.start_s,
            "names": _names(talk),
            "url": f"/talks/{talk.id}?t={int(chapter.start_s)}",
        }
        for chapter in chapters
    ]
