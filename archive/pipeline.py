"""Reading what was handed in: a job a talk, a transaction a file, safe to run again at any point."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from archive import entries
from archive.captions import CueText, read_captions
from archive.deposit import READ
from archive.events import TalkRead
from archive.extract.decks import DeckRead, read_deck
from archive.extract.limits import Limits
from archive.extract.problems import Unreadable
from archive.kinds import kind_of
from archive.models import Cue, MediaFile, Slide, Talk
from archive.probe import MediaFacts, probe  # noqa
from archive.rules import spoken_language
from integrations.runtime import jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.events import publish
from integrations.runtime.settings import Settings
from integrations.storage.port import Storage

log = logging.getLogger(__name__)


@jobs.handles(READ)
def read_talk(running: jobs.Running) -> None:
    """Read every file of the talk that waits, then make its entries and owe them to the index."""
    talk_id = running.payload["talk_id"]
    if db.session.get(Talk, talk_id) is None:
        return
    waiting = db.session.scalars(
        select(MediaFile.id)
        .where(MediaFile.talk_id == talk_id, MediaFile.state == "waiting")
        .order_by(MediaFile.id)
    ).all()
    for place, file_id in enumerate(waiting):
        running.progress(stage="reading", done=place, total=len(waiting), file_id=file_id)
        _read_file(file_id, running)
    running.progress(stage="entries", done=len(waiting), total=len(waiting))
    with transaction():
        talk = db.session.get_one(Talk, talk_id, with_for_update=True)
        if talk.state in ("fetched", "expected"):
            talk.state = "read"
        entries.renew_talk(talk)
        publish(TalkRead(talk_id))
    running.progress(stage="done", done=len(waiting), total=len(waiting))


def _read_file(file_id: int, running: jobs.Running) -> None:
    file = db.session.get_one(MediaFile, file_id)
    path = ports.get(Storage).path(file.key)
    kind, name = file.kind, file.original_name
    db.session.rollback()
    try:
        if kind == "transcript":
            _read_transcript(file_id, path, name)
        elif kind == "slides":
            _read_slides(file_id, path, name, running)
        else:
            _examine_media(file_id, path, name)
    except Unreadable as problem:
        log.info("file refused", extra={"file": file_id, "reason": problem.reason.value})
        with transaction():
            file = _locked(file_id)
            file.state = "empty" if problem.reason == "empty" else "refused"
            file.problem, file.details = problem.reason.value, _plain(problem.details)


def _locked(file_id: int) -> MediaFile:
    return db.session.get_one(MediaFile, file_id, with_for_update=True, populate_existing=True)


def _plain(details: dict[str, object]) -> dict[str, Any]:
    return {
        key: value if isinstance(value, int | float | str | bool | None) else str(value)
        for key, value in details.items()
    }


def _read_transcript(file_id: int, path: Path, name: str) -> None:
    captions = read_captions(path.read_bytes(), name)
    with transaction():
        file = _locked(file_id)
        talk = db.session.get_one(Talk, file.talk_id, with_for_update=True)
        lang = spoken_language(cue.text for cue in captions.cues)
        db.session.execute(delete(Cue).where(Cue.file_id == file_id))
        db.session.execute(Cue.__table__.insert(), _cue_rows(file, lang, captions.cues))  # type: ignore[attr-defined]
        file.state = "read"
        file.details = {
            "cues": len(captions.cues), "encoding": captions.encoding, "format": captions.format,
            "warnings": captions.warnings[:50],
        }  # fmt: skip
        talk.language = talk.language or lang
        talk.duration_s = max(talk.duration_s or 0.0, captions.cues[-1].end_s)


def _cue_rows(file: MediaFile, lang: str, cues: list[CueText]) -> list[dict[str, Any]]:
    return [
        {
            "talk_id": file.talk_id, "file_id": file.id, "position": position, "lang": lang,
            "start_s": cue.start_s, "end_s": cue.end_s, "speaker": cue.speaker, "text": cue.text,
        }  # fmt: skip
        for position, cue in enumerate(cues)
    ]


def _read_slides(file_id: int, path: Path, name: str, running: jobs.Running) -> None:
    settings = ports.get(Settings)
    limits = Limits(
        memory_bytes=int(settings.extract_memory_mb) * 1_000_000,
        wall_s=float(settings.extract_seconds),
    )
    with tempfile.TemporaryDirectory(prefix="vzaimo-deck-") as folder:
        deck = read_deck(
            path,
            kind_of(path, name),
            Path(folder),
            limits,
            on_page=lambda page: running.progress(
                stage="slides", done=page.number, file_id=file_id
            ),
        )
        kept = {
            page.number: _keep_picture(Path(page.picture_path))
            for page in deck.pages
            if page.picture_path
        }
    with transaction():
        _save_slides(_locked(file_id), deck, kept)


def _keep_picture(path: Path) -> str:
    with path.open("rb") as picture:
        return ports.get(Storage).put(picture).key


def _save_slides(file: MediaFile, deck: DeckRead, pictures: dict[int, str]) -> None:
    db.session.execute(delete(Slide).where(Slide.file_id == file.id))
    for page in deck.pages:
        db.session.add(
            Slide(
                talk_id=file.talk_id, file_id=file.id, page=page.number, title=page.title,
                text=page.text, notes=page.notes, picture_key=pictures.get(page.number),
                width=page.width, height=page.height,
            )  # fmt: skip
        )
    file.state = "partial" if deck.problem and deck.problem != "no_text" else "read"
    file.problem = deck.problem
    file.details = {"pages": len(deck.pages), "pages_total": deck.pages_total}


def _examine_media(file_id: int, path: Path, name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="vzaimo-media-") as folder:
        facts = probe(path, kind_of(path, name), Path(folder))
        poster = Path(facts.poster_path) if facts.poster_path else None
        poster_key = _keep_picture(poster) if poster and poster.exists() else None
    with transaction():
        file = _locked(file_id)
        talk = db.session.get_one(Talk, file.talk_id, with_for_update=True)
        file.poster_key = poster_key
        file.state = "read" if facts.examined else "unexamined"
        file.problem = facts.warnings[0] if facts.warnings else None
        file.details = _media_details(facts)
        if facts.duration_s:
            talk.duration_s = facts.duration_s


def _media_details(facts: MediaFacts) -> dict[str, Any]:
    return {
        "duration_s": facts.duration_s, "header_duration_s": facts.header_duration_s,
        "has_video": facts.has_video, "has_audio": facts.has_audio, "width": facts.width,
        "height": facts.height, "warnings": list(facts.warnings),
    }  # fmt: skip
