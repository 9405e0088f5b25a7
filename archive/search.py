"""Words in, moments out: the index finds, the database decides what may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import defer, selectinload

from archive import indexing
from archive.entries import talk_source
from archive.models import Cue, Entry, MediaFile, Slide, Talk
from archive.rules import best_line
from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from integrations.textsearch.port import Found as Hit
from integrations.textsearch.port import Query, Results, TextIndex

EXCERPT_CHARS = 220
PAGE = 10
MOST = 1000

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
    found = checked(words, viewer, limit=limit, offset=offset, kinds=kinds, talk_id=talk_id)
    return Found(
        moments=moments_of(found.entries, words),
        total=found.total,
        total_is_exact=found.total_is_exact,
        approximate=found.approximate,
        available=found.available,
    )


@dataclass(frozen=True)
class Checked:
    """What the index found, and the database lets this viewer see; best first."""

    entries: list[tuple[Entry, Hit]]
    total: int
    total_is_exact: bool
    approximate: bool
    available: bool


def checked(
    words: str,
    viewer: Viewer,
    *,
    limit: int,
    offset: int = 0,
    kinds: frozenset[str] | None = None,
    talk_id: int | None = None,
) -> Checked:
    """The entries that fit the words, each asked for in the database once more.

    While the index owes the database something, it is asked for all it has, so that not even a
    count tells of what was withheld a moment ago.
    """
    query = Query(
        words=words, access_keys=viewer.keys, kinds=kinds, limit=limit, offset=offset,
        source=talk_source(talk_id) if talk_id else None,
    )  # fmt: skip
    index = ports.get(TextIndex)
    is_behind = indexing.owed() > 0
    results = index.search(replace(query, limit=MOST, offset=0) if is_behind else query)
    entries = _openable(results, viewer)
    if not is_behind and len(entries) < len(results.hits):
        is_behind = True
        results = index.search(replace(query, limit=MOST, offset=0))
        entries = _openable(results, viewer)
    return Checked(
        entries=entries[offset : offset + limit] if is_behind else entries,
        total=len(entries) if is_behind else results.total,
        total_is_exact=results.total <= MOST if is_behind else results.total_is_exact,
        approximate=results.approximate,
        available=results.available,
    )


def _openable(results: Results, viewer: Viewer) -> list[tuple[Entry, Hit]]:
    ids = [int(hit.document_id) for hit in results.hits]
    rows = db.session.execute(
        select(Entry, Talk.access_keys)
        .outerjoin(Talk, Talk.id == Entry.talk_id)
        .where(Entry.id.in_(ids))
    )
    allowed = {
        entry.id: entry
        for entry, talk_keys in rows
        if viewer.may_open(frozenset(entry.access_keys))
        and (talk_keys is None or viewer.may_open(frozenset(talk_keys)))
    }
    return [
        (allowed[int(hit.document_id)], hit)
        for hit in results.hits
        if int(hit.document_id) in allowed
    ]


def moments_of(entries: Sequence[tuple[Entry, Hit]], words: str) -> list[Moment]:
    """Where exactly the words stand in each of the entries, and what surrounds them."""
    context = _Context([entry for entry, _ in entries])
    return [context.moment(entry, hit.score, hit.complete, words) for entry, hit in entries]


class _Context:
    """The rows around a page of entries, fetched in one query a table."""

    def __init__(self, entries: list[Entry]) -> None:
        talk_ids = {entry.talk_id for entry in entries if entry.talk_id}
        slide_ids = {entry.slide_id for entry in entries if entry.slide_id}
        self.talks = {
            talk.id: talk
            for talk in db.session.scalars(
                select(Talk).where(Talk.id.in_(talk_ids)).options(selectinload(Talk.files))
            )
        }
        self.slides = {
            slide.id: slide
            for slide in db.session.scalars(
                select(Slide)
                .where(
                    Slide.talk_id.in_(talk_ids),
                    or_(Slide.id.in_(slide_ids), Slide.from_s.is_not(None)),
                )
                .options(defer(Slide.text), defer(Slide.notes))
            )
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
                url = talk_url(talk, t=int(start_s), file_id=file_id)
                text = " ".join(cue.text for cue in cues[max(at - 1, 0) : at + 4])
                slide = self._slide_at(talk.id, start_s)
        elif entry.kind == "chapter" and talk is not None:
            url = talk_url(talk, t=int(start_s or 0))
        return Moment(
            entry=entry, talk=talk, kind=entry.kind, title=entry.title, url=url, score=score,
            complete=complete, pieces=index.excerpt(text or entry.title, words, EXCERPT_CHARS),
            start_s=start_s, end_s=end_s, speaker=speaker, slide=slide,
            file=_file(talk, file_id),
        )  # fmt: skip

    def _cues_of(self, entry: Entry) -> list[Cue]:
        """The lines of the entry's window: two transcripts of a talk have lines at one time."""
        start, end = entry.start_s or 0.0, entry.end_s or 0.0
        by_file: dict[int, list[Cue]] = {}
        for cue in self.cues:
            if cue.talk_id == entry.talk_id and start <= cue.start_s < end:
                by_file.setdefault(cue.file_id, []).append(cue)
        said = [
            cues
            for cues in by_file.values()
            if " ".join(cue.text for cue in cues).startswith(entry.text)
        ]
        return next(iter(said or by_file.values()), [])

    def _slide_at(self, talk_id: int, second: float) -> Slide | None:
        for slide in self.slides.values():
            if slide.talk_id != talk_id or slide.from_s is None:
                continue
            if slide.from_s <= second < (slide.to_s or float("inf")):
                return slide
        return None


def talk_url(talk: Talk, t: int, file_id: int | None = None) -> str:
    """The address of a second of a talk, in the transcript `file_id`; talk.files must be loaded.

    Where there is no recording that could start there, the page opens at the line itself.
    """
    shown = main_transcript(talk.files, talk.language)
    other = f"&text={file_id}" if file_id and shown and file_id != shown.id else ""
    plays = any(file.kind in ("video", "audio") for file in talk.files)
    return f"/talks/{talk.id}?t={t}{other}" + ("" if plays else "#now")


def main_transcript(files: Iterable[MediaFile], language: str) -> MediaFile | None:
    """The transcript shown unless another is asked for: in the talk's language, the longest."""
    read = [file for file in files if file.kind == "transcript" and file.details.get("cues")]
    return max(
        read,
        key=lambda file: (file.details.get("lang") == language, file.details["cues"], -file.id),
        default=None,
    )


def _file(talk: Talk | None, file_id: int | None) -> MediaFile | None:
    if talk is None:
        return None
    return next((file for file in talk.files if file.id == file_id), None)
