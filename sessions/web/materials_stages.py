"""How far the files of a session are: received, read, found by search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from archive import deposit, entries
from archive.models import Cue, IndexDebt, MediaFile, Slide, Talk
from integrations.runtime import jobs, worker
from integrations.runtime.database import db
from integrations.runtime.jobs import Job


@dataclass(frozen=True)
class Stage:
    """One line of the progress. done, total: of the bar, where there is something to count."""

    state: Literal["done", "now", "wait", "bad"]
    words: str
    note: str = ""
    done: int = 0
    total: int = 0


def is_busy(talk: Talk | None) -> bool:
    """Whether something is still to be done with the talk's files."""
    if talk is None:
        return False
    job = jobs.find(deposit.reading_key(talk.id))
    is_reading = job is not None and job.state in ("waiting", "running")
    return is_reading or _is_owed(talk)


def stages(talk: Talk | None) -> list[Stage]:
    """The stages in their order; empty where nothing was handed over."""
    if talk is None or not talk.files:
        return []
    reading = _reading(talk, jobs.find(deposit.reading_key(talk.id)))
    return [_received(talk.files), reading, _searching(talk, reading)]


def _received(files: list[MediaFile]) -> Stage:
    return Stage(
        "done", ngettext("%(num)s file received", "%(num)s files received", len(files)),
        note=gettext("arrived whole and safely kept"),
    )  # fmt: skip


def _reading(talk: Talk, job: Job | None) -> Stage:
    waiting = sum(file.state == "waiting" for file in talk.files)
    if job is not None and job.state == "failed" and waiting:
        return Stage("bad", gettext("Reading failed"), note=gettext("the files are safe"))
    if job is not None and job.state in ("waiting", "running") and job.attempts and job.error:
        return Stage("now", gettext("Reading stumbled and will be tried again"), "", 0, 0)
    if job is not None and job.state == "running":
        return _under_way(talk.files, job)
    if waiting:
        note = "" if worker.a_worker_is_alive() else gettext("nothing reads files at the moment")
        return Stage("wait", gettext("Waiting to be read"), note)
    return Stage("done", gettext("Read"), _what_was_read(talk))


def _under_way(files: list[MediaFile], job: Job) -> Stage:
    facts = job.progress
    name = next((one.original_name for one in files if one.id == facts.get("file_id")), "")
    done, total = int(facts.get("done") or 0), int(facts.get("total") or 0)
    if facts.get("stage") == "slides":
        said = gettext("Reading the pages of «%(name)s»", name=name)
        note = (
            gettext("page %(done)s of %(total)s", done=done, total=total)
            if total
            else gettext("page %(done)s", done=done)
        )
        return Stage("now", said, note, done, total)
    if facts.get("stage") == "reading" and name:
        note = (
            gettext("file %(done)s of %(total)s", done=done + 1, total=total) if total > 1 else ""
        )
        return Stage("now", gettext("Reading «%(name)s»", name=name), note)
    return Stage("now", gettext("Reading"))


def _what_was_read(talk: Talk) -> str:
    pages = db.session.scalar(select(func.count(Slide.id)).where(Slide.talk_id == talk.id)) or 0
    lines = db.session.scalar(select(func.count(Cue.id)).where(Cue.talk_id == talk.id)) or 0
    said = []
    if pages:
        said.append(ngettext("%(num)s slide", "%(num)s slides", pages))
    if lines:
        said.append(ngettext("%(num)s line of speech", "%(num)s lines of speech", lines))
    return ", ".join(said)


def _searching(talk: Talk, reading: Stage) -> Stage:
    if reading.state != "done":
        return Stage("wait", gettext("Search will find it"))
    if _is_owed(talk):
        return Stage("now", gettext("Search is taking it in"))
    return Stage("done", gettext("Search finds it"))


def _is_owed(talk: Talk) -> bool:
    source = entries.talk_source(talk.id)
    return db.session.get(IndexDebt, source, populate_existing=True) is not None
