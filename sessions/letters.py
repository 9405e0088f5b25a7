"""Letters for a person, in their language: subject, text, HTML, calendar part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from integrations.calendaring.invite import Method, Occasion, Party, invitation
from integrations.mail import outbox
from integrations.mail.message import Draft, compose, wire_address
from integrations.mail.outbox import Letter
from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.language import speaking
from integrations.runtime.settings import Settings
from sessions import letter_links, letter_words
from sessions.flows.telling import INVITE
from sessions.letter_words import Kind, programme_name
from sessions.models.participation import Invitation, InviteMessage, Registration
from sessions.models.people import Person
from sessions.models.session import Session, SessionCity
from sessions.rules import permissions
from sessions.rules.addresses import organizer_address
from sessions.web import typography
from sessions.web.whose_time import words_of

SIGN_IN = "sign_in"
outbox.always_leaves(SIGN_IN)


@dataclass(frozen=True)
class When:
    """The hours of a session in one zone, in words; `opens` is the hour at which one may enter."""

    date: str
    hours: str
    zone: str
    opens: str

    @property
    def line(self) -> str:
        """четверг, 15 октября 2026, 12:00–13:30 по Перми."""
        return f"{self.date}, {self.hours} {self.zone}"


def when(session: Session, tz: str, locale: str, words: str = "") -> When:
    """Date and hours of a session for one who lives by `tz`; `words` replace the zone's own."""
    zone = ZoneInfo(tz)
    start, end = session.starts_at.astimezone(zone), session.ends_at.astimezone(zone)
    opens = start - timedelta(minutes=int(ports.get(Settings).join_opens_min))
    return When(
        date=typography.date_full(start, locale),
        hours=typography.time_range(start, end),
        zone=words or typography.zone_words(tz, locale),
        opens=typography.clock(opens),
    )


@outbox.writes(INVITE)
def write_invite(letter: Letter) -> bytes:
    """The whole message of an invitation, update or cancellation, as its row says."""
    message = _message(letter)
    invited = message.invitation
    person, session = invited.registration.person, invited.registration.session
    settings = ports.get(Settings)
    earlier = _earlier(message)
    kind = _kind(message, earlier)
    with speaking(person.locale):
        facts = _facts(message, kind, settings)
        recipient = wire_address(letter.recipient)
        name = name_of(person)
        organizer = Party(facts["programme"], _organizer(invited, settings))
        sender = _sender(organizer.address, settings)
        calendar = invitation(
            _occasion(message, session, facts), _method(message.method), organizer,
            Party(name, recipient), _partstat(facts["answer"]),
            sent_by="" if sender == organizer.address else sender,
        )  # fmt: skip
        draft = Draft(
            to_address=recipient, to_name=name,
            from_address=sender, from_name=organizer.name,
            subject=plain(letter_words.subject(kind, facts["title"], facts["theirs"].line)),
            text=without_joiners(render_template("letters/invite.txt", **facts)),
            html=without_joiners(render_template("letters/invite.html", **facts)),
            message_id=letter.message_id, written_at=letter.owed_at,
            calendar=calendar, method=message.method,
            in_reply_to=earlier[0].message_id if earlier else None,
            headers=facts["links"].headers,
        )  # fmt: skip
    return compose(draft)


def _message(letter: Letter) -> InviteMessage:
    """What the letter says, with all that it speaks of, in one question to the database."""
    registration = joinedload(InviteMessage.invitation).joinedload(Invitation.registration)
    return db.session.scalars(
        select(InviteMessage)
        .where(InviteMessage.letter_id == letter.id)
        .options(
            registration.joinedload(Registration.person),
            registration.joinedload(Registration.session)
            .selectinload(Session.cities)
            .joinedload(SessionCity.city),
            joinedload(InviteMessage.invitation).selectinload(Invitation.answers),
        )
    ).one()


@dataclass(frozen=True)
class _Earlier:
    """A letter of the same invitation that left before."""

    message_id: str
    method: str
    because: str
    sequence: int


def _earlier(message: InviteMessage) -> list[_Earlier]:
    rows = db.session.execute(
        select(
            Letter.message_id, InviteMessage.method, InviteMessage.because, InviteMessage.sequence
        )
        .join(Letter, Letter.id == InviteMessage.letter_id)
        .where(
            InviteMessage.invitation_id == message.invitation_id,
            InviteMessage.id < message.id,
            Letter.sent_at.is_not(None),
        )
        .order_by(InviteMessage.id)
    )
    return [_Earlier(*row) for row in rows]


def _organizer(invited: Invitation, settings: Settings) -> str:
    """The address of ORGANIZER, kept from the first letter on whatever the settings become.

    Where sub-addresses do not arrive it is the plain one, and the UID stays one for the session:
    with a token in it, feed and invitation would be two meetings in one calendar.
    """
    if not invited.organizer:
        is_told_apart = settings.mail_subaddress == "yes"
        plain_one, token = settings.mail_from, invited.token
        invited.organizer = organizer_address(plain_one, token) if is_told_apart else plain_one
    return invited.organizer


def _sender(organizer: str, settings: Settings) -> str:
    """From: the organizer's address, else mail programs say «on behalf of».

    Ours of today where the organizer's is of a domain for which we no longer send.
    """
    ours = settings.mail_from.rpartition("@")[2]
    return organizer if organizer.rpartition("@")[2] == ours else settings.mail_from


def _partstat(answer: str) -> str:
    return answer.upper() if answer else "NEEDS-ACTION"


# The letter that follows one that told somebody off, by why it did.
_AFTER_CANCEL: Mapping[str, Kind] = {"postponed": "redated", "withdrawn": "new"}
_CANCELS: Mapping[str, Kind] = {"postponed": "postponed", "withdrawn": "withdrawn"}


def _kind(message: InviteMessage, earlier: Sequence[_Earlier]) -> Kind:
    if message.method == "CANCEL":
        return _CANCELS.get(message.because, "cancel")
    if not earlier:
        return "new"
    if earlier[-1].method == "CANCEL":
        return _AFTER_CANCEL.get(earlier[-1].because, "back")
    return "moved" if message.sequence > earlier[-1].sequence else "update"


def _facts(message: InviteMessage, kind: Kind, settings: Settings) -> dict[str, Any]:
    """What the letter's templates show."""
    registration = message.invitation.registration
    person, session = registration.person, registration.session
    locale, home = person.locale, settings.base_url.rstrip("/")
    links = letter_links.of_invitation(settings, message.invitation.token)
    given = message.invitation.current_answer
    answer = given.answer if given and given.is_of(session) else ""
    theirs = when(session, person.zone or settings.timezone, locale, words_of(person, locale))
    ours = when(session, settings.timezone, locale)
    keys = session.access_keys
    title, programme = session.title_in(locale), programme_name(settings, locale)
    cities = [_city(part.city, locale) for part in session.cities if part.role == "presenting"]
    return {
        "kind": "cancel" if message.method == "CANCEL" else kind,
        "session": session, "title": title, "summary": session.summary_in(locale),
        "theirs": theirs,
        "ours": ours if (ours.date, ours.hours) != (theirs.date, theirs.hours) else None,
        "links": links, "join_url": links.join, "answer": answer,
        "answered": letter_links.answered(answer),
        # Who cannot open the page without an account is spared a link that asks for one.
        "session_url": f"{home}/sessions/{session.id}" if permissions.PUBLIC in keys else "",
        "programme": programme, "locale": locale,
        "headline": letter_words.headline(kind, title),
        "opening": letter_words.opening(kind, f"{person.given} {person.patronymic}".strip()),
        "presenting": letter_words.presenting(cities),
        "entering": letter_words.entering(theirs.opens, theirs.zone),
        "reason": letter_words.reason(programme),
        "plain": typography.typo,
        "is_online": session.mode != "in_person",
        "place": session.place if session.mode != "online" else "",
    }  # fmt: skip


def name_of(person: Person) -> str:
    """The name to write to; empty where only the address is known."""
    return person.name if person.given or person.family else ""


def _city(city: Any, locale: str) -> str:
    name: str = (locale == "en" and city.name_en) or city.name
    return name


def _method(text: str) -> Method:
    return "CANCEL" if text == "CANCEL" else "REQUEST"


def _occasion(message: InviteMessage, session: Session, facts: dict[str, Any]) -> Occasion:
    title, theirs, ours = facts["title"], facts["theirs"], facts["ours"]
    times = [theirs.line] + ([ours.line] if ours else [])
    if message.method == "CANCEL":
        title = (
            gettext("POSTPONED: %(title)s", title=title)
            if message.because == "postponed"
            else gettext("CANCELLED: %(title)s", title=title)
        )
    return Occasion(
        uid=session.uid, sequence=message.sequence, revised_at=session.revised_at,
        starts_at=session.starts_at, ends_at=session.ends_at, summary=title,
        description=plain("\n".join(times)) + f"\n\n{facts['summary']}".rstrip(),
        join_url=facts["join_url"],
        conference_label=gettext("Join") if facts["is_online"] else "", place=facts["place"],
    )  # fmt: skip


def organizer_of(settings: Settings, token: str) -> str:
    """The address to which calendars answer: the plain one where the host knows no sub-addresses.

    Constant for the life of an invitation, so the setting is made before the first letter.
    """
    if settings.mail_subaddress == "no":
        return settings.mail_from
    return organizer_address(settings.mail_from, token)


def plain(text: str) -> str:
    """With ordinary spaces, where programs rather than people set the lines."""
    return without_joiners(text).replace(typography.NBSP, " ")


def without_joiners(text: str) -> str:
    """Without U+2060, which some mail programs show as a box."""
    return text.replace(typography.JOINER, "")


def post_sign_in(person: Person, address: str, link: str, minutes: int, message_id: str) -> None:
    """Owe the letter with a sign-in link, in the caller's transaction."""
    settings = ports.get(Settings)
    locale = person.locale
    with speaking(locale):
        programme = programme_name(settings, locale)
        facts = {
            "link_url": link, "minutes": minutes, "programme": programme, "locale": locale,
            "plain": typography.typo,
        }  # fmt: skip
        draft = Draft(
            to_address=address, to_name=name_of(person), from_address=settings.mail_from,
            from_name=programme, subject=gettext("Sign in to %(programme)s", programme=programme),
            text=without_joiners(render_template("letters/sign_in.txt", **facts)),
            html=without_joiners(render_template("letters/sign_in.html", **facts)),
            message_id=message_id, written_at=clock.now(),
        )  # fmt: skip
    outbox.post(SIGN_IN, settings.mail_from, address, message_id, raw=compose(draft))
