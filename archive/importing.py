"""A folder of older recordings comes in: files that share folder and stem make one talk.

It may be broken off anywhere and begun again: talks are known by their source, files by their hash.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath

from sqlalchemy import select

from archive import deposit
from archive.deposit import TalkFacts
from archive.models import MediaFile, Talk
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused

PREFIX = "import:"
_SOURCE_LENGTH = 500
_CHUNK_BYTES = 1 << 20
_TRANSCRIPTS = (".vtt", ".srt")
# «talk.ru.vtt» and «talk.pt-BR.srt» are transcripts of «talk».
_LANGUAGE = re.compile(r"\.[a-z]{2}(?:[-_][A-Za-z]{2,4})?$")
_HYPHEN = re.compile(r"(?<!\d)-|-(?!\d)")
_DATED = re.compile(
    r"^(\d{4})[-_.](\d\d)[-_.](\d\d)(?!\d)[\s_.-]*|[\s_.-]*(?<!\d)(\d{4})[-_.](\d\d)[-_.](\d\d)$"
)


@dataclass(frozen=True)
class Bundle:
    """The files of one talk. `name` is their common path within the folder, without extension."""

    name: str
    files: tuple[Path, ...]


@dataclass
class Taken:
    """What became of the files so far; refusals by path. talk_ids: all that was found or made."""

    added: int = 0
    already: int = 0
    talk_ids: list[int] = field(default_factory=list)
    added_ids: list[int] = field(default_factory=list)
    refused: dict[Path, Refused] = field(default_factory=dict)


def bundles(root: Path) -> list[Bundle]:
    """Everything under a folder, put together by talk, in order; nothing that is hidden."""
    found: dict[str, list[Path]] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file():
                stem = path.relative_to(root).parent / stem_of(name)
                found.setdefault(stem.as_posix(), []).append(path)
    return [Bundle(name, tuple(files)) for name, files in sorted(found.items())]


def stem_of(name: str) -> str:
    """The part of a file's name that it shares with the other files of its talk."""
    path = PurePosixPath(name)
    if path.suffix.lower() in _TRANSCRIPTS:
        return _LANGUAGE.sub("", path.stem) or path.stem
    return path.stem


def title_of(stem: str) -> tuple[str, date | None]:
    """A readable title made of a file's stem, and the date that stands before or after it."""
    held_on = None
    dated = _DATED.search(stem)
    if dated:
        year, month, day = (int(part) for part in dated.groups() if part)
        try:
            held_on = date(year, month, day)
        except ValueError:
            dated = None
    bare = _DATED.sub("", stem, count=1) if dated else stem
    # Hyphens part the words where they are the only gap, or too many to be in words.
    parts = re.split(r"[_\s]+", bare.strip(" _-"))
    hyphens = 1 if len(parts) == 1 else 2
    words = " ".join(
        _HYPHEN.sub(" ", part) if part.count("-") >= hyphens and part != "-" else part
        for part in parts
    )
    words = re.sub(r"\s+", " ", words.replace(" - ", " — ")).strip(" .-—")
    return (words[:1].upper() + words[1:] if words else stem), held_on


def source_of(root_name: str, name: str) -> str:
    """The source of an imported talk; of a path too long for it, the end is a hash."""
    source = f"{PREFIX}{root_name}/{name}"
    if len(source) <= _SOURCE_LENGTH:
        return source
    return f"{source[: _SOURCE_LENGTH - 65]}~{hashlib.sha256(source.encode()).hexdigest()}"


def take_in(
    root: Path,
    found: Iterable[Bundle],
    access_keys: Collection[str],
    on_bundle: Callable[[Bundle], None] = lambda _: None,
) -> Taken:
    """Keep what is new of these and owe its reading."""
    taken = Taken()
    for bundle in found:
        _take_bundle(root.resolve().name, bundle, access_keys, taken)
        on_bundle(bundle)
    return taken


def _take_bundle(
    root_name: str, bundle: Bundle, access_keys: Collection[str], taken: Taken
) -> None:
    welcome = {path: _sha256(path) for path in bundle.files if _is_welcome(path, taken)}
    if not welcome:
        return
    source = source_of(root_name, bundle.name)
    talk_id = _talk_at(source) or _same_elsewhere(bundle.name, set(welcome.values()))
    known = _kept_by(talk_id)
    if talk_id is None:
        title, held_on = title_of(PurePosixPath(bundle.name).name)
        with transaction():
            talk_id = deposit.open_talk(
                source, TalkFacts(title=title, access_keys=access_keys, held_on=held_on)
            ).id
    taken.talk_ids.append(talk_id)
    for path, sha256 in welcome.items():
        if sha256 in known:
            taken.already += 1
            continue
        _take_file(talk_id, path, taken)
        known.add(sha256)


def _take_file(talk_id: int, path: Path, taken: Taken) -> None:
    try:
        with path.open("rb") as content:
            file, is_new = deposit.add_file(talk_id, content, path.name)
    except Refused as refused:
        taken.refused[path] = refused
        return
    if is_new:
        taken.added += 1
        taken.added_ids.append(file.id)
    else:
        taken.already += 1


def _is_welcome(path: Path, taken: Taken) -> bool:
    """Whether the file is of a kind we take: a talk is made for nothing less."""
    try:
        deposit.sniff(path, path.name)
    except Refused as refused:
        taken.refused[path] = refused
        return False
    return True


def _talk_at(source: str) -> int | None:
    return db.session.scalar(select(Talk.id).where(Talk.source == source))


def _same_elsewhere(name: str, hashes: set[str]) -> int | None:
    """A talk imported from another folder, of the same stem, that has all of these files."""
    stem = PurePosixPath(name).name
    candidates = db.session.execute(
        select(Talk.id, Talk.source)
        .join(MediaFile)
        .where(MediaFile.sha256.in_(hashes), Talk.source.startswith(PREFIX, autoescape=True))
        .order_by(Talk.id)
    ).all()
    for talk_id, source in dict.fromkeys((row.id, row.source) for row in candidates):
        if PurePosixPath(source).name == stem and hashes <= _kept_by(talk_id):
            return int(talk_id)
    return None


def _kept_by(talk_id: int | None) -> set[str]:
    kept = select(MediaFile.sha256).where(MediaFile.talk_id == talk_id)
    return set(db.session.scalars(kept)) if talk_id else set()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
