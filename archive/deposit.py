"""Files come in: looked at by their first bytes, kept whole, owed to the reader."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path, PurePath
from typing import BinaryIO

from sqlalchemy import delete, or_, select

from archive.extract.problems import Unreadable
from archive.kinds import FileKind, kind_of
from archive.models import MediaFile, Slide, Talk
from archive.rules import believed_s
from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import OutsideError, Refused
from integrations.storage.port import NoRoom, Storage

READ = "talk.read"
DROP = "storage.drop"
DROP_AFTER = timedelta(minutes=10)
NAME_LENGTH = 200
# Said of a recording whose header is not believed; behind a colon what is taken instead.
DOUBTED = "length_doubted"


@dataclass(frozen=True)
class TalkFacts:
    """What is known of a talk before anything is read. `held_on` is a date where it was held."""

    title: str
    access_keys: Collection[str]
    title_en: str = ""
    summary: str = ""
    summary_en: str = ""
    language: str = ""
    held_on: date | None = None
    cities: list[str] = field(default_factory=list)
    speakers: list[str] = field(default_factory=list)
    facets: dict[str, str] = field(default_factory=dict)


def open_talk(source: str, facts: TalkFacts) -> Talk:
    """The talk of this source, made where there is none; in the caller's transaction.

    A talk that is there already keeps what it has.
    """
    talk = db.session.scalars(select(Talk).where(Talk.source == source)).first()
    if talk is None:
        talk = Talk(
            source=source, title=facts.title, title_en=facts.title_en, summary=facts.summary,
            summary_en=facts.summary_en, language=facts.language, held_on=facts.held_on,
            cities=list(facts.cities), speakers=list(facts.speakers),
            facets=dict(facts.facets), access_keys=sorted(facts.access_keys), state="expected",
            made_at=clock.now(),
        )  # fmt: skip
        db.session.add(talk)
        db.session.flush()
    return talk


def sniff(path: Path, original_name: str) -> FileKind:
    """What a file is, by its content. Raises Refused("file.<problem>") where we cannot take it."""
    try:
        return kind_of(path, original_name)
    except Unreadable as problem:
        raise refusal(problem, original_name) from problem


def refusal(problem: Unreadable, original_name: str) -> Refused:
    """The same problem as a refusal that a page finds words for."""
    details = {key: value for key, value in problem.details.items() if key != "name"}
    return Refused(f"file.{problem.reason.value}", name=original_name, **details)


def add_file(talk_id: int, content: BinaryIO, original_name: str) -> tuple[MediaFile, bool]:
    """Keep a file for a talk and owe its reading; the row, and whether it is new.

    On return the file is safe: written, synced, named in the database. The same bytes again change
    nothing. Raises Refused("file.…"): then nothing is kept.
    """
    name = clean_name(original_name)
    kinds: list[FileKind] = []
    try:
        stored = ports.get(Storage).put(content, lambda path: kinds.append(sniff(path, name)))
    except NoRoom as full:
        raise Refused("file.no_room", name=name) from full
    with transaction():
        talk = db.session.get_one(Talk, talk_id, with_for_update=True)
        known = db.session.scalars(
            select(MediaFile).where(MediaFile.talk_id == talk_id, MediaFile.sha256 == stored.sha256)
        ).first()
        if known is not None:
            return known, False
        file = MediaFile(
            talk_id=talk_id, kind=kinds[0].group, media_type=kinds[0].media_type,
            original_name=name, sha256=stored.sha256, size_bytes=stored.size_bytes, key=stored.key,
            state="waiting", details={}, added_at=clock.now(),
        )  # fmt: skip
        db.session.add(file)
        if talk.state in ("expected", "missing"):
            talk.state = "fetched"
        owe_reading(talk_id)
        db.session.flush()
        return file, True


def clean_name(original_name: str) -> str:
    """The file's own name as people may see it: without folders and unprintable characters."""
    name = PurePath(original_name.replace("\\", "/")).name
    name = "".join(letter for letter in name if letter.isprintable()).strip()
    stem, dot, suffix = name.rpartition(".")
    if len(name) > NAME_LENGTH:
        name = f"{stem[: NAME_LENGTH - len(suffix) - 1]}{dot}{suffix}"[:NAME_LENGTH]
    return name or "file"


def read_again(file: MediaFile) -> None:
    """Owe the reading of a file once more, in the caller's transaction."""
    file.state, file.problem = "waiting", None
    owe_reading(file.talk_id)


def remove_file(talk: Talk, file_id: int) -> str:
    """Take a file from a talk with all that was read from it; its name. Caller's transaction.

    The content goes from the storage somewhat later. Raises Refused("file.gone").
    """
    file = db.session.scalars(
        select(MediaFile).where(MediaFile.id == file_id, MediaFile.talk_id == talk.id)
    ).first()
    if file is None:
        raise Refused("file.gone")
    pictures = db.session.scalars(select(Slide.picture_key).where(Slide.file_id == file_id))
    for key in {file.key, file.poster_key, *pictures} - {None}:
        jobs.enqueue(DROP, f"{DROP}:{key}", {"key": key}, run_at=clock.now() + DROP_AFTER)
    name = file.original_name
    db.session.execute(delete(MediaFile).where(MediaFile.id == file_id))
    db.session.flush()
    db.session.expire(talk, ["files", "slides"])
    talk.duration_s = length_s(talk.files)
    return name


def length_s(files: Sequence[MediaFile]) -> float | None:
    """How long the talk is: as long as its recording, else until the last word of a transcript.

    Of a recording that was not looked through, the header's claim is weighed here, and the file
    remembers where it is not believed.
    """
    last_word_s = max(
        (float(file.details.get("length_s") or 0) for file in files if file.kind == "transcript"),
        default=0.0,
    )
    for file in files:
        if file.state == "unexamined":
            _weigh(file, last_word_s or None)
    known: dict[str, list[float]] = {"recording": [], "transcript": []}
    for file in files:
        kind = "recording" if file.kind in ("video", "audio") else file.kind
        length = file.details.get("duration_s") or file.details.get("length_s")
        if kind in known and length:
            known[kind].append(float(length))
    return max(known["recording"] or known["transcript"], default=None)


def _weigh(file: MediaFile, last_word_s: float | None) -> None:
    claimed_s = file.details.get("header_duration_s")
    if not claimed_s:
        return
    length = believed_s(float(claimed_s), last_word_s)
    said = [code for code in file.details.get("warnings", []) if code.partition(":")[0] != DOUBTED]
    if length != claimed_s:
        said.append(DOUBTED if length is None else f"{DOUBTED}:{length:.1f}")
    file.details = {**file.details, "duration_s": length, "warnings": said}


@jobs.handles(DROP)
def drop_content(running: jobs.Running) -> None:
    """Forget a content that no row names any more."""
    key = running.payload["key"]
    used = db.session.scalar(
        select(MediaFile.id).where(or_(MediaFile.key == key, MediaFile.poster_key == key)).limit(1)
    ) or db.session.scalar(select(Slide.id).where(Slide.picture_key == key).limit(1))
    db.session.rollback()
    # Somebody may be handing in the very same bytes, whose row is not there yet.
    if used is None and not ports.get(Storage).drop(key, DROP_AFTER.total_seconds() / 2):
        raise OutsideError("storage", temporary=True, detail="put again a moment ago")


def owe_reading(talk_id: int) -> None:
    """Have the talk's files read, in the caller's transaction."""
    jobs.enqueue(READ, reading_key(talk_id), {"talk_id": talk_id})


def reading_key(talk_id: int) -> str:
    """The key of the job that reads a talk; its progress shows how far it is."""
    return f"{READ}:{talk_id}"
