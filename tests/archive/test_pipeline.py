"""Reading is a job that may be interrupted and run again without harm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from archive import deposit, pipeline
from archive.models import Cue, Entry, MediaFile, Slide, Talk
from archive.probe import MediaFacts
from archive.views_words import remarks
from integrations.runtime import jobs
from integrations.runtime.database import db, transaction
from integrations.runtime.language import speaking
from tests.archive.talks import AN_MP4, a_pdf, a_pptx, a_talk, a_vtt, add, an_srt, fresh
from tests.conftest import Clock

WorkOff = Callable[[], int]


def cues() -> list[tuple[float, str | None, str]]:
    rows = db.session.scalars(select(Cue).order_by(Cue.file_id, Cue.position))
    return [(cue.start_s, cue.speaker, cue.text) for cue in rows]


def slides() -> list[tuple[int, str]]:
    return [(one.page, one.title) for one in db.session.scalars(select(Slide).order_by(Slide.id))]


def entries() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(Entry).order_by(Entry.kind, Entry.start_s, Entry.id))
    return [(entry.kind, entry.text) for entry in rows]


def a_job(talk_id: int) -> jobs.Running:
    job = jobs.find(deposit.reading_key(talk_id))
    assert job is not None
    return jobs.Running(job.id, job.kind, job.key, dict(job.payload), 1, "test")


def test_transcript_becomes_lines_with_speakers(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk()
    add(talk, "talk.vtt", a_vtt())

    work_off()

    assert cues() == [
        (0, "Анна Белова", "Добрый день, начинаем."),
        (10, "Пётр Ёлкин", "Мы закрепили наставников за молодыми учителями."),
        (20, "Пётр Ёлкин", "Ёлка на площади стояла до марта."),
    ]
    read = fresh(talk)
    assert (read.state, read.language, read.duration_s) == ("published", "ru", 29.0)


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-16", "utf-8-sig"])
def test_transcript_in_an_old_encoding_is_read_as_it_was_meant(
    app: Flask, work_off: WorkOff, encoding: str
) -> None:
    talk = a_talk()
    add(talk, "talk.srt", an_srt(encoding=encoding))

    work_off()

    assert cues()[1] == (10, None, "Мы закрепили наставников за молодыми учителями.")


def test_deck_becomes_pages_with_pictures(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk()
    file = add(talk, "deck.pdf", a_pdf("Mentors in schools", "Two hours a week"))

    work_off()

    assert slides() == [(1, "Mentors in schools"), (2, "Two hours a week")]
    assert all(one.picture_key for one in db.session.scalars(select(Slide)))
    assert db.session.get_one(MediaFile, file.id).details == {"pages": 2, "pages_total": 2}


def test_one_unreadable_file_says_why_and_hinders_no_other(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk()
    broken = add(talk, "deck.pdf", b"%PDF-1.7\nthis is no deck")
    empty = add(talk, "empty.vtt", b"WEBVTT\n\n")
    add(talk, "talk.vtt", a_vtt())

    work_off()

    states = {file.id: (file.state, file.problem) for file in fresh(talk).files}
    assert states[broken.id] == ("refused", "damaged")
    assert states[empty.id] == ("empty", "empty")
    assert len(cues()) == 3


def test_reading_twice_doubles_nothing(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk()
    add(talk, "talk.vtt", a_vtt())
    add(talk, "deck.pptx", a_pptx(("Наставники", "Два часа в неделю")))
    work_off()
    before = (cues(), slides(), entries())
    with transaction():
        for file in fresh(talk).files:
            deposit.read_again(file)

    pipeline.read_talk(a_job(talk.id))
    pipeline.read_talk(a_job(talk.id))

    assert (cues(), slides(), entries()) == before


def test_reading_that_was_cut_off_between_two_files_goes_on_with_the_second(
    app: Flask, work_off: WorkOff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """What a handler cannot catch."""

    talk = a_talk()
    add(talk, "talk.vtt", a_vtt())
    add(talk, "deck.pdf", a_pdf("Two hours a week"))
    read: list[str] = []
    really = pipeline._read_transcript

    def watched(file_id: int, path: Path, name: str) -> None:
        read.append(name)
        really(file_id, path, name)

    def killed(*_args: Any) -> None:
        raise Killed

    monkeypatch.setattr(pipeline, "_read_transcript", watched)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_read_slides", killed)
        with pytest.raises(Killed):
            work_off()
    db.session.rollback()
    states = [file.state for file in fresh(talk).files]
    clock.pass_by(minutes=5)

    work_off()

    assert states == ["read", "waiting"]
    assert (read, slides()) == (["talk.vtt"], [(1, "Two hours a week")])
    assert [kind for kind, _ in entries()] == ["slide", "speech", "talk"]


def test_an_error_of_ours_in_one_file_leaves_the_others_read_and_comes_again(
    app: Flask, work_off: WorkOff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = a_talk()
    add(talk, "deck.pdf", a_pdf("Two hours a week"))
    add(talk, "talk.vtt", a_vtt())

    def stumble(*_args: Any) -> None:
        raise RuntimeError("our mistake")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_read_slides", stumble)
        work_off()
    after_first = [file.state for file in fresh(talk).files]
    clock.pass_by(minutes=5)
    work_off()

    assert after_first == ["waiting", "read"]
    assert [file.state for file in fresh(talk).files] == ["read", "read"]


def test_a_file_removed_while_it_waits_is_no_error(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk()
    file = add(talk, "talk.vtt", a_vtt())
    with transaction():
        deposit.remove_file(fresh(talk), file.id)

    work_off()

    job = jobs.find(deposit.reading_key(talk.id))
    assert job is not None
    assert (job.state, cues()) == ("done", [])


def test_a_recording_that_cannot_be_looked_through_is_refused_with_the_reason(
    app: Flask, work_off: WorkOff
) -> None:
    talk = a_talk()
    file = add(talk, "talk.mp4", AN_MP4)

    work_off()

    read = db.session.get_one(MediaFile, file.id, populate_existing=True)
    assert (read.state, read.problem) == ("refused", "damaged")


def test_a_withheld_talk_stays_withheld_when_its_files_are_read(
    app: Flask, work_off: WorkOff
) -> None:
    talk = a_talk()
    add(talk, "talk.vtt", a_vtt())
    with transaction():
        fresh(talk).state = "withheld"

    work_off()

    assert fresh(talk).state == "withheld"


def claiming(monkeypatch: pytest.MonkeyPatch, length_s: float) -> None:
    """Recordings are not looked through, and their headers claim this length."""
    facts = MediaFacts(
        duration_s=length_s, has_video=True, has_audio=True, width=1280, height=720,
        codecs=["avc1"], examined=False, header_duration_s=length_s,
    )  # fmt: skip
    monkeypatch.setattr(pipeline, "probe", lambda *_args: facts)


def said_of(film: MediaFile, talk: Talk) -> tuple[float | None, list[str]]:
    """How long the talk is, and what is remarked on the film beyond its not being examined."""
    with speaking("en"):
        return fresh(talk).duration_s, remarks(db.session.get_one(MediaFile, film.id), str)[1:]


def test_an_absurd_length_in_a_header_gives_way_to_the_last_line_and_is_remarked(
    app: Flask, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    claiming(monkeypatch, 0xFFFFFFF0 / 1000)
    talk = a_talk()
    film = add(talk, "talk.mp4", AN_MP4)
    work_off()
    alone = said_of(film, talk)

    transcript = add(talk, "talk.vtt", a_vtt())
    work_off()
    beside = said_of(film, talk)
    with transaction():
        deposit.remove_file(fresh(talk), transcript.id)

    assert alone == (
        None,
        ["The file claims a length that cannot be true, so how long it is stays unknown."],
    )
    assert beside == (
        29.0,
        [
            "The file claims a length that cannot be true; what is shown is where the last line "
            "of the transcript ends: 29.0."
        ],
    )
    assert fresh(talk).duration_s is None


def test_a_likely_length_in_a_header_is_believed(
    app: Flask, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    claiming(monkeypatch, 33.0)
    talk = a_talk()
    add(talk, "talk.mp4", AN_MP4)
    add(talk, "talk.vtt", a_vtt())

    work_off()

    film = fresh(talk).files[0]
    assert (fresh(talk).duration_s, film.details["warnings"]) == (33.0, [])
