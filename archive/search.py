"""Words in, moments out: the index finds, the database decides what may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from archive.models import Cue, Entry, MediaFile, Slide, Talk
from archive.rules import best_line
from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from integrations.textsearch.port import Query, TextIndex

EXCERPT_CHARS = 220
PAGE = 10

Pieces = list[tuple[str, bool]]


@dataclass(frozen=True)
class Moment:
    """One thing found. `pieces` are (text, is a word that was looked for); times in seconds.

    url leads to the very second or slide, as a path of this site.
    """

    entry: Entry
    talk: Talk | None
    kind: str
    title: str
    url: str
    score: float
    complete: bool
    pieces: Pieces
    start_s: float | None
    end_s: float | None
    speaker: str | None
    slide: Slide | None
    file: MediaFile | None


@dataclass(frozen=True)
class Found:
    """A page of moments. total: of all pages, an upper bound unless `total_is_exact`."""

    moments: list[Moment]
    total: int
    total_is_exact: bool
    approximate: bool
    available: bool


def search(
    words: str,
    viewer: Viewer,
    *,
    limit: int = PAGE,
    offset: int = 0,
    kinds: frozenset[str] | None = None,
    talk_id: int | None = None,
) -> Found:
    """The moments that fit the words best, of those this viewer may open."""
    index = ports.get(TextIndex)
    results = index.search(
        Query(
            words=words, access_keys=viewer.keys, kinds=kinds, limit=limit, offset=offset,
            source=f"talk:{talk_id}" if talk_id else None,
        )  # fmt: skip
    )
    ids = [int(hit.document_id) for hit in results.hits]
    entries = {entry.id: entry for entry in db.session.scalars(select(Entry).where(Entry.id.in_(ids)))}
    allowed = {
        key: entry for key, entry in entries.items() if viewer.may_open(frozenset(entry.access_keys))
    }
    context = _Context(list(allowed.values()))
    moments = [
        context.moment(allowed[int(hit.document_id)], hit.score, hit.complete, words)
        for hit in results.hits
        if int(hit.document_id) in allowed
    ]
    hidden = len(results.hits) - len(moments)
    return Found(
        moments=moments,
        total=max(results.total - hidden, len(moments)),
        total_is_exact=results.total_is_exact,
        approximate=results.approximate,
        available=results.available,
    )


class _Context:
    """The rows around a page of entries, fetched in one query a table."""

    def __init__(self, entries: list[Entry]) -> None:
        talk_ids = {entry.talk_id for entry in entries if entry.talk_id}
        slide_ids = {entry.slide_id for entry in entries if entry.slide_id}
        self.talks = {
            talk.id: talk
            for talk in db.session.scalars(
                select(Talk).where(Talk.id.in_(talk_ids)).options(joinedload(Talk.files))
            ).unique()
        }
        self.slides = {
            slide.id: slide
            for slide in db.session.scalars(select(Slide).where(Slide.talk_id.in_(talk_ids)))
            if slide.id in slide_ids or slide.from_s is not None
        }
        windows = [
            and_(Cue.talk_id == e.talk_id, Cue.start_s >= e.start_s, Cue.start_s <= e.end_s)
            for e in entries
            if e.kind == "speech"
        ]
        self.cues = (
            db.session.scalars(
                select(Cue).where(or_(*windows)).order_by(Cue.file_id, Cue.start_s, Cue.position)
            ).all()
            if windows
            else []
        )

    def moment(self, entry: Entry, score: float, complete: bool, words: str) -> Moment:
        index = ports.get(TextIndex)
        talk = self.talks.get(entry.talk_id or 0)
        slide = self.slides.get(entry.slide_id or 0)
        start_s, end_s, speaker, url, text = entry.start_s, entry.end_s, None, entry.url, entry.text
        file_id = slide.file_id if slide else None
        if entry.kind == "speech" and talk is not None:
            cues = self._cues_of(entry)
            if cues:
                at = best_line([len(index.marks(cue.text, words)) for cue in cues])
                start_s, end_s, speaker = cues[at].start_s, cues[at].end_s, cues[at].speaker
                file_id = cues[at].file_id
                url = f"/talks/{talk.id}?t={int(start_s)}"
                text = " ".join(cue.text for cue in cues[max(at - 1, 0) :])
                slide = self._slide_at(talk.id, start_s)
        return Moment(
            entry=entry, talk=talk, kind=entry.kind, title=entry.title, url=url, score=score,
            complete=complete, pieces=index.excerpt(text or entry.title, words, EXCERPT_CHARS),
            start_s=start_s, end_s=end_s, speaker=speaker, slide=slide,
            file=_file(talk, file_id),
        )  # fmt: skip

    def _cues_of(self, entry: Entry) -> list[Cue]:
        start, end = entry.start_s or 0.0, entry.end_s or 0.0
        return [
            cue for cue in self.cues if cue.talk_id == entry.talk_id and start <= cue.start_s < end
        ]

    def _slide_at(self, talk_id: int, second: float) -> Slide | None:
        for slide in self.slides.values():
            if slide.talk_id == talk_id and slide.from_s is not None:
                if slide.from_s <= second < (slide.to_s or float("inf")):
                    return slide
        return None


def _file(talk: Talk | None, file_id: int | None) -> MediaFile | None:
    if talk is None:
        return None
    return next((file for file in talk.files if file.id == file_id), None)
