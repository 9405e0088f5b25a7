"""Letters to speakers: whether they will, and what became of the session they are to speak in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from flask_babel import gettext

from integrations.mail import outbox
from integrations.mail.message import Draft, compose, wire_address
from integrations.mail.outbox import Letter
from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.runtime.language import speaking as speaking_in
from integrations.runtime.settings import Settings
from sessions import letters
from sessions.flows import speaking
from sessions.flows.telling_speakers import SPEAKER_NEWS
from sessions.letter_words import programme_name
from sessions.models.people import Person
from sessions.models.session import Session, Speaker
from sessions.models.speaking import SpeakerLetter, by_person
from sessions.web import typography
from sessions.web.whose_time import words_of


@outbox.writes(speaking.SPEAKER)
def write_question(letter: Letter) -> bytes:
    """The whole message that asks a speaker, with the link to answer by."""
    bearer = db.session.query(Speaker).filter_by(letter_id=letter.id).one()
    person, settings = bearer.person, ports.get(Settings)
    with speaking_in(person.locale):
        facts = _facts(bearer, settings)
        draft = Draft(
            to_address=wire_address(letter.recipient), to_name=letters.name_of(person),
            from_address=letter.sender, from_name=facts["programme"],
            subject=letters.plain(
                gettext("Will you speak? %(title)s, %(moment)s",
                        title=facts["title"], moment=facts["theirs"].line)
            ),
            text=letters.without_joiners(render_template("letters/speaker.txt", **facts)),
            html=letters.without_joiners(render_template("letters/speaker.html", **facts)),
            message_id=letter.message_id, written_at=letter.owed_at,
        )  # fmt: skip
    return compose(draft)


def _facts(bearer: Speaker, settings: Settings) -> dict[str, Any]:
    """What the letter's templates show."""
    person, locale = bearer.person, bearer.person.locale
    session = db.session.get_one(Session, bearer.item.session_id)
    theirs = letters.when(
        session, person.zone or settings.timezone, locale, words_of(person, locale)
    )
    ours = letters.when(session, settings.timezone, locale)
    return {
        "session": session, "title": session.title_in(locale), "theirs": theirs,
        "ours": ours if (ours.date, ours.hours) != (theirs.date, theirs.hours) else None,
        "items": [one.item.title_in(locale) for one in speaking.by_token(bearer.token or "")],
        "answer_url": f"{settings.base_url.rstrip('/')}/speaking/{bearer.token}",
        "programme": programme_name(settings, locale), "locale": locale,
        "opening": _opening(f"{person.given} {person.patronymic}".strip()),
        "plain": typography.typo,
    }  # fmt: skip


@outbox.writes(SPEAKER_NEWS)
def write_news(letter: Letter) -> bytes:
    """The whole message that tells a speaker what became of the session, as its row says."""
    about = db.session.query(SpeakerLetter).filter_by(letter_id=letter.id).one()
    person, settings = about.person, ports.get(Settings)
    with speaking_in(person.locale):
        facts = _news_facts(about, settings)
        draft = Draft(
            to_address=wire_address(letter.recipient), to_name=letters.name_of(person),
            from_address=letter.sender, from_name=facts["programme"],
            subject=letters.plain(_subject(about.fact, facts)),
            text=letters.without_joiners(render_template("letters/speaker_news.txt", **facts)),
            html=letters.without_joiners(render_template("letters/speaker_news.html", **facts)),
            message_id=letter.message_id, written_at=letter.owed_at,
        )  # fmt: skip
    return compose(draft)


def _news_facts(about: SpeakerLetter, settings: Settings) -> dict[str, Any]:
    """What the letter's templates show: the new hour where they are asked, else the known."""
    person, session, locale = about.person, about.session, about.person.locale
    bearer = next((one for one in by_person(session.id).get(person.id, []) if one.token), None)
    is_asked = about.fact == "moved" and bearer is not None
    known = about.was_starts_at or about.starts_at
    shown = about.starts_at if is_asked else known
    theirs, ours = _hours(shown, session, person, settings)
    was, _ = _hours(known, session, person, settings)
    return {
        "session": session, "title": session.title_in(locale), "theirs": theirs,
        "ours": ours if (ours.date, ours.hours) != (theirs.date, theirs.hours) else None,
        "was": was if is_asked and known != shown else None,
        "answer_url": f"{settings.base_url.rstrip('/')}/speaking/{bearer.token}"
        if is_asked and bearer else "",
        "items": [one.item.title_in(locale) for one in by_person(session.id)[person.id]]
        if is_asked else [],
        "programme": programme_name(settings, locale), "locale": locale,
        "opening": _news(about.fact), "plain": typography.typo,
    }  # fmt: skip


def _hours(
    starts_at: datetime, session: Session, person: Person, settings: Settings
) -> tuple[letters.When, letters.When]:
    """The hours of the session, were it to begin then, by the person's clock and by ours."""
    locale, home = person.locale, settings.timezone
    ends_at = starts_at + timedelta(minutes=session.duration_min)
    told = []
    for tz, words in ((person.zone or home, words_of(person, locale)), (home, "")):
        start, end = (at.astimezone(ZoneInfo(tz)) for at in (starts_at, ends_at))
        zone = words or typography.zone_words(tz, locale)
        hours = typography.time_range(start, end)
        told.append(letters.When(typography.date_full(start, locale), hours, zone, opens=""))
    return told[0], told[1]


def _subject(fact: str, facts: Mapping[str, Any]) -> str:
    title, moment = facts["title"], facts["theirs"].line
    if fact == "moved":
        return gettext(
            "New time, will you speak? %(title)s, %(moment)s", title=title, moment=moment
        )
    if fact == "postponed":
        return gettext("Postponed: %(title)s, was %(moment)s", title=title, moment=moment)
    if fact == "cancelled":
        return gettext("Cancelled: %(title)s, %(moment)s", title=title, moment=moment)
    return gettext("You are not to speak: %(title)s, %(moment)s", title=title, moment=moment)


def _news(fact: str) -> str:
    """What happened and what follows for one who speaks."""
    return {
        "moved": gettext(
            "The session in which you are to speak has a new time. Please say once more whether "
            "you will speak."
        ),
        "postponed": gettext(
            "The session in which you are to speak is postponed. When it has its new date, we "
            "will ask you once more."
        ),
        "cancelled": gettext(
            "The session in which you were to speak is cancelled. You need do nothing."
        ),
        "withdrawn": gettext(
            "The hosts took you off the agenda of this session: you need not prepare anything."
        ),
    }[fact]


def _opening(name: str) -> str:
    if name:
        return gettext("%(name)s, the agenda names you as a speaker. Will you speak?", name=name)
    return gettext("The agenda names you as a speaker. Will you speak?")
