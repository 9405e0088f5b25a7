"""Letters about someone's seat: it is theirs, they wait, one is offered, the offer ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from flask_babel import gettext

from integrations.mail import outbox
from integrations.mail.message import Draft, compose, wire_address
from integrations.mail.outbox import Letter
from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.runtime.language import speaking
from integrations.runtime.settings import Settings
from sessions import letters
from sessions.flows.seating import SEAT
from sessions.letter_words import programme_name
from sessions.models import seating
from sessions.models.participation import SeatLetter
from sessions.web import typography
from sessions.web.whose_time import words_of


@outbox.writes(SEAT)
def write_seat_letter(letter: Letter) -> bytes:
    """The whole message about a seat, as its row says."""
    about = db.session.query(SeatLetter).filter_by(letter_id=letter.id).one()
    person, settings = about.registration.person, ports.get(Settings)
    with speaking(person.locale):
        facts = _facts(about, settings)
        draft = Draft(
            to_address=wire_address(letter.recipient), to_name=letters.name_of(person),
            from_address=letter.sender, from_name=facts["programme"],
            subject=letters.plain(_subject(about.fact, facts)),
            text=letters.without_joiners(render_template("letters/seat.txt", **facts)),
            html=letters.without_joiners(render_template("letters/seat.html", **facts)),
            message_id=letter.message_id, written_at=letter.owed_at,
        )  # fmt: skip
    return compose(draft)


def _facts(about: SeatLetter, settings: Settings) -> dict[str, Any]:
    """What the letter's templates show."""
    registration = about.registration
    person, session = registration.person, registration.session
    locale, tz = person.locale, person.zone or settings.timezone
    theirs = letters.when(session, tz, locale, words_of(person, locale))
    ours = letters.when(session, settings.timezone, locale)
    home, token = settings.base_url.rstrip("/"), registration.invitation.token
    mode = seating.hall_of(session).mode(registration.mode)
    until = _moment(about.until, tz, locale, theirs.zone) if about.until else ""
    return {
        "fact": about.fact, "session": session, "title": session.title_in(locale),
        "theirs": theirs,
        "ours": ours if (ours.date, ours.hours) != (theirs.date, theirs.hours) else None,
        "heading_of": _heading(about.fact), "until": until,
        "opening": opening(about.fact, about.place, until),
        "mode": mode if session.mode == "hybrid" else "",
        "place": session.place if mode == "in_person" else "",
        "is_online": mode == "online",
        "answer_url": f"{home}/a/{token}", "join_url": f"{home}/j/{token}",
        "programme": programme_name(settings, locale), "locale": locale,
        "plain": typography.typo,
    }  # fmt: skip


def _moment(at: datetime, tz: str, locale: str, zone: str) -> str:
    local = at.astimezone(ZoneInfo(tz))
    return f"{typography.date_full(local, locale)}, {typography.clock(local)} {zone}"


def _heading(fact: str) -> str:
    return {
        "seated": gettext("The seat is yours"),
        "waiting": gettext("You are on the waiting list"),
        "offered": gettext("A seat is free for you"),
        "expired": gettext("The offer of a seat has ended"),
    }[fact]


def opening(fact: str, place: int | None, until: str) -> str:
    """What happened and what follows, in words; place: in the waiting list."""
    if fact == "seated":
        return gettext("A seat was found, and it is yours. We look forward to seeing you.")
    if fact == "offered":
        return gettext(
            "A seat has become free, and it is kept for you. Confirm that you come by this hour: "
            "%(until)s. After that it goes to the next on the list.",
            until=until,
        )
    if fact == "expired":
        return gettext(
            "You did not confirm in time, and the seat went to the next on the list. If you still "
            "wish to come, answer once more: you get a free seat, or a place on the waiting list."
        )
    said = gettext("Thank you for your answer. All seats are taken now.")
    after = gettext("We write to you as soon as a seat is free.")
    return f"{said} {place_words(place)} {after}" if place else f"{said} {after}"


def place_words(place: int) -> str:
    """Which place in the waiting list it is, as a sentence."""
    few = {
        1: gettext("You are first on the waiting list."),
        2: gettext("You are second on the waiting list."),
        3: gettext("You are third on the waiting list."),
    }
    return few.get(place) or gettext("You are number %(num)s on the waiting list.", num=place)


def _subject(fact: str, facts: Mapping[str, Any]) -> str:
    title, moment = facts["title"], facts["theirs"].line
    if fact == "seated":
        return gettext("The seat is yours: %(title)s, %(moment)s", title=title, moment=moment)
    if fact == "waiting":
        return gettext("Waiting list: %(title)s, %(moment)s", title=title, moment=moment)
    if fact == "offered":
        return gettext(
            "A seat is free, confirm by %(until)s: %(title)s", title=title, until=facts["until"]
        )
    return gettext("The offer has ended: %(title)s, %(moment)s", title=title, moment=moment)
