"""Letters that remind: of a session to come, of its recording, and the digest of a week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext
from sqlalchemy import select

from archive.models import Talk
from integrations.mail import outbox
from integrations.mail.message import Draft, compose, wire_address
from integrations.mail.outbox import Letter
from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.language import speaking
from integrations.runtime.settings import Settings
from sessions import letter_links, letter_words, letters
from sessions.flows import digesting, reminding
from sessions.flows.digesting import DIGEST, Contents
from sessions.flows.reminding import REMINDER
from sessions.letter_words import programme_name
from sessions.letters import When
from sessions.models.correspondence import DigestRun, ReminderRun
from sessions.models.participation import InviteMessage, Registration
from sessions.models.people import Person
from sessions.models.session import Session
from sessions.rules import permissions, reminders
from sessions.rules.reminders import Nearness
from sessions.web import typography
from sessions.web.whose_time import words_of


@outbox.writes(REMINDER)
def write_reminder(letter: Letter) -> bytes:
    """The whole message of a reminder, as its row says."""
    run = db.session.scalars(select(ReminderRun).where(ReminderRun.letter_id == letter.id)).one()
    registration, settings = run.registration, ports.get(Settings)
    with speaking(registration.person.locale):
        recording = run.kind == "recording"
        facts = (_of_recording if recording else _of_session)(registration, settings)
        return _composed(letter, registration.person, "reminder", facts, _first_letter(run))


@outbox.writes(DIGEST)
def write_digest(letter: Letter) -> bytes:
    """The whole message of a digest: what is so when it leaves."""
    run = db.session.scalars(select(DigestRun).where(DigestRun.letter_id == letter.id)).one()
    found, settings = digesting.contents(run), ports.get(Settings)
    with speaking(run.person.locale):
        return _composed(letter, run.person, "digest", _of_week(run, found, settings), None)


def _composed(
    letter: Letter, person: Person, template: str, facts: dict[str, Any], in_reply_to: str | None
) -> bytes:
    draft = Draft(
        to_address=wire_address(letter.recipient), to_name=letters.name_of(person),
        from_address=letter.sender, from_name=facts["programme"],
        subject=letters.plain(facts["subject"]),
        text=letters.without_joiners(render_template(f"letters/{template}.txt", **facts)),
        html=letters.without_joiners(render_template(f"letters/{template}.html", **facts)),
        message_id=letter.message_id, written_at=letter.owed_at, in_reply_to=in_reply_to,
        headers=facts["links"].headers,
    )  # fmt: skip
    return compose(draft)


def _first_letter(run: ReminderRun) -> str | None:
    """The Message-ID of the invitation: mail programs show the reminder under it."""
    return db.session.scalars(
        select(Letter.message_id)
        .join(InviteMessage, InviteMessage.letter_id == Letter.id)
        .where(
            InviteMessage.invitation_id == run.registration.invitation.id,
            Letter.sent_at.is_not(None),
        )
        .order_by(InviteMessage.id)
        .limit(1)
    ).first()


def _common(registration: Registration, settings: Settings) -> dict[str, Any]:
    """What a letter about one session shows, to come or over."""
    person, session = registration.person, registration.session
    locale, tz = person.locale, person.zone or settings.timezone
    theirs = letters.when(session, tz, locale, words_of(person, locale))
    ours = letters.when(session, settings.timezone, locale)
    programme = programme_name(settings, locale)
    return {
        "session": session, "title": session.title_in(locale), "theirs": theirs,
        "ours": ours if (ours.date, ours.hours) != (theirs.date, theirs.hours) else None,
        "presenting": _presenting(session, locale),
        "links": letter_links.of_invitation(settings, registration.invitation.token),
        "programme": programme, "locale": locale, "plain": typography.typo,
        "reason": letter_words.reason(programme),
    }  # fmt: skip


def _of_session(registration: Registration, settings: Settings) -> dict[str, Any]:
    """What the reminder of a session to come shows."""
    facts = _common(registration, settings)
    person, session = registration.person, registration.session
    tz = person.zone or settings.timezone
    near = reminders.nearness(session.starts_at, clock.now(), tz)
    is_online = session.mode == "online" or (
        session.mode == "hybrid" and registration.mode != "in_person"
    )
    return facts | {
        "is_recording": False,
        "subject": subject(near, facts["title"], facts["theirs"]),
        "heading_of": facts["title"],
        "opening": opening(near),
        "answered": letter_links.answered(_answer(registration)),
        "is_online": is_online,
        "place": "" if session.mode == "online" else session.place,
        "entering": letter_words.entering(facts["theirs"].opens, facts["theirs"].zone),
    }


def _of_recording(registration: Registration, settings: Settings) -> dict[str, Any]:
    """What the letter about a recording shows."""
    facts = _common(registration, settings)
    talk = reminding.recording_of(registration.session_id)
    if talk is None:
        raise LookupError("no recording: the letter should have been taken back")
    title = facts["title"]
    return facts | {
        "is_recording": True,
        "subject": gettext("The recording is here: %(title)s", title=title),
        "heading_of": title,
        "opening": gettext(
            "The recording of the session is in the library. Watch it whenever it suits you."
        ),
        "watch_url": _watch_url(talk, facts["links"], settings),
    }  # fmt: skip


def _watch_url(talk: Talk, links: letter_links.Links, settings: Settings) -> str:
    """The recording's page; their own page of the session where it asks who they are."""
    if permissions.PUBLIC in talk.keys:
        return f"{settings.base_url.rstrip('/')}/talks/{talk.id}"
    return links.join


def _answer(registration: Registration) -> str:
    given = registration.invitation.current_answer
    return given.answer if given and given.is_of(registration.session) else ""


def _presenting(session: Session, locale: str) -> str:
    named = [part.city.name_in(locale) for part in session.cities if part.role == "presenting"]
    return letter_words.presenting(named)


def subject(near: Nearness, title: str, theirs: When) -> str:
    """The subject of a reminder: how near it is, what, and when for the reader."""
    words = {"title": title, "moment": theirs.line, "hours": f"{theirs.hours} {theirs.zone}"}
    if near == "week":
        return gettext("In a week: %(title)s, %(moment)s", **words)
    if near == "tomorrow":
        return gettext("Tomorrow: %(title)s, %(hours)s", **words)
    if near == "today":
        return gettext("Today: %(title)s, %(hours)s", **words)
    if near == "hour":
        return gettext("In an hour: %(title)s, %(hours)s", **words)
    if near == "soon":
        return gettext("Soon: %(title)s, %(hours)s", **words)
    return gettext("Reminder: %(title)s, %(moment)s", **words)


def opening(near: Nearness) -> str:
    """The first sentence of a reminder."""
    sentences: dict[Nearness, str] = {
        "week": gettext("The session is in a week."),
        "tomorrow": gettext("The session is tomorrow."),
        "today": gettext("The session is today."),
        "hour": gettext("The session begins in about an hour."),
        "soon": gettext("The session begins soon."),
        "ahead": gettext("The session is ahead of you."),
    }
    return sentences[near]


@dataclass(frozen=True)
class Coming:
    """A session to come, as a digest shows it."""

    title: str
    theirs: When
    presenting: str
    place: str
    join_url: str
    answered: str
    answer_url: str


@dataclass(frozen=True)
class Came:
    """A recording that came, as a digest shows it."""

    title: str
    held_on: str
    watch_url: str


def _of_week(run: DigestRun, found: Contents, settings: Settings) -> dict[str, Any]:
    """What the digest shows."""
    person, locale = run.person, run.person.locale
    tz = person.zone or settings.timezone
    every = [*found.coming, *(one for one, _ in found.recordings)]
    programme = programme_name(settings, locale)
    local = run.week_on
    # The letter is the person's; whichever of their links stops it, stops all.
    links = letter_links.of_invitation(settings, every[0].invitation.token)
    return {
        "subject": gettext(
            "Your week from %(date)s: %(programme)s",
            date=typography.date_short(local, locale), programme=programme,
        ),
        "coming": [_coming(one, person, tz, settings) for one in found.coming],
        "recordings": [_came(one, talk, tz, settings) for one, talk in found.recordings],
        "links": links,
        "mine_url": f"{settings.base_url.rstrip('/')}/me",
        "programme": programme, "locale": locale, "plain": typography.typo,
    }  # fmt: skip


def _coming(registration: Registration, person: Person, tz: str, settings: Settings) -> Coming:
    session, locale = registration.session, person.locale
    links = letter_links.of_invitation(settings, registration.invitation.token)
    return Coming(
        title=session.title_in(locale),
        theirs=letters.when(session, tz, locale, words_of(person, locale)),
        presenting=_presenting(session, locale),
        place="" if session.mode == "online" else session.place,
        join_url=links.join if session.mode != "in_person" else "",
        answered=letter_links.answered(_answer(registration)),
        answer_url=links.answer,
    )


def _came(registration: Registration, talk: Talk, tz: str, settings: Settings) -> Came:
    session, locale = registration.session, registration.person.locale
    links = letter_links.of_invitation(settings, registration.invitation.token)
    theirs = letters.when(session, tz, locale)
    return Came(session.title_in(locale), theirs.date, _watch_url(talk, links, settings))
