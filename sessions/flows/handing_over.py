"""Recordings, slides and transcripts of a session go to the library and follow it there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

from sqlalchemy import select

from archive import deposit, entries
from archive.deposit import TalkFacts
from archive.models import MediaFile, Talk
from integrations.runtime import clock, jobs
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import MaterialHandedOver
from sessions.models.audit import record
from sessions.models.session import Session
from sessions.rules import lifecycle, permissions

OPEN = "talk.open"
# In the facets of a talk that opens by itself when its session begins.
_WAITS = "waits"


@dataclass
class HandedOver:
    """What became of the files: names of the new ones, of those known before, what was refused."""

    talk_id: int
    taken: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def source_of(session_id: int) -> str:
    """The origin under which the library keeps a session's talk."""
    return f"session:{session_id}"


def talk_of(session_id: int) -> Talk | None:
    """The session's talk, or None where nothing was ever handed over."""
    return db.session.scalars(select(Talk).where(Talk.source == source_of(session_id))).first()


def hand_over(session_id: int, files: Iterable[tuple[BinaryIO, str]], by: int | None) -> HandedOver:
    """Keep the files (content, name) with the session's talk; each is safe once it is `taken`.

    A refused file hinders no other. A session that is over counts as held from now on; before it
    has begun, its talk is the team's.
    """
    with transaction():
        session = Session.locked(session_id)
        talk = deposit.open_talk(source_of(session_id), _facts(session))
        if talk.state == "expected" and not _has_begun(session):
            talk.state, talk.facets = "withheld", {**talk.facets, _WAITS: "start"}
            talk.access_keys = _keys(session, talk)
        _mind_the_start(session, talk)
        talk_id = talk.id
    done = HandedOver(talk_id)
    for content, name in files:
        try:
            file, is_new = deposit.add_file(talk_id, content, name)
        except Refused as refused:
            done.refused.append(refused)
        else:
            (done.taken if is_new else done.known).append(file.original_name)
    with transaction():
        if done.taken:
            record(by, "material.handed_over", source_of(session_id), files=done.taken)
            _mark_held(Session.locked(session_id), by)
            publish(MaterialHandedOver(session_id, talk_id, by))
        else:
            _forget_empty(talk_id)
    return done


def remove(session_id: int, file_id: int, by: int | None) -> str:
    """Take a file and all that was read from it out of the library; its name. Raises Refused."""
    with transaction():
        talk = _locked(session_id)
        name = deposit.remove_file(talk, file_id)
        if talk.files:
            entries.renew_talk(talk)
        else:
            entries.put(entries.talk_source(talk.id), [])
            db.session.delete(talk)
        record(by, "material.removed", source_of(session_id), file=name)
        return name


def read_again(session_id: int, file_id: int | None, by: int | None) -> None:
    """Owe the reading of one file again, or of all that could not be read. Raises Refused."""
    with transaction():
        talk = _locked(session_id)
        chosen = [file for file in talk.files if file_id in (None, file.id)]
        if not chosen:
            raise Refused("file.gone")
        for file in chosen:
            if file_id is not None or _is_unread(file):
                deposit.read_again(file)
        deposit.owe_reading(talk.id)
        record(by, "material.read_again", source_of(session_id), file_id=file_id)


def withhold(session_id: int, by: int | None) -> None:
    """Show the talk to the team only, at once, in pages and search. Raises Refused."""
    with transaction():
        talk = _locked(session_id)
        if talk.state != "withheld" or waits(talk):
            _set_state(talk, session_id, "withheld", by)


def put_out(session_id: int, by: int | None) -> None:
    """Show a withheld talk again to those the session is open to. Raises Refused."""
    with transaction():
        talk = _locked(session_id)
        if talk.state == "withheld":
            _open(talk, session_id, by)


def waits(talk: Talk) -> bool:
    """Whether the talk will open by itself when its session begins."""
    return talk.state == "withheld" and _WAITS in talk.facets


@jobs.handles(OPEN)
def open_when_begun(running: jobs.Running) -> None:
    """Open a talk that waited for its session; where that was moved, another job is owed."""
    with transaction():
        session = db.session.get(
            Session, running.payload["session_id"], with_for_update={"of": Session}
        )
        talk = talk_of(session.id) if session else None
        if session is not None and talk is not None:
            _mind_the_start(session, talk)


def follow(session_id: int) -> None:
    """Give the talk the session's title, people and visibility of now; caller's transaction."""
    talk = talk_of(session_id)
    if talk is None:
        return
    session = db.session.get_one(Session, session_id)
    facts = _facts(session)
    waiting = {_WAITS: talk.facets[_WAITS]} if _WAITS in talk.facets else {}
    wanted: dict[str, object] = {
        "title": facts.title, "title_en": facts.title_en, "summary": facts.summary,
        "summary_en": facts.summary_en, "held_on": facts.held_on, "cities": facts.cities,
        "speakers": facts.speakers, "facets": facts.facets | waiting,
    }  # fmt: skip
    changed = {name for name, value in wanted.items() if getattr(talk, name) != value}
    for name in changed:
        setattr(talk, name, wanted[name])
    keys = _keys(session, talk)
    is_open_to_others = talk.access_keys != keys
    talk.access_keys = keys
    if changed:
        entries.renew_talk(talk)
    elif is_open_to_others:
        entries.rekey_talk(talk)
    _mind_the_start(session, talk)


def _mind_the_start(session: Session, talk: Talk) -> None:
    """Open a talk that waits for the start, or owe that for then; caller's transaction."""
    if not waits(talk):
        return
    if _has_begun(session):
        _open(talk, session.id, None)
    elif session.starts_at > clock.now():
        # The instant is part of the key: a session that is moved is owed a job for its new start.
        key = f"{OPEN}:{session.id}:{session.starts_at:%Y%m%dT%H%M%S}"
        jobs.enqueue(OPEN, key, {"session_id": session.id}, run_at=session.starts_at)


def _has_begun(session: Session) -> bool:
    if session.state in ("draft", "scheduled"):
        return session.starts_at <= clock.now()
    return session.state in ("live", "held")


def _open(talk: Talk, session_id: int, by: int | None) -> None:
    is_waiting = any(file.state == "waiting" for file in talk.files)
    _set_state(talk, session_id, "fetched" if is_waiting else "read", by)


def _set_state(talk: Talk, session_id: int, state: str, by: int | None) -> None:
    record(by, f"talk.{state}", source_of(session_id), was=talk.state)
    talk.state = state
    waited = _WAITS in talk.facets
    talk.facets = {name: value for name, value in talk.facets.items() if name != _WAITS}
    talk.access_keys = _keys(db.session.get_one(Session, session_id), talk)
    if waited:
        entries.renew_talk(talk)
    else:
        entries.rekey_talk(talk)


def _keys(session: Session, talk: Talk | None) -> list[str]:
    """The keys of a session's talk; a draft is nobody's business yet."""
    withheld = session.state == "draft" or (talk is not None and talk.state == "withheld")
    keys = permissions.talk_keys(session.id, session.visibility, withheld=withheld)
    # Whoever hands files over before the session looks at them.
    own = {permissions.host_of(session.id)} if talk is not None and waits(talk) else set()
    return sorted(keys | own)


def _facts(session: Session) -> TalkFacts:
    speakers = [one.person.name for item in session.agenda for one in item.speakers]
    return TalkFacts(
        title=session.title,
        title_en=session.title_en,
        access_keys=_keys(session, None),
        summary=session.summary,
        summary_en=session.summary_en,
        language=session.language,
        held_on=session.wall_start.date(),
        cities=[part.city.name for part in session.cities if part.role == "presenting"],
        speakers=list(dict.fromkeys(speakers)),
        facets={"format": session.format},
    )


def _locked(session_id: int) -> Talk:
    talk = db.session.scalars(
        select(Talk)
        .where(Talk.source == source_of(session_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if talk is None:
        raise Refused("talk.none")
    return talk


def _is_unread(file: MediaFile) -> bool:
    return file.state in ("waiting", "partial", "refused", "empty", "unexamined")


def _mark_held(session: Session, by: int | None) -> None:
    target = lifecycle.after(session.state, "end")
    if target is None or session.ends_at > clock.now():
        return
    record(by, "session.end", source_of(session.id), was=session.state, now=target)
    session.state = target


def _forget_empty(talk_id: int) -> None:
    """A talk that was opened for files of which none was taken is no talk."""
    talk = db.session.get(Talk, talk_id, with_for_update=True)
    if talk is None or talk.files:
        return
    if talk.state == "expected" or waits(talk):
        db.session.delete(talk)
