"""The letter that asks a speaker whether they will."""

from __future__ import annotations

from typing import Any

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
from sessions.letter_words import programme_name
from sessions.models.session import Session, Speaker
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


def _opening(name: str) -> str:
    if name:
        return gettext("%(name)s, the agenda names you as a speaker. Will you speak?", name=name)
    return gettext("The agenda names you as a speaker. Will you speak?")
