"""Recordings, decks and transcripts of the demo: handed over, and marked once they are read."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import BinaryIO, cast

from sqlalchemy import select

from archive import entries
from archive.models import Chapter, MediaFile, Slide, Talk
from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.demo import sample_talk, talk_files
from sessions.demo.casting import FILMED
from sessions.demo.fill_sessions import Made
from sessions.demo.sample_talk import Timeline
from sessions.demo.talk_text import TalkText
from sessions.demo.timetabling import Slot
from sessions.flows import handing_over
from sessions.models.session import Session

HANDED_OVER_AFTER = timedelta(hours=20)


def hand_over(made: Made, slot: Slot, talks: Mapping[str, TalkText]) -> int:
    """Give the files of a held session to the library, a day later; the id of the session."""
    session_id = made.session_id(slot)
    by = made.people["orlova"]
    with clock.standing_at(slot.ends_at + HANDED_OVER_AFTER), ExitStack() as opened:
        if slot.talk == FILMED:
            names = (sample_talk.FILM, sample_talk.DECK_PDF, sample_talk.TRANSCRIPT)
            files = [
                (cast(BinaryIO, opened.enter_context(sample_talk.talk_file(one).open("rb"))), one)
                for one in names
            ]
        else:
            files = [
                (cast(BinaryIO, io.BytesIO(content)), name)
                for name, content in talk_files.files_of(talks[slot.talk])
            ]
        handing_over.hand_over(session_id, files, by)
        if slot.talk in talks and talks[slot.talk].withheld:
            handing_over.withhold(session_id, by)
    return session_id


def mark(talk: TalkText) -> int:
    """Chapters and slide times of a talk that was read; its id, 0 where it was taken away."""
    return _marked(talk.title, talk_files.timeline_of(talk), talk.slug)


def mark_sample() -> int:
    """The same for the filmed seminar."""
    title = sample_talk.read_script().title
    return _marked(title, sample_talk.read_timeline(), sample_talk.DECK_PDF.removesuffix(".pdf"))


def _marked(title: str, timeline: Timeline, deck: str) -> int:
    talk = _talk(title)
    if talk is None:
        return 0
    talk.chapters = [Chapter(start_s=one.start_s, title=one.title) for one in timeline.chapters]
    shown = {one.page: one for one in reversed(timeline.showings)}  # a page's first showing counts
    slides = (
        select(Slide)
        .join(MediaFile, MediaFile.id == Slide.file_id)
        .where(Slide.talk_id == talk.id, MediaFile.original_name.startswith(f"{deck}."))
    )
    for slide in db.session.scalars(slides):
        if slide.page in shown:
            slide.from_s, slide.to_s = shown[slide.page].from_s, shown[slide.page].to_s
    db.session.flush()
    entries.renew_talk(talk)
    return talk.id


def _talk(title: str) -> Talk | None:
    """The talk of the held session of this title."""
    session_id = db.session.scalar(
        select(Session.id).where(Session.title == title, Session.state == "held")
    )
    return handing_over.talk_of(session_id) if session_id else None
