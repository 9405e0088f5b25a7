"""Reading what was handed in: a job a talk, a transaction a file, safe to run again."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import NoResultFound

from archive import entries
from archive.captions import MAX_BYTES, CueText, read_captions
from archive.deposit import READ, length_s
from archive.events import TalkRead
from archive.extract.decks import DeckRead, read_deck
from archive.extract.limits import Limits
from archive.extract.problems import Unreadable
from archive.kinds import kind_of
from archive.models import Cue, MediaFile, Slide, Talk
from archive.probe import MediaFacts, probe
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
    stumbled: Exception | None = None
    for place, file_id in enumerate(waiting):
        running.progress(stage="reading", done=place, total=len(waiting), file_id=file_id)
        try:
            _read_file(file_id, running)
        except Exception as error:  # noqa: BLE001 raised below, when the other files are read
            db.session.rollback()
            stumbled = stumbled or error
    running.progress(stage="entries", done=len(waiting), total=len(waiting))
    with transaction():
        talk = db.session.get_one(Talk, talk_id, with_for_update=True)
        if talk.state in ("fetched", "expected"):
            talk.state = "read"
        talk.duration_s = length_s(talk.files)
        entries.renew_talk(talk)
        publish(TalkRead(talk_id))
    if stumbled is not None:
        raise stumbled
    running.progress(stage="done", done=len(waiting), total=len(waiting))


def _read_file(file_id: int, running: jobs.Running) -> None:
    file = db.session.get(MediaFile, file_id)
    if file is None:
        return
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
    except NoResultFound:
        log.info("file removed while it was read", extra={"file": file_id})


def _storable(text: str) -> str:
    """The text without what a database cannot keep: NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _locked(file_id: int) -> MediaFile:
    return db.session.get_one(MediaFile, file_id, with_for_update=True, populate_existing=True)


def _plain(details: dict[str, object]) -> dict[str, Any]:
    return {
        key: value if isinstance(value, int | float | str | bool | None) else str(value)
        for key, value in details.items()
    }


def _read_transcript(file_id: int, path: Path, name: str) -> None:
    with path.open("rb") as content:
        captions = read_captions(content.read(MAX_BYTES + 1), name)
    with transaction():
        file = _locked(file_id)
        talk = db.session.get_one(Talk, file.talk_id, with_for_update=True)
        lang = spoken_language(cue.text for cue in captions.cues)
        db.session.execute(delete(Cue).where(Cue.file_id == file_id))
        db.session.execute(Cue.__table__.insert(), _cue_rows(file, lang, captions.cues))  # type: ignore[attr-defined]
        file.state = "read"
        file.details = {
            "cues": len(captions.cues),
            "lang": lang,
            "length_s": captions.cues[-1].end_s,
            "encoding": captions.encoding,
            "format": captions.format,
            "warnings": captions.warnings[:50],
        }
        talk.language = talk.language or lang


def _cue_rows(file: MediaFile, lang: str, cues: list[CueText]) -> list[dict[str, Any]]:
    return [
        {
            "talk_id": file.talk_id,
            "file_id": file.id,
            "position": position,
            "lang": lang,
            "start_s": cue.start_s,
            "end_s": cue.end_s,
            "speaker": _storable(cue.speaker) if cue.speaker else None,
            "text": _storable(cue.text),
        }
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
                stage="slides", done=page.number, total=page.of, file_id=file_id
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
                talk_id=file.talk_id,
                file_id=file.id,
                page=page.number,
                title=_storable(page.title),
                text=_storable(page.text),
                notes=_storable(page.notes),
                picture_key=pictures.get(page.number),
                width=page.width or None,
                height=page.height or None,
            )
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
        file.poster_key = poster_key
        file.state = "read" if facts.examined else "unexamined"
        file.problem = None
        file.details = _media_details(facts)


def _media_details(facts: MediaFacts) -> dict[str, Any]:
    return {
        "duration_s": facts.duration_s,
        "header_duration_s": facts.header_duration_s,
        "has_video": facts.has_video,
        "has_audio": facts.has_audio,
        "width": facts.width,
        "height": facts.height,
        "warnings": list(facts.warnings),
    }
