"""Files come in: looked at by their first bytes, kept whole, owed to the reader."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePath
from typing import BinaryIO

from sqlalchemy import select

from archive.extract.problems import Unreadable
from archive.kinds import FileKind, kind_of
from archive.models import MediaFile, Talk
from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.storage.port import Storage

READ = "talk.read"


@dataclass(frozen=True)
class TalkFacts:
    """What is known of a talk before anything is read. `held_on` is a date where it was held."""

    title: str
    access_keys: Collection[str]
    summary: str = ""
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
            source=source, title=facts.title, summary=facts.summary, language=facts.language,
            held_on=facts.held_on, cities=list(facts.cities), speakers=list(facts.speakers),
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
    storage = ports.get(Storage)
    stored = storage.put(content)
    try:
        kind = sniff(storage.path(stored.key), original_name)
    except Refused:
        _forget_unused(stored.key)
        raise
    with transaction():
        talk = db.session.get_one(Talk, talk_id, with_for_update=True)
        known = db.session.scalars(
            select(MediaFile).where(MediaFile.talk_id == talk_id, MediaFile.sha256 == stored.sha256)
        ).first()
        if known is not None:
            return known, False
        file = MediaFile(
            talk_id=talk_id, kind=kind.group, media_type=kind.media_type,
            original_name=PurePath(original_name.replace("\\", "/")).name,
            sha256=stored.sha256, size_bytes=stored.size_bytes, key=stored.key, state="waiting",
            details={}, added_at=clock.now(),
        )  # fmt: skip
        db.session.add(file)
        if talk.state in ("expected", "missing"):
            talk.state = "fetched"
        owe_reading(talk_id)
        db.session.flush()
        return file, True


def owe_reading(talk_id: int) -> None:
    """Have the talk's files read, in the caller's transaction."""
    jobs.enqueue(READ, reading_key(talk_id), {"talk_id": talk_id})


def reading_key(talk_id: int) -> str:
    """The key of the job that reads a talk; its progress shows how far it is."""
    return f"{READ}:{talk_id}"


def _forget_unused(key: str) -> None:
    used = db.session.scalar(select(MediaFile.id).where(MediaFile.key == key).limit(1))
    db.session.rollback()
    if used is None:
        ports.get(Storage).drop(key)
